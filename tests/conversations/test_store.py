"""One contract, two stores: in memory and SQLite."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from conversations.adapters import tables as _tables  # noqa: F401  declares them
from conversations.adapters.sql_store import SqlStore
from conversations.fakes import FakeStore
from conversations.model import Address, Author, Owner, Status
from conversations.purse import Buckets
from conversations.records import Records, Store
from conversations.rows import HandoffStatus, Memory, Progress, Reply
from runtime.database import Database, make_engine, metadata
from runtime.keys import Keyring
from tests.conversations.rows import NOW, WHO, conversation, handoff, inbound, outbound, turn


@pytest.fixture(params=["memory", "sqlite"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    if request.param == "memory":
        yield FakeStore()
        return
    engine = make_engine(f"sqlite:///{tmp_path / 'test.db'}")
    metadata.create_all(engine)
    database = Database(engine)
    yield SqlStore(database, Keyring(b"d" * 32, b"l" * 32))
    database.close()


async def test_a_conversation_comes_back_as_it_was_saved(store: Store) -> None:
    row = conversation(
        owner=Owner.AGENT, epoch=3, lane_token=7, lease_until=1234.5, purse=Buckets(NOW, 2, NOW + timedelta(seconds=1), 1, 4),
        next_position=9, agent_id="a1", agent_name="小林", deadline=NOW, followed=False, last_text="查话费", last_at=NOW, last_said=8,
        unread=2,
    )  # fmt: skip

    def work(records: Records) -> None:
        records.add_conversation(conversation())
        assert records.conversation("c_1") == conversation()
        records.save_conversation(row)
        assert records.conversation("c_1") == row
        assert records.conversation_at(WHO) == row

    await store.write(work)
    assert await store.write(lambda records: records.conversation("c_1")) == row
    assert await store.write(lambda records: records.conversation("c_2")) is None
    assert await store.write(lambda records: records.conversation_at(Address("other", WHO.openid))) is None


async def test_the_one_who_comes_second_gets_the_first_ones_conversation(store: Store) -> None:
    await store.write(lambda records: records.add_conversation(conversation("c_1")))
    assert (await store.write(lambda records: records.add_conversation(conversation("c_2")))).conversation_id == "c_1"


async def test_memory_is_kept_and_emptied(store: Store) -> None:
    memory = Memory({"slots": {"phone": "17900000001"}, "nothing": None}, ({"kind": "queue_left"},))

    def work(records: Records) -> None:
        records.add_conversation(conversation())
        assert records.memory("c_1") == Memory()
        records.save_memory("c_1", memory)
        records.save_conversation(conversation(epoch=1))
        assert records.memory("c_1") == memory
        records.save_memory("c_1", Memory())
        assert records.memory("c_1") == Memory()

    await store.write(work)


async def test_a_message_is_stored_once_per_subscriber(store: Store) -> None:
    other = Address("demo", "o-lao")

    def work(records: Records) -> list[bool]:
        records.add_conversation(conversation())
        records.add_conversation(conversation("c_2", address=other))
        return [
            records.add_inbound(inbound("i_1", dedup_key="m1")),
            records.add_inbound(inbound("i_2", dedup_key="m1", position=2)),
            # the same MsgId of another subscriber is another message
            records.add_inbound(inbound("i_3", dedup_key="m1", conversation_id="c_2", address=other)),
        ]

    assert await store.write(work) == [True, False, True]
    kept = await store.write(lambda records: records.inbound_by_key(WHO, "m1"))
    assert kept is not None
    assert kept.inbound_id == "i_1"


@pytest.mark.parametrize("text", ["", "]]>", "长" * 3000, "👨‍👩‍👧‍👦", "\ud800 half a sign"])
async def test_a_message_comes_back_as_it_was_written(store: Store, text: str) -> None:
    def work(records: Records) -> None:
        records.add_conversation(conversation())
        records.add_inbound(inbound(text=text))

    await store.write(work)
    found = await store.write(lambda records: records.inbound("i_1"))
    assert found is not None
    assert found.text in (text, text.encode("utf-8", "replace").decode())
    assert replace(found, text=text) == inbound(text=text)


async def test_messages_are_taken_in_order_of_arrival(store: Store) -> None:
    def work(records: Records) -> None:
        records.add_conversation(conversation())
        records.add_inbound(inbound("i_b", position=1))
        records.add_inbound(inbound("i_a", position=2))
        first = records.next_inbound("c_1")
        assert first is not None
        assert first.inbound_id == "i_b"
        done = replace(first, status=Progress.DONE, reply=Reply.PASSIVE, passive_text="好", turn_id="t_b")
        records.save_inbound(done)
        assert records.inbound("i_b") == done
        second = records.next_inbound("c_1")
        assert second is not None
        assert second.inbound_id == "i_a"
        records.save_inbound(replace(second, status=Progress.DONE))
        assert records.next_inbound("c_1") is None

    await store.write(work)


async def test_bubbles_wait_in_order_until_they_end(store: Store) -> None:
    first = outbound("m_2", position=1, client_id="k1", speaker="小林", agent_id="a1", author=Author.AGENT)
    second = outbound("m_1", position=2, status=Status.HELD, reason="purse_empty")

    def work(records: Records) -> None:
        records.add_conversation(conversation())
        records.add_outbound([second, first])
        assert records.pending("c_1") == [first, second]
        assert records.outbound_by_client("c_1", "k1") == first
        assert records.outbound_by_client("c_1", "k2") is None
        sending = replace(first, status=Status.SENDING, sending_token=4, charged_fill=2, started_at=NOW, attempts=1)
        records.save_outbound(sending)
        assert records.pending("c_1") == [sending, second]
        records.save_outbound(replace(sending, status=Status.SENT, ended_at=NOW))
        assert records.pending("c_1") == [second]
        assert records.outbound("m_2") == replace(sending, status=Status.SENT, ended_at=NOW)

    await store.write(work)


async def test_a_client_id_is_given_once_per_conversation(store: Store) -> None:
    def work(records: Records) -> None:
        records.add_conversation(conversation())
        records.add_outbound([outbound("m_1", client_id="k1"), outbound("m_2", client_id="k1", position=3)])

    with pytest.raises(Exception, match="(?i)unique"):
        await store.write(work)
    assert await store.write(lambda records: records.conversation("c_1")) is None


async def test_a_message_has_one_turn(store: Store) -> None:
    def begin(records: Records) -> None:
        records.add_conversation(conversation())
        records.add_turn(turn())

    await store.write(begin)
    for again in (turn("t_2"), turn("t_1", inbound_id="i_2")):
        with pytest.raises(Exception, match=r".+"):
            await store.write(lambda records, again=again: records.add_turn(again))  # type: ignore[misc]
    assert await store.write(lambda records: records.recent_turns("c_1", 5)) == [turn()]


async def test_the_last_turns_oldest_first(store: Store) -> None:
    turns = [turn(f"t_{number}", inbound_id=f"i_{number}", started_at=NOW + timedelta(seconds=number)) for number in range(4)]

    def work(records: Records) -> None:
        records.add_conversation(conversation())
        for one in reversed(turns):
            records.add_turn(one)
        assert records.recent_turns("c_1", 2) == turns[2:]

    await store.write(work)


async def test_a_conversation_has_one_live_handoff(store: Store) -> None:
    assigned = handoff(status=HandoffStatus.ASSIGNED, agent_id="a1", agent_name="小林", accepted_at=NOW)

    def work(records: Records) -> None:
        records.add_conversation(conversation())
        records.add_handoff(handoff())
        assert records.live_handoff("c_1") == handoff()
        records.save_handoff(assigned)
        assert records.live_handoff("c_1") == assigned

    await store.write(work)
    with pytest.raises(Exception, match=r".+"):
        await store.write(lambda records: records.add_handoff(handoff("h_2")))
    await store.write(lambda records: records.save_handoff(replace(assigned, status=HandoffStatus.RESOLVED, ended_at=NOW, ticket="W1")))
    assert await store.write(lambda records: records.live_handoff("c_1")) is None
    await store.write(lambda records: records.add_handoff(handoff("h_2")))


async def test_the_queue_is_by_priority_then_by_waiting_time(store: Store) -> None:
    later = NOW + timedelta(seconds=1)
    rows = [
        handoff("h_1", conversation_id="c_1", requested_at=later),
        handoff("h_2", conversation_id="c_2"),
        handoff("h_3", conversation_id="c_3", priority=1, requested_at=later),
        handoff("h_4", conversation_id="c_4", requested_at=later),
        handoff("h_5", conversation_id="c_5", account="other"),
        handoff("h_6", conversation_id="c_6", status=HandoffStatus.ASSIGNED),
    ]

    def work(records: Records) -> list[int]:
        for row in rows:
            records.add_conversation(conversation(row.conversation_id, address=Address(row.account, row.conversation_id)))
            records.add_handoff(row)
        return [records.ahead(row) for row in rows[:5]]

    assert await store.write(work) == [2, 1, 0, 3, 0]
    assert sorted(await store.survey(lambda look: look.next_in_line(10))) == ["c_3", "c_5"]
    await store.write(lambda records: records.save_handoff(replace(rows[2], told_next=True)))
    assert await store.survey(lambda look: look.next_in_line(10)) == ["c_5"]


async def test_the_transcript_is_one_row_of_lines(store: Store) -> None:
    def work(records: Records) -> None:
        records.add_conversation(conversation())
        records.add_inbound(inbound("i_1", position=1))
        records.add_outbound([outbound("m_1", position=2), outbound("m_2", position=3, author=Author.AGENT, speaker="小林", client_id="k")])
        records.add_inbound(inbound("i_2", position=4, kind="image", text=""))
        records.add_inbound(inbound("i_3", position=5, kind="event", name="click", text="CXYE"))
        records.add_inbound(inbound("i_4", position=6, kind="event", name="subscribe", text=""))

    await store.write(work)
    lines = await store.write(lambda records: records.transcript("c_1"))
    assert [(line.position, line.author, line.text, line.kind) for line in lines] == [
        (1, Author.SUBSCRIBER, "查话费 17900000001", "text"),
        (2, Author.BOT, "余额 32.80 元", "text"),
        (3, Author.AGENT, "余额 32.80 元", "text"),
        (4, Author.SUBSCRIBER, "", "image"),
        (5, Author.SUBSCRIBER, "CXYE", "event"),
    ]
    assert (lines[0].status, lines[2].name, lines[2].client_id, lines[0].at) == ("received", "小林", "k", NOW)
    assert [line.position for line in await store.write(lambda records: records.transcript("c_1", limit=2))] == [4, 5]
    assert [line.position for line in await store.write(lambda records: records.transcript("c_1", after=4))] == [5]


async def test_the_sweep_finds_work_without_a_live_lease(store: Store) -> None:
    leases = {"c_free": 0.0, "c_live": 1010.0, "c_over": 999.0, "c_restarted": 99_999.0, "c_held": 0.0, "c_done": 0.0}

    def work(records: Records) -> None:
        for number, (name, lease) in enumerate(leases.items()):
            records.add_conversation(conversation(name, address=Address("demo", name), lease_until=lease))
            records.add_inbound(
                inbound(f"i_{number}", conversation_id=name, address=Address("demo", name),
                        status=Progress.DONE if name in ("c_held", "c_done", "c_over") else Progress.NEW)
            )  # fmt: skip
        records.add_outbound(
            [
                outbound("m_1", conversation_id="c_held", status=Status.HELD),
                outbound("m_2", conversation_id="c_over", status=Status.SENDING),
            ]
        )

    await store.write(work)
    assert sorted(await store.survey(lambda look: look.left_behind(1001.0, 30.0, 1.0, 10))) == ["c_free", "c_over", "c_restarted"]
    # what has just come in is under way; what was going out is not
    assert await store.survey(lambda look: look.left_behind(1000.5, 30.0, 1.0, 10)) == ["c_over"]
    assert len(await store.survey(lambda look: look.left_behind(1001.0, 30.0, 1.0, 2))) == 2


async def test_the_sweep_finds_replies_that_nobody_decided(store: Store) -> None:
    def work(records: Records) -> None:
        records.add_conversation(conversation())
        for name, mono, reply in (("i_old", 970.0, Reply.OPEN), ("i_new", 990.0, Reply.OPEN), ("i_told", 970.0, Reply.DEFERRED),
                                  ("i_before_restart", 5000.0, Reply.OPEN)):  # fmt: skip
            records.add_inbound(inbound(name, accepted_mono=mono, reply=reply, position=hash(name) % 10_000))

    await store.write(work)
    assert sorted(await store.survey(lambda look: look.open_since(1000.0, 20.0, 10))) == ["i_before_restart", "i_old"]


async def test_the_sweep_finds_deadlines_that_have_passed(store: Store) -> None:
    def work(records: Records) -> None:
        for name, owner, deadline in (
            ("c_1", Owner.WAITING, NOW), ("c_2", Owner.WAITING, NOW + timedelta(seconds=1)),
            ("c_3", Owner.BOT, NOW), ("c_4", Owner.AGENT, None),
        ):  # fmt: skip
            records.add_conversation(conversation(name, address=Address("demo", name), owner=owner, deadline=deadline))

    await store.write(work)
    assert await store.survey(lambda look: look.overdue(NOW, 10)) == ["c_1"]


async def test_the_audit_finds_what_does_not_agree(store: Store) -> None:
    live = {"waiting": HandoffStatus.WAITING, "agent": HandoffStatus.ASSIGNED}
    cases = [
        ("c_bot", Owner.BOT, None, None, None),
        ("c_bot_waits", Owner.BOT, HandoffStatus.WAITING, NOW, None),
        ("c_waits", Owner.WAITING, live["waiting"], NOW, None),
        ("c_waits_alone", Owner.WAITING, None, NOW, None),
        ("c_waits_assigned", Owner.WAITING, live["agent"], NOW, None),
        ("c_waits_for_ever", Owner.WAITING, live["waiting"], None, None),
        ("c_owned", Owner.AGENT, live["agent"], NOW, "a1"),
        ("c_owned_by_nobody", Owner.AGENT, live["agent"], NOW, None),
        ("c_owned_waits", Owner.AGENT, live["waiting"], NOW, "a1"),
        ("c_ended", Owner.BOT, HandoffStatus.RESOLVED, None, None),
    ]

    def work(records: Records) -> None:
        for name, owner, status, deadline, agent in cases:
            records.add_conversation(conversation(name, address=Address("demo", name), owner=owner, deadline=deadline, agent_id=agent))
            if status is not None:
                records.add_handoff(handoff(f"h_{name}", conversation_id=name, status=status))

    await store.write(work)
    assert sorted(await store.survey(lambda look: look.crooked(20))) == [
        "c_bot_waits", "c_owned_by_nobody", "c_owned_waits", "c_waits_alone", "c_waits_assigned", "c_waits_for_ever",
    ]  # fmt: skip


async def test_a_transaction_that_breaks_leaves_nothing(store: Store) -> None:
    def work(records: Records) -> None:
        records.add_conversation(conversation())
        records.add_inbound(inbound())
        raise KeyError("a fault")

    with pytest.raises(KeyError):
        await store.write(work)
    assert await store.write(lambda records: records.conversation("c_1")) is None
    assert await store.write(lambda records: records.inbound("i_1")) is None
