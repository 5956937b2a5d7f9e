"""What the checks read: the sandbox's log and the tables, as values. Nothing of the product's behaviour is asked for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

MESSAGE, EVENT = "m", "e"


@dataclass(frozen=True)
class PhoneLine:
    """One line on a phone. kind: say, event, passive, custom, notice."""

    openid: str
    n: int
    sender: str
    kind: str
    text: str
    at: datetime
    msg_id: int | None = None


@dataclass(frozen=True)
class Delivery:
    """One POST to the callback; `ended` is when its answer came or its time was over."""

    openid: str
    msg_id: int | None
    attempt: int
    at: datetime
    ended: datetime
    outcome: str

    @property
    def acknowledged(self) -> bool:
        """The product answered; `lost` answers were thrown away by the sandbox, by order."""
        return self.outcome in ("ack", "passive", "lost")


@dataclass(frozen=True)
class Call:
    """One call of the product to the platform; `fault` is what the sandbox was ordered to do to it."""

    path: str
    openid: str | None
    errcode: int | None
    fault: str | None


@dataclass(frozen=True)
class InboundRow:
    inbound_id: str
    conversation_id: str
    openid: str
    dedup_key: str
    position: int
    received_at: datetime
    status: str
    reply: str
    passive_text: str | None = None


@dataclass(frozen=True)
class TurnRow:
    turn_id: str
    inbound_id: str
    conversation_id: str
    outcome: str
    without_bot: bool = False
    """No bot process answered: the subscriber was put into the queue instead."""


@dataclass(frozen=True)
class OutboundRow:
    outbound_id: str
    conversation_id: str
    position: int
    author: str
    epoch: int
    status: str
    text: str
    inbound_id: str | None = None
    turn_id: str | None = None
    reason: str | None = None
    charged_fill: int | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True)
class ConversationRow:
    conversation_id: str
    openid: str
    owner: str
    epoch: int
    agent_id: str | None
    deadline: datetime | None
    followed: bool = True
    message_used: int = 0
    tapped: bool = False
    fill: int = 0
    filled_at: datetime | None = None


@dataclass(frozen=True)
class HandoffRow:
    conversation_id: str
    status: str


@dataclass(frozen=True)
class HoldRow:
    """A row of the desk: an offer, or an agent's hold on a conversation under `epoch`."""

    conversation_id: str
    agent_id: str
    epoch: int
    state: str
    accepted_at: datetime | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True)
class AgentRow:
    agent_id: str
    status: str
    slots_used: int


@dataclass(frozen=True)
class Evidence:
    """All of it. Chats are by openid, in the order of the phone."""

    read_at: datetime
    chats: Mapping[str, Sequence[PhoneLine]] = field(default_factory=dict)
    purse_left: Mapping[str, int] = field(default_factory=dict)
    deliveries: Sequence[Delivery] = ()
    calls: Sequence[Call] = ()
    inbounds: Sequence[InboundRow] = ()
    turns: Sequence[TurnRow] = ()
    outbounds: Sequence[OutboundRow] = ()
    conversations: Sequence[ConversationRow] = ()
    handoffs: Sequence[HandoffRow] = ()
    holds: Sequence[HoldRow] = ()
    agents: Sequence[AgentRow] = ()

    def conversation_of(self) -> dict[str, ConversationRow]:
        """By openid: a run plays one account."""
        return {row.openid: row for row in self.conversations}

    def outbounds_of(self) -> dict[str, list[OutboundRow]]:
        """By conversation, in order of position."""
        found: dict[str, list[OutboundRow]] = {}
        for row in sorted(self.outbounds, key=lambda one: one.position):
            found.setdefault(row.conversation_id, []).append(row)
        return found

    def deliveries_of(self) -> dict[tuple[str, int], list[Delivery]]:
        """Those of messages, by subscriber and MsgId."""
        found: dict[tuple[str, int], list[Delivery]] = {}
        for one in self.deliveries:
            if one.msg_id is not None:
                found.setdefault((one.openid, one.msg_id), []).append(one)
        return found


@dataclass(frozen=True)
class Finding:
    """One thing that must not be, or that must be listed. `what` names rows, never texts."""

    kind: str
    openid: str
    what: str

    def as_json(self) -> dict[str, Any]:
        return {"kind": self.kind, "openid": self.openid, "what": self.what}
