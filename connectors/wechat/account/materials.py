"""Permanent material: pictures, voices and videos that stay with the account.

Source: developers.weixin.qq.com, "addMaterial", "batchGetMaterial", "delMaterial", "getMaterialCount". What a file is, is read from its
first bytes: WeChat refuses a wrong one with 40005 only after the whole upload.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from connectors.wechat.account.api import AccountApi
from connectors.wechat.errors import PlatformFault
from runtime.errors import Refusal

A_PAGE = 20
KINDS = ("image", "voice", "video", "news")
_MB = 1024 * 1024
_HEADS = (
    (b"\x89PNG\r\n\x1a\n", "png"), (b"\xff\xd8\xff", "jpg"), (b"GIF87a", "gif"), (b"GIF89a", "gif"), (b"#!AMR\n", "amr"), (b"ID3", "mp3"),
)  # fmt: skip
_TYPES = {
    "png": "image/png", "jpg": "image/jpeg", "gif": "image/gif", "amr": "audio/amr", "mp3": "audio/mpeg", "mp4": "video/mp4",
}  # fmt: skip
_KIND_OF = {"png": "image", "jpg": "image", "gif": "image", "amr": "voice", "mp3": "voice", "mp4": "video"}
_LARGEST = {"image": 10 * _MB, "voice": 2 * _MB, "video": 10 * _MB, "thumb": 64 * 1024}


@dataclass(frozen=True)
class Upload:
    """A file that WeChat will take. `title` and `introduction` belong to a video."""

    kind: str
    name: str
    content_type: str
    content: bytes
    title: str = ""
    introduction: str = ""


def read_upload(path: Path, *, thumb: bool = False, title: str = "", introduction: str = "") -> Upload:
    """Reads and checks a file. Raises Refusal."""
    try:
        with path.open("rb") as file:
            content = file.read(max(_LARGEST.values()) + 1)
    except OSError as error:
        raise Refusal(f"{path}: {error.strerror}") from error
    suffix = suffix_of(content)
    kind = "thumb" if thumb else _KIND_OF.get(suffix, "")
    if not kind or (thumb and suffix != "jpg"):
        raise Refusal(f"{path}: WeChat takes {'JPG as a thumb' if thumb else 'PNG, JPG, GIF, AMR, MP3, MP4'}; by its content this is none")
    if len(content) > _LARGEST[kind]:
        raise Refusal(f"{path}: too large; WeChat takes {_LARGEST[kind] // 1024:,} KB at most of kind {kind}")
    if (kind == "video") != bool(title and introduction) or (kind != "video" and (title or introduction)):
        raise Refusal("a video needs --title and --introduction, and nothing else has them")
    return Upload(kind, f"{path.stem}.{suffix}", _TYPES[suffix], content, title, introduction)


def suffix_of(content: bytes) -> str:
    """png, jpg, gif, amr, mp3 or mp4 by the first bytes; empty when it is none of them."""
    for head, suffix in _HEADS:
        if content.startswith(head):
            return suffix
    if content[4:8] == b"ftyp":
        return "mp4"
    # an MP3 without tags begins with a frame: eleven bits set, a layer that is not reserved
    is_frame = len(content) > 1 and content[0] == 0xFF and content[1] & 0xE0 == 0xE0 and content[1] & 0x06  # noqa: PLR2004
    return "mp3" if is_frame else ""


async def upload(api: AccountApi, file: Upload) -> dict[str, str]:
    """media_id, and the url that pictures get. Raises PlatformFault."""
    media = (file.name, file.content, file.content_type)
    if file.kind == "video":
        # wechatpy puts the description into the address and escapes it; WeChat reads a field of the form
        description = json.dumps({"title": file.title, "introduction": file.introduction}, ensure_ascii=False)
        files = {"media": media, "description": (None, description.encode())}
        answer = await api.call(lambda client: client.post("material/add_material", params={"type": "video"}, files=files))
    else:
        answer = await api.call(lambda client: client.material.add(file.kind, media))
    if not isinstance(answer.get("media_id"), str):
        raise PlatformFault("material/add_material: the answer lacks what it must have")
    return {name: answer[name] for name in ("media_id", "url") if isinstance(answer.get(name), str)}


async def read_page(api: AccountApi, kind: str, offset: int) -> tuple[list[dict[str, Any]], int]:
    """At most 20 from `offset` on, the newest first, and how many there are. Raises Refusal, PlatformFault."""
    if kind not in KINDS:
        raise Refusal(f"a kind is one of {', '.join(KINDS)}")
    answer = await api.call(lambda client: client.material.batchget(kind, offset, A_PAGE))
    items, total = answer.get("item"), answer.get("total_count")
    if not isinstance(items, list) or not isinstance(total, int):
        raise PlatformFault("material/batchget_material: the answer lacks what it must have")
    return [one for one in items if isinstance(one, dict)], total


async def count(api: AccountApi) -> dict[str, int]:
    """How many there are of each kind. Raises PlatformFault."""
    answer = await api.call(lambda client: client.material.get_count())
    return {kind: int(answer.get(f"{kind}_count") or 0) for kind in KINDS}


async def delete(api: AccountApi, media_id: str) -> None:
    """Raises PlatformFault."""
    await api.call(lambda client: client.material.delete(media_id))
