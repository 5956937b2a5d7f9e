"""What WeChat says is left of the day's calls, and whether it reaches us.

Source: developers.weixin.qq.com, "getApiQuota" (its own calls are not counted; 76021: no such path, 76022: told to nobody) and
"callbackCheck" (40201: no callback address is set in the console; one ping for each address it resolves to).
"""

from dataclasses import dataclass
from typing import Any

from connectors.wechat.account.api import AccountApi
from connectors.wechat.errors import CallRefused, PlatformFault

SEND = "/cgi-bin/message/custom/send"
TOKEN = "/cgi-bin/stable_token"  # noqa: S105 (an address)
WATCHED = (
    SEND,
    "/cgi-bin/message/custom/typing",
    TOKEN,
    "/cgi-bin/menu/create",
    "/cgi-bin/menu/get",
    "/cgi-bin/qrcode/create",
    "/cgi-bin/tags/members/batchtagging",
    "/cgi-bin/material/add_material",
    "/cgi-bin/media/upload",
    "/cgi-bin/media/get",
    "/cgi-bin/user/info",
    "/cgi-bin/user/get",
)
_NOT_TOLD = frozenset({76003, 76021, 76022})
_NO_CALLBACK = 40201


@dataclass(frozen=True)
class Left:
    """One call's day: how often it may be made, was made, can still be made."""

    path: str
    limit: int
    used: int
    left: int


async def read_left(api: AccountApi, path: str) -> Left | None:
    """None for a call whose count WeChat does not tell. Raises PlatformFault."""
    try:
        answer = await api.call(lambda client: client.post("openapi/quota/get", data={"cgi_path": path}))
    except CallRefused as refused:
        if refused.errcode in _NOT_TOLD:
            return None
        raise
    quota = answer.get("quota")
    given = [quota.get(name) for name in ("daily_limit", "used", "remain")] if isinstance(quota, dict) else []
    numbers = [one for one in given if isinstance(one, int)]
    if len(numbers) != 3:
        raise PlatformFault("openapi/quota/get: the answer lacks what it must have")
    return Left(path, *numbers)


async def check_callback(api: AccountApi) -> tuple[list[str], list[str]] | None:
    """The addresses of the callback's host as WeChat resolves it, and those that answered no ping; None: no callback is set.

    Raises PlatformFault.
    """
    try:
        answer = await api.call(lambda client: client.post("callback/check", data={"action": "all", "check_operator": "DEFAULT"}))
    except CallRefused as refused:
        if refused.errcode == _NO_CALLBACK:
            return None
        raise
    pings = [one for one in _rows(answer, "ping") if one.get("package_loss") == "100%"]
    return [str(one.get("ip", "")) for one in _rows(answer, "dns")], [str(one.get("ip", "")) for one in pings]


def _rows(answer: dict[str, Any], name: str) -> list[dict[str, Any]]:
    rows = answer.get(name)
    return [one for one in rows if isinstance(one, dict)] if isinstance(rows, list) else []
