"""A conversation's rows as values. A change is a new value that is saved; both stores keep exactly these."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from conversations.media import MediaView
from conversations.model import Address, Author, Owner, Status
from conversations.purse import Buckets


class Reply(StrEnum):
    """How a message's callback is answered: decided once, by compare-and-set."""

    OPEN = "open"
    PASSIVE = "passive"
    DEFERRED = "deferred"
    TRANSFER = "transfer"


class Progress(StrEnum):
    """Whether a message has had its turn."""

    NEW = "new"
    DONE = "done"


class Outcome(StrEnum):
    """How a turn ended. to_agent: a person has it. noted: an event that wants no answer."""

    ANSWERED = "answered"
    ASKED = "asked"
    QUEUED = "queued"
    TICKETED = "ticketed"
    TO_AGENT = "to_agent"
    NOTED = "noted"


class Purpose(StrEnum):
    """Why a message may leave. Without one the door refuses."""

    REPLY = "reply"
    AGENT = "agent"
    SERVICE_EVENT = "service_event"
    TOPIC = "topic"


class HandoffStatus(StrEnum):
    """Where a request for a person is. The first two are alive; a conversation has at most one that is."""

    WAITING = "waiting"
    ASSIGNED = "assigned"
    RESOLVED = "resolved"
    LEFT = "left"
    TIMED_OUT = "timed_out"
    UNFOLLOWED = "unfollowed"
    MENDED = "mended"
    RETURNED = "returned"
    """The channel's own desk had it so long that the channel gives the chat back by itself."""


class DeskKind(StrEnum):
    """Whose people are asked: this product's, or those of the channel's own desk."""

    OWN = "own"
    NATIVE = "native"


class Rating(StrEnum):
    """What a subscriber thought of a person's service, in the order of the choices."""

    SATISFIED = "satisfied"
    NEUTRAL = "neutral"
    UNSATISFIED = "unsatisfied"


STOPPED = "stopped."
"""How the reason of a row begins that is held because its channel sends nothing; the rest is the channel's own word."""

LIVE_HANDOFFS = (HandoffStatus.WAITING, HandoffStatus.ASSIGNED)


@dataclass(frozen=True, slots=True)
class Conversation:
    """One per (account, openid), for ever. `lease_until` is on the monotonic clock; `next_position` numbers the transcript."""

    conversation_id: str
    address: Address
    created_at: datetime
    owner: Owner = Owner.BOT
    epoch: int = 0
    lane_token: int = 0
    lease_until: float = 0.0
    purse: Buckets = field(default_factory=Buckets)
    next_position: int = 1
    agent_id: str | None = None
    agent_name: str | None = None
    deadline: datetime | None = None
    followed: bool = True
    last_text: str = ""
    """The last line that someone said, masked; notices do not count."""
    last_words: str = ""
    """The last line that the subscriber said, masked."""
    last_at: datetime | None = None
    last_said: int = 0
    """Position of the subscriber's last message."""
    unread: int = 0
    waiting_since: datetime | None = None
    """When the subscriber's first message came that no person has answered; None while the bot owns the chat."""
    scene: str = ""
    """Of the code by which the subscriber came, or which they scanned last."""


ARRIVAL = (
    "purse", "next_position", "deadline", "followed", "last_text", "last_words", "last_at", "last_said", "unread", "waiting_since", "scene",
)  # fmt: skip
"""What of a conversation a message changes when it comes in."""


@dataclass(frozen=True, slots=True)
class Memory:
    """What the bot will be told in its next turn: its own state, and what happened while it did not own the chat."""

    state: dict[str, Any] | None = None
    events: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Inbound:
    """One message or event of a subscriber, stored before it was acknowledged."""

    inbound_id: str
    conversation_id: str
    address: Address
    dedup_key: str
    kind: str
    name: str
    text: str
    extra: dict[str, Any]
    received_at: datetime
    accepted_mono: float
    position: int
    status: Progress = Progress.NEW
    reply: Reply = Reply.OPEN
    passive_text: str | None = None
    """What the reply carries: the text of a passive one, the skill of a transfer."""
    turn_id: str | None = None
    deliveries: int = 1
    """How often it has come."""


@dataclass(frozen=True, slots=True)
class Outbound:
    """One bubble on its way out. `inbound_id` ties an answer to the callback that may carry it."""

    outbound_id: str
    conversation_id: str
    account: str
    position: int
    author: Author
    text: str
    purpose: str
    epoch: int
    created_at: datetime
    reference: str = ""
    status: Status = Status.QUEUED
    inbound_id: str | None = None
    turn_id: str | None = None
    speaker: str | None = None
    agent_id: str | None = None
    client_id: str | None = None
    reason: str | None = None
    attempts: int = 0
    retry_at: datetime | None = None
    sending_token: int | None = None
    charged_fill: int | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Handoff:
    """A request for a person, from the asking to its end. `packet` is what the agent reads (handoff.py)."""

    handoff_id: str
    conversation_id: str
    account: str
    reason: str
    intent: str | None
    skill: str
    priority: int
    wish: str
    epoch: int
    requested_at: datetime
    packet: dict[str, Any]
    status: HandoffStatus = HandoffStatus.WAITING
    agent_id: str | None = None
    agent_name: str | None = None
    accepted_at: datetime | None = None
    ended_at: datetime | None = None
    ticket: str | None = None
    told_next: bool = False
    rating: Rating | None = None
    rated_at: datetime | None = None
    desk: DeskKind = DeskKind.OWN
    """At the channel's own desk a live one is `assigned` from the start, and `accepted_at` says that a person there has taken it;
    `agent_name` is what the channel calls them."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What happened to one message, for agents, trainers, reports and audits (design §3.9)."""

    turn_id: str
    conversation_id: str
    account: str
    inbound_id: str
    text: str
    outcome: Outcome
    owner: Owner
    epoch: int
    started_at: datetime
    ended_at: datetime
    understanding: dict[str, Any] = field(default_factory=dict)
    decision: str = ""
    receipts: tuple[dict[str, Any], ...] = ()
    actions: tuple[dict[str, Any], ...] = ()
    timings: dict[str, float] = field(default_factory=dict)
    model: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the transcript, as a page shows it."""

    position: int
    author: Author
    text: str
    at: datetime
    status: str
    name: str | None = None
    reason: str | None = None
    turn_id: str | None = None
    client_id: str | None = None
    kind: str = "text"
    extra: Mapping[str, Any] = field(default_factory=dict)
    media: MediaView | None = None
    place: Mapping[str, Any] | None = None
    link: Mapping[str, Any] | None = None
