"""The sandbox's clock and the file other processes read."""

import json
from pathlib import Path

import pytest

from sandbox.clock import SandboxClock
from sandbox.errors import ScriptRefusal


def test_an_offset_that_is_there_at_the_start_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "clock.json"
    path.write_text('{"offset_s": 100.0}')
    clock = SandboxClock(path)
    clock.advance(5)
    assert json.loads(path.read_text()) == {"offset_s": 105.0}
    assert SandboxClock(path).offset_s() == 105.0
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("content", ["", "{", "[]", '{"offset_s": null}', '{"offset": 1}'])
def test_a_broken_file_leaves_the_clock_as_it_was(tmp_path: Path, content: str) -> None:
    path = tmp_path / "clock.json"
    path.write_text(content)
    assert SandboxClock(path).offset_s() == 0.0


def test_without_a_file_it_still_moves() -> None:
    clock = SandboxClock(None)
    before = clock.seconds()
    clock.advance(3600)
    assert 3600 <= clock.seconds() - before < 3660
    assert abs(clock.now().timestamp() - clock.seconds()) < 1
    assert clock.now().utcoffset()


@pytest.mark.parametrize("seconds", [-1.0, float("nan"), float("inf"), 1e12])
def test_absurd_moves_are_refused(seconds: float) -> None:
    with pytest.raises(ScriptRefusal):
        SandboxClock(None).advance(seconds)
