"""Files: what the account uploads and what subscribers send, by media_id; temporary for three days, or permanent.

Kinds and sizes: developers.weixin.qq.com/doc/service/api/material/temporary/api_uploadtempmedia (image 10 MB PNG, JPG, GIF; voice 2 MB and
60 s AMR, MP3; video 10 MB MP4; thumb 64 KB JPG). A media_id belongs to its account and to one kind.
"""

import secrets
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from math import inf

from sandbox.clock import SandboxClock
from sandbox.errors import PlatformRefusal
from sandbox.platform.calls import Answer, Asked, Blob, Call, Upload

LIFE_S = 3 * 86400.0
_KEPT_BYTES = 256 * 1024 * 1024
MB = 1024 * 1024
# kind -> what it may be, its largest size in bytes, and the code when it is larger
LIMITS: dict[str, tuple[frozenset[str], int, int]] = {
    "image": (frozenset({"png", "jpg", "gif"}), 10 * MB, 40009),
    "voice": (frozenset({"amr", "mp3"}), 2 * MB, 40010),
    "video": (frozenset({"mp4"}), 10 * MB, 40011),
    "thumb": (frozenset({"jpg"}), 64 * 1024, 40012),
}
TYPES = {
    "png": "image/png", "jpg": "image/jpeg", "gif": "image/gif", "amr": "audio/amr", "mp3": "audio/mpeg", "mp4": "video/mp4",
}  # fmt: skip
_VOICE_S = 60.0
_AMR_HEAD = b"#!AMR\n"
# Bytes of an AMR frame by its type, the head byte included (3GPP TS 26.101); a frame lasts 20 ms.
_AMR_FRAMES = (13, 14, 16, 18, 20, 21, 27, 32, 6, 1, 1, 1, 1, 1, 1, 1)


@dataclass(frozen=True)
class Media:
    """One file. `expires` is in seconds since 1970; infinite for permanent material."""

    media_id: str
    account: str
    kind: str
    suffix: str
    content: bytes
    expires: float
    name: str = ""
    title: str = ""
    created: float = 0.0

    @property
    def content_type(self) -> str:
        return TYPES[self.suffix]


def suffix_of(content: bytes) -> str:
    """png, jpg, gif, amr, mp3 or mp4 by the first bytes; empty when it is none of them."""
    heads = (("png", b"\x89PNG\r\n\x1a\n"), ("jpg", b"\xff\xd8\xff"), ("gif", b"GIF8"), ("amr", _AMR_HEAD), ("mp3", b"ID3"))
    for suffix, head in heads:
        if content.startswith(head):
            return suffix
    if content[4:8] == b"ftyp":
        return "mp4"
    return "mp3" if len(content) > 1 and content[0] == 0xFF and content[1] & 0xE0 == 0xE0 else ""


def amr_seconds(content: bytes) -> float:
    """How long an AMR file plays."""
    at, frames = len(_AMR_HEAD), 0
    while at < len(content):
        at += _AMR_FRAMES[content[at] >> 3 & 0x0F]
        frames += 1
    return frames / 50


def check_media(kind: str, content: bytes) -> str:
    """The suffix of a file that WeChat takes as this kind; raises PlatformRefusal 40004, 44001, 40009 to 40012, 40005, 45007."""
    if kind not in LIMITS:
        raise PlatformRefusal(40004)
    allowed, most, errcode = LIMITS[kind]
    if not content:
        raise PlatformRefusal(44001)
    if len(content) > most:
        raise PlatformRefusal(errcode)
    suffix = suffix_of(content)
    if suffix not in allowed:
        raise PlatformRefusal(40005)
    if suffix == "amr" and amr_seconds(content) > _VOICE_S:
        raise PlatformRefusal(45007)
    return suffix


class MediaStore:
    """All files of all accounts, in memory; the oldest temporary ones go when there is too much."""

    def __init__(self, clock: SandboxClock) -> None:
        self._clock = clock
        self._files: OrderedDict[str, Media] = OrderedDict()
        self._bytes = 0

    def add(self, account: str, kind: str, content: bytes, *, permanent: bool = False, name: str = "", title: str = "") -> Media:
        """Checks and keeps a file; raises PlatformRefusal as check_media."""
        suffix = check_media(kind, content)
        now = self._clock.seconds()
        media_id = secrets.token_urlsafe(48)
        media = Media(media_id, account, kind, suffix, content, inf if permanent else now + LIFE_S, name or f"{kind}.{suffix}", title, now)
        self._files[media_id] = media
        self._bytes += len(content)
        while self._bytes > _KEPT_BYTES and (oldest := next((one for one in self._files.values() if one.expires != inf), None)):
            self.forget(oldest.media_id)
        return media

    def find(self, account: str, media_id: object, kinds: Iterable[str] = LIMITS) -> Media:
        """The file; raises PlatformRefusal 40007 when it is unknown, another account's, of another kind or expired."""
        media = self.look(media_id)
        if media is None or media.account != account or media.kind not in kinds:
            raise PlatformRefusal(40007)
        return media

    def look(self, media_id: object) -> Media | None:
        """The file under this id that has not expired, whoever's it is: what lies at its public address."""
        media = self._files.get(media_id) if isinstance(media_id, str) else None
        return media if media and self._clock.seconds() < media.expires else None

    def permanent(self, account: str, kind: str) -> list[Media]:
        """Permanent files of one kind, the newest first."""
        mine = [one for one in self._files.values() if one.account == account and one.kind == kind and one.expires == inf]
        return mine[::-1]

    def forget(self, media_id: str) -> None:
        self._bytes -= len(self._files.pop(media_id).content)


class TemporaryMedia:
    """The calls media/upload and media/get."""

    def __init__(self, store: MediaStore) -> None:
        self._store = store

    def calls(self) -> tuple[Call, ...]:
        return (
            Call("/cgi-bin/media/upload", self.upload, daily=100_000, body="form"),
            Call("/cgi-bin/media/get", self.get, "GET", daily=200_000, body="none"),
            Call("/cgi-bin/media/get/jssdk", self.get, "GET", daily=200_000, body="none"),
            Call("/cgi-bin/media/uploadimg", self.upload_picture, body="form"),
        )

    def upload(self, asked: Asked) -> Answer:
        kind = asked.args.get("type") or str(asked.body.get("type") or "")
        media = self._store.add(asked.account.key, kind, sent_file(asked).content, name=sent_file(asked).name)
        id_name = "thumb_media_id" if kind == "thumb" else "media_id"
        return {"type": kind, id_name: media.media_id, "created_at": int(media.created), "item": []}

    def get(self, asked: Asked) -> Answer:
        """The file itself; for a video its address as JSON."""
        media = self._store.find(asked.account.key, asked.args.get("media_id"))
        if media.kind == "video":
            return {"video_url": address(asked.base, media)}
        return Blob(media.content, media.content_type, f"{media.media_id}.{media.suffix}")

    def upload_picture(self, asked: Asked) -> Answer:
        """A picture for the text of an article: 1 MB, PNG or JPG, no media_id."""
        content = sent_file(asked).content
        if len(content) > MB:
            raise PlatformRefusal(40009)
        if suffix_of(content) not in ("png", "jpg"):
            raise PlatformRefusal(40005)
        return {"url": address(asked.base, self._store.add(asked.account.key, "image", content, permanent=True))}


def sent_file(asked: Asked) -> Upload:
    """The file of the call; raises PlatformRefusal 41005."""
    if asked.upload is None:
        raise PlatformRefusal(41005)
    return asked.upload


def address(base: str, media: Media) -> str:
    """Where anybody may fetch the file, as WeChat's picture servers give it; relative when base is empty."""
    return f"{base}/mmbiz/{media.media_id}"
