"""Pictures, voice, videos over HTTP: for whom, under which headers, with which trace."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from conversations.adapters.media_tables import media
from conversations.adapters.sql_records import SqlRecords
from conversations.media import LIFE, Media, MediaState
from conversations.rows import Inbound, Progress
from runtime.ids import new_id
from staff.tables import staff_audit
from tests.conversations.rows import put
from tests.desk.world import CIPHER, World
from tests.staff.served import Served

PNG = b"\x89PNG\r\n\x1a\npixels"


async def sent(
    world: World, conversation_id: str, kind: str = "image", content: bytes = PNG, content_type: str = "image/png", **extra: Any
) -> str:  # fmt: skip
    """A message of that kind with its file, fetched; answers the file's id."""
    now = world.clock.now()
    name = new_id("md")

    def work(connection: Any) -> None:
        records = SqlRecords(connection, CIPHER)
        row = records.conversation(conversation_id)
        assert row is not None
        message = Inbound(
            new_id("i"), conversation_id, row.address, name, kind, "", "", {"media": "MID", **extra}, now, 1.0, row.next_position,
            status=Progress.DONE,
        )  # fmt: skip
        put(records, message)
        records.save_conversation(replace(row, next_position=row.next_position + 1))
        records.add_media(
            Media(
                name, conversation_id, "demo", message.inbound_id, message.position, kind, "MID", now, now + LIFE,
                state=MediaState.FETCHED, content_type=content_type, size=len(content),
            )  # fmt: skip
        )

    await world.db.write(work)
    world.files.put(name, content)
    return name


async def test_an_agent_sees_the_picture_in_the_transcript_and_gets_it(served: Served) -> None:
    agent = await served.member("lin")
    conversation = await served.world.ask_for_person("o1")
    name = await sent(served.world, conversation)
    detail = (await agent.post(f"conversations/{conversation}/accept", {"epoch": 1})).body
    line = detail["transcript"][-1]
    assert (line["kind"], line["text"]) == ("image", "[图片]")
    assert line["media"] == {"media_id": name, "state": "fetched", "content_type": "image/png", "size": len(PNG)}
    answer = await agent.get(f"media/{name}")
    assert (answer.status, answer.body) == (200, PNG)
    headers = {key.lower(): value for key, value in answer.headers.items()}
    assert headers["content-type"] == "image/png"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert headers["cache-control"] == "no-store"
    assert headers["content-disposition"].startswith("inline; filename=")


@pytest.mark.parametrize(
    ("kind", "content_type", "ending"), [("voice", "audio/amr", '.amr"'), ("video", "video/mp4", '.mp4"'), ("video", "video/odd", '"')]
)
async def test_what_is_no_picture_is_saved_and_never_opened(served: Served, kind: str, content_type: str, ending: str) -> None:
    agent = await served.member("lin")
    conversation = await served.world.ask_for_person("o1")
    name = await sent(served.world, conversation, kind, b"#!AMR", content_type)
    answer = await agent.get(f"media/{name}")
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=")
    assert answer.headers["Content-Disposition"].endswith(ending)


async def test_every_look_is_in_the_audit_before_it_is_had(served: Served) -> None:
    agent = await served.member("lin")
    conversation = await served.world.ask_for_person("o1")
    name = await sent(served.world, conversation)
    await agent.get(f"media/{name}")
    rows = await served.world.db.read(lambda connection: connection.execute(select(staff_audit)).mappings().all())
    [trace] = [row for row in rows if row["action"] == "file_opened"]
    assert (trace["conversation_id"], trace["account"], trace["purpose"]) == (conversation, "demo", "queue")


async def test_who_may_not_open_the_conversation_gets_no_file(served: Served) -> None:
    world = served.world
    owner = await served.member("lin")
    other, stranger = await served.member("wang"), await served.member("zhao", accounts_=("other",))
    trainer, chief = await served.member("xu", role="trainer"), await served.member("zhou", role="supervisor")
    conversation = await world.ask_for_person("o1")
    name = await sent(world, conversation)
    assert (await owner.post(f"conversations/{conversation}/accept", {"epoch": 1})).status == 200
    assert [(await one.get(f"media/{name}")).status for one in (owner, chief)] == [200, 200]
    assert [(await one.get(f"media/{name}")).status for one in (other, stranger, trainer, served.nobody)] == [403, 404, 403, 401]


@pytest.mark.parametrize("state", ["wanted", "failed", "expired", "erasing"])
async def test_a_file_that_is_not_here_is_not_found(served: Served, state: str) -> None:
    agent = await served.member("lin")
    conversation = await served.world.ask_for_person("o1")
    name = await sent(served.world, conversation)
    await served.world.db.write(lambda connection: connection.execute(media.update().values(state=state)))
    assert (await agent.get(f"media/{name}")).status == 404
    shown = (await agent.get(f"conversations/{conversation}")).body["transcript"][-1]
    assert (shown["media"] or {}).get("state") == (None if state == "erasing" else state)


async def test_unknown_names_are_not_found(served: Served) -> None:
    agent = await served.member("lin")
    for name in ("md_x", "..", "%2e%2e%2fetc", "a" * 80):
        assert (await agent.get(f"media/{name}")).status == 404


async def test_places_links_and_voices_are_shown_apart(served: Served) -> None:
    agent = await served.member("lin")
    conversation = await served.world.ask_for_person("o1")
    await sent(served.world, conversation, "location", latitude=23.1, longitude=113.3, label="天河路")
    await sent(served.world, conversation, "link", title="标题 17900000001", url="https://example.com/")
    place, link = (await agent.get(f"conversations/{conversation}")).body["transcript"][-2:]
    assert place["place"] == {"latitude": 23.1, "longitude": 113.3, "label": "天河路"}
    assert link["link"] == {"title": "标题 179****0001", "description": "", "url": "https://example.com/"}
    assert link["text"] == "[链接] 标题 179****0001\nhttps://example.com/"
