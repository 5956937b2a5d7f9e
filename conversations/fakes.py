"""Stand-ins of the ports, for tests of this part and of those above it: a store in memory and a bot that obeys."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from conversations.errors import BrainDown
from conversations.fake_records import FakeRecords
from conversations.fake_records import Tables as Tables
from conversations.model import BotAnswer, BotRequest
from conversations.records import Records, Survey

T = TypeVar("T")


class FakeStore:
    """`Store` in memory: one transaction after the other, taken back when it raises."""

    def __init__(self) -> None:
        self.tables = Tables()
        self.writes = 0
        self.writer = ""
        self.on_commit: Callable[[Tables, Tables, str], None] = lambda before, after, writer: None

    async def write(self, work: Callable[[Records], T]) -> T:
        await asyncio.sleep(0)
        self.writes += 1
        before = self.tables.copy()
        try:
            result = work(FakeRecords(self.tables))
        except BaseException:
            self.tables = before
            raise
        self.on_commit(before, self.tables, self.writer)
        self.writer = ""
        await asyncio.sleep(0)
        return result

    async def survey(self, look: Callable[[Survey], T]) -> T:
        await asyncio.sleep(0)
        return look(FakeRecords(self.tables))


@dataclass
class FakeBrain:
    """Answers as `script` says, by the message's text, else repeats the text; `gate` makes it wait; a BaseException is raised."""

    script: dict[str, BotAnswer | BaseException] = field(default_factory=dict)
    leaving: frozenset[str] = frozenset()
    requests: list[BotRequest] = field(default_factory=list)
    gate: asyncio.Event | None = None
    down: bool = False

    async def answer(self, request: BotRequest) -> BotAnswer:
        self.requests.append(request)
        if self.gate is not None:
            await self.gate.wait()
        if self.down:
            raise BrainDown("switched off")
        found = self.script.get(request.text)
        if isinstance(found, BaseException):
            raise found
        return found or bot_says(f"echo: {request.text}", turns=int((request.state or {}).get("turns", 0)) + 1)

    async def understand(self, industry: str, text: str) -> dict[str, Any]:
        if self.gate is not None:
            await self.gate.wait()
        if self.down:
            raise BrainDown("switched off")
        intent = "leave_queue" if text in self.leaving else "out_of_scope"
        return {"text": text, "intent": intent, "confidence": 0.9, "decision": "accept" if text in self.leaving else "reject"}


def bot_says(*texts: str, decision: str = "answered", **state: Any) -> BotAnswer:
    """A plain answer."""
    understanding = {"intent": "echo", "confidence": 1.0, "decision": "accept"}
    return BotAnswer(replies=texts, understanding=understanding, decision=decision, state=state)
