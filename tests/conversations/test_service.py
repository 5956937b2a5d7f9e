"""The whole of conversations over a database, with the doors that the desk uses."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from itertools import count

import pytest
from sqlalchemy import text

from conversations.errors import EpochMoved, NoSuchConversation
from conversations.fake_channels import FakeChannel, FakeChannels
from conversations.fakes import FakeBrain, bot_says
from conversations.model import Address, Answer, BotAnswer, InboundMessage, Passive, Reason, Transfer
from conversations.service import Conversations
from runtime.bus import LocalBus
from runtime.clock import SystemClock
from runtime.database import Database
from runtime.keys import Keyring
from tests.conversations.world import ASKED, BACK, SETTINGS, TEXTS
from tests.servers import open_database

BOTH_DATABASES = True

XIAO = Address("demo", "o-xiao")
SHOP = Address("shop", "o-xiao")


@dataclass
class Desk:
    db: Database
    bus: LocalBus
    clock: SystemClock
    conversations: Conversations
    channels: dict[str, FakeChannel]
    brain: FakeBrain
    numbers: "count[int]"

    async def say(self, words: str, who: Address = XIAO) -> Answer:
        message = InboundMessage(who, f"m{next(self.numbers)}", "text", words, self.clock.now())
        accepted = await self.conversations.inbox.accept(message)
        return await self.conversations.inbox.outcome(accepted.inbound_id, 5)

    async def wake(self, conversation_id: str) -> None:
        await self.bus.publish("lane", {"conversation_id": conversation_id})
        await asyncio.sleep(0.02)
        while self.conversations.workers.busy:
            await asyncio.sleep(0.005)


@pytest.fixture
async def desk(database_url: str) -> AsyncIterator[Desk]:
    db, bus, clock = open_database(database_url), LocalBus(), SystemClock()
    channels = {"demo": FakeChannel(), "shop": FakeChannel(), "away": FakeChannel(native_desk=True)}
    brain = FakeBrain(script={"人工": BotAnswer(("好的。",), {"intent": "request_human"}, "handoff", {"a": 1}, ASKED)})
    keyring = Keyring(b"d" * 32, b"l" * 32)
    conversations = Conversations(
        db, keyring, clock, bus, brain, FakeChannels(channels), {"demo": "carrier", "shop": "shop", "away": "carrier"}, None,
        TEXTS, SETTINGS,
    )  # fmt: skip
    await conversations.start()
    yield Desk(db, bus, clock, conversations, channels, brain, count(1))
    await conversations.stop()
    db.close()


async def test_from_a_question_to_a_person_and_back(desk: Desk) -> None:
    ownership, reading, now = desk.conversations.ownership, desk.conversations.reading, desk.clock.now
    assert await desk.say("查 17900000001 的话费") == Passive("echo: 查 17900000001 的话费")
    assert await desk.say("人工") == Passive("好的。\n\n" + TEXTS.say("position_first"))

    [waiting] = await desk.db.read(lambda conn: reading.read_waiting(conn, ["demo", "shop"], now()))
    assert (waiting.position, waiting.reason, waiting.epoch, waiting.intent) == (1, "asked", 1, "request_human")
    assert waiting.subscriber.startswith("访客 ")
    assert waiting.wish == "查 179****0001 的话费"
    name = waiting.conversation_id

    row = await desk.db.write(
        lambda conn: ownership.assign(conn, name, expected_epoch=1, agent_id="a1", agent_name="小林", now=now())
    )
    assert row.epoch == 2
    line = await desk.db.write(
        lambda conn: ownership.write_agent_message(
            conn, name, expected_epoch=2, agent_id="a1", agent_name="小林", text="您好", client_id="k1", seen_position=99, now=now()
        )
    )
    await desk.wake(name)
    assert desk.channels["demo"].texts(XIAO) == ["您好"]

    detail = await desk.db.read(lambda conn: reading.read_conversation(conn, name, now()))
    assert (detail.owner, detail.epoch, detail.agent_name) == ("agent", 2, "小林")
    assert detail.purse is not None
    assert (detail.purse.left, detail.purse.of) == (4, 5)
    assert detail.handoff is not None
    assert detail.handoff.accepted_at is not None
    assert [(one.author, one.text, one.status) for one in detail.transcript] == [
        ("subscriber", "查 179****0001 的话费", "received"),
        ("bot", "echo: 查 17900000001 的话费", "handed_over"),
        ("subscriber", "人工", "received"),
        ("notice", "好的。\n\n" + TEXTS.say("position_first"), "handed_over"),
        ("agent", "您好", "sent"),
    ]
    assert detail.transcript[-1].position == line.position
    assert [(turn.intent, turn.outcome) for turn in detail.turns] == [("echo", "answered"), ("request_human", "queued")]
    [mine] = await desk.db.read(lambda conn: reading.read_summaries(conn, ["demo"], now(), agent_id="a1"))
    assert (mine.conversation_id, mine.last_text, mine.purse_left) == (name, "您好", 4)
    await _back_to_the_bot(desk, name)


async def _back_to_the_bot(desk: Desk, name: str) -> None:
    ownership, reading, now = desk.conversations.ownership, desk.conversations.reading, desk.clock.now
    await desk.db.write(
        lambda conn: ownership.resolve(conn, name, expected_epoch=2, agent_id="a1", note="退了", learned={"a": 2}, now=now())
    )
    await desk.wake(name)
    assert desk.channels["demo"].texts(XIAO)[-1] == BACK
    assert await desk.say("谢谢") == Passive("echo: 谢谢")
    assert desk.brain.requests[-1].events == ({"kind": "human_ended", "outcome": "resolved", "note": "退了", "learned": {"a": 2}},)
    assert await desk.db.read(lambda conn: reading.read_waiting(conn, ["demo"], now())) == ()
    await desk.say("人工")
    [waiting] = await desk.db.read(lambda conn: reading.read_waiting(conn, ["demo"], now()))
    assert waiting.last_agent_id == "a1"


async def test_the_callers_rows_and_the_change_of_owner_stand_or_fall_together(desk: Desk) -> None:
    await desk.say("人工")
    ownership, now = desk.conversations.ownership, desk.clock.now

    def work(conn):  # type: ignore[no-untyped-def]
        name = conn.execute(text("SELECT conversation_id FROM conversation")).scalar_one()
        ownership.assign(conn, name, expected_epoch=1, agent_id="a1", agent_name="小林", now=now())
        raise KeyError("the desk's own rows broke")

    with pytest.raises(KeyError):
        await desk.db.write(work)
    [waiting] = await desk.db.read(lambda conn: desk.conversations.reading.read_waiting(conn, ["demo"], now()))
    assert waiting.epoch == 1


async def test_release_leave_and_time_out_over_a_connection(desk: Desk) -> None:
    await desk.say("人工")
    ownership, reading, now = desk.conversations.ownership, desk.conversations.reading, desk.clock.now
    [waiting] = await desk.db.read(lambda conn: reading.read_waiting(conn, ["demo"], now()))
    name = waiting.conversation_id

    def there_and_back(conn):  # type: ignore[no-untyped-def]
        ownership.assign(conn, name, expected_epoch=1, agent_id="a1", agent_name="小林", now=now())
        return ownership.release(conn, name, expected_epoch=2, agent_id="a1", reason=Reason.AGENT_LOST, skill="billing", now=now())

    assert (await desk.db.write(there_and_back)).epoch == 3
    [again] = await desk.db.read(lambda conn: reading.read_waiting(conn, ["demo"], now()))
    assert (again.requested_at, again.reason, again.skill) == (waiting.requested_at, "agent_lost", "billing")
    with pytest.raises(EpochMoved):
        await desk.db.write(lambda conn: ownership.leave_queue(conn, name, expected_epoch=1, now=now()))
    await desk.db.write(lambda conn: ownership.leave_queue(conn, name, expected_epoch=3, now=now()))
    await desk.say("人工")
    await desk.db.write(lambda conn: ownership.time_out(conn, name, expected_epoch=5, now=now()))
    await desk.wake(name)
    detail = await desk.db.read(lambda conn: reading.read_conversation(conn, name, now()))
    assert detail.handoff is not None
    assert detail.handoff.ticket is not None
    assert detail.handoff.ticket in desk.channels["demo"].texts(XIAO)[-1]


async def test_two_accounts_are_two_worlds(desk: Desk) -> None:
    await desk.say("人工")
    assert await desk.say("你好", SHOP) == Passive("echo: 你好")
    reading, now = desk.conversations.reading, desk.clock.now
    assert await desk.db.read(lambda conn: reading.read_waiting(conn, ["shop"], now())) == ()
    [one] = await desk.db.read(lambda conn: reading.read_summaries(conn, ["shop"], now()))
    assert one.account == "shop"
    assert {request.industry for request in desk.brain.requests} == {"carrier", "shop"}


async def test_nothing_private_lies_in_the_database_in_clear(desk: Desk) -> None:
    desk.brain.script["我叫张小林 17900000001"] = bot_says("张小林，17900000001", name="张小林")
    await desk.say("我叫张小林 17900000001")
    await desk.say("人工")

    def dump(conn):  # type: ignore[no-untyped-def]
        names = ("conversation", "inbound", "outbound", "turn", "handoff")
        return "".join(str(row) for name in names for row in conn.execute(text(f"SELECT * FROM {name}")))  # noqa: S608

    everything = await desk.db.read(dump)
    assert "17900000001" not in everything
    assert "179****0001" in everything


async def test_an_unknown_conversation_is_not_found(desk: Desk) -> None:
    with pytest.raises(NoSuchConversation):
        await desk.db.read(lambda conn: desk.conversations.reading.read_conversation(conn, "c_x", desk.clock.now()))


async def test_many_subscribers_at_once_each_get_their_own_answer(desk: Desk) -> None:
    async def live(number: int) -> None:
        who = Address("demo", f"o-{number}")
        for turn in range(3):
            assert await desk.say(f"{number}:{turn}", who) == Passive(f"echo: {number}:{turn}")

    await asyncio.gather(*(live(number) for number in range(20)))
    assert desk.conversations.counts["turn_answered"] == 60


async def test_a_chat_at_the_channels_own_desk_is_kept_whole_and_shown_in_no_queue(desk: Desk) -> None:
    reading, now, who = desk.conversations.reading, desk.clock.now, Address("away", "o-xiao")
    assert await desk.say("人工", who) == Transfer("general")
    assert await desk.say("在吗", who) == Transfer("general")
    [summary] = await desk.db.read(lambda conn: reading.read_summaries(conn, ["away"], now()))
    assert await desk.db.read(lambda conn: reading.read_waiting(conn, ["away"], now())) == ()
    for name in ("kf_create_session", "kf_close_session"):
        extra = {"KfAccount": "kf2001@demo", "sent_at": int(now().timestamp())}
        event = InboundMessage(who, name, "event", "", now(), name=name, refill="none", extra=extra)
        await desk.conversations.inbox.accept(event)
        await desk.wake(summary.conversation_id)
        detail = await desk.db.read(lambda conn: reading.read_conversation(conn, summary.conversation_id, now()))
        assert detail.handoff is not None
        assert detail.handoff.accepted_at is not None
        assert (detail.owner, detail.agent_name) == (("native", "kf2001@demo") if name == "kf_create_session" else ("bot", None))
        assert await desk.conversations.sweeper.audit() == 0
    assert [(turn.outcome, turn.decision) for turn in detail.turns] == [
        ("queued", "handoff"), ("to_agent", "transferred"), ("noted", "desk_began"), ("noted", "desk_ended"),
    ]  # fmt: skip
    assert [line.text for line in detail.transcript][1:3] == ["好的。\n\n" + TEXTS.say("native_waiting"), "在吗"]


async def test_deliveries_are_counted_in_the_database(desk: Desk) -> None:
    message = InboundMessage(XIAO, "m1", "text", "查话费", desk.clock.now())
    assert [(await desk.conversations.inbox.accept(message)).delivery for _ in range(4)] == [1, 2, 3, 4]
