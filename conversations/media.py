"""Files of messages: pictures, voice, videos that came, and pictures that agents send.

Wanted when the message is stored, fetched behind it, erased in the end; what an agent sends is here from the start:

    wanted ──fetched──▶ fetched ──erase──▶ erasing ──file gone──▶ (no row)
      │  └──gone, too late──▶ expired         ▲
      └──refused, of no use──▶ failed ────────┘
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

LIFE = timedelta(days=3)
"""How long a channel keeps a file (WeChat: a media id dies after three days)."""

REFERENCE = "media"
"""The key of a message's `extra` under which the channel's name of the file lies."""


_PICTURE = "picture:"

LARGEST_PICTURE = 2 * 1024 * 1024
"""Bytes of one that an agent sends. WeChat's page says 2 MB in one place and 10 MB in another (developers.weixin.qq.com, "temporary
material"): what both allow."""


class MediaState(StrEnum):
    """Where a file is."""

    WANTED = "wanted"
    FETCHED = "fetched"
    FAILED = "failed"
    EXPIRED = "expired"
    ERASING = "erasing"


@dataclass(frozen=True, slots=True)
class Media:
    """One file of one message. `inbound_id`: of the message that brought it, or of the bubble that takes it out; `reference` is the
    channel's name for it; `lease_until` is on the monotonic clock; `position` is the message's place in the transcript. `reason`: why
    it is not there."""

    media_id: str
    conversation_id: str
    account: str
    inbound_id: str
    position: int
    kind: str
    reference: str
    created_at: datetime
    expires_at: datetime
    state: MediaState = MediaState.WANTED
    content_type: str = ""
    size: int = 0
    sha256: str = ""
    attempts: int = 0
    retry_at: datetime | None = None
    lease_until: float = 0.0
    lease_token: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class MediaView:
    """A file as a page knows it: asked for by its id once its state is fetched."""

    media_id: str
    state: str
    content_type: str
    size: int


@dataclass(frozen=True)
class Fetched:
    """The file, whole, and what it is by its own first bytes (a type of `media_types.SHOWN` or `OFFERED`)."""

    content: bytes
    content_type: str


@dataclass(frozen=True)
class Gone:
    """The channel has it no more, or never had."""

    reason: str


@dataclass(frozen=True)
class Unusable:
    """Too large, or nothing that a page may show: asking again would bring the same."""

    reason: str


@dataclass(frozen=True)
class Later:
    """The channel is away or busy: worth another try."""

    reason: str


Fetching = Fetched | Gone | Unusable | Later


def reference_to(media_id: str) -> str:
    """What a bubble that is a picture refers to."""
    return f"{_PICTURE}{media_id}"


def picture_of(reference: str) -> str | None:
    """The picture's id; None for a bubble of words."""
    return reference.removeprefix(_PICTURE) if reference.startswith(_PICTURE) else None
