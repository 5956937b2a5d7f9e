"""Files: asked for with their message, fetched once by whoever of many, kept encrypted, erased in the end."""

import asyncio
import hashlib
import os
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest

from conversations.adapters.media_files import FolderFiles
from conversations.adapters.sql_media import SqlMedia, read_media
from conversations.adapters.sql_store import SqlStore
from conversations.media import LIFE, Fetched, Fetching, Gone, Later, Media, MediaState, Unusable
from conversations.media_worker import MediaTimes, MediaWorker
from conversations.records import Records
from runtime.clock import FakeClock
from runtime.database import Database
from runtime.errors import StorageFault
from runtime.ids import new_id
from runtime.keys import Keyring
from tests.conversations.rows import conversation, inbound, put
from tests.servers import ON_SERVER, MakeDatabase, open_database

KEYS = Keyring(b"d" * 32, b"l" * 32)
PNG = b"\x89PNG\r\n\x1a\n" + b"pixels" * 100
PICTURE = Fetched(PNG, "image/png")


@dataclass
class FakeSource:
    """Answers what comes next, then the picture; `gate` makes it wait."""

    results: list[Fetching | BaseException] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    gate: asyncio.Event | None = None

    async def fetch(self, reference: str, kind: str) -> Fetching:
        self.asked.append(reference)
        if self.gate is not None:
            await self.gate.wait()
        found = self.results.pop(0) if self.results else PICTURE
        if isinstance(found, BaseException):
            raise found
        return found


@dataclass
class Shop:
    """A database, a folder and any number of workers over them."""

    db: Database
    files: FolderFiles
    clock: FakeClock
    folder: Path
    source: FakeSource = field(default_factory=FakeSource)
    counts: Counter[str] = field(default_factory=Counter)
    told: list[str] = field(default_factory=list)
    rows: SqlMedia = field(init=False)

    def __post_init__(self) -> None:
        self.rows = SqlMedia(self.db, KEYS)

    def worker(self, times: MediaTimes | None = None) -> MediaWorker:
        async def changed(conversation_id: str, account: str) -> None:
            self.told.append(f"{account}/{conversation_id}")

        sources = {"demo": self.source}
        return MediaWorker(self.rows, self.files, sources, self.clock, self.clock, times or MediaTimes(), self.counts, changed)

    async def want(self, number: int = 1, kind: str = "image") -> Media:
        row = Media(
            new_id("md"), "c_1", "demo", f"i_{number}", number, kind, f"MID{number}", self.clock.now(), self.clock.now() + LIFE
        )
        message = inbound(row.inbound_id, position=number)

        def work(records: Records) -> None:
            records.add_conversations([conversation()])
            put(records, message)
            records.add_media(row)

        await SqlStore(self.db, KEYS).write(work)
        return row

    async def row(self, media_id: str) -> Media | None:
        return await self.db.read(lambda connection: read_media(connection, media_id, KEYS))


@pytest.fixture(params=["sqlite", ON_SERVER])
async def shop(request: pytest.FixtureRequest, make_database: MakeDatabase, tmp_path: Path) -> AsyncIterator[Shop]:
    database = open_database(make_database(request.param))
    yield Shop(database, FolderFiles(tmp_path / "media", KEYS), FakeClock(), tmp_path / "media")
    database.close()


async def test_a_file_is_fetched_and_kept_encrypted(shop: Shop) -> None:
    wanted = await shop.want()
    assert await shop.worker().work_once() == 1
    row = await shop.row(wanted.media_id)
    assert row is not None
    assert (row.state, row.size, row.sha256) == (MediaState.FETCHED, len(PNG), hashlib.sha256(PNG).hexdigest())
    assert (row.content_type, row.lease_until, shop.told) == ("image/png", 0.0, ["demo/c_1"])
    assert shop.files.get(wanted.media_id) == PNG
    [path] = shop.folder.glob("??/md_*")
    assert b"pixels" not in path.read_bytes()
    assert path.stat().st_mode & 0o077 == 0
    assert await shop.worker().work_once() == 0
    assert shop.source.asked == ["MID1"]


async def test_many_processes_fetch_each_file_once(shop: Shop) -> None:
    for number in range(1, 13):
        await shop.want(number)
    workers = [shop.worker() for _ in range(4)]
    for _ in range(4):
        await asyncio.gather(*(worker.work_once() for worker in workers))
    assert sorted(shop.source.asked) == sorted(f"MID{number}" for number in range(1, 13))
    assert shop.counts["media_fetched"] == 12


async def test_what_a_process_that_died_had_begun_is_taken_up_by_another(shop: Shop) -> None:
    wanted = await shop.want()
    shop.source.gate = asyncio.Event()
    dying = asyncio.create_task(shop.worker().work_once())
    while not shop.source.asked:
        await asyncio.sleep(0.001)
    dying.cancel()
    await asyncio.gather(dying, return_exceptions=True)
    shop.source.gate = None
    assert await shop.worker().work_once() == 0
    shop.clock.advance(121)
    assert await shop.worker().work_once() == 1
    row = await shop.row(wanted.media_id)
    assert row is not None
    assert (row.state, row.lease_token) == (MediaState.FETCHED, 2)


async def test_who_slept_past_the_lease_changes_nothing(shop: Shop) -> None:
    wanted = await shop.want()
    shop.source.gate = asyncio.Event()
    sleeper = asyncio.create_task(shop.worker().work_once())
    while not shop.source.asked:
        await asyncio.sleep(0.001)
    gate, shop.source.gate = shop.source.gate, None
    shop.clock.advance(121)
    await shop.worker().work_once()
    shop.source.results = [Unusable("too_large")]
    gate.set()
    await sleeper
    row = await shop.row(wanted.media_id)
    assert row is not None
    assert row.state == MediaState.FETCHED
    assert shop.files.get(wanted.media_id) == PNG


async def test_a_platform_that_is_away_is_asked_again_ever_later_over_restarts(shop: Shop) -> None:
    wanted = await shop.want()
    shop.source.results = [Later("http 500")] * 5
    waits = []
    for _ in range(5):
        assert await shop.worker().work_once() == 1
        row = await shop.row(wanted.media_id)
        assert row is not None
        assert row.retry_at is not None
        assert row.state == MediaState.WANTED
        waits.append((row.retry_at - shop.clock.now()).total_seconds())
        assert await shop.worker().work_once() == 0
        shop.clock.advance(waits[-1] + 1)
    assert [round(wait) for wait in waits] == [5, 20, 80, 320, 1280]
    assert await shop.worker().work_once() == 1
    row = await shop.row(wanted.media_id)
    assert row is not None
    assert (row.state, row.attempts, row.reason) == (MediaState.FETCHED, 6, "")


@pytest.mark.parametrize(
    ("result", "state", "reason"),
    [
        (Gone("40007"), MediaState.EXPIRED, "40007"),
        (Unusable("too_large"), MediaState.FAILED, "too_large"),
        (Fetched(b"#!AMR\n", "audio/amr"), MediaState.FAILED, "wrong_type"),
        (Fetched(b"<html>", ""), MediaState.FAILED, "wrong_type"),
    ],
)
async def test_what_cannot_be_had_is_given_up_with_a_reason(shop: Shop, result: Fetching, state: MediaState, reason: str) -> None:
    wanted = await shop.want()
    shop.source.results = [result]
    await shop.worker().work_once()
    row = await shop.row(wanted.media_id)
    assert row is not None
    assert (row.state, row.reason, shop.told) == (state, reason, ["demo/c_1"])
    assert await shop.worker().work_once() == 0


async def test_after_three_days_nobody_asks_any_more(shop: Shop) -> None:
    wanted = await shop.want()
    shop.clock.advance(LIFE.total_seconds() + 1)
    await shop.worker().work_once()
    row = await shop.row(wanted.media_id)
    assert row is not None
    assert (row.state, shop.source.asked) == (MediaState.EXPIRED, [])


async def test_a_fault_of_the_source_costs_a_lease_and_nothing_else(shop: Shop) -> None:
    await shop.want()
    shop.source.results = [OSError("broken")]
    await shop.worker().work_once()
    assert shop.counts["media_fault"] == 1
    shop.clock.advance(121)
    await shop.worker().work_once()
    assert shop.counts["media_fetched"] == 1


async def test_unsubscribing_takes_row_and_file_away(shop: Shop) -> None:
    wanted = await shop.want()
    await shop.worker().work_once()
    await SqlStore(shop.db, KEYS).write(lambda records: records.erase(conversation(), 5))
    assert await shop.worker().work_once() == 1
    assert await shop.row(wanted.media_id) is None
    assert shop.files.get(wanted.media_id) is None
    assert shop.counts["media_erased"] == 1


async def test_a_file_that_comes_in_after_its_subscriber_left_is_not_kept(shop: Shop) -> None:
    wanted = await shop.want()
    shop.source.gate = asyncio.Event()
    fetching = asyncio.create_task(shop.worker().work_once())
    while not shop.source.asked:
        await asyncio.sleep(0.001)
    await SqlStore(shop.db, KEYS).write(lambda records: records.erase(conversation(), 5))
    await shop.worker().work_once()
    assert await shop.row(wanted.media_id) is None
    shop.source.gate.set()
    await fetching
    assert shop.files.get(wanted.media_id) is None
    assert not shop.told


async def test_old_files_and_files_without_a_row_go(shop: Shop) -> None:
    wanted = await shop.want()
    worker = shop.worker(MediaTimes(keep_days=30))
    await worker.work_once()
    orphan = new_id("md")
    shop.files.put(orphan, PNG)
    await worker.age_once()
    assert shop.files.get(orphan) == PNG
    path = next(path for path in shop.folder.glob("??/md_*") if path.name == orphan)
    half = path.with_name(f"{orphan}.abcd")
    half.write_bytes(b"half")
    for one in (path, half):
        _make_old(one)
    await worker.age_once()
    assert shop.files.get(orphan) is None
    assert not half.exists()
    assert shop.files.get(wanted.media_id) == PNG
    shop.clock.advance(timedelta(days=31).total_seconds())
    await worker.age_once()
    await worker.work_once()
    assert await shop.row(wanted.media_id) is None
    assert shop.files.get(wanted.media_id) is None


async def test_the_loop_wakes_at_once(shop: Shop) -> None:
    worker = shop.worker(MediaTimes(sweep_s=3600))
    await worker.start()
    wanted = await shop.want()
    worker.wake()
    while not shop.told:
        await asyncio.sleep(0.001)
    await worker.stop()
    assert shop.files.get(wanted.media_id) == PNG


async def test_a_file_of_another_key_or_a_broken_one_is_a_fault_and_no_picture(shop: Shop) -> None:
    name = new_id("md")
    shop.files.put(name, PNG)
    other = FolderFiles(shop.folder, replace(KEYS, data_key=b"x" * 32))
    with pytest.raises(StorageFault):
        other.get(name)
    [path] = shop.folder.glob("??/md_*")
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(StorageFault):
        shop.files.get(name)


@pytest.mark.parametrize("name", ["../../etc/passwd", "md_", "md_" + "A" * 26, "", "x"])
async def test_no_name_leads_out_of_the_folder(shop: Shop, name: str) -> None:
    with pytest.raises(StorageFault):
        shop.files.get(name)


def _make_old(path: Path) -> None:
    os.utime(path, (1, 1))
