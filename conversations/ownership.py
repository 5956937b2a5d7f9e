"""Who may write to the subscriber: every change of owner, each under the conversation's lock and raising its epoch by one.

    bot ──hand_over──▶ waiting ──assign──▶ agent ──resolve──▶ bot
                        │  ▲                 │
       leave_queue, time_out └───release─────┘

native.py has the way to the channel's own desk and back.
"""

import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from conversations import bubbles, rating
from conversations.errors import EpochMoved, NewerMessage, NoSuchConversation, NotOwner
from conversations.handoff import build_packet, wish_of
from conversations.media import Media, reference_to
from conversations.model import Author, HandoffRequest, Owner, Reason, Status
from conversations.notices import Texts
from conversations.outgoing import POSITION, Words, say
from conversations.records import Records
from conversations.rows import Conversation, DeskKind, Handoff, HandoffStatus, Outbound, Purpose, Turn
from conversations.settings import ConversationSettings
from runtime.ids import new_id

MOST_BUBBLES = 3
_TICKET_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"


@dataclass(frozen=True)
class Transitions:
    """The changes of owner. Every method answers the conversation as saved."""

    texts: Texts
    settings: ConversationSettings

    def hand_over(
        self, records: Records, conversation: Conversation, request: HandoffRequest, turn: Turn, said: tuple[str, ...], now: datetime
    ) -> tuple[Conversation, Handoff]:
        """bot → waiting, with what the bot said in that turn and the position as one notice under the new epoch."""
        conversation, row = self.ask_for_person(records, conversation, request, turn, now)
        ahead = records.ahead(row)
        row = replace(row, told_next=ahead == 0)
        records.add_handoff(row)
        opening = said or (self.texts.opening(str(request.reason)),)
        notice = bubbles.merge([*opening, self.position("position", ahead)])
        conversation, _ = self.notice(records, conversation, notice, now, Purpose.REPLY, "handoff", turn)
        records.save_conversation(conversation)
        return conversation, row

    def ask_for_person(
        self, records: Records, conversation: Conversation, request: HandoffRequest, turn: Turn, now: datetime, *,
        owner: Owner = Owner.WAITING, wait_s: float | None = None,
    ) -> tuple[Conversation, Handoff]:
        """The conversation under its new owner, and the request with its packet. Neither is saved yet."""
        lines = records.transcript(conversation.conversation_id, limit=self.settings.packet_lines)
        turns = [*records.recent_turns(conversation.conversation_id, 5), turn]
        wish = wish_of(request, lines)
        deadline = now + timedelta(seconds=self.settings.queue_timeout_s if wait_s is None else wait_s)
        conversation = self._move(conversation, owner, deadline)
        native = owner == Owner.NATIVE
        row = Handoff(
            handoff_id=new_id("h"),
            conversation_id=conversation.conversation_id,
            account=conversation.address.account,
            reason=str(request.reason),
            intent=request.intent,
            skill=request.skill,
            priority=request.priority,
            wish=wish,
            epoch=conversation.epoch,
            requested_at=now,
            packet=build_packet(request, lines, turns, wish),
            status=HandoffStatus.ASSIGNED if native else HandoffStatus.WAITING,
            ticket=request.ticket,
            desk=DeskKind.NATIVE if native else DeskKind.OWN,
        )
        return replace(conversation, waiting_since=None if native else turn.started_at), row

    def assign(
        self, records: Records, conversation_id: str, *, expected_epoch: int, agent_id: str, agent_name: str, now: datetime
    ) -> Conversation:
        """waiting → agent. Raises NoSuchConversation, EpochMoved, NotOwner."""
        conversation = self._expect(records, conversation_id, expected_epoch, Owner.WAITING)
        handoff = records.live_handoff(conversation_id)
        conversation = replace(
            self._move(conversation, Owner.AGENT, now + timedelta(seconds=self.settings.agent_idle_s)),
            agent_id=agent_id,
            agent_name=agent_name,
            unread=0,
        )
        if handoff is not None:
            records.save_handoff(
                replace(handoff, status=HandoffStatus.ASSIGNED, agent_id=agent_id, agent_name=agent_name, accepted_at=now,
                        epoch=conversation.epoch)
            )
        records.save_conversation(conversation)
        return conversation

    def resolve(
        self, records: Records, conversation_id: str, *, expected_epoch: int, agent_id: str | None, note: str = "",
        learned: dict[str, Any] | None = None, outcome: str = "resolved", now: datetime,
    ) -> Conversation:
        """agent → bot; the bot is told in its next turn, the subscriber at once and asked to rate what an agent has resolved.

        Raises as `assign`."""
        conversation = self._expect(records, conversation_id, expected_epoch, Owner.AGENT, agent_id)
        conversation = self.end_human(records, conversation, outcome, now, note=note, learned=learned)
        records.save_conversation(conversation)
        return conversation

    def end_human(
        self, records: Records, conversation: Conversation, outcome: str, now: datetime, *, note: str = "",
        learned: dict[str, Any] | None = None,
    ) -> Conversation:
        """A person's service is over: the bot has the chat again and is told, and so is the subscriber. Not yet saved."""
        handoff = records.live_handoff(conversation.conversation_id)
        event = {"kind": "human_ended", "outcome": outcome, "note": note, "learned": dict(learned or {})}
        conversation = self.back_to_bot(records, conversation, HandoffStatus.RESOLVED, event, now)
        return self.tell_end(records, conversation, handoff if outcome == "resolved" else None, now)

    def tell_end(self, records: Records, conversation: Conversation, handoff: Handoff | None, now: datetime) -> Conversation:
        """The notice that the assistant is back, with the question how the handoff's person did. Not yet saved."""
        notice, reference = self.texts.say("back_to_bot"), "human_ended"
        if handoff is not None:
            notice, reference = rating.ask(notice, self.texts.rating), rating.reference_of(handoff.handoff_id)
        conversation, _ = self.notice(records, conversation, notice, now, Purpose.SERVICE_EVENT, reference)
        return conversation

    def release(
        self, records: Records, conversation_id: str, *, expected_epoch: int, agent_id: str | None,
        reason: Reason = Reason.TRANSFERRED, skill: str | None = None, now: datetime,
    ) -> Conversation:
        """agent → waiting; the waiting time is kept. Raises as `assign`."""
        conversation = self._expect(records, conversation_id, expected_epoch, Owner.AGENT, agent_id)
        handoff = records.live_handoff(conversation_id)
        conversation = self._move(conversation, Owner.WAITING, now + timedelta(seconds=self.settings.queue_timeout_s))
        if handoff is not None:
            records.save_handoff(
                replace(handoff, status=HandoffStatus.WAITING, agent_id=None, agent_name=None, accepted_at=None,
                        reason=str(reason), skill=skill or handoff.skill, epoch=conversation.epoch)
            )
        records.save_conversation(conversation)
        return conversation

    def leave_queue(
        self, records: Records, conversation_id: str, *, expected_epoch: int, now: datetime, turn: Turn | None = None
    ) -> Conversation:
        """waiting → bot, because the subscriber wants so. Raises as `assign`."""
        conversation = self._expect(records, conversation_id, expected_epoch, Owner.WAITING)
        conversation = self.back_to_bot(records, conversation, HandoffStatus.LEFT, {"kind": "queue_left"}, now)
        purpose = Purpose.REPLY if turn else Purpose.SERVICE_EVENT
        conversation, _ = self.notice(records, conversation, self.texts.say("left_queue"), now, purpose, "queue_left", turn)
        records.save_conversation(conversation)
        return conversation

    def time_out(self, records: Records, conversation_id: str, *, expected_epoch: int, now: datetime) -> Conversation:
        """waiting → bot with a ticket: nobody came. Raises as `assign`."""
        conversation = self._expect(records, conversation_id, expected_epoch, Owner.WAITING)
        handoff = records.live_handoff(conversation_id)
        ticket = (handoff.ticket if handoff else None) or new_ticket(now)
        event = {"kind": "queue_timed_out", "ticket": ticket}
        conversation = self.back_to_bot(records, conversation, HandoffStatus.TIMED_OUT, event, now, ticket)
        notice = self.texts.say("timed_out", ticket=ticket)
        conversation, _ = self.notice(records, conversation, notice, now, Purpose.SERVICE_EVENT, "queue_timed_out")
        records.save_conversation(conversation)
        return conversation

    def unfollow(self, records: Records, conversation: Conversation, position: int, now: datetime) -> Conversation:
        """Whoever owns it, the chat ends: nothing can be sent any more, and what was said and remembered up to that place of the
        transcript is erased (`records.erase`). Saved. What was said later, by one who follows again, stays."""
        if conversation.owner != Owner.BOT:
            conversation = self.back_to_bot(records, conversation, HandoffStatus.UNFOLLOWED, None, now)
        for row in records.pending(conversation.conversation_id):
            if row.status != Status.SENDING:
                records.save_outbound(replace(row, status=Status.DROPPED, reason="unfollowed", ended_at=now))
        records.erase(conversation, position)
        back = conversation.last_said > position
        conversation = replace(
            conversation,
            last_text=conversation.last_words if back else "",
            last_words=conversation.last_words if back else "",
            scene=conversation.scene if conversation.followed else "",
        )
        records.save_conversation(conversation)
        return conversation

    def write_agent_message(
        self, records: Records, conversation_id: str, *, expected_epoch: int, agent_id: str, agent_name: str, text: str,
        client_id: str, seen_position: int | None = None, picture: Media | None = None, now: datetime,
    ) -> Outbound:
        """Queues what the agent says, or a picture that is kept already; a repeated client_id answers the row it made. Raises NewerMessage
        besides those of `assign`."""
        conversation = records.conversation(conversation_id)
        if conversation is None:
            raise NoSuchConversation
        repeated = records.outbound_by_client(conversation_id, client_id)
        if repeated is not None:
            return repeated
        self._check(conversation, expected_epoch, Owner.AGENT, agent_id)
        if seen_position is not None and conversation.last_said > seen_position:
            raise NewerMessage
        parts = bubbles.split(text, self.settings.text_bytes - self.texts.hint_bytes) if picture is None else self._shown(picture)
        words = Words(
            parts, Author.AGENT, Purpose.AGENT, reference_to(picture.media_id) if picture else "", speaker=agent_name, agent_id=agent_id,
            client_id=client_id,
        )  # fmt: skip
        conversation, rows = say(records, conversation, words, now)
        if not rows:
            raise NotOwner("there is nothing to send", code="empty_text")
        if picture is not None:
            records.add_media(replace(picture, inbound_id=rows[0].outbound_id, position=rows[0].position))
        deadline = now + timedelta(seconds=self.settings.agent_idle_s)
        records.save_conversation(replace(conversation, unread=0, waiting_since=None, deadline=deadline))
        return rows[0]

    def _shown(self, picture: Media) -> tuple[str]:
        return (f"[{self.texts.kind(picture.kind)}]",)

    def position(self, name: str, ahead: int) -> str:
        """The notice of that name ("position", "still_waiting") for so many before."""
        if ahead == 0:
            return self.texts.say(f"{name}_first")
        return self.texts.say(name, ahead=ahead, position=ahead + 1)

    def tell_position(self, records: Records, conversation: Conversation, turn: Turn, now: datetime) -> Conversation:
        """Answers the subscriber's own message with the place in the queue. Not yet saved."""
        handoff = records.live_handoff(conversation.conversation_id)
        notice = self.position("still_waiting", records.ahead(handoff) if handoff else 0)
        conversation, _ = self.notice(records, conversation, notice, now, Purpose.REPLY, POSITION, turn)
        return conversation

    def notice(
        self, records: Records, conversation: Conversation, text: str, now: datetime, purpose: Purpose, reference: str,
        turn: Turn | None = None,
    ) -> tuple[Conversation, tuple[Outbound, ...]]:
        """Queues what the core itself says. The conversation is not yet saved."""
        words = Words(
            bubbles.pack([text], self.settings.text_bytes, count=MOST_BUBBLES), Author.NOTICE, purpose, reference,
            turn.inbound_id if turn else None, turn.turn_id if turn else None,
        )  # fmt: skip
        return say(records, conversation, words, now)

    def back_to_bot(
        self, records: Records, conversation: Conversation, status: HandoffStatus, event: dict[str, Any] | None, now: datetime,
        ticket: str | None = None,
    ) -> Conversation:
        """Ends the live handoff and leaves the bot word of it. The conversation is not yet saved."""
        handoff = records.live_handoff(conversation.conversation_id)
        if handoff is not None:
            records.save_handoff(replace(handoff, status=status, ended_at=now, ticket=ticket or handoff.ticket))
        if event is not None:
            memory = records.memory(conversation.conversation_id)
            records.save_memory(conversation.conversation_id, replace(memory, events=(*memory.events, event)))
        return replace(self._move(conversation, Owner.BOT, None), waiting_since=None)

    def _move(self, conversation: Conversation, owner: Owner, deadline: datetime | None) -> Conversation:
        return replace(
            conversation, owner=owner, epoch=conversation.epoch + 1, deadline=deadline, agent_id=None, agent_name=None, unread=0
        )

    def _expect(
        self, records: Records, conversation_id: str, epoch: int, owner: Owner, agent_id: str | None = None
    ) -> Conversation:
        conversation = records.conversation(conversation_id)
        if conversation is None:
            raise NoSuchConversation
        self._check(conversation, epoch, owner, agent_id)
        return conversation

    def _check(self, conversation: Conversation, epoch: int, owner: Owner, agent_id: str | None) -> None:
        if conversation.epoch != epoch:
            raise EpochMoved
        if conversation.owner != owner or (agent_id is not None and conversation.agent_id != agent_id):
            raise NotOwner


def new_ticket(now: datetime) -> str:
    """A number a subscriber can read out: date and five letters that are hard to mistake."""
    return f"W{now:%y%m%d}-{''.join(secrets.choice(_TICKET_LETTERS) for _ in range(5))}"
