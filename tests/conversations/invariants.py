"""What must hold whatever happens, stated over the rows."""

from collections.abc import Callable
from datetime import datetime, timedelta

from conversations.fake_records import FakeRecords, Tables
from conversations.model import Answer, Author, Deferred, Owner, Passive, Refused, Sent, Status, Transfer, Unknown
from conversations.outgoing import POSITION, RATED
from conversations.rows import DeskKind, HandoffStatus, Inbound, Outbound, Outcome, Progress, Reply

_ENDED = (Status.SENT, Status.HANDED_OVER, Status.REFUSED, Status.UNKNOWN, Status.DROPPED)
_SIZES = {"message": (5, timedelta(hours=48)), "tap": (3, timedelta(minutes=1))}
# who is at the channel's own desk may leave its queue: that is answered
_OUTCOMES = {
    Owner.AGENT: {Outcome.TO_AGENT, Outcome.NOTED},
    Owner.NATIVE: {Outcome.TO_AGENT, Outcome.NOTED, Outcome.ANSWERED},
}
_OUT = (Status.SENDING, Status.HANDED_OVER)


class Watch:
    """Looks at every commit: what left, in which order, by whose hand and under whose ownership."""

    def __init__(self, monotonic: Callable[[], float], lease_s: float) -> None:
        self._monotonic = monotonic
        self._lease_s = lease_s
        self.left: dict[str, list[Outbound]] = {}
        self.held: set[str] = set()
        self.wrong: list[str] = []
        self.purse: list[tuple[datetime, str, str]] = []
        self.lanes: dict[str, str] = {}

    def look(self, before: Tables, after: Tables, writer: str) -> None:
        """Called after every commit with the rows as they were and as they are, and the name of the process."""
        self._look_at_conversations(before, after, writer)
        self._look_at_turns(before, after, writer)
        self._look_at_ratings(before, after)
        self._look_at_purse(before, after)
        for name, row in sorted(after.outbound.items(), key=lambda one: one[1].position):
            was = before.outbound.get(name)
            if row.status == Status.HELD:
                self.held.add(name)
            if was is not None and was.status == row.status:
                continue
            if was is not None and was.status in (Status.SENT, Status.HANDED_OVER, Status.REFUSED, Status.DROPPED):
                self.wrong.append(f"{name} went from {was.status} to {row.status}")
            if was is not None and was.status == Status.UNKNOWN and row.status != Status.SENT:
                self.wrong.append(f"{name} was unknown and is {row.status}: it may be sent twice")
            if row.status in _OUT:
                self._leaves(row, after)
            if row.status == Status.SENDING and self.lanes.get(row.conversation_id) != writer:
                self.wrong.append(f"{writer} sent in the lane of {self.lanes.get(row.conversation_id)}")

    def _leaves(self, row: Outbound, after: Tables) -> None:
        conversation = after.conversations[row.conversation_id]
        if row.author == Author.BOT and (row.epoch != conversation.epoch or conversation.owner != Owner.BOT):
            self.wrong.append(f"a bot message left under epoch {conversation.epoch}, owner {conversation.owner}")
        if row.reference == POSITION and conversation.owner != Owner.WAITING:
            self.wrong.append(f"a place in the queue was told under owner {conversation.owner}")
        if not conversation.followed:
            self.wrong.append("a message left to someone who does not follow")
        self.left.setdefault(row.conversation_id, []).append(row)

    def _look_at_conversations(self, before: Tables, after: Tables, writer: str) -> None:
        for name, row in after.conversations.items():
            was = before.conversations.get(name)
            if was is None:
                continue
            if was.owner != row.owner and row.epoch != was.epoch + 1:
                self.wrong.append(f"{name} changed hands from epoch {was.epoch} to {row.epoch}")
            if row.lane_token != was.lane_token:
                if row.lane_token < was.lane_token or 0 < was.lease_until - self._monotonic() <= self._lease_s:
                    self.wrong.append(f"{writer} took a lane that was another's")
                self.lanes[name] = writer

    def _look_at_ratings(self, before: Tables, after: Tables) -> None:
        for name, row in after.handoffs.items():
            was = before.handoffs[name].rating if name in before.handoffs else None
            if was is not None and was != row.rating:
                self.wrong.append(f"{name} was rated {was} and is {row.rating}")
            if row.rating is not None and (row.status != HandoffStatus.RESOLVED or row.rated_at is None):
                self.wrong.append(f"{name} is {row.status} and rated")
        for bubble in after.outbound.values():
            if bubble.status == Status.HELD and bubble.reference.startswith("rating:"):
                self.wrong.append(f"{bubble.outbound_id} will ask for a rating later")

    def _look_at_turns(self, before: Tables, after: Tables, writer: str) -> None:
        for name, turn in after.turns.items():
            if name in before.turns:
                continue
            if self.lanes.get(turn.conversation_id) != writer:
                self.wrong.append(f"{writer} committed a turn in the lane of {self.lanes.get(turn.conversation_id)}")
            may = _OUTCOMES.get(turn.owner, set(Outcome) - {Outcome.TO_AGENT})
            if turn.outcome not in may and turn.decision != RATED:
                self.wrong.append(f"a turn under {turn.owner} ended as {turn.outcome}")

    def _look_at_purse(self, before: Tables, after: Tables) -> None:
        for name, message in after.inbound.items():
            if name in before.inbound:
                continue
            if message.name in ("click", "subscribe") or "choice" in message.extra:
                self.purse.append((message.received_at, message.conversation_id, "tap"))
            elif message.kind != "event":
                self.purse.append((message.received_at, message.conversation_id, "message"))
        for name, row in after.outbound.items():
            was = before.outbound.get(name)
            if row.status == Status.SENDING and row.started_at and (was is None or was.status != Status.SENDING):
                self.purse.append((row.started_at, row.conversation_id, name))
            elif was is not None and was.status == Status.SENDING and row.status in (Status.QUEUED, Status.HELD, Status.REFUSED):
                # WeChat refused it: nothing was taken
                at = max(place for place, one in enumerate(self.purse) if one[2] == name)
                self.purse[at] = (*self.purse[at][:2], "refused")

    def check_purse(self) -> None:
        """Under both readings of WeChat's pages (sandbox/purse.py says which): no message went out that the purse did not hold."""
        for reading in ("separate", "shared"):
            left: dict[tuple[str, str], tuple[int, datetime]] = {}
            for at, name, what in self.purse:
                if what in _SIZES:
                    size, lasts = _SIZES[what]
                    left[name, what] = (size, at + lasts)
                elif what != "refused":
                    both = ((name, "tap"), (name, "message"))
                    buckets = [key for key in both if key in left and left[key][1] > at and left[key][0] > 0]
                    assert buckets, f"{name} was sent more than its purse held ({reading})"
                    for key in buckets if reading == "shared" else buckets[:1]:
                        left[key] = (left[key][0] - 1, left[key][1])

    def check(self, tables: Tables) -> None:
        """Nothing wrong was seen, and order was kept, but for bubbles that the purse held back."""
        assert not self.wrong, self.wrong[0]
        for rows in self.left.values():
            # of a bubble that was put off and tried again the last time counts
            last = {row.outbound_id: number for number, row in enumerate(rows)}
            left = [row for number, row in enumerate(rows) if last[row.outbound_id] == number]
            agents = [row for row in left if row.author == Author.AGENT]
            others = [row for row in left if row.author != Author.AGENT]
            # an agent may speak past notices that the purse holds back: nothing else overtakes
            for some in (agents, others, [row for row in left if row.outbound_id not in self.held]):
                positions = [row.position for row in some]
                assert positions == sorted(positions), f"left out of order: {positions}"
        purses = [row.purse for row in tables.conversations.values()]
        assert all(purse.message_used <= 5 and purse.tap_used <= 3 for purse in purses)


def check_owners(tables: Tables) -> None:
    """Exactly one owner, with the handoff that belongs to it, one turn per message that is done."""
    records = FakeRecords(tables)
    for name, row in tables.conversations.items():
        handoff = records.live_handoff(name)
        assert (row.owner == Owner.BOT) == (handoff is None)
        assert (row.owner == Owner.AGENT) == (row.agent_id is not None)
        if handoff is not None:
            assert row.deadline is not None
            assert (row.owner == Owner.NATIVE) == (handoff.desk == DeskKind.NATIVE)
            assert handoff.status == (HandoffStatus.WAITING if row.owner == Owner.WAITING else HandoffStatus.ASSIGNED)
    turns = [turn.inbound_id for turn in tables.turns.values()]
    assert len(turns) == len(set(turns))
    assert set(turns) == {name for name, row in tables.inbound.items() if row.status == Progress.DONE}
    for name in tables.conversations:
        done = [row for row in tables.inbound.values() if row.conversation_id == name]
        states = [row.status for row in sorted(done, key=lambda row: row.position)]
        assert states == sorted(states, key=lambda state: state == Progress.NEW), "a message overtook another"


def check_sent_once(attempts: list[tuple[str, Sent | Refused | Unknown | None]]) -> None:
    """A request that may have reached the subscriber is never made again."""
    may_have = [name for name, result in attempts if not isinstance(result, Refused)]
    assert len(may_have) == len(set(may_have)), "a bubble was sent twice"


def check_ended(tables: Tables, answers: dict[str, set[Answer]]) -> None:
    """At the end: every message has had its turn and its reply, every bubble is somewhere an agent can see."""
    assert all(row.status == Progress.DONE for row in tables.inbound.values())
    assert all(row.reply != Reply.OPEN for row in tables.inbound.values())
    for row in tables.outbound.values():
        assert row.status in _ENDED or row.status == Status.HELD, f"{row.outbound_id} is still {row.status}"
        if row.status not in (Status.SENT, Status.HANDED_OVER):
            assert row.reason, f"{row.outbound_id} is {row.status} without a reason"
    for name, given in answers.items():
        kept = tables.inbound[name]
        if kept.reply in (Reply.PASSIVE, Reply.TRANSFER) and kept.passive_text is None:
            # erased, for its subscriber has left
            continue
        assert given == {_recorded(kept)}


def _recorded(row: Inbound) -> Answer:
    if row.reply == Reply.TRANSFER:
        return Transfer(row.passive_text or "")
    return Passive(row.passive_text) if row.reply == Reply.PASSIVE and row.passive_text else Deferred()
