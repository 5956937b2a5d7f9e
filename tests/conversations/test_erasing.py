"""Who unsubscribes leaves nothing personal behind, in any store; what happened, when and with which outcome stays."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from conversations.adapters import media_tables, tables
from conversations.adapters.sql_store import SqlStore
from conversations.consents import Consent, after
from conversations.fakes import FakeStore, bot_says
from conversations.media import LIFE, Media, MediaState
from conversations.model import Passive, Refused, Status
from conversations.records import Records, Store
from conversations.rows import Memory, Outcome, Progress, Reply
from runtime.keys import Keyring
from tests.conversations.rows import NOW, WHO, conversation, handoff, inbound, outbound, put, turn
from tests.conversations.world import HANDS_OVER, XIAO, World
from tests.conversations.world import tables as tables_of
from tests.servers import MakeDatabase, open_database

PRIVATE = "家住天河路1号，电话17900000001"
MEDIA = Media("md_" + "0" * 26, "c_1", "demo", "i_1", 1, "image", "MEDIA-ID", NOW, NOW + LIFE)
KEYS = Keyring(b"d" * 32, b"l" * 32)


def _fill(records: Records) -> None:
    records.add_conversations([conversation(scene="hall", last_text=PRIVATE, last_words=PRIVATE, next_position=9)])
    records.save_memory("c_1", Memory({"slots": {"x": PRIVATE}}))
    put(records, inbound(text=PRIVATE, extra={"media": "MEDIA-ID", "label": PRIVATE}))
    records.save_inbound(
        inbound(text=PRIVATE, status=Progress.DONE, reply=Reply.PASSIVE, passive_text=PRIVATE, turn_id="t_1", extra={"label": PRIVATE})
    )
    put(records, inbound("i_2", dedup_key="later", text="后来的话", position=7))
    records.add_outbound((outbound(text=PRIVATE, status=Status.SENT),))
    records.add_turn(turn(text=PRIVATE, understanding={"intent": "query_balance", "text": PRIVATE}))
    records.add_handoff(handoff(wish=PRIVATE, packet={"version": 1, "transcript": [PRIVATE]}))
    records.add_media(MEDIA)
    records.save_consent(after(None, WHO, "T1", "granted", NOW))


async def test_everything_said_is_gone_up_to_that_place(store: Store) -> None:
    await store.write(_fill)
    await store.write(lambda records: records.erase(conversation(), 5))

    def look(records: Records) -> None:
        first, later = records.inbound("i_1"), records.inbound("i_2")
        assert first is not None
        assert (first.text, first.extra, first.passive_text, first.status) == ("", {}, None, Progress.DONE)
        assert later is not None
        assert later.text == "后来的话"
        assert [(line.position, line.text) for line in records.transcript("c_1")] == [(1, ""), (2, ""), (7, "后来的话")]
        [gone] = records.recent_turns("c_1", 5)
        assert (gone.text, gone.understanding, gone.receipts, gone.outcome) == ("", {}, (), Outcome.ANSWERED)
        packet = records.live_handoff("c_1")
        assert packet is not None
        assert (packet.wish, packet.packet, packet.reason) == ("", {"version": 1}, "asked")
        assert records.memory("c_1") == Memory()
        assert records.consent(WHO, "T1") is None

    await store.write(look)


async def test_no_column_of_the_database_holds_it_any_more(make_database: MakeDatabase) -> None:
    """Read as a stranger with the key would: every encrypted and every plain column of every table of this part."""
    database = open_database(make_database("sqlite"))
    store = SqlStore(database, KEYS)
    await store.write(_fill)
    await store.write(lambda records: records.erase(conversation(), 5))
    found = []
    with database.engine.connect() as connection:
        for table in (tables.inbound, tables.outbound, tables.handoff, tables.turn, media_tables.media, media_tables.consent):
            for row in connection.execute(select(table)).mappings():
                for name, value in row.items():
                    plain = KEYS.decrypt(value) if isinstance(value, bytes) else str(value)
                    if any(part in plain for part in ("天河路", "17900000001", "179****", "MEDIA-ID", "3280")):
                        found.append(f"{table.name}.{name}: {plain}")
        state = connection.execute(select(media_tables.media.c.state)).scalar_one()
    database.close()
    assert not found
    assert state == "erasing"


async def test_unsubscribing_erases_in_the_turn_that_ends_the_chat(world: World) -> None:
    await world.say("我叫林晓禾")
    await world.say("", kind="image", extra={"media": "MID"})
    await world.say("人工")
    await world.say("", kind="event", name="unsubscribe", refill="none", hold_s=0.5)
    kept = tables_of(world)
    assert {row.text for row in kept.inbound.values()} == {""}
    assert {row.text for row in kept.outbound.values()} == {""}
    assert {row.text for row in kept.turns.values()} == {""}
    assert [row.state for row in kept.media.values()] == [MediaState.ERASING]
    assert [row.wish for row in kept.handoffs.values()] == [""]
    row = world.conversation()
    assert (row.last_text, row.last_words, row.scene, row.followed) == ("", "", "", False)
    assert not world.store.tables.memories.get(row.conversation_id, Memory()).state  # type: ignore[attr-defined]


async def test_what_was_still_to_be_sent_is_dropped_unread(world: World) -> None:
    world.brain.script["两句"] = bot_says("一", "二")
    world.channel.results = [Refused("45047", "hold"), Refused("45047", "hold")]
    await world.say("两句", hold_s=0.0)
    await world.settle()
    assert Status.HELD in [row.status for row in world.outbound()]
    await world.say("", kind="event", name="unsubscribe", refill="none", hold_s=0.5)
    assert {(row.status, row.reason, row.text) for row in world.outbound()} == {(Status.DROPPED, "unfollowed", "")}
    assert await world.say("我回来了") == Passive("echo: 我回来了")
    assert world.conversation().followed


async def test_one_who_follows_again_at_once_keeps_what_is_new(world: World) -> None:
    import asyncio

    await world.say("旧话")
    world.brain.gate = asyncio.Event()
    slow = asyncio.create_task(world.say("还在答", hold_s=0.0))
    await world.settle()
    gone = asyncio.create_task(world.say("", kind="event", name="unsubscribe", refill="none", hold_s=0.0))
    back = asyncio.create_task(world.say("", kind="event", name="subscribe", refill="tap", hold_s=0.0, extra={"scene": "hall"}))
    new = asyncio.create_task(world.say("新话", hold_s=0.0))
    await world.settle()
    world.brain.gate.set()
    world.brain.gate = None
    await asyncio.gather(slow, gone, back, new)
    await world.come_to_rest()
    texts = [row.text for row in world.inbound()]
    assert texts[-1] == "新话"
    assert "旧话" not in texts
    row = world.conversation()
    assert (row.followed, row.last_words, row.scene) == (True, "新话", "hall")


@pytest.mark.parametrize(
    ("answers", "standing", "left"),
    [
        (("granted",), "granted", 1),
        (("granted", "granted", "used"), "granted", 1),
        (("granted", "refused"), "refused", 1),
        (("granted", "granted", "withdrawn"), "withdrawn", 0),
        (("used",), "", 0),
        (("granted", "failed"), "granted", 1),
    ],
)
def test_consents_add_up(answers: tuple[str, ...], standing: str, left: int) -> None:
    row: Consent | None = None
    for number, answer in enumerate(answers):
        row = after(row, WHO, "T", answer, NOW + timedelta(seconds=number))
    assert row is not None
    assert (row.standing, row.left) == (standing, left)


async def test_a_consent_is_kept_per_topic_in_every_store(store: Store) -> None:
    def work(records: Records) -> list[Consent | None]:
        first = after(None, WHO, "T1", "granted", NOW)
        records.save_consent(first)
        records.save_consent(after(first, WHO, "T1", "granted", NOW))
        return [records.consent(WHO, "T1"), records.consent(WHO, "T2"), records.consent(replace(WHO, account="other"), "T1")]

    assert await store.write(work) == [Consent(WHO, "T1", "granted", 2, NOW), None, None]


async def test_consents_come_in_with_their_event(world: World) -> None:
    consents = [{"topic": "T1", "answer": "granted"}, {"topic": "T2", "answer": "refused"}]
    await world.say("", kind="event", name="subscribe_msg_popup_event", refill="none", hold_s=0.0, extra={"consents": consents})
    assert isinstance(world.store, FakeStore)
    kept = world.store.tables.consents
    assert (kept[XIAO, "T1"].left, kept[XIAO, "T2"].standing) == (1, "refused")


async def test_a_handoff_of_somebody_who_left_waits_no_more(world: World) -> None:
    world.brain.script["人工"] = HANDS_OVER
    await world.say("人工")
    await world.say("", kind="event", name="unsubscribe", refill="none", hold_s=0.5)
    assert [str(row.status) for row in tables_of(world).handoffs.values()] == ["unfollowed"]
