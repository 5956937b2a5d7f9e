"""Codes with a scene: what is asked for, what ends when, and where the picture lies."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.wechat.account.api import AccountApi
from connectors.wechat.account.codes import create, fetch_picture, picture_url, request_of
from connectors.wechat.errors import PlatformFault
from runtime.errors import Refusal
from tests.connectors.wechat.account.platform import PNG, Platform

_NOW = datetime(2026, 11, 22, 20, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("scene", "days", "action", "value", "life"),
    [
        ("7", 30, "QR_SCENE", {"scene_id": 7}, 2_592_000),
        ("4294967295", 1, "QR_SCENE", {"scene_id": 4_294_967_295}, 86_400),
        ("4294967296", 1, "QR_STR_SCENE", {"scene_str": "4294967296"}, 86_400),
        ("007", 1, "QR_STR_SCENE", {"scene_str": "007"}, 86_400),
        ("0", 1, "QR_STR_SCENE", {"scene_str": "0"}, 86_400),
        ("店-1", 1, "QR_STR_SCENE", {"scene_str": "店-1"}, 86_400),
        ("１２", 1, "QR_STR_SCENE", {"scene_str": "１２"}, 86_400),
        ("100000", None, "QR_LIMIT_SCENE", {"scene_id": 100_000}, None),
        ("100001", None, "QR_LIMIT_STR_SCENE", {"scene_str": "100001"}, None),
        ("x" * 64, None, "QR_LIMIT_STR_SCENE", {"scene_str": "x" * 64}, None),
    ],
)
def test_a_number_that_fits_travels_as_one(scene: str, days: int | None, action: str, value: dict[str, Any], life: int | None) -> None:
    asked = request_of(scene, days)
    assert (asked["action_name"], asked["action_info"], asked.get("expire_seconds")) == (action, {"scene": value}, life)


@pytest.mark.parametrize(("scene", "days"), [("", 1), ("x" * 65, 1), ("a\nb", 1), ("a", 0), ("a", 31), ("a", -1)])
def test_what_wechat_does_not_take_is_refused_here(scene: str, days: int) -> None:
    with pytest.raises(Refusal):
        request_of(scene, days)


async def test_a_code_with_its_end_and_its_picture(api: AccountApi, platform: Platform) -> None:
    code = await create(api, "shop-7", 2, _NOW)
    assert (code.ticket, code.is_number, code.expires_at) == ("gQ/+=ticket", False, _NOW + timedelta(days=2))
    assert code.picture_url == f"{platform.base}/cgi-bin/showqrcode?ticket=gQ%2F%2B%3Dticket"
    assert await fetch_picture(api, code) == (PNG, ".png")


async def test_a_code_for_ever_has_no_end(api: AccountApi) -> None:
    assert (await create(api, "7", None, _NOW)).expires_at is None


def test_wechats_own_pictures_lie_at_another_host() -> None:
    assert picture_url("https://api.weixin.qq.com", "a b") == "https://mp.weixin.qq.com/cgi-bin/showqrcode?ticket=a%20b"


async def test_an_answer_without_ticket_and_a_picture_that_is_none(api: AccountApi, platform: Platform) -> None:
    platform.orders["/cgi-bin/qrcode/create"] = [{"url": "http://x"}]
    with pytest.raises(PlatformFault):
        await create(api, "7", 1, _NOW)
    code = await create(api, "7", 1, _NOW)
    platform.orders["/cgi-bin/showqrcode"] = [{"errcode": 40053}]
    with pytest.raises(PlatformFault, match="no picture"):
        await fetch_picture(api, code)
