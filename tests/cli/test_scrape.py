"""/metrics as the core makes it: every part's figures, no person's, and never slow."""

import asyncio
import json
import threading
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection

from cli.scrape import Scrape, Sources
from conversations.model import Passive, Refused
from tests.conversations.world import World as Talk
from tests.desk.conftest import fresh_world
from tests.desk.world import World as Room
from tests.runtime.test_metrics import values_of

pytestmark = pytest.mark.slow  # real servers and processes


@pytest.fixture
def room(database_url: str) -> Iterator[Room]:
    with fresh_world(database_url) as made:
        yield made


@pytest.fixture
async def talk() -> AsyncIterator[Talk]:
    made = Talk()
    yield made
    await made.core.workers.kill()


def _scrape(room: Room, talk: Talk, folder: Path, *counts: Counter[str]) -> Scrape:
    sources = Sources(
        room.db, room.clock, room.bus, talk.core, room.desk, (talk.core.counts, *counts), ("demo", "other"), folder / "restarts.json"
    )
    return Scrape(sources)


async def test_what_happened_stands_in_it(room: Room, talk: Talk, tmp_path: Path) -> None:
    assert isinstance(await talk.say("查话费"), Passive)
    talk.channel.results = [Refused("45047", "hold")]
    await talk.say("一", hold_s=0)
    await talk.settle()
    await room.ask_for_person("o1")
    room.clock.advance(90)
    await room.online("lin")
    (tmp_path / "restarts.json").write_text(json.dumps({"bot-0": 2, "core": 0}))
    counts = Counter({"anomalous.bad_signature": 3, "ignored.location": 1})
    values = values_of(await _scrape(room, talk, tmp_path, counts).page())
    expected = {
        'weiting_turns_total{outcome="answered"}': 2,
        'weiting_inbound_total{kind="text"}': 2,
        'weiting_sends_total{result="refused"}': 1,
        'weiting_send_refusals_total{code="45047"}': 1,
        'weiting_anomalous_callbacks_total{code="bad_signature"}': 3,
        'weiting_stage_seconds_count{stage="bot"}': 2,
        'weiting_stage_seconds_count{stage="store"}': 2,
        'weiting_stage_seconds_count{stage="commit"}': 2,
        'weiting_stage_seconds_count{stage="send"}': 1,
        'weiting_queue_length{account="demo"}': 1,
        'weiting_queue_length{account="other"}': 0,
        'weiting_queue_longest_wait_seconds{account="demo"}': 90,
        'weiting_agents{status="online"}': 1,
        'weiting_child_restarts_total{child="bot-0"}': 2,
        "weiting_audit_mended_total": 0,
        "weiting_breaker_open": 0,
        "weiting_database_up": 1,
        'weiting_outbound{status="held"}': 0,
    }
    assert {name: values.get(name) for name in expected} == expected


async def test_no_person_stands_in_it(room: Room, talk: Talk, tmp_path: Path) -> None:
    await talk.say("我的号码是17900000001")
    await room.ask_for_person("oSECRET", text="我叫张小林 17900000001")
    page = await _scrape(room, talk, tmp_path).page()
    assert not any(word in page for word in ("1790000", "张小林", "oSECRET", "o-xiao", "我"))


async def test_a_database_that_hangs_makes_no_scrape_wait_and_none_pile_up(room: Room, talk: Talk, tmp_path: Path) -> None:
    held = threading.Event()
    looks = []

    def hang(_connection: Connection) -> None:
        looks.append(1)
        held.wait(20)

    hanging = [asyncio.create_task(room.db.read(hang)) for _ in range(4)]
    await asyncio.sleep(0.05)
    scrape = _scrape(room, talk, tmp_path)
    loop = asyncio.get_running_loop()
    began = loop.time()
    pages = await asyncio.gather(*(scrape.page() for _ in range(50)))
    values = values_of(pages[0])
    assert loop.time() - began < 1.9
    assert values["weiting_database_up"] == 0
    assert "weiting_audit_mended_total" in values
    assert not any(name.startswith("weiting_queue") for name in values)
    held.set()
    await asyncio.gather(*hanging)
    await asyncio.sleep(1.05)
    assert values_of(await scrape.page())["weiting_database_up"] == 1


@pytest.mark.parametrize("content", ["", "[1]", '{"core": "many"}', "\x00"])
async def test_a_broken_file_of_the_supervisors_is_left_out(room: Room, talk: Talk, tmp_path: Path, content: str) -> None:
    (tmp_path / "restarts.json").write_text(content)
    assert "child_restarts" not in await _scrape(room, talk, tmp_path).page()
