"""The menu's limits."""

from typing import Any

import pytest

from tests.sandbox.callback import CallbackServer
from tests.sandbox.conftest import Script

CLICK: dict[str, Any] = {"type": "click", "name": "查", "key": "K"}


def over(*buttons: Any) -> dict[str, Any]:
    return {"name": "更多", "sub_button": list(buttons)}


REFUSED: list[tuple[Any, int]] = [
    ({}, 40016),
    ({"button": "x"}, 40016),
    ({"button": []}, 40016),
    ({"button": [CLICK] * 4}, 40016),
    ({"button": ["x"]}, 40016),
    ({"button": [{**CLICK, "name": ""}]}, 40018),
    ({"button": [{**CLICK, "name": "一二三四五六"}]}, 40018),
    ({"button": [{**CLICK, "type": "dance"}]}, 40017),
    ({"button": [{"name": "查"}]}, 40017),
    ({"button": [{**CLICK, "key": ""}]}, 40019),
    ({"button": [{**CLICK, "key": "K" * 129}]}, 40019),
    ({"button": [{"type": "view", "name": "网"}]}, 40020),
    ({"button": [{"type": "view", "name": "网", "url": "ftp://x"}]}, 40020),
    ({"button": [{"type": "view", "name": "网", "url": "http://x/" + "a" * 1024}]}, 40020),
    ({"button": [over(*[CLICK] * 6)]}, 40023),
    ({"button": [over({**CLICK, "type": "dance"})]}, 40024),
    ({"button": [over({**CLICK, "name": "一" * 21})]}, 40025),
    ({"button": [over({**CLICK, "key": "K" * 129})]}, 40026),
    ({"button": [over({"type": "view", "name": "网"})]}, 40027),
    ({"button": [over(over(CLICK))]}, 40024),
    ({"button": [{"type": "miniprogram", "name": "小", "url": "http://x", "appid": "wx"}]}, 40035),
    ({"button": [{"type": "media_id", "name": "图"}]}, 40007),
]


async def test_what_is_refused_changes_nothing(script: Script) -> None:
    before = (await script.get("/api/menu"))[1]
    for menu, code in REFUSED:
        assert (await script.call("/cgi-bin/menu/create", menu))["errcode"] == code, menu
    assert (await script.get("/api/menu"))[1] == before
    assert (await script.call("/cgi-bin/menu/get"))["errcode"] == 46003


async def test_the_largest_menu(script: Script) -> None:
    sub = [{"type": "click", "name": "一" * 20, "key": "K" * 128}] * 5
    assert (await script.call("/cgi-bin/menu/create", {"button": [{"name": "一二三四五", "sub_button": sub}] * 3}))["errcode"] == 0


async def test_the_configurations_keys_are_shown_but_not_got(script: Script) -> None:
    assert (await script.call("/cgi-bin/menu/get"))["errcode"] == 46003
    info = await script.call("/cgi-bin/get_current_selfmenu_info")
    assert [one["name"] for one in info["selfmenu_info"]["button"]] == ["查话费", "查流量", "人工"]


TAPS = [
    ("click", {"key": "K"}, "click"),
    ("view", {"url": "https://example.com/"}, "view"),
    ("scancode_push", {"key": "K"}, "scancode_push"),
    ("scancode_waitmsg", {"key": "K"}, "scancode_waitmsg"),
    ("pic_sysphoto", {"key": "K"}, "pic_sysphoto"),
    ("pic_photo_or_album", {"key": "K"}, "pic_photo_or_album"),
    ("pic_weixin", {"key": "K"}, "pic_weixin"),
    ("location_select", {"key": "K"}, "location_select"),
]


@pytest.mark.parametrize(("kind", "fields", "event"), TAPS)
async def test_a_tap_makes_the_event_of_its_kind(script: Script, callback: CallbackServer, kind: str, fields: Any, event: str) -> None:
    menu = {"button": [over({"type": kind, "name": "试", **fields})]}
    assert (await script.call("/cgi-bin/menu/create", menu))["errcode"] == 0
    _, answer = await script.post("/api/click", {"openid": "oZhang", "name": "试", "wait": True})
    assert answer["outcome"] == "ack"
    assert callback.received[0].message.event == event
    assert callback.received[0].message._data["EventKey"] == (fields.get("key") or fields["url"])


async def test_pictures_and_a_place_follow_their_event(script: Script, callback: CallbackServer) -> None:
    await script.say(kind="pic_weixin", key="K", count=2)
    await script.say(kind="location_select", key="K", label="西湖")
    kinds = sorted(one.message.type for one in callback.received)
    assert kinds == ["event", "event", "image", "image", "location"]
    assert next(one.message.count for one in callback.received if one.message.type == "event") == 2
    await script.say(kind="pic_weixin", key="K", alone=True)
    assert len(callback.received) == 6


async def test_an_entry_nobody_has(script: Script) -> None:
    assert (await script.post("/api/click", {"openid": "oZhang", "name": "没有"}))[0] == 404
    assert (await script.post("/api/click", {"openid": "oZhang"}))[0] == 404
