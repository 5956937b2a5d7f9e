"""One contract, three stores: in memory, SQLite and PostgreSQL."""


from dataclasses import replace
from datetime import timedelta

import pytest

from conversations.model import Address, Author, Owner, Status
from conversations.purse import Buckets
from conversations.records import Records, Store
from conversations.rows import DeskKind, HandoffStatus, Memory, Progress, Rating, Reply
from tests.conversations.rows import NOW, OTHER, WHO, conversation, handoff, inbound, outbound, put, turn


async def test_a_conversation_comes_back_as_it_was_saved(store: Store) -> None:
    row = conversation(
        owner=Owner.AGENT, epoch=3, lane_token=7, lease_until=1234.5, purse=Buckets(NOW, 2, NOW + timedelta(seconds=1), 1, 4),
        next_position=9, agent_id="a1", agent_name="小林", deadline=NOW, followed=False, last_text="查话费", last_at=NOW, last_said=8,
        unread=2, last_words="查话费", waiting_since=NOW,
    )  # fmt: skip

    def work(records: Records) -> None:
        records.add_conversations([conversation()])
        assert records.conversation("c_1") == conversation()
        records.save_conversation(row)
        assert records.conversation("c_1") == row
        assert records.conversations_at([WHO]) == {WHO: row}

    await store.write(work)
    assert await store.write(lambda records: records.conversation("c_1")) == row
    assert await store.write(lambda records: records.conversation("c_2")) is None
    assert await store.write(lambda records: records.conversations_at([Address("other", WHO.openid)])) == {}


async def test_the_one_who_comes_second_gets_the_first_ones_conversation(store: Store) -> None:
    await store.write(lambda records: records.add_conversations([conversation("c_1")]))
    await store.write(lambda records: records.add_conversations([conversation("c_2"), conversation("c_3", address=OTHER)]))
    found = await store.write(lambda records: records.conversations_at([OTHER, WHO]))
    assert {address: row.conversation_id for address, row in found.items()} == {WHO: "c_1", OTHER: "c_3"}


async def test_memory_is_kept_and_emptied(store: Store) -> None:
    memory = Memory({"slots": {"phone": "17900000001"}, "nothing": None}, ({"kind": "queue_left"},))

    def work(records: Records) -> None:
        records.add_conversations([conversation()])
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
        records.add_conversations([conversation()])
        records.add_conversations([conversation("c_2", address=other)])
        return [
            put(records, inbound("i_1", dedup_key="m1")),
            put(records, inbound("i_2", dedup_key="m1", position=2)),
            # the same MsgId of another subscriber is another message
            put(records, inbound("i_3", dedup_key="m1", conversation_id="c_2", address=other)),
        ]

    assert await store.write(work) == [True, False, True]
    kept = await store.write(lambda records: records.inbound_by_key(WHO, "m1"))
    assert kept is not None
    assert kept.inbound_id == "i_1"


@pytest.mark.parametrize("text", ["", "]]>", "长" * 3000, "👨‍👩‍👧‍👦", "\ud800 half a sign"])
async def test_a_message_comes_back_as_it_was_written(store: Store, text: str) -> None:
    def work(records: Records) -> None:
        records.add_conversations([conversation()])
        put(records, inbound(text=text))

    await store.write(work)
    found = await store.write(lambda records: records.inbound("i_1"))
    assert found is not None
    assert found.text in (text, text.encode("utf-8", "replace").decode())
    assert replace(found, text=text) == inbound(text=text)


async def test_messages_are_taken_in_order_of_arrival(store: Store) -> None:
    def work(records: Records) -> None:
        records.add_conversations([conversation()])
        put(records, inbound("i_b", position=1))
        put(records, inbound("i_a", position=2))
        first = records.next_inbound("c_1")
        assert first is not None
        assert first.inbound_id == "i_b"
        done = replace(first, status=Progress.DONE, reply=Reply.PASSIVE, passive_text="好", turn_id="t_b", deliveries=3)
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
        records.add_conversations([conversation()])
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
        records.add_conversations([conversation()])
        records.add_outbound([outbound("m_1", client_id="k1"), outbound("m_2", client_id="k1", position=3)])

    with pytest.raises(Exception, match="(?i)unique"):
        await store.write(work)
    assert await store.write(lambda records: records.conversation("c_1")) is None


async def test_a_message_has_one_turn(store: Store) -> None:
    def begin(records: Records) -> None:
        records.add_conversations([conversation()])
        records.add_turn(turn())

    await store.write(begin)
    for again in (turn("t_2"), turn("t_1", inbound_id="i_2")):
        with pytest.raises(Exception, match=r".+"):
            await store.write(lambda records, again=again: records.add_turn(again))  # type: ignore[misc]
    assert await store.write(lambda records: records.recent_turns("c_1", 5)) == [turn()]


async def test_the_last_turns_oldest_first(store: Store) -> None:
    turns = [turn(f"t_{number}", inbound_id=f"i_{number}", started_at=NOW + timedelta(seconds=number)) for number in range(4)]

    def work(records: Records) -> None:
        records.add_conversations([conversation()])
        for one in reversed(turns):
            records.add_turn(one)
        assert records.recent_turns("c_1", 2) == turns[2:]

    await store.write(work)


async def test_a_conversation_has_one_live_handoff(store: Store) -> None:
    assigned = handoff(status=HandoffStatus.ASSIGNED, agent_id="a1", agent_name="小林", accepted_at=NOW)

    def work(records: Records) -> None:
        records.add_conversations([conversation()])
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


async def test_a_handoff_that_is_over_is_found_and_rated(store: Store) -> None:
    rated = handoff(status=HandoffStatus.RESOLVED, ended_at=NOW, rating=Rating.UNSATISFIED, rated_at=NOW + timedelta(minutes=1))

    def work(records: Records) -> None:
        records.add_conversations([conversation()])
        records.add_handoff(handoff())
        assert records.handoff("h_1") == handoff()
        assert records.handoff("h_2") is None
        records.save_handoff(rated)

    await store.write(work)
    assert await store.write(lambda records: records.handoff("h_1")) == rated


async def test_the_newest_handoff_is_found_and_whose_desk_it_is_for_is_kept(store: Store) -> None:
    first = handoff("h_2", status=HandoffStatus.RESOLVED)
    second = handoff(
        "h_1", status=HandoffStatus.ASSIGNED, desk=DeskKind.NATIVE, agent_name="kf2001@demo", requested_at=NOW + timedelta(seconds=1)
    )

    def work(records: Records) -> None:
        records.add_conversations([conversation(owner=Owner.NATIVE)])
        assert records.last_handoff("c_1") is None
        records.add_handoff(first)
        records.add_handoff(second)

    await store.write(work)
    assert await store.write(lambda records: records.last_handoff("c_1")) == second
    assert await store.write(lambda records: records.live_handoff("c_1")) == second
    mended = replace(second, desk=DeskKind.OWN, status=HandoffStatus.WAITING)
    await store.write(lambda records: records.save_handoff(mended))
    assert await store.write(lambda records: records.last_handoff("c_1")) == mended


async def test_a_bubble_is_found_by_its_place_and_worded_anew(store: Store) -> None:
    worded = outbound(text="余额", reference="human_ended")

    def work(records: Records) -> None:
        records.add_conversations([conversation()])
        records.add_conversations([conversation("c_2", address=Address("demo", "o-lao"))])
        records.add_outbound([outbound(reference="rating:h_1"), outbound("m_2", conversation_id="c_2", position=3)])
        assert records.outbound_at("c_1", 2) == outbound(reference="rating:h_1")
        assert records.outbound_at("c_1", 3) is None
        # of a row in memory only the words are taken
        records.save_wording(replace(worded, status=Status.SENT))

    await store.write(work)
    assert await store.write(lambda records: records.outbound_at("c_1", 2)) == worded


async def test_the_transcript_is_one_row_of_lines(store: Store) -> None:
    def work(records: Records) -> None:
        records.add_conversations([conversation()])
        put(records, inbound("i_1", position=1))
        records.add_outbound([outbound("m_1", position=2), outbound("m_2", position=3, author=Author.AGENT, speaker="小林", client_id="k")])
        put(records, inbound("i_2", position=4, kind="image", text=""))
        put(records, inbound("i_3", position=5, kind="event", name="click", text="CXYE"))
        put(records, inbound("i_4", position=6, kind="event", name="subscribe", text=""))

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


async def test_a_transaction_that_breaks_leaves_nothing(store: Store) -> None:
    def work(records: Records) -> None:
        records.add_conversations([conversation()])
        put(records, inbound())
        raise KeyError("a fault")

    with pytest.raises(KeyError):
        await store.write(work)
    assert await store.write(lambda records: records.conversation("c_1")) is None
    assert await store.write(lambda records: records.inbound("i_1")) is None
