"""The words of a conversation: small frozen values that cross its seams."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class Owner(StrEnum):
    """Who may write to the subscriber. Every change raises the conversation's epoch by one. native: the channel's own desk has the chat,
    or a place for it in its queue."""

    BOT = "bot"
    WAITING = "waiting"
    AGENT = "agent"
    NATIVE = "native"


AT_OUR_DESK = (Owner.WAITING, Owner.AGENT)


class Author(StrEnum):
    """Who said a line of the transcript."""

    SUBSCRIBER = "subscriber"
    BOT = "bot"
    AGENT = "agent"
    NOTICE = "notice"


class Status(StrEnum):
    """Where an outgoing row is. handed_over is a passive reply; unknown is never sent again by itself."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    HANDED_OVER = "handed_over"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    HELD = "held"
    DROPPED = "dropped"


class Reason(StrEnum):
    """Why a person is asked for."""

    ASKED = "asked"
    NO_ANSWER = "no_answer"
    UNCLEAR = "unclear"
    ACTION_FAILED = "action_failed"
    DISPUTE = "dispute"
    COMPLAINT = "complaint"
    NO_CODE = "no_code"
    ELDERLY = "elderly"
    BOT_DOWN = "bot_down"
    UNREADABLE = "unreadable"
    TRANSFERRED = "transferred"
    AGENT_LOST = "agent_lost"
    TAKEN = "taken"
    """Nobody asked: a person at the channel's own desk took the chat."""


@dataclass(frozen=True)
class Address:
    """Where a subscriber is reached: openid is per account."""

    account: str
    openid: str


@dataclass(frozen=True)
class InboundMessage:
    """What a connector took in. `dedup_key` is unique per (account, openid): MsgId, or CreateTime, Event and EventKey.

    kind: text | voice | image | video | shortvideo | location | link | unsupported | event. `name` is an event's name in lower case
    (subscribe, unsubscribe, click, scan, open …) with `text` its key; a voice's `text` is what a machine heard, or empty. `refill` says
    what it does to the purse: "message", "tap" or "none", or "unlimited" where the channel counts nothing.

    extra: `choice` id of the menu entry that was tapped (`Menu`) · `intent` what a key, a scene or a place stands for ("": nobody
    knows), or `words` in its place · `media` the channel's name of a file that came with it, `thumb`, `format` · `latitude`,
    `longitude` (degrees), `label` · `title`, `description`, `url` · `scene` of a follow or a scan · `job`, `status`, `counts` of a
    sending that is done · `consents` [{topic, answer}] · `KfAccount`, `FromKfAccount`, `ToKfAccount` of the platform's own desk ·
    `sent_at` of an event, seconds since 1970 by the channel's clock.
    """

    address: Address
    dedup_key: str
    kind: str
    text: str
    received_at: datetime
    name: str = ""
    refill: str = "message"
    extra: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Accepted:
    """The message is stored. `repeated` says that it was stored before; `delivery` counts from 1 how often it has come."""

    inbound_id: str
    repeated: bool
    delivery: int = 1


@dataclass(frozen=True)
class Passive:
    """Answer in the callback's own response with this text (at most the channel's limit of bytes)."""

    text: str


@dataclass(frozen=True)
class Deferred:
    """Acknowledge with an empty answer; what there is to say follows as customer-service messages, or nothing does."""


@dataclass(frozen=True)
class Transfer:
    """Answer in the callback's own response by handing this message to the channel's own desk; `skill` says whom it is for."""

    skill: str


@dataclass(frozen=True)
class Undecided:
    """There is no answer yet, and the channel will ask again: give it none."""


Answer = Passive | Deferred | Transfer | Undecided


@dataclass(frozen=True)
class Menu:
    """Choices to tap, each (id, label), and what stands below them. A tap comes back as a text with the id as its `extra["choice"]`."""

    choices: tuple[tuple[str, str], ...]
    tail: str = ""


@dataclass(frozen=True)
class Picture:
    """A picture that goes out, and what it is by its first bytes (`media_types.SENT`)."""

    content: bytes = field(repr=False)
    content_type: str


@dataclass(frozen=True)
class OutgoingText:
    """One bubble. `outbound_id` names it for logs; `speaker` is shown where the channel can (an agent's name), `speaker_id` is theirs;
    `menu` stands below it; `picture` goes out in place of the text, which says for lists what it is."""

    outbound_id: str
    text: str
    speaker: str | None = None
    menu: Menu | None = None
    speaker_id: str | None = None
    picture: Picture | None = None

    def as_text(self) -> str:
        """The bubble with its choices as numbered lines, for channels without menus."""
        if self.menu is None:
            return self.text
        lines = (f"{number}. {label}" for number, (_, label) in enumerate(self.menu.choices, start=1))
        return "\n".join(part for part in (self.text, *lines, self.menu.tail) if part)


@dataclass(frozen=True)
class Sent:
    """The channel took it, as so many messages."""

    messages: int = 1


@dataclass(frozen=True)
class Refused:
    """The channel said no, and nothing was sent. action: drop | hold (until the subscriber writes) | later (in a moment) | stop (until
    the channel sends again) | unfollowed."""

    code: str
    action: str


@dataclass(frozen=True)
class Unknown:
    """The request went out and no answer came: it may have been sent, and is never sent again by itself. `messages`: so many may have."""

    reason: str
    messages: int = 1


@dataclass(frozen=True)
class Stopped:
    """A channel sends nothing for now, whoever it is for. `trial`: one message may be tried, to see whether it does again."""

    code: str
    trial: bool = False


@dataclass(frozen=True)
class BotRequest:
    """What a bot process is told: see docs/architecture.md, core → bot."""

    turn_id: str
    address: Address
    industry: str
    now: datetime
    state: dict[str, Any] | None
    text: str
    kind: str = "text"
    events: tuple[dict[str, Any], ...] = ()
    place: dict[str, Any] | None = None


@dataclass(frozen=True)
class HandoffRequest:
    """The bot's wish for a person, before it has a place in the queue."""

    reason: Reason
    intent: str | None = None
    wish: str = ""
    skill: str = "general"
    priority: int = 0
    proof_level: int = 0
    ticket: str | None = None
    slots: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class BotAnswer:
    """What a bot process answered: see docs/architecture.md, core → bot."""

    replies: tuple[str, ...]
    understanding: dict[str, Any]
    decision: str
    state: dict[str, Any] | None
    handoff: HandoffRequest | None = None
    receipts: tuple[dict[str, Any], ...] = ()
    actions: tuple[dict[str, Any], ...] = ()
    timings: dict[str, float] = field(default_factory=dict)
    model: str = ""
