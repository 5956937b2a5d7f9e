"""What the doctor says of an account's stop and of its calls."""

from datetime import datetime

import pytest

from cli.checks.finding import Level
from cli.checks.wechat import judge_states
from connectors.wechat.quota import FORCED, SEND
from runtime.clock import SHANGHAI

NOW = datetime(2026, 11, 22, 20, 0, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("code", "said"), [("45009", "the day's calls are used up"), ("40164", "not on the white list"), ("unreachable", "unreachable")]
)
def test_a_stop_is_bad_and_says_until_when(code: str, said: str) -> None:
    [found] = judge_states("wechat demo", {"stop": {"code": code, "until": NOW.timestamp() + 60}}, NOW)
    assert found.level is Level.BAD
    assert said in found.said
    assert "11-22 20:01:00" in found.said
    assert found.mend


def test_calls_are_said_and_near_their_limit_warned_of() -> None:
    calls = {"day": "2026-11-22", "counts": {SEND: 12}}
    [found] = judge_states("wechat demo", {"calls": calls, "stop": {}}, NOW)
    assert (found.level, found.said) == (Level.OK, "calls today: custom_send 12")
    [found] = judge_states("wechat demo", {"calls": calls | {"counts": {SEND: 12, FORCED: 16}}}, NOW)
    assert (found.level, FORCED in found.said) == (Level.WARN, True)


def test_yesterdays_calls_are_not_todays() -> None:
    assert judge_states("wechat demo", {"calls": {"day": "2026-11-21", "counts": {SEND: 499_999}}}, NOW) == []
