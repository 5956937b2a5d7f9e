"""Rasa without TensorFlow, quiet, for every test of the bot."""

import os
import sys
from pathlib import Path

import pytest

from bot.engine.standin import install

install(serving=True)


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("WEITING_"):
            monkeypatch.delenv(name)


@pytest.fixture(scope="session", autouse=True)
def _quiet() -> None:
    from bot.engine.quiet import keep_quiet

    keep_quiet()
    assert "tensorflow" not in sys.modules or not hasattr(sys.modules["tensorflow"], "__version__")


@pytest.fixture(scope="session")
def kiosk_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The fixture industry, trained once for the session."""
    from bot.engine.train import train

    folder = Path(__file__).parent / "fixtures" / "kiosk"
    archive = tmp_path_factory.mktemp("models") / "kiosk.tar.gz"
    train(folder / "config.yml", folder / "domain.yml", [folder / name for name in ("nlu.yml", "rules.yml", "stories.yml")], archive)
    return archive
