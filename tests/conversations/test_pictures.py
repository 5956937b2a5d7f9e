"""Pictures that agents send: in their place among the words, once, and never in place of them."""

from collections.abc import AsyncIterator

import pytest

from conversations.fake_channels import FakeChannel
from conversations.media import MediaState, picture_of, reference_to
from conversations.model import Picture, Refused, Sent, Status
from conversations.records import Records, Store
from runtime.errors import StorageFault
from tests.conversations.rows import conversation, outbound
from tests.conversations.world import HANDS_OVER, XIAO, World, tables, told

PNG = b"\x89PNG\r\n\x1a\npixels"


@pytest.fixture
async def served(world: World) -> World:
    """An agent has the chat."""
    await world.say("人工")
    await world.agent_takes()
    return world


@pytest.fixture
async def mute() -> AsyncIterator[World]:
    """An account that may only reply."""
    made = World(channel=FakeChannel(can_push=False))
    made.brain.script = {"人工": HANDS_OVER}
    yield made
    await made.core.workers.kill()


async def test_a_picture_goes_out_between_the_words_around_it(served: World) -> None:
    await served.agent_says("您看", "k1")
    await served.agent_shows(PNG, "k2")
    await served.agent_says("就是这里", "k3")
    sent = served.channel.sent[XIAO]
    assert [one.picture for one in sent] == [None, Picture(PNG, "image/png"), None]
    assert told(served) == ["您看", "[图片]", "就是这里"]
    assert sent[1].speaker == "小林"
    assert served.conversation().last_text == "就是这里"


async def test_it_is_kept_with_the_line_that_shows_it(served: World) -> None:
    row = await served.agent_shows(PNG, "k1")
    [media] = tables(served).media.values()
    assert (media.media_id, media.inbound_id, media.position) == (picture_of(row.reference), row.outbound_id, row.position)
    assert (media.state, media.content_type, media.size, media.kind) == (MediaState.FETCHED, "image/png", len(PNG), "image")


async def test_a_repeated_client_id_sends_one(served: World) -> None:
    first, again = await served.agent_shows(PNG, "k1"), await served.agent_shows(PNG, "k1")
    assert first.outbound_id == again.outbound_id
    assert (len(served.channel.sent[XIAO]), len(tables(served).media)) == (1, 1)


async def test_a_picture_that_is_not_there_any_more_is_refused_and_holds_nothing_up(served: World) -> None:
    served.channel.results = [Refused("-1", "later")]
    await served.agent_shows(PNG, "k1")
    served.files.kept.clear()
    served.clock.advance(60)
    await served.agent_says("您好", "k2")
    await served.settle_files()
    assert [(row.status, row.reason) for row in served.outbound()[-2:]] == [(Status.REFUSED, "file_gone"), (Status.SENT, None)]
    assert told(served) == ["您好"]


async def test_a_store_that_is_away_is_asked_again(served: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(_media_id: str) -> bytes:
        raise StorageFault("the disk is away")

    with monkeypatch.context() as patch:
        patch.setattr(served.files, "get", away)
        await served.agent_shows(PNG, "k1")
        assert served.outbound()[-1].status == Status.QUEUED
    served.clock.advance(60)
    await served.wake(served.conversation().conversation_id)
    await served.settle_files()
    assert served.outbound()[-1].status == Status.SENT
    assert served.channel.sent[XIAO][-1].picture == Picture(PNG, "image/png")


async def test_no_reply_takes_a_picture_for_words(served: World) -> None:
    served.channel.results = [Refused("45047", "hold"), Sent()]
    await served.agent_shows(PNG, "k1")
    assert served.outbound()[-1].status == Status.HELD
    await served.say("在吗", hold_s=0.1)
    await served.settle_files()
    assert served.outbound()[-1].status == Status.SENT
    assert [one.picture for one in served.channel.sent[XIAO]] == [Picture(PNG, "image/png")]


async def test_an_account_that_may_only_reply_sends_no_pictures(mute: World) -> None:
    await mute.say("人工")
    await mute.agent_takes()
    await mute.agent_shows(PNG, "k1")
    assert (mute.outbound()[-1].status, mute.outbound()[-1].reason) == (Status.REFUSED, "no_pictures")


async def test_every_store_shows_it_as_a_picture(store: Store) -> None:
    rows = [outbound("m_1", position=1, text="您看"), outbound("m_2", position=2, text="[图片]", reference=reference_to("md_1"))]

    def work(records: Records) -> None:
        records.add_conversations([conversation()])
        records.add_outbound(rows)

    await store.write(work)
    lines = await store.write(lambda records: records.transcript("c_1"))
    assert [(line.kind, line.text, dict(line.extra)) for line in lines] == [
        ("text", "您看", {}), ("image", "[图片]", {"media": "md_1"}),
    ]  # fmt: skip
