"""Stand-ins of the ways out: a channel that obeys, and one such for each account."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from conversations.model import Address, OutgoingText, Refused, Sent, Stopped, Unknown
from conversations.ports import Channel


@dataclass
class FakeChannel:
    """Takes every message, or what `results` says next for it; `gate` makes it wait."""

    passive_bytes: int = 2048
    can_push: bool = True
    native_desk: bool = False
    results: list[Sent | Refused | Unknown] = field(default_factory=list)
    sent: dict[Address, list[OutgoingText]] = field(default_factory=lambda: defaultdict(list))
    typed: list[Address] = field(default_factory=list)
    gate: asyncio.Event | None = None
    stop: Stopped | None = None
    attempts: list[tuple[str, Sent | Refused | Unknown | None]] = field(default_factory=list)
    """Every request by outbound_id with what came of it; None while none has come."""

    async def send(self, to: Address, message: OutgoingText) -> Sent | Refused | Unknown:
        self.attempts.append((message.outbound_id, None))
        number = len(self.attempts) - 1
        if self.gate is not None:
            await self.gate.wait()
        result = self.results.pop(0) if self.results else Sent()
        self.attempts[number] = (message.outbound_id, result)
        if isinstance(result, Sent):
            self.sent[to].append(message)
        return result

    def stopped(self) -> Stopped | None:
        return self.stop

    async def typing(self, to: Address) -> None:
        self.typed.append(to)

    def texts(self, to: Address) -> list[str]:
        """What arrived there as messages of their own."""
        return [message.text for message in self.sent[to]]


@dataclass(frozen=True)
class FakeChannels:
    """One channel an account."""

    by_account: Mapping[str, Channel]

    def of(self, address: Address) -> Channel:
        return self.by_account[address.account]
