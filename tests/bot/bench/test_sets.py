"""What is read from the sets' folder, and what is made of it."""

from pathlib import Path

import pytest

from bench.nlu import sets
from bot.nlu.features import shared_segmenter
from bot.nlu.pinyin import homophones, syllable
from tests.bot.bench.conftest import SAID

LONG = [("请问我的手机号码这个月还剩下多少流量可以使用" * 20, "flow")]


def test_reads_the_parts(folder: Path) -> None:
    assert sets.smp(folder, "train")[0] == ("今天下雨吗", "weather")
    assert len(sets.smp(folder, "test")) == sum(map(len, SAID.values()))
    assert sets.messages(folder, 800) == sets.messages(folder, 800)
    assert sorted(sets.messages(folder, 800)) == ["你在哪", "我到了", "晚上一起吃饭"], "a single character says nothing"
    assert len(sets.messages(folder, 2)) == 2
    clinc = sets.clinc(folder)
    assert clinc.outside_test == ["谁在敲门", "我的钥匙呢"]
    assert not {text for text, _ in clinc.train} & set(clinc.outside_validation)


def test_noise_changes_no_sound_and_no_intent() -> None:
    sounds = homophones(shared_segmenter().FREQ)
    (text, intent), (written, said) = LONG[0], sets.noisy(LONG, 1.0)[0]
    assert said == intent
    assert len(written) == len(text)
    for before, after in zip(text, written):
        assert syllable(after) == syllable(before)
        assert after != before or set(sounds.get(syllable(before), ())) <= {before}


@pytest.mark.parametrize("share", [0.0, 0.10, 0.25])
def test_noise_is_of_the_share_asked_for(share: float) -> None:
    written = sets.noisy(LONG * 10, share)
    changed = [after != before for (text, _), (noised, _) in zip(LONG * 10, written) for before, after in zip(text, noised)]
    assert sum(changed) / len(changed) == pytest.approx(share, abs=0.02)
    assert sets.noisy(LONG * 10, share) == written


def test_traditional_script() -> None:
    assert sets.traditional([("查余额", "balance")]) == [("查餘額", "balance")]


def test_held_out_classes_depend_on_the_draw_alone() -> None:
    labels = [f"intent_{number}" for number in range(31)]
    draws = [sets.held_out(set(labels), draw, 8) for draw in range(3)]
    assert [len(draw) for draw in draws] == [8, 8, 8]
    assert len({frozenset(draw) for draw in draws}) == 3
    assert sets.held_out(set(reversed(labels)), 1, 8) == draws[1]
