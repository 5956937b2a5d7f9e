from datetime import datetime, timedelta

import pytest

from conversations.purse import KEPT_FOR_AGENT, Buckets, Purse, charge, exhaust, left, look, refill, refund
from runtime.clock import SHANGHAI

NOW = datetime(2026, 11, 22, 20, 0, tzinfo=SHANGHAI)
MINUTE = timedelta(minutes=1)
HOURS = timedelta(hours=48)


def spend(buckets: Buckets, times: int, at: datetime = NOW) -> Buckets:
    for _ in range(times):
        assert look(buckets, at) == Purse.OPEN
        buckets = charge(buckets, at)
    return buckets


def test_a_message_buys_five_for_48_hours() -> None:
    full = refill(Buckets(), "message", NOW)
    assert look(spend(full, 4), NOW) == Purse.OPEN
    assert look(spend(full, 5), NOW) == Purse.EMPTY
    assert look(full, NOW + HOURS - timedelta(minutes=1)) == Purse.OPEN
    assert look(full, NOW + HOURS) == Purse.CLOSED


def test_a_new_message_fills_up_and_does_not_add() -> None:
    assert left(refill(spend(refill(Buckets(), "message", NOW), 2), "message", NOW), NOW)[:2] == (5, 5)


def test_a_tap_alone_buys_three_for_a_minute() -> None:
    tapped = refill(Buckets(), "tap", NOW)
    assert look(spend(tapped, 3), NOW) == Purse.EMPTY
    assert look(tapped, NOW + MINUTE) == Purse.CLOSED


def test_message_and_tap_together_buy_five_not_eight() -> None:
    both = refill(refill(Buckets(), "message", NOW), "tap", NOW)
    assert look(spend(both, 5), NOW) == Purse.EMPTY


def test_a_tap_opens_three_more_when_the_five_are_used_up() -> None:
    used = spend(refill(Buckets(), "message", NOW), 5)
    tapped = refill(used, "tap", NOW)
    assert look(spend(tapped, 3), NOW) == Purse.EMPTY
    assert left(tapped, NOW) == (3, 3, NOW + MINUTE)
    assert look(tapped, NOW + MINUTE) == Purse.EMPTY


def test_three_are_kept_for_the_agent() -> None:
    full = refill(Buckets(), "message", NOW)
    assert look(spend(full, 1), NOW, kept=KEPT_FOR_AGENT) == Purse.OPEN
    assert look(spend(full, 2), NOW, kept=KEPT_FOR_AGENT) == Purse.KEPT
    assert look(spend(full, 2), NOW) == Purse.OPEN


def test_a_tap_does_not_let_notices_eat_what_is_kept() -> None:
    tapped = refill(spend(refill(Buckets(), "message", NOW), 2), "tap", NOW)
    assert look(tapped, NOW, kept=KEPT_FOR_AGENT) == Purse.KEPT


def test_nothing_is_kept_out_of_a_tap_alone() -> None:
    assert look(refill(Buckets(), "tap", NOW), NOW, kept=KEPT_FOR_AGENT) == Purse.OPEN


def test_other_events_buy_nothing() -> None:
    assert refill(Buckets(), "none", NOW) == Buckets()
    assert look(Buckets(), NOW) == Purse.CLOSED


def test_what_was_not_sent_is_given_back_once() -> None:
    charged = charge(refill(Buckets(), "message", NOW), NOW)
    assert left(refund(charged, charged.fill, NOW), NOW)[0] == 5
    assert left(refund(refund(charged, charged.fill, NOW), charged.fill, NOW), NOW)[0] == 5


@pytest.mark.parametrize("kind", ["message", "tap"])
def test_a_filling_since_makes_the_old_charge_nobodys(kind: str) -> None:
    charged = charge(refill(Buckets(), "message", NOW), NOW)
    since = charge(refill(charged, kind, NOW), NOW)
    assert refund(since, charged.fill, NOW) == since
    assert exhaust(since, charged.fill) == since


def test_the_channel_is_believed_when_it_says_empty() -> None:
    charged = charge(refill(Buckets(), "message", NOW), NOW)
    assert look(exhaust(charged, charged.fill), NOW) == Purse.EMPTY


def test_a_page_shows_what_is_left() -> None:
    charged = charge(refill(Buckets(), "message", NOW), NOW)
    assert left(charged, NOW) == (4, 5, NOW + HOURS)
    assert left(Buckets(), NOW) == (0, 5, None)
    assert left(charged, NOW + HOURS) == (0, 5, None)


def test_where_nobody_counts_nothing_is_held_back() -> None:
    free = refill(Buckets(), "unlimited", NOW)
    assert not free.limited
    assert look(free, NOW + 10 * HOURS, kept=KEPT_FOR_AGENT) == Purse.OPEN
    assert look(spend(free, 50), NOW) == Purse.OPEN
    assert look(exhaust(free, free.fill), NOW) == Purse.OPEN
    assert not refill(free, "none", NOW).limited
