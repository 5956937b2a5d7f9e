"""What the doctor says of an account at WeChat: one sentence for each look, in bounded time, whatever answers."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from aiohttp import web

from cli.checks.finding import Finding, Level
from cli.checks.wechat import check_wechat
from cli.checks.wechat_account import judge_left, look_at_account
from cli.deployment import Deployment
from cli.migrate import migrate
from connectors.wechat.account.menu import to_buttons
from connectors.wechat.account.quota import SEND, TOKEN, Left
from runtime.menu import MenuEntry
from tests.cli.conftest import Make
from tests.connectors.wechat.account.platform import Platform, running

_MENU = (MenuEntry("人工", "text", "人工"),)


@pytest.fixture
async def platform() -> AsyncIterator[Platform]:
    async with running(Platform()) as one:
        yield one


async def _look(platform: Platform, *, at_sandbox: bool = False, **changes: Any) -> dict[str, Finding]:
    account = platform.account(menu=_MENU, **changes)
    found = {one.check: one for one in await look_at_account(account, "TOKEN-0", at_sandbox=at_sandbox)}
    for one in found.values():
        assert "\n" not in one.said + one.mend
        assert one.mend or one.level is Level.OK
    return found


async def test_an_account_that_is_well(platform: Platform) -> None:
    platform.menu = list(to_buttons(_MENU))
    found = await _look(platform)
    assert {check: one.level for check, one in found.items()} == dict.fromkeys(("menu demo", "quota demo", "callback demo"), Level.OK)
    assert "500,000 of 500,000" in found["quota demo"].said
    assert platform.counts["/cgi-bin/menu/create"] == 0


async def test_a_menu_that_differs_and_one_that_nobody_named(platform: Platform) -> None:
    assert "no menu" in (await _look(platform))["menu demo"].said
    platform.menu = [{"name": "别的", "type": "click", "key": "k"}]
    found = (await _look(platform))["menu demo"]
    assert (found.level, "weiting wechat --account demo menu push" in found.mend) == (Level.WARN, True)
    account = platform.account()
    assert (await look_at_account(account, "TOKEN-0", at_sandbox=False))[0].level is Level.OK


async def test_a_callback_that_is_not_set_has_no_address_or_answers_no_ping(platform: Platform) -> None:
    path = "/cgi-bin/callback/check"
    platform.orders[path] = [{"errcode": 40201, "errmsg": "invalid url"}]
    found = (await _look(platform))["callback demo"]
    assert (found.level, "/wechat/demo" in found.mend) == (Level.BAD, True)
    platform.callback = {"dns": [], "ping": []}
    assert (await _look(platform))["callback demo"].level is Level.BAD
    platform.callback = {"dns": [{"ip": "203.0.113.9"}], "ping": [{"ip": "203.0.113.9", "package_loss": "100%"}]}
    assert (await _look(platform))["callback demo"].level is Level.WARN


@pytest.mark.parametrize(
    ("limit", "left", "level"),
    [(500_000, 500_000, Level.OK), (500_000, 50_000, Level.OK), (500_000, 49_999, Level.WARN), (500_000, 0, Level.BAD), (0, 0, Level.WARN)],
)
def test_what_is_left_is_judged(limit: int, left: int, level: Level) -> None:
    assert judge_left("quota", Left(SEND, limit, limit - left, left)).level is level


async def test_tokens_that_somebody_uses_up_are_told(platform: Platform) -> None:
    platform.remain = {TOKEN: 400_000}
    assert (await _look(platform))["quota demo"].level is Level.OK
    platform.remain = {TOKEN: 100}
    assert (await _look(platform, kind="subscription"))["quota demo"].level is Level.WARN


async def test_counts_that_are_not_told_and_accounts_that_send_nothing(platform: Platform) -> None:
    platform.remain = {}
    assert "quota demo" not in await _look(platform)
    assert "quota demo" not in await _look(platform, kind="subscription")


async def test_the_address_that_is_not_on_the_list_is_named(platform: Platform) -> None:
    answer = {"errcode": 40164, "errmsg": "invalid ip 203.0.113.9 ipv6 ::ffff:203.0.113.9, not in whitelist rid: 1"}
    platform.orders["/cgi-bin/menu/get"] = [answer]
    found = (await _look(platform))["menu demo"]
    assert ("203.0.113.9" in found.said, "IP白名单" in found.mend) == (True, True)


@pytest.mark.parametrize(
    "answer", [{"errcode": 48001}, {"errcode": 40001}, {"errcode": 99999}, {"menu": 1}, web.Response(status=502), "hangs"]
)
async def test_each_look_that_fails_is_one_sentence_and_spoils_no_other(platform: Platform, answer: Any) -> None:
    platform.orders["/cgi-bin/menu/get"] = [10.0 if answer == "hangs" else answer] * 5
    found = await _look(platform)
    assert (found["menu demo"].level, found["quota demo"].level) == (Level.WARN, Level.OK)
    assert platform.counts["/cgi-bin/menu/get"] <= 2
    assert platform.counts["/cgi-bin/stable_token"] == 0


async def test_a_sandbox_that_does_not_play_a_call_is_no_finding(platform: Platform) -> None:
    for path in ("/cgi-bin/menu/get", "/cgi-bin/openapi/quota/get", "/cgi-bin/callback/check"):
        platform.orders[path] = [{"errcode": 40066}]
    assert await _look(platform, at_sandbox=True) == {}


async def test_a_platform_that_is_away_after_the_token(platform: Platform) -> None:
    account = replace(platform.account(menu=_MENU), api_base="http://127.0.0.1:1")
    found = await look_at_account(account, "TOKEN-0", at_sandbox=False)
    assert [one.level for one in found] == [Level.WARN] * 3
    assert all("TOKEN-0" not in one.said + one.mend for one in found)


async def test_the_token_it_looks_with_is_not_forced(platform: Platform, make_deployment: Make) -> None:
    owner: Deployment = make_deployment()
    account = platform.account(menu=_MENU)
    owner = replace(owner, settings=replace(owner.settings, accounts=(account,)))
    checks = [one.check for one in await check_wechat(owner)]
    assert checks == ["wechat demo", "clock", "menu demo", "quota demo", "callback demo"]
    assert platform.counts["/cgi-bin/stable_token"] == 1
    assert platform.forced == 0


async def test_it_asks_in_turn_with_the_cores_and_is_counted(platform: Platform, make_deployment: Make) -> None:
    owner: Deployment = make_deployment()
    owner = replace(owner, settings=replace(owner.settings, accounts=(platform.account(menu=_MENU),)))
    migrate(owner)
    looks = [[one for one in await check_wechat(owner) if one.check == "wechat demo"] for _ in range(3)]
    assert platform.counts["/cgi-bin/stable_token"] == 2
    assert [[one.level for one in look] for look in looks] == [[Level.OK, Level.OK], [Level.OK, Level.OK], [Level.WARN, Level.OK]]
    assert "none is asked for within the next" in looks[2][0].said
    assert looks[2][1].said == "calls today: stable_token 2"
