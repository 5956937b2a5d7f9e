"""The kinds of customer-service messages and their JSON.

Source: developers.weixin.qq.com, "Send Customer Messages". Kinds are named as their msgtype is. Texts are cleaned of what WeChat cannot
show, among it what JSON could only hold as an escape, which WeChat refuses (40033).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from conversations.bubbles import clean

TEXT_BYTES = 2048


@dataclass(frozen=True)
class MediaFile:
    """What an image, voice or video is made of, kept so that it can be uploaded again: a media id lives three days.

    `kind`: image (10 MB PNG, JPG, GIF) | voice (2 MB, 60 s, AMR, MP3) | video (10 MB MP4) | thumb (64 kB JPG).
    """

    kind: str
    name: str
    content: bytes = field(repr=False)
    content_type: str = "application/octet-stream"


@dataclass(frozen=True)
class Text:
    """At most TEXT_BYTES of UTF-8."""

    content: str


@dataclass(frozen=True)
class Image:
    """`source` lets it be sent again when the id has died, and be sent without one."""

    media_id: str = ""
    source: MediaFile | None = None


@dataclass(frozen=True)
class Voice:
    """The same for a voice."""

    media_id: str = ""
    source: MediaFile | None = None


@dataclass(frozen=True)
class Video:
    """The same for a video; `thumb_media_id` names its picture."""

    media_id: str = ""
    thumb_media_id: str = ""
    title: str = ""
    description: str = ""
    source: MediaFile | None = None


@dataclass(frozen=True)
class Music:
    """A link to music with a picture."""

    title: str
    description: str
    url: str
    hq_url: str
    thumb_media_id: str


@dataclass(frozen=True)
class News:
    """One article with a link: WeChat takes no more than one since October 2018."""

    title: str
    description: str
    url: str
    picture_url: str = ""


@dataclass(frozen=True)
class MenuMessage:
    """Choices to tap, each (id, label)."""

    head: str
    choices: tuple[tuple[str, str], ...]
    tail: str = ""


@dataclass(frozen=True)
class MiniProgramPage:
    """A card that opens a mini program; the account must be tied to it."""

    title: str
    app_id: str
    page: str
    thumb_media_id: str


Message = Text | Image | Voice | Video | Music | News | MenuMessage | MiniProgramPage


def body_of(openid: str, message: Message, kf_account: str | None = None) -> dict[str, Any]:
    """What is posted. With `kf_account` the subscriber sees that account's name and face."""
    kind, part = _part(message)
    body: dict[str, Any] = {"touser": openid, "msgtype": kind, kind: _cleaned(part)}
    return body | {"customservice": {"kf_account": kf_account}} if kf_account else body


def source_of(message: Message) -> MediaFile | None:
    """What it can be uploaded from."""
    return message.source if isinstance(message, Image | Voice | Video) else None


def lacks_media(message: Message) -> bool:
    """Whether it must be uploaded before it can be sent."""
    return isinstance(message, Image | Voice | Video) and not message.media_id


def with_media(message: Message, media_id: str) -> Message:
    """The same under another media id."""
    return replace(message, media_id=media_id) if isinstance(message, Image | Voice | Video) else message


def _part(message: Message) -> tuple[str, Mapping[str, Any]]:
    match message:
        case Text(content):
            return "text", {"content": content}
        case Image(media_id):
            return "image", {"media_id": media_id}
        case Voice(media_id):
            return "voice", {"media_id": media_id}
        case Video(media_id, thumb, title, description):
            return "video", {"media_id": media_id, "thumb_media_id": thumb, "title": title, "description": description}
        case Music(title, description, url, hq_url, thumb):
            return "music", {
                "title": title, "description": description, "musicurl": url, "hqmusicurl": hq_url, "thumb_media_id": thumb,
            }  # fmt: skip
        case News(title, description, url, picture):
            return "news", {"articles": [{"title": title, "description": description, "url": url, "picurl": picture}]}
        case MenuMessage(head, choices, tail):
            entries = [{"id": name, "content": label} for name, label in choices]
            return "msgmenu", {"head_content": head, "list": entries, "tail_content": tail}
        case MiniProgramPage(title, app_id, page, thumb):
            return "miniprogrampage", {"title": title, "appid": app_id, "pagepath": page, "thumb_media_id": thumb}


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, Mapping):
        return {name: _cleaned(one) for name, one in value.items()}
    return [_cleaned(one) for one in value] if isinstance(value, list) else value
