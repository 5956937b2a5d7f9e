"""The doctor changes nothing, survives what it looks at, and says what to do."""

import asyncio
import json
import os
import socket
import sqlite3
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from cli.checks.database import check_database
from cli.checks.finding import Finding, Level, bad, ok
from cli.checks.folder import check_folder, check_keys
from cli.checks.machine import check_bot, check_models, check_ports, check_web_chat
from cli.checks.redis import check_redis
from cli.checks.wechat import check_wechat, judge
from cli.deployment import Deployment
from cli.doctor import examine, run_doctor
from cli.locks import only_one
from cli.migrate import migrate
from runtime.errors import SettingsError
from tests.cli.conftest import Make
from tests.e2e.driver import free_base

pytestmark = pytest.mark.slow  # real servers and processes


def _levels(findings: Iterable[Finding]) -> list[Level]:
    found = list(findings)
    assert all(one.said and (one.mend or one.level is Level.OK) for one in found), found
    return [one.level for one in found]


def _only_bad(findings: Iterable[Finding]) -> Finding:
    (found,) = (one for one in findings if one.level is Level.BAD)
    assert found.mend
    return found


def test_bad_settings_are_a_finding_and_exit_1(capsys: pytest.CaptureFixture[str]) -> None:
    def load() -> Deployment:
        raise SettingsError("account.tokn", "is not a setting")

    assert run_doctor(load, as_json=True) == 1
    line = json.loads(capsys.readouterr().out)
    assert (line["check"], line["level"]) == ("settings", "bad")
    assert "account.tokn" in line["said"]


def test_each_line_is_said_with_its_mend(make_deployment: Make, capsys: pytest.CaptureFixture[str]) -> None:
    owner = make_deployment()

    async def check_one(_owner: Deployment) -> list[Finding]:
        return [ok("one", "well"), bad("two", "broken", "mend it")]

    async def check_two(_owner: Deployment) -> list[Finding]:
        raise RuntimeError("unforeseen")

    findings = asyncio.run(examine(owner, (check_one, check_two)))
    assert [(one.check, one.level) for one in findings] == [
        ("settings", Level.OK), ("one", Level.OK), ("two", Level.BAD), ("two", Level.BAD),
    ]  # fmt: skip
    assert "unforeseen" in findings[-1].said
    assert capsys.readouterr().out == ""


async def test_a_folder_that_never_ran_is_well_and_stays_empty(make_deployment: Make) -> None:
    owner = make_deployment()
    for check in (check_folder, check_keys, check_database):
        assert _levels(await check(owner)) == [Level.OK]
    assert list(owner.data.iterdir()) == []


async def test_keys_that_are_none_and_keys_that_all_may_read(make_deployment: Make) -> None:
    owner = make_deployment()
    owner.keyring()
    os.chmod(owner.keys_file, 0o644)
    assert _levels(await check_keys(owner)) == [Level.WARN]
    owner.keys_file.write_text("{}")
    _only_bad(await check_keys(owner))


async def test_a_database_that_is_well(make_deployment: Make) -> None:
    owner = make_deployment()
    migrate(owner)
    assert set(_levels(await check_database(owner))) == {Level.OK}


async def test_a_damaged_database_is_bad_and_the_rest_is_not_asked(make_deployment: Make) -> None:
    owner = make_deployment()
    migrate(owner)
    path = owner.data / "weiting.db"
    path.write_bytes(path.read_bytes()[:9000])
    assert "weiting.db" in _only_bad(await check_database(owner)).said


async def test_lost_and_foreign_keys_and_versions(make_deployment: Make) -> None:
    owner = make_deployment()
    migrate(owner)
    owner.keys_file.unlink()
    assert _only_bad(await check_database(owner)).check == "whose database"
    assert not owner.keys_file.exists()
    owner.keyring()
    assert "other keys" in _only_bad(await check_database(owner)).said
    with sqlite3.connect(owner.data / "weiting.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    assert "9999" in {one.check: one for one in await check_database(owner)}["database version"].said


async def test_a_server_that_is_not_there(make_deployment: Make) -> None:
    owner = make_deployment(database="postgresql+psycopg://nobody@127.0.0.1:1/none")
    found = _only_bad(await check_database(owner))
    assert "does not answer" in found.said
    assert "\n" not in found.said


async def test_a_redis_that_is_not_there(make_deployment: Make) -> None:
    owner = make_deployment()
    assert _levels(await check_redis(owner)) == [Level.OK]
    for url in ("redis://127.0.0.1:1/0", "nonsense://x"):
        _only_bad(await check_redis(_with(owner, redis_url=url)))


async def test_ports_taken_by_another_and_by_ourselves(make_deployment: Make) -> None:
    base = free_base()
    owner = make_deployment(ports=base)
    assert _levels(await check_ports(owner)) == [Level.OK]
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", base + 1))
        assert str(base + 1) in _only_bad(await check_ports(owner)).said
        with only_one(owner.data):
            assert _levels(await check_ports(owner)) == [Level.OK]


async def test_an_industry_without_files_and_a_model_that_is_not_trained(make_deployment: Make) -> None:
    owner = make_deployment()
    nowhere = _with(owner, accounts=(replace(owner.settings.accounts[0], industry="nowhere"),))
    assert _levels(await check_models(nowhere)) == [Level.WARN]


@pytest.mark.slow
async def test_the_bots_environment_is_asked(make_deployment: Make) -> None:
    (found,) = await check_bot(make_deployment())
    assert (found.level, "3.10" in found.said) == (Level.OK, True)


@pytest.mark.parametrize(
    ("answer", "word"),
    [
        ({"errcode": 40013, "errmsg": "invalid appid rid: 1"}, "AppID"),
        ({"errcode": 40125, "errmsg": "invalid appsecret"}, "AppSecret"),
        ({"errcode": 40164, "errmsg": "invalid ip 203.0.113.9 ipv6 ::ffff:203.0.113.9, not in whitelist rid: 1"}, "IP白名单"),
        ({"errcode": -1, "errmsg": "system error"}, "again"),
        ({"errcode": 99999}, "全局返回码"),
        ({"errcode": "40013"}, "api_base"),
        ({"access_token": 5}, "api_base"),
        ({}, "api_base"),
        ([1], "api_base"),
        (None, "api_base"),
    ],
)
def test_what_wechat_answers_is_explained(answer: Any, word: str) -> None:
    found = judge("wechat demo", 200, answer)
    assert found.level is Level.BAD
    assert word in found.mend
    if isinstance(answer, dict) and answer.get("errcode") == 40164:
        assert "203.0.113.9" in found.said


def test_a_token_is_well_and_is_not_said() -> None:
    found = judge("wechat demo", 200, {"access_token": "SECRET-TOKEN", "expires_in": 7200})
    assert found.level is Level.OK
    assert "SECRET" not in found.said + found.mend


async def test_wechat_over_http_and_its_clock(make_deployment: Make) -> None:
    secrets: list[Any] = []
    moments = [datetime.now(UTC), datetime.now(UTC) - timedelta(hours=1)]

    async def token(request: web.Request) -> web.Response:
        secrets.append((str(request.url), await request.json()))
        date = moments[len(secrets) - 1].strftime("%a, %d %b %Y %H:%M:%S GMT")
        return web.json_response({"access_token": "x", "expires_in": 7200}, headers={"Date": date})

    app = web.Application()
    app.router.add_post("/cgi-bin/stable_token", token)
    async with TestServer(app) as server:
        owner = make_deployment()
        account = replace(owner.settings.accounts[0], api_base=f"http://127.0.0.1:{server.port}")
        owner = _with(owner, accounts=(account,))
        # this one gives tokens and knows nothing else
        well = await check_wechat(owner)
        assert _levels(one for one in well if one.check in ("wechat demo", "clock")) == [Level.OK, Level.OK]
        late = _only_bad(await check_wechat(owner))
    assert (late.check, "NTP" in late.mend) == ("clock", True)
    assert all(account.secret not in url and body["secret"] == account.secret for url, body in secrets)


@pytest.mark.parametrize("address", ["http://127.0.0.1:1", "http://wechat.invalid"])
async def test_wechat_that_cannot_be_reached(make_deployment: Make, address: str) -> None:
    owner = make_deployment()
    _only_bad(await check_wechat(_with(owner, accounts=(replace(owner.settings.accounts[0], api_base=address),))))


def _with(owner: Deployment, **changes: Any) -> Deployment:
    return replace(owner, settings=replace(owner.settings, **changes))


def test_it_is_said_when_the_folder_takes_no_files(make_deployment: Make, tmp_path: Path) -> None:
    owner = make_deployment()
    owner.data.rmdir()
    assert "takes no files" in _only_bad(asyncio.run(_folder(owner))).said


async def _folder(owner: Deployment) -> list[Finding]:
    return list(await check_folder(owner))


async def test_web_chat_says_where_it_is_and_who_may_show_it_unencrypted(make_deployment: Make) -> None:
    owner = make_deployment()
    account = owner.settings.accounts[0]
    off = _with(owner, accounts=(replace(account, webchat=False),))
    assert await check_web_chat(off) == []
    (found,) = await check_web_chat(_with(owner, accounts=(replace(account, webchat=True),)))
    assert found.level is Level.OK
    assert found.said.endswith(f"/chat/{account.key}")
    plain = replace(account, webchat=True, webchat_origins=("https://a.example", "http://b.example"))
    (found,) = await check_web_chat(_with(owner, accounts=(plain,)))
    assert (found.level, "http://b.example" in found.said, bool(found.mend)) == (Level.WARN, True, True)
