"""The purse of customer-service messages, in both readings of WeChat's pages."""

import pytest

from sandbox.errors import PlatformRefusal
from sandbox.purse import HOURS_48_S, MINUTE_S, Purse

NOW = 1_000_000.0


def spend(purse: Purse, now: float, reading: str) -> int:
    """Sends until refused; how many went through."""
    sent = 0
    while sent < 100:
        try:
            purse.charge(now, reading)
        except PlatformRefusal:
            return sent
        sent += 1
    raise AssertionError("the purse has no bottom")


def refusal(purse: Purse, now: float, reading: str) -> int:
    with pytest.raises(PlatformRefusal) as refused:
        purse.charge(now, reading)
    return refused.value.errcode


@pytest.mark.parametrize("reading", ["separate", "shared"])
class TestBothReadings:
    def test_nothing_before_the_subscriber_acts(self, reading: str) -> None:
        assert refusal(Purse(), NOW, reading) == 45015

    def test_five_after_a_message_then_45047(self, reading: str) -> None:
        purse = Purse()
        purse.message.grant(NOW)
        assert spend(purse, NOW, reading) == 5
        assert refusal(purse, NOW, reading) == 45047

    def test_three_after_a_tap_then_45047_then_45015(self, reading: str) -> None:
        purse = Purse()
        purse.event.grant(NOW)
        assert spend(purse, NOW, reading) == 3
        assert refusal(purse, NOW + MINUTE_S - 1, reading) == 45047
        assert refusal(purse, NOW + MINUTE_S, reading) == 45015

    def test_a_new_message_fills_up_and_does_not_add(self, reading: str) -> None:
        purse = Purse()
        purse.message.grant(NOW)
        purse.charge(NOW, reading)
        purse.message.grant(NOW)
        assert purse.left(NOW, reading) == spend(purse, NOW, reading) == 5

    def test_the_window_ends_after_48_hours(self, reading: str) -> None:
        purse = Purse()
        purse.message.grant(NOW)
        purse.charge(NOW + HOURS_48_S - 1, reading)
        assert purse.left(NOW + HOURS_48_S, reading) == 0
        assert refusal(purse, NOW + HOURS_48_S, reading) == 45015

    def test_a_tap_opens_three_when_the_five_are_used_up(self, reading: str) -> None:
        purse = Purse()
        purse.message.grant(NOW)
        spend(purse, NOW, reading)
        purse.event.grant(NOW)
        assert purse.left(NOW, reading) == spend(purse, NOW, reading) == 3

    def test_leaving_closes_both(self, reading: str) -> None:
        purse = Purse()
        purse.message.grant(NOW)
        purse.event.grant(NOW)
        purse.close()
        assert refusal(purse, NOW, reading) == 45015


@pytest.mark.parametrize(("reading", "total"), [("separate", 8), ("shared", 5)])
def test_message_and_tap_together(reading: str, total: int) -> None:
    purse = Purse()
    purse.message.grant(NOW)
    purse.event.grant(NOW)
    assert purse.left(NOW, reading) == total
    assert spend(purse, NOW, reading) == total


@pytest.mark.parametrize(("reading", "kept"), [("separate", 5), ("shared", 2)])
def test_what_the_tap_costs_the_48_hours(reading: str, kept: int) -> None:
    purse = Purse()
    purse.message.grant(NOW)
    purse.event.grant(NOW)
    for _ in range(3):
        purse.charge(NOW, reading)
    assert purse.left(NOW + MINUTE_S, reading) == kept
