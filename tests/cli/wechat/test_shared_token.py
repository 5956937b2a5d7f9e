"""Commands beside a deployment's database: one token for all of them and the cores, one pace, one count."""

import json
import sqlite3
from pathlib import Path

import pytest

from tests.cli.wechat.conftest import Weiting
from tests.connectors.wechat.account.platform import Platform

_TOKEN = "/cgi-bin/stable_token"  # noqa: S105 (an address)


def _calls(tmp_path: Path) -> dict[str, int]:
    with sqlite3.connect(tmp_path / "data" / "weiting.db") as connection:
        [(body,)] = connection.execute("SELECT body FROM wechat_state WHERE account = 'shop' AND name = 'calls'").fetchall()
    counts: dict[str, int] = json.loads(body)["counts"]
    return counts


@pytest.fixture
async def migrated(weiting: Weiting) -> None:
    assert (await weiting("migrate")).code == 0


@pytest.mark.usefixtures("migrated")
async def test_commands_share_one_token_and_their_calls_are_counted(weiting: Weiting, platform: Platform, tmp_path: Path) -> None:
    for _ in range(3):
        assert (await weiting("wechat", "tags", "list")).code == 0
    assert platform.counts[_TOKEN] == 1
    assert _calls(tmp_path) == {"stable_token": 1, "tags_get": 3}


@pytest.mark.usefixtures("migrated")
async def test_a_token_that_may_not_be_forced_again_is_a_sentence(weiting: Weiting, platform: Platform) -> None:
    platform.orders["/cgi-bin/tags/get"] = [{"errcode": 40001, "errmsg": "invalid credential"}] * 1000
    for _ in range(2):
        said = await weiting("wechat", "tags", "list", "--json")
        assert (said.code, "40001" in said.err, said.err.count("\n"), said.out) == (1, True, 1, "")
    assert platform.counts[_TOKEN] == 2


async def test_a_database_of_an_older_version_is_left_alone(weiting: Weiting, platform: Platform, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "weiting.db").touch()
    assert (await weiting("wechat", "tags", "list")).code == 0
    with sqlite3.connect(tmp_path / "data" / "weiting.db") as connection:
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == []
