"""What nobody woke anyone for: every few seconds rows left behind, every minute an audit of owners and deadlines.

What the audit mends is counted: anything but nought is a defect somewhere.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from conversations import delivery, native
from conversations.errors import EpochMoved, NotOwner
from conversations.model import Author, Owner
from conversations.outgoing import NEXT_IN_LINE, Words, say
from conversations.ownership import Transitions
from conversations.ports import Channels, Way
from conversations.records import Records, Store
from conversations.rows import Conversation, DeskKind, Handoff, HandoffStatus, Purpose
from runtime.clock import Clock

_log = structlog.get_logger(__name__)
_BATCH = 500


@dataclass(frozen=True)
class Handles:
    """What the sweep calls: wake a lane, defer a message's reply, tell the pages that a conversation changed hands."""

    wake: Callable[[str], None]
    defer: Callable[[str], Awaitable[None]]
    changed: Callable[[Conversation], Awaitable[None]]


class Sweep:
    """Looks and hands on; each find is dealt with in a transaction of its own."""

    def __init__(
        self, store: Store, clock: Clock, transitions: Transitions, handles: Handles, counts: Counter[str], channels: Channels,
        accounts: Sequence[str],
    ) -> None:  # fmt: skip
        self._store = store
        self._clock = clock
        self._transitions = transitions
        self._handles = handles
        self._counts = counts
        self._channels = channels
        self._accounts = tuple(accounts)

    async def sweep(self) -> None:
        """Undecided replies, deadlines that have passed, who has come to the front of the queue, rows without a worker, and what was held
        while a channel sent nothing."""
        settings = self._transitions.settings
        mono, now = self._clock.monotonic(), self._clock.now()
        for inbound_id in await self._store.survey(lambda look: look.open_since(mono, settings.longest_hold_s, _BATCH)):
            self._counts["swept_open"] += 1
            await self._handles.defer(inbound_id)
        for conversation_id in await self._store.survey(lambda look: look.overdue(now, _BATCH)):
            await self._change(conversation_id, self._end_overdue)
        for conversation_id in await self._store.survey(lambda look: look.next_in_line(_BATCH)):
            await self._change(conversation_id, self._tell_next)
        for conversation_id in await self._store.survey(lambda look: look.left_behind(mono, settings.lease_s, settings.behind_s, _BATCH)):
            self._counts["swept_behind"] += 1
            self._handles.wake(conversation_id)
        for account in self._accounts:
            await self._free_stopped(account)

    async def _free_stopped(self, account: str) -> None:
        tried: list[Way] = []
        for conversation_id, address in await self._store.survey(lambda look: look.stopped(account, _BATCH)):
            way = self._channels.of(address)
            stop = way.stopped()
            if stop is None:
                self._counts["stopped_freed"] += await self._change(conversation_id, delivery.free_stopped)
            # one shows whether the rest of its channel can go
            elif stop.trial and way not in tried:
                tried.append(way)
                self._counts["stopped_freed"] += await self._change(conversation_id, delivery.free_stopped)

    async def audit(self) -> int:
        """Proves that each live conversation has one owner and a deadline; answers how many it had to mend."""
        crooked = await self._store.survey(lambda look: look.crooked(_BATCH))
        mended = 0
        for conversation_id in crooked:
            mended += await self._change(conversation_id, self._mend)
        self._counts["audit_mended"] += mended
        if mended:
            _log.error("audit_mended", conversations=mended)
        return mended

    async def _change(self, conversation_id: str, change: Callable[[Records, Conversation, datetime], Conversation | None]) -> int:
        now = self._clock.now()

        def work(records: Records) -> Conversation | None:
            conversation = records.conversation(conversation_id)
            return None if conversation is None else change(records, conversation, now)

        try:
            changed = await self._store.write(work)
        except (EpochMoved, NotOwner):
            return 0
        if changed is None:
            return 0
        await self._handles.changed(changed)
        return 1

    def _end_overdue(self, records: Records, conversation: Conversation, now: datetime) -> Conversation | None:
        if conversation.deadline is None or conversation.deadline > now:
            return None
        if conversation.owner == Owner.WAITING:
            self._counts["queue_timed_out"] += 1
            return self._transitions.time_out(
                records, conversation.conversation_id, expected_epoch=conversation.epoch, now=now
            )
        if conversation.owner == Owner.NATIVE:
            self._counts["native_given_back"] += 1
            return native.give_back(self._transitions, records, conversation, now)
        self._counts["agent_idle"] += 1
        return self._transitions.resolve(
            records, conversation.conversation_id, expected_epoch=conversation.epoch, agent_id=conversation.agent_id,
            outcome="idle", now=now,
        )  # fmt: skip

    def _tell_next(self, records: Records, conversation: Conversation, now: datetime) -> Conversation | None:
        handoff = records.live_handoff(conversation.conversation_id)
        if handoff is None or handoff.told_next or conversation.owner != Owner.WAITING or records.ahead(handoff):
            return None
        records.save_handoff(replace(handoff, told_next=True))
        notice = self._transitions.texts.say("next_in_line")
        words = Words((notice,), Author.NOTICE, Purpose.SERVICE_EVENT, NEXT_IN_LINE)
        conversation, _ = say(records, conversation, words, now)
        records.save_conversation(conversation)
        return conversation

    def _mend(self, records: Records, conversation: Conversation, now: datetime) -> Conversation | None:
        handoff = records.live_handoff(conversation.conversation_id)
        mended = _straightened(conversation, handoff, now, self._transitions.settings.queue_timeout_s)
        if handoff is not None and mended.owner == Owner.BOT:
            records.save_handoff(replace(handoff, status=HandoffStatus.MENDED, ended_at=now))
        elif handoff is not None and mended.owner == Owner.WAITING and handoff.status == HandoffStatus.ASSIGNED:
            records.save_handoff(replace(
                handoff, status=HandoffStatus.WAITING, agent_id=None, agent_name=None, epoch=mended.epoch, desk=DeskKind.OWN
            ))
        if mended == conversation and (handoff is None or mended.owner != Owner.BOT):
            return None
        records.save_conversation(mended)
        return mended


def _straightened(conversation: Conversation, handoff: Handoff | None, now: datetime, wait_s: float) -> Conversation:
    """The nearest straight state: who has nobody goes back to the bot; who should wait or has a lost agent waits; a deadline is set."""
    owner = conversation.owner
    if owner != Owner.BOT and handoff is None:
        epoch = conversation.epoch + 1
        return replace(
            conversation, owner=Owner.BOT, epoch=epoch, agent_id=None, agent_name=None, deadline=None, waiting_since=None
        )
    if handoff is not None and not _has_hand(conversation, handoff):
        owner = Owner.WAITING
    deadline = conversation.deadline or now + timedelta(seconds=wait_s)
    if owner != conversation.owner:
        return replace(conversation, owner=owner, epoch=conversation.epoch + 1, agent_id=None, agent_name=None, deadline=deadline)
    return replace(conversation, deadline=deadline if owner != Owner.BOT else None)


def _has_hand(conversation: Conversation, handoff: Handoff) -> bool:
    """Whether somebody has what belongs to a person; who only waits needs nobody."""
    if conversation.owner == Owner.AGENT:
        return conversation.agent_id is not None and handoff.status == HandoffStatus.ASSIGNED and handoff.desk == DeskKind.OWN
    if conversation.owner == Owner.NATIVE:
        return handoff.status == HandoffStatus.ASSIGNED and handoff.desk == DeskKind.NATIVE
    return True
