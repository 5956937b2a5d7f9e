"""A small world written by hand: one subscriber, one conversation, and what the phone and the tables say of it."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from chaos.evidence import (
    Call,
    ConversationRow,
    Delivery,
    Evidence,
    HandoffRow,
    HoldRow,
    InboundRow,
    OutboundRow,
    PhoneLine,
    TurnRow,
)
from runtime.clock import SHANGHAI

T0 = datetime(2026, 11, 22, 20, 0, tzinfo=SHANGHAI)
OPENID, NAME = "oSCENE", "c_scene"


def at(seconds: float) -> datetime:
    """So many seconds into the scene."""
    return T0 + timedelta(seconds=seconds)


@dataclass
class Scene:
    """Builds Evidence step by step; by itself everything is as it should be."""

    owner: str = "bot"
    epoch: int = 0
    agent_id: str | None = None
    deadline: datetime | None = None
    message_used: int = 0
    fill: int = 0
    filled_at: datetime | None = None
    tapped: bool = False
    purse_left: int | None = None
    lines: list[PhoneLine] = field(default_factory=list)
    deliveries: list[Delivery] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    inbounds: list[InboundRow] = field(default_factory=list)
    turns: list[TurnRow] = field(default_factory=list)
    outbounds: list[OutboundRow] = field(default_factory=list)
    handoffs: list[HandoffRow] = field(default_factory=list)
    holds: list[HoldRow] = field(default_factory=list)

    def say(self, msg_id: int, second: float, *, outcomes: tuple[str, ...] = ("ack",), stored: bool = True, outcome: str = "answered",
            without_bot: bool = False, passive: str | None = None, position: int | None = None) -> str:  # fmt: skip
        """A message, its deliveries, its row and its turn; the row's name."""
        self.lines.append(PhoneLine(OPENID, self._n(), "subscriber", "say", "…", at(second), msg_id))
        for number, ended in enumerate(outcomes, start=1):
            began = second + 5 * (number - 1)
            self.deliveries.append(Delivery(OPENID, msg_id, number, at(began), at(began + 0.1), ended))
        name = f"i_{msg_id}"
        if stored:
            reply = "deferred" if passive is None else "passive"
            self.inbounds.append(
                InboundRow(name, NAME, OPENID, f"m{msg_id}", position or self._n(), at(second), "done", reply, passive)
            )
            self.turns.append(TurnRow(f"t_{msg_id}", name, NAME, outcome, without_bot))
        return name

    def bubble(self, position: int, text: str, second: float, *, status: str = "sent", author: str = "bot", epoch: int = 0,
               inbound_id: str | None = None, fill: int | None = None, reason: str | None = None, shown: bool = True) -> None:  # fmt: skip
        """An outgoing row and, when it is `shown`, its bubble on the phone."""
        passive = status == "handed_over"
        self.outbounds.append(
            OutboundRow(
                f"m_{position}_{len(self.outbounds)}", NAME, position, author, epoch, status, text, inbound_id=inbound_id, reason=reason,
                charged_fill=fill, started_at=None if passive else at(second), ended_at=at(second),
            )  # fmt: skip
        )
        if shown:
            self.show(text, second, kind="passive" if passive else "custom")

    def show(self, text: str, second: float, *, kind: str = "custom") -> None:
        """A bubble on the phone, whatever the rows say."""
        self.lines.append(PhoneLine(OPENID, self._n(), "account", kind, text, at(second + 0.05)))

    def evidence(self) -> Evidence:
        """As it would be read a minute later."""
        conversation = ConversationRow(
            NAME, OPENID, self.owner, self.epoch, self.agent_id, self.deadline, True, self.message_used, self.tapped, self.fill,
            self.filled_at,
        )  # fmt: skip
        return Evidence(
            read_at=at(60),
            chats={OPENID: tuple(self.lines)},
            purse_left={} if self.purse_left is None else {OPENID: self.purse_left},
            deliveries=self.deliveries, calls=self.calls, inbounds=self.inbounds, turns=self.turns, outbounds=self.outbounds,
            conversations=[conversation], handoffs=self.handoffs, holds=self.holds,
        )  # fmt: skip

    def _n(self) -> int:
        return len(self.lines) + 1
