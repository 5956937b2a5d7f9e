"""QR codes that carry a scene: who scans follows, or comes back, and says where from.

Source: developers.weixin.qq.com, "Generating a Parametric QR Code": numbers (32 bits; 1 to 100,000 for ever), texts of 1 to 64
characters, 2,592,000 s at most for those that end; 100,000 that last for ever, and none can be taken back.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from unicodedata import category
from urllib.parse import quote, urlsplit

from connectors.wechat.account.api import AccountApi
from connectors.wechat.errors import PlatformFault
from runtime.errors import Refusal

LONGEST_DAYS = 30
DAY_S = 86_400
_LONGEST_SCENE = 64
_LARGEST = 2**32 - 1
_LARGEST_PERMANENT = 100_000
_HEADS = ((".png", b"\x89PNG\r\n\x1a\n"), (".jpg", b"\xff\xd8\xff"), (".gif", b"GIF8"))


@dataclass(frozen=True)
class Code:
    """One code. `expires_at` None: never."""

    scene: str
    is_number: bool
    ticket: str
    url: str
    expires_at: datetime | None
    picture_url: str


async def create(api: AccountApi, scene: str, days: int | None, now: datetime) -> Code:
    """`days` None: for ever. Raises Refusal for a scene or a time that WeChat does not take, PlatformFault."""
    asked = request_of(scene, days)
    answer = await api.call(lambda client: client.qrcode.create(asked))
    ticket, url, life = answer.get("ticket"), answer.get("url"), answer.get("expire_seconds")
    if not isinstance(ticket, str) or not isinstance(url, str):
        raise PlatformFault("qrcode/create: the answer lacks what it must have")
    expires = now + timedelta(seconds=life) if days is not None and isinstance(life, int) else None
    is_number = "scene_id" in asked["action_info"]["scene"]
    return Code(scene, is_number, ticket, url, expires, picture_url(api.account.api_base, ticket))


async def fetch_picture(api: AccountApi, code: Code) -> tuple[bytes, str]:
    """The picture and the suffix that goes with it. Raises PlatformFault."""
    address = code.picture_url.partition("?")[0]
    content, kind = await api.call(lambda client: client.picture(address, code.ticket))
    for suffix, head in _HEADS:
        if content.startswith(head):
            return content, suffix
    if "svg" in kind and b"<svg" in content[:500]:
        return content, ".svg"
    raise PlatformFault("showqrcode: what answers is no picture")


def picture_url(api_base: str, ticket: str) -> str:
    """Where the picture of a ticket lies; needs no token."""
    host = urlsplit(api_base).hostname or ""
    base = "https://mp.weixin.qq.com" if host.endswith(".weixin.qq.com") else api_base
    return f"{base}/cgi-bin/showqrcode?ticket={quote(ticket, safe='')}"


def request_of(scene: str, days: int | None) -> dict[str, Any]:
    """The body of qrcode/create. A number that fits travels as one, everything else as a text; who scans sees no difference."""
    if not 1 <= len(scene) <= _LONGEST_SCENE:
        raise Refusal(f"a scene has 1 to {_LONGEST_SCENE} characters, this one {len(scene)}")
    if any(category(one) in ("Cc", "Cs", "Zl", "Zp") for one in scene):
        raise Refusal("a scene has no line breaks or control characters")
    if days is not None and not 1 <= days <= LONGEST_DAYS:
        raise Refusal(f"a code lives 1 to {LONGEST_DAYS} days; for ever: --permanent")
    most = _LARGEST_PERMANENT if days is None else _LARGEST
    as_number = scene.isascii() and scene.isdigit() and scene[0] != "0" and int(scene) <= most
    value: dict[str, Any] = {"scene_id": int(scene)} if as_number else {"scene_str": scene}
    action = f"QR_{'LIMIT_' if days is None else ''}{'' if as_number else 'STR_'}SCENE"
    life = {} if days is None else {"expire_seconds": days * DAY_S}
    return {**life, "action_name": action, "action_info": {"scene": value}}
