"""Making a turn: what one message comes to, before anything is written. Asks the bot; changes nothing.

`commit.py` writes the draft down; a draft made under an epoch that has passed is made again, its bot texts recorded as dropped.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import structlog

from conversations.breaker import Breaker
from conversations.errors import BrainDown, IntentUnknown, StateUnreadable
from conversations.model import BotAnswer, BotRequest, HandoffRequest, Owner, Reason
from conversations.native import Session, may_transfer, session_of
from conversations.notices import Texts
from conversations.outgoing import RATED
from conversations.ports import Brain, DirectAnswers
from conversations.rating import Rated
from conversations.rows import Conversation, Inbound, Memory, Outcome
from conversations.settings import ConversationSettings
from conversations.triggers import Ask, Goodbye, Say, Silent, Trigger, Unreadable, Welcome, classify
from runtime.clock import Clock

_log = structlog.get_logger(__name__)
_BOT_OUTCOMES = {"answered": Outcome.ANSWERED, "asked": Outcome.ASKED}


@dataclass(frozen=True)
class Draft:
    """What a turn will do once it is committed."""

    epoch: int
    outcome: Outcome
    replies: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    handoff: HandoffRequest | None = None
    leaves: bool = False
    unfollows: bool = False
    position: bool = False
    memory: Memory | None = None
    understanding: dict[str, Any] = field(default_factory=dict)
    decision: str = ""
    receipts: tuple[dict[str, Any], ...] = ()
    actions: tuple[dict[str, Any], ...] = ()
    timings: dict[str, float] = field(default_factory=dict)
    model: str = ""
    dropped: tuple[str, ...] = ()
    rated: Rated | None = None
    session: Session | None = None
    greetings: tuple[str, ...] = ()
    """Notices that come before what the bot says."""
    told: tuple[dict[str, Any], ...] = ()
    """What the bot is told with its next turn, when it was not asked in this one."""


def turn_id_of(inbound_id: str) -> str:
    """One message, one turn: a worker that makes it again after another died uses the same name, so no action is done twice."""
    return f"t_{inbound_id.partition('_')[2]}"


class TurnMaker:
    """Decides by owner and kind. Never raises for what the bot does; raises what keeps business from forgetting who left."""

    def __init__(
        self, brain: Brain, direct: DirectAnswers | None, industries: Mapping[str, str], texts: Texts, settings: ConversationSettings,
        clock: Clock, breaker: Breaker, counts: Counter[str],
    ) -> None:
        self._brain = brain
        self._direct = direct
        self._industries = industries
        self._texts = texts
        self._settings = settings
        self._clock = clock
        self._breaker = breaker
        self._counts = counts

    async def make(
        self, conversation: Conversation, inbound: Inbound, memory: Memory, rated: Rated | None = None, *, fetches: bool = False
    ) -> Draft:
        """The draft for this message under the conversation's present owner; a rating is thanked for, whoever that is. `fetches`: it only
        asks for what is held back."""
        trigger, session = classify(inbound), session_of(inbound)
        started = time.perf_counter()
        if rated is not None:
            draft = Draft(conversation.epoch, Outcome.ANSWERED, notices=(self._texts.say("rated"),), decision=RATED, rated=rated)
        elif session is not None:
            draft = Draft(conversation.epoch, Outcome.NOTED, session=session, decision=str(session.change))
        elif fetches and conversation.owner == Owner.BOT:
            draft = Draft(conversation.epoch, Outcome.ANSWERED, decision="fetched")
        else:
            draft = await self._by_owner(conversation, inbound, memory, trigger)
        timings = {**draft.timings, "turn_ms": round((time.perf_counter() - started) * 1000, 2)}
        return replace(draft, timings=timings)

    async def _by_owner(self, conversation: Conversation, inbound: Inbound, memory: Memory, trigger: Trigger) -> Draft:
        epoch = conversation.epoch
        if isinstance(trigger, Goodbye):
            if self._direct is not None:
                # before the commit: a turn that dies in between is made again, and forgets again
                await self._direct.forget(conversation.address, turn_id_of(inbound.inbound_id))
            return Draft(epoch, Outcome.NOTED, unfollows=True)
        if isinstance(trigger, Silent):
            return Draft(epoch, Outcome.NOTED)
        told = _events_of(trigger)
        if conversation.owner == Owner.AGENT:
            return Draft(epoch, Outcome.NOTED if isinstance(trigger, Welcome) else Outcome.TO_AGENT, told=told)
        if conversation.owner == Owner.NATIVE:
            return replace(self._at_native_desk(conversation, inbound, trigger), told=told)
        if conversation.owner == Owner.WAITING:
            return replace(await self._in_queue(conversation, trigger), told=told)
        return await self._for_bot(conversation, inbound, memory, trigger)

    def _at_native_desk(self, conversation: Conversation, inbound: Inbound, trigger: Trigger) -> Draft:
        if not may_transfer(inbound):
            return Draft(conversation.epoch, Outcome.NOTED)
        taken = conversation.agent_name is not None
        if not taken and isinstance(trigger, Say) and self._texts.leaves(trigger.text):
            return Draft(conversation.epoch, Outcome.ANSWERED, leaves=True)
        return Draft(conversation.epoch, Outcome.TO_AGENT, decision="transferred")

    async def _in_queue(self, conversation: Conversation, trigger: Trigger) -> Draft:
        if isinstance(trigger, Say) and await self._wants_out(conversation, trigger.text):
            return Draft(conversation.epoch, Outcome.ANSWERED, leaves=True)
        return Draft(conversation.epoch, Outcome.QUEUED, position=True)

    async def _wants_out(self, conversation: Conversation, text: str) -> bool:
        if self._texts.leaves(text):
            return True
        if not self._breaker.allows(self._clock.monotonic()):
            return False
        try:
            async with asyncio.timeout(self._settings.understand_timeout_s):
                found = await self._brain.understand(self._industries[conversation.address.account], text)
        except Exception:
            # whatever it was, the position notice is the right answer
            self._counts["understand_failed"] += 1
            self._breaker.failed(self._clock.monotonic())
            return False
        self._breaker.succeeded()
        return found.get("intent") == "leave_queue" and found.get("decision") == "accept"

    async def _for_bot(self, conversation: Conversation, inbound: Inbound, memory: Memory, trigger: Trigger) -> Draft:
        epoch = conversation.epoch
        if isinstance(trigger, Welcome):
            return await self._welcome(conversation, inbound, memory, trigger)
        if isinstance(trigger, Unreadable):
            return Draft(epoch, Outcome.ASKED, notices=(self._texts.unreadable(trigger.kind, empty=trigger.empty),))
        assert isinstance(trigger, Say | Ask)  # noqa: S101  the kinds above are all the others
        request = self._request(conversation, inbound, memory, trigger)
        try:
            answer = await self._ask(request)
        except IntentUnknown:
            self._counts["intent_unknown"] += 1
            return Draft(epoch, Outcome.ASKED, notices=(self._texts.say("unknown_key"),))
        if answer is None:
            return await self._without_bot(request, epoch)
        return self._draft_of(answer, epoch)

    async def _welcome(self, conversation: Conversation, inbound: Inbound, memory: Memory, trigger: Welcome) -> Draft:
        """The greeting, then the answer to what the code stands for, if it stands for something."""
        greetings = (self._texts.say(trigger.notice),)
        told = _events_of(trigger)
        if trigger.ask is None:
            return Draft(conversation.epoch, Outcome.ANSWERED, greetings=greetings, told=told)
        memory = replace(memory, events=(*memory.events, *told))
        draft = await self._for_bot(conversation, inbound, memory, trigger.ask)
        return replace(draft, greetings=greetings, told=told if draft.memory is None else ())

    def _request(self, conversation: Conversation, inbound: Inbound, memory: Memory, trigger: Say | Ask) -> BotRequest:
        place = asdict(trigger.place) if isinstance(trigger, Ask) and trigger.place is not None else None
        return BotRequest(
            turn_id=turn_id_of(inbound.inbound_id),
            address=conversation.address,
            industry=self._industries[conversation.address.account],
            now=self._clock.now(),
            state=memory.state,
            text=trigger.text if isinstance(trigger, Say) else trigger.intent,
            kind="text" if isinstance(trigger, Say) else "intent",
            events=memory.events,
            place=place,
        )

    async def _ask(self, request: BotRequest) -> BotAnswer | None:
        """The bot's answer, or None when it is down, too slow, or not asked because it has been. Raises IntentUnknown."""
        if request.kind == "intent" and not request.text:
            raise IntentUnknown
        if not self._breaker.allows(self._clock.monotonic()):
            self._counts["breaker_refused"] += 1
            return None
        try:
            async with asyncio.timeout(self._settings.bot_timeout_s):
                try:
                    answer = await self._brain.answer(request)
                except StateUnreadable:
                    self._counts["state_unreadable"] += 1
                    answer = await self._brain.answer(replace(request, state=None))
        except (BrainDown, StateUnreadable, TimeoutError) as error:
            self._counts["bot_down"] += 1
            _log.warning("bot_down", turn_id=request.turn_id, error=type(error).__name__)
        except IntentUnknown:
            # the bot is well: a menu names what it has not
            self._breaker.succeeded()
            raise
        except Exception:
            # a fault in an adapter must not leave the subscriber without a word
            self._counts["bot_fault"] += 1
            _log.exception("bot_fault", turn_id=request.turn_id)
        else:
            self._breaker.succeeded()
            return answer
        self._breaker.failed(self._clock.monotonic())
        return None

    async def _without_bot(self, request: BotRequest, epoch: int) -> Draft:
        direct = await self._ask_directly(request)
        if direct is not None:
            text, receipts = direct
            return Draft(epoch, Outcome.ANSWERED, replies=(text,), receipts=receipts, decision="answered", model="direct")
        return Draft(epoch, Outcome.QUEUED, handoff=HandoffRequest(Reason.BOT_DOWN), decision="handoff")

    async def _ask_directly(self, request: BotRequest) -> tuple[str, tuple[dict[str, Any], ...]] | None:
        if self._direct is None:
            return None
        try:
            async with asyncio.timeout(self._settings.direct_timeout_s):
                return await self._direct.answer(request.address, request.text, request.turn_id)
        except Exception:
            self._counts["direct_fault"] += 1
            _log.exception("direct_fault", turn_id=request.turn_id)
            return None

    def _draft_of(self, answer: BotAnswer, epoch: int) -> Draft:
        replies = tuple(text for text in answer.replies if text.strip())
        outcome = _BOT_OUTCOMES.get(answer.decision, Outcome.ANSWERED)
        notices: tuple[str, ...] = ()
        if answer.handoff is not None:
            outcome = Outcome.TICKETED if answer.handoff.ticket else Outcome.QUEUED
        elif not replies:
            # silence is no answer
            self._counts["bot_said_nothing"] += 1
            notices, outcome = (self._texts.say("ask_again"),), Outcome.ASKED
        return Draft(
            epoch=epoch,
            outcome=outcome,
            replies=replies,
            notices=notices,
            handoff=answer.handoff,
            memory=Memory(answer.state),
            understanding=answer.understanding,
            decision=answer.decision,
            receipts=answer.receipts,
            actions=answer.actions,
            timings=dict(answer.timings),
            model=answer.model,
        )


def _events_of(trigger: Trigger) -> tuple[dict[str, Any], ...]:
    return ({"kind": trigger.tells, "scene": trigger.scene},) if isinstance(trigger, Welcome) and trigger.tells else ()
