"""Shops: nearest first, whatever the place; by words; loaded from a file."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from business.carrier.errors import LoadRefused
from business.carrier.load import load_file, parse_file
from business.carrier.stores import SqlStores, metres_between
from cli.demo import demo_file
from runtime.clock import FakeClock
from runtime.database import Database
from runtime.keys import Keyring
from tests.servers import ON_SERVER, MakeDatabase, open_database

KEYS = Keyring(b"d" * 32, b"l" * 32)


@pytest.fixture(params=["sqlite", ON_SERVER])
async def db(request: pytest.FixtureRequest, make_database: MakeDatabase) -> AsyncIterator[Database]:
    database = open_database(make_database(request.param))
    await load_file(database, KEYS, "demo", demo_file(), FakeClock())
    yield database
    database.close()


async def test_the_nearest_come_first_and_those_of_other_cities_not_at_all(db: Database) -> None:
    found = await SqlStores(db).near("demo", 23.1289, 113.3212)
    assert [shop.store_id for shop in found] == ["gz_tiyuxi", "gz_tianhe", "gz_beijinglu"]
    assert found[0].metres == 0
    assert [shop.store_id for shop in await SqlStores(db).near("demo", 39.9042, 116.4074, 2)] == ["bj_dongdan", "bj_wangfujing"]
    assert await SqlStores(db).near("demo", 0.0, 0.0) == ()
    assert await SqlStores(db).near("other", 23.1289, 113.3212) == ()


async def test_a_look_that_is_too_small_is_made_wider(db: Database) -> None:
    assert [shop.store_id for shop in await SqlStores(db).near("demo", 22.95, 113.38, 4)][0] == "gz_panyu"
    assert len(await SqlStores(db).near("demo", 22.95, 113.38, 4)) == 4


@pytest.mark.parametrize(("words", "count"), [("王府井", 1), ("天河", 2), ("营业厅", 3), ("%", 0), ("_", 0), ("", 0), ("' OR 1=1 --", 0)])
async def test_words_are_found_in_names_and_addresses(db: Database, words: str, count: int) -> None:
    assert len(await SqlStores(db).named("demo", words)) == count


async def test_they_are_counted_per_account(db: Database) -> None:
    assert (await SqlStores(db).count("demo"), await SqlStores(db).count("other")) == (7, 0)


async def test_loading_twice_gives_the_same(db: Database) -> None:
    await load_file(db, KEYS, "demo", demo_file(), FakeClock())
    assert await SqlStores(db).count("demo") == 7


@pytest.mark.parametrize("wrong", ["latitude: 91", "latitude: north", "longitude: 181", "longitude: 1e2", "name: 店17900000001"])
def test_a_shop_that_is_nowhere_is_refused(tmp_path: Path, wrong: str) -> None:
    good = {"id": "a", "name": "店", "address": "街", "latitude": "23.1", "longitude": "113.3", "hours": "每天"}
    good[wrong.partition(":")[0]] = wrong.partition(": ")[2]
    path = tmp_path / "f.yml"
    path.write_text("stores:\n  - {" + ", ".join(f"{key}: {value}" for key, value in good.items()) + "}\n", encoding="utf-8")
    with pytest.raises(LoadRefused):
        parse_file(path)


def test_a_degree_of_latitude_is_111_kilometres() -> None:
    assert round(metres_between((0.0, 0.0), (1.0, 0.0))) == 111_195
    assert metres_between((23.1, 113.3), (23.1, 113.3)) == 0
