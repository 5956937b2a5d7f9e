"""Our quick way through the package's encoder gives the package's numbers."""

import numpy as np
import pytest

from bot.nlu import tokenwise
from bot.nlu.meaning import MODULE, encode_all, is_installed, spoken
from bot.nlu.tokenwise import TokenwiseEncoder, speed_up

pytestmark = pytest.mark.skipif(not is_installed(), reason="the package is not installed")
TEXTS = ["查话费", "喂", " ", "我想问一下上个月的账单为什么多扣了五十块钱?" * 3, "ABC 12.5元 😀", "幫我查下數據用量", "\u3000全角"]


@pytest.fixture(scope="module")
def package() -> object:
    encoder = __import__(MODULE).USE(threads=1)
    encoder.encode(["喂"])
    return encoder


def test_the_same_vectors_alone_and_together(package: object) -> None:
    quick = speed_up(package)
    assert quick is not None
    theirs = package.encode(TEXTS)  # type: ignore[attr-defined]
    together = quick.encode(TEXTS)
    alone = np.array([quick.encode([text])[0] for text in TEXTS])
    assert together == pytest.approx(theirs, abs=2e-3)
    assert alone == pytest.approx(together, abs=1e-5)
    assert np.linalg.norm(together, axis=1) == pytest.approx(1.0, abs=1e-4)


def test_forgets_all_tokens_when_full(package: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokenwise, "_KEPT", 8)
    quick = TokenwiseEncoder(package._model)  # type: ignore[attr-defined]
    for text in ("查话费", "转人工", "流量", "查话费"):
        assert quick.encode([text])[0] == pytest.approx(package.encode([text])[0], abs=2e-3)  # type: ignore[attr-defined]


def test_batches_of_training_give_the_numbers_of_single_texts(package: object) -> None:
    quick = TokenwiseEncoder(package._model)  # type: ignore[attr-defined]
    texts = [f"{number} {TEXTS[number % len(TEXTS)][: 1 + number % 23]}" for number in range(300)]
    found = encode_all(texts, quick)
    assert found == pytest.approx(np.array([quick.encode([spoken(text)])[0] for text in texts]), abs=1e-4)


def test_another_make_of_the_package_is_left_to_itself() -> None:
    assert speed_up(object()) is None
