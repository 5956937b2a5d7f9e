"""A menu of weiting.toml becomes WeChat's, comes back the same, and what differs is said."""

import tomllib

import pytest

from connectors.wechat.account.api import AccountApi
from connectors.wechat.account.menu import delete, describe, differences, push, read_shown, to_buttons
from connectors.wechat.errors import CallRefused, PlatformFault
from runtime.menu import MenuEntry, read_menu
from tests.connectors.wechat.account.platform import Platform

MENU = """
[[menu]]
name = "查询"
entries = [{name = "话费", intent = "query_balance"}, {name = "流量", text = "查流量"}, {name = "官网", url = "https://example.com/?a=1"}]
[[menu]]
name = "扫码"
type = "scancode_push"
key = "scan"
[[menu]]
name = "商城"
url = "https://example.com/shop"
appid = "wx1"
pagepath = "pages/index"
"""


def _menu(text: str = MENU) -> tuple[MenuEntry, ...]:
    return read_menu(tomllib.loads(text)["menu"], "demo")


def test_every_kind_in_wechats_form() -> None:
    assert to_buttons(_menu()) == (
        {
            "name": "查询",
            "sub_button": [
                {"name": "话费", "type": "click", "key": "intent:query_balance"},
                {"name": "流量", "type": "click", "key": "查流量"},
                {"name": "官网", "type": "view", "url": "https://example.com/?a=1"},
            ],
        },
        {"name": "扫码", "type": "scancode_push", "key": "scan"},
        {"name": "商城", "type": "miniprogram", "url": "https://example.com/shop", "appid": "wx1", "pagepath": "pages/index"},
    )


async def test_what_is_put_there_is_read_back(api: AccountApi, platform: Platform) -> None:
    ours = to_buttons(_menu())
    await push(api, ours)
    shown = await read_shown(api)
    assert (shown.buttons, shown.by_call, differences(shown.buttons, ours)) == (ours, True, ())
    assert platform.bodies[0] == {"button": list(ours)}
    await delete(api)
    assert (await read_shown(api)).buttons == ()
    assert platform.menu is None


async def test_a_menu_of_the_console_is_seen_in_its_other_form(api: AccountApi, platform: Platform) -> None:
    below = {"list": [{"type": "view", "name": "网址", "url": "http://a"}, {"type": "text", "name": "话", "value": "你好"}]}
    platform.console_menu = [{"name": "关于", "sub_button": below}, {"type": "click", "name": "人工", "key": "k"}]
    shown = await read_shown(api)
    assert not shown.by_call
    assert describe(shown.buttons) == ("关于", "    网址  [view http://a]", "    话  [text 你好]", "人工  [click k]")


async def test_personalised_menus_are_counted(api: AccountApi, platform: Platform) -> None:
    answer = {"menu": {"button": [{"name": "一", "type": "click", "key": "k", "sub_button": []}]}, "conditionalmenu": [{}, {}]}
    platform.orders["/cgi-bin/menu/get"] = [answer]
    assert (await read_shown(api)).personalised == 2


def test_what_differs_is_said_line_by_line() -> None:
    ours = to_buttons(_menu())
    theirs = to_buttons(_menu(MENU.replace("query_balance", "query_bill").replace('key = "scan"', 'key = "other"')))
    changed = [line for line in differences(theirs, ours) if not line.startswith(" ")]
    assert changed == [
        "-     话费  [click intent:query_bill]", "+     话费  [click intent:query_balance]",
        "- 扫码  [scancode_push other]", "+ 扫码  [scancode_push scan]",
    ]  # fmt: skip
    assert all(line.startswith("- ") for line in differences(ours, ()))


async def test_another_menu_read_back_is_a_fault(api: AccountApi, platform: Platform) -> None:
    other = {"menu": {"button": [{"name": "别的", "type": "click", "key": "k"}]}}
    platform.orders["/cgi-bin/menu/get"] = [other] * 3
    with pytest.raises(PlatformFault, match="another menu"):
        await push(api, to_buttons(_menu()))


async def test_a_refusal_has_its_code(api: AccountApi, platform: Platform) -> None:
    with pytest.raises(CallRefused) as caught:
        await push(api, ({"name": "一二三四五六", "type": "click", "key": "k"},))
    assert (caught.value.errcode, platform.menu) == (40018, None)
