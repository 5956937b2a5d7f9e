"""stable_token: one token until its last five minutes."""

from datetime import datetime, timedelta

import pytest

from sandbox.clock import SHANGHAI
from sandbox.errors import PlatformRefusal
from sandbox.platform.tokens import LAST_S, LIFE_S, TokenDesk

NOW = datetime(2026, 11, 22, 20, 0, tzinfo=SHANGHAI)


def later(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def errcode(desk: TokenDesk, value: str, now: datetime = NOW) -> int:
    with pytest.raises(PlatformRefusal) as refused:
        desk.check(value, now)
    return refused.value.errcode


def test_the_same_token_with_less_time_left() -> None:
    desk = TokenDesk()
    first, lives = desk.issue("demo", NOW, force=False)
    assert lives == LIFE_S
    assert desk.issue("demo", later(1000), force=False) == (first, LIFE_S - 1000)
    assert desk.check(first, later(1000)) == "demo"


def test_in_the_last_five_minutes_old_and_new_work() -> None:
    desk = TokenDesk()
    old, _ = desk.issue("demo", NOW, force=False)
    assert desk.issue("demo", later(LIFE_S - LAST_S - 1), force=False)[0] == old
    new, lives = desk.issue("demo", later(LIFE_S - LAST_S), force=False)
    assert new != old
    assert lives == LIFE_S
    assert desk.check(old, later(LIFE_S - 1)) == desk.check(new, later(LIFE_S - 1)) == "demo"
    assert errcode(desk, old, later(LIFE_S)) == 42001


def test_a_forced_refresh_ends_the_old_one() -> None:
    desk = TokenDesk()
    old, _ = desk.issue("demo", NOW, force=False)
    new, _ = desk.issue("demo", NOW, force=True)
    assert errcode(desk, old) == 40001
    assert desk.check(new, NOW) == "demo"


def test_forced_refreshes_are_30_s_apart_and_20_a_day() -> None:
    desk = TokenDesk()
    for n in range(20):
        desk.issue("demo", later(30 * n), force=True)
    with pytest.raises(PlatformRefusal) as many:
        desk.issue("demo", later(3000), force=True)
    assert many.value.errcode == 45009
    desk.issue("demo", later(86400), force=True)
    new, _ = desk.issue("demo", later(86400 + 3600), force=True)
    assert desk.issue("demo", later(86400 + 3600 + 29), force=True)[0] == new
    assert desk.issue("demo", later(86400 + 3600 + 30), force=True)[0] != new


def test_the_older_token_knows_nothing_of_the_other() -> None:
    desk = TokenDesk()
    stable, _ = desk.issue("demo", NOW, force=False)
    first, lives = desk.issue_legacy("demo", NOW)
    second, _ = desk.issue_legacy("demo", later(10))
    assert lives == LIFE_S
    assert len({stable, first, second}) == 3
    assert [desk.check(one, later(10 + LAST_S - 1)) for one in (stable, first, second)] == ["demo"] * 3
    assert errcode(desk, first, later(10 + LAST_S)) == 42001
    assert desk.check(stable, later(10 + LAST_S)) == "demo"


def test_a_changed_secret_ends_every_token() -> None:
    desk = TokenDesk()
    old, _ = desk.issue("demo", NOW, force=False)
    assert desk.revoke("demo") == 1
    assert errcode(desk, old) == 40001
    assert desk.issue("demo", NOW, force=False)[0] != old


def test_accounts_do_not_share() -> None:
    desk = TokenDesk()
    one, _ = desk.issue("demo", NOW, force=False)
    two, _ = desk.issue("other", NOW, force=False)
    assert desk.check(one, NOW) == "demo"
    assert desk.check(two, NOW) == "other"


@pytest.mark.parametrize(("value", "code"), [("", 41001), ("short", 40014), ("x" * 600, 40014), ("中" * 40, 40014), ("A" * 128, 40001)])
def test_what_is_no_token(value: str, code: int) -> None:
    assert errcode(TokenDesk(), value) == code


def test_old_tokens_are_forgotten() -> None:
    desk = TokenDesk()
    first, _ = desk.issue("demo", NOW, force=False)
    for n in range(1, 1100):
        desk.issue("demo", later(n * LIFE_S), force=False)
    assert errcode(desk, first) == 40001
