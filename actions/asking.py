"""An ask that is answered from a subscriber's figures: proof, answer, receipt, and what happens when one of them is missing."""

from typing import Any, ClassVar, Generic, TypeVar

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.handing import Handover
from actions.phrases import Phrases
from actions.reply import Reply
from actions.turn import PENDING_LIMIT, Ask, Event, Turn, pending_slot
from actions.writing import moment
from business.identity.errors import NotBound, ProofNeeded
from business.identity.ports import Identity
from business.identity.types import Access, LineRef
from runtime.errors import SourceFault
from runtime.masking import mask_phone

OTHER_LINE = "other"
S = TypeVar("S")


class Ports(Generic[S]):
    """What an industry's actions are built with. `source` is the industry's own port of figures."""

    def __init__(self, identity: Identity, source: S, phrases: Phrases) -> None:
        self.identity = identity
        self.source = source
        self.phrases = phrases


class AskAction(Action, Generic[S]):
    """Base of `action_INTENT`. A topic's action sets NAME, `intent` and `topic` and writes `answer`; everything else is here.

    Not enough proof: the ask goes on the pending stack and `proof_needed` says what is missing; the interruption policy opens the proof
    form and takes the ask up again afterwards. A source that fails is named with its time, and a person takes over.
    """

    NAME: ClassVar[str]
    intent: ClassVar[str]
    topic: ClassVar[str]

    def __init__(self, ports: Ports[S], handover: Handover) -> None:
        self._identity = ports.identity
        self._source = ports.source
        self._phrases = ports.phrases
        self._handover = handover

    def name(self) -> str:
        return self.NAME

    def complete(self, ask: Ask, turn: Turn) -> Ask:
        """The ask with what this topic takes over from the ask before."""
        return ask

    def ask_back(self, reply: Reply, ask: Ask, turn: Turn) -> Ask | None:
        """Before anything is proved or read: says which value there is none of, and gives the ask to go on with; None when all is well."""
        return None

    def level(self, ask: Ask) -> int:
        """The proof it needs: see data/catalogue."""
        return 1

    async def answer(self, reply: Reply, access: Access, ask: Ask, turn: Turn) -> None:
        """Says the answer in one bubble, with its receipt. Raises SourceFault for a source that has nothing to show."""
        raise NotImplementedError

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[Event]:
        turn, reply = Turn.of(tracker), Reply(dispatcher, self.name())
        ask = self.complete(turn.ask_for(self.intent), turn)
        kept = self.ask_back(reply, ask, turn)
        if kept is not None:
            reply.asked()
            reply.outcome("refused")
            return [*self._remembered(kept, turn), pending_slot(turn.pending)]
        try:
            access = await self._access(reply, ask, turn)
            if access is not None:
                await self.answer(reply, access, ask, turn)
        except NotBound:
            return self._postpone(reply, ask, turn, 1)
        except ProofNeeded as needed:
            return self._postpone(reply, ask, turn, needed.level)
        except SourceFault as fault:
            return await self._failed(reply, fault, ask, turn)
        reply.outcome("ok" if access is not None else "refused")
        return [*self._remembered(ask, turn), pending_slot(turn.pending)]

    async def _access(self, reply: Reply, ask: Ask, turn: Turn) -> Access | None:
        """None when the line that was meant is not one of the bound ones: that is said, and nothing is read."""
        named = ask.values.get("phone_number")
        line_id = None
        if ask.values.get("line") == OTHER_LINE:
            line_id = await self._other_line(reply, turn)
            if line_id is None:
                return None
        elif named:
            masked = mask_phone(str(named))
            lines = await self._identity.lines(turn.account, turn.openid)
            line_id = next((line.line_id for line in lines if line.masked == masked), None)
            if lines and line_id is None:
                reply.say("not_your_number", masked=masked)
                return None
        return await self._identity.access_figures(
            turn.account, turn.openid, self.level(ask), self.intent, turn.turn_id, line_id=line_id
        )

    async def _other_line(self, reply: Reply, turn: Turn) -> str | None:
        lines = await self._identity.lines(turn.account, turn.openid)
        if not lines:
            raise NotBound
        if len(lines) == 1:
            reply.say("no_other_line", bound=lines[0].masked)
            return None
        return lines[1].line_id

    def _postpone(self, reply: Reply, ask: Ask, turn: Turn, level: int) -> list[Event]:
        reply.outcome("refused")
        remembered = self._remembered(ask, turn)
        if turn.loop is not None:
            if ask not in turn.pending:
                reply.say("after_proof", wanted=self._phrases.label(self.intent) or "")
            return [*remembered, pending_slot([*turn.pending, ask])]
        needed = [SlotSet("proof_needed", level), SlotSet("proof_phone", ask.values.get("phone_number"))]
        return [*remembered, pending_slot([ask, *turn.pending]), *needed]

    async def _failed(self, reply: Reply, fault: SourceFault, ask: Ask, turn: Turn) -> list[Event]:
        since = getattr(fault, "since", None)
        source = self._phrases.part(f"source_{self.intent}")
        if since is None:
            reply.say("source_failed", source=source, now=moment(turn.now, turn.now))
        else:
            reply.say("source_failed_since", source=source, now=moment(turn.now, turn.now), since=moment(since, turn.now))
        reply.outcome("failed")
        closed = await self._handover.ask(reply, turn, "action_failed", about=ask, told="wish_failed")
        return [*closed, *self._remembered(ask, turn)]

    def _remembered(self, ask: Ask, turn: Turn) -> list[Event]:
        """What a follow-up goes on with: this ask, and those that the same message asked before it."""
        before = turn.slots.get("last_ask")
        beside: list[Any] = []
        if isinstance(before, dict) and before.get("turn_id") == turn.turn_id:
            beside = [{"intent": before.get("intent"), "values": before.get("values")}, *(before.get("beside") or [])]
        remembered = {**ask.as_slot(), "turn_id": turn.turn_id, "beside": beside[: PENDING_LIMIT - 1]}
        return [SlotSet("ask", None), SlotSet("last_ask", remembered)]

    def line_name(self, access: Access) -> str:
        """The line as the answer names it; said to be the default when there are others."""
        if len(access.lines) > 1 and access.line == access.lines[0]:
            return self._phrases.part("default_line", line=access.line.masked)
        return access.line.masked

    @staticmethod
    def others(access: Access) -> tuple[LineRef, ...]:
        """The bound lines the answer is not about."""
        return tuple(line for line in access.lines if line != access.line)
