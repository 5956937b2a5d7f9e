"""The token: one refresher for all processes, and what lies in Redis."""

import asyncio
import base64
import json
from collections.abc import Awaitable, Callable

import pytest

from connectors.wechat.shelf import Token
from connectors.wechat.way_out import WayOut
from conversations.model import Sent
from tests.connectors.wechat.platform_double import HELLO, KEYRING, TO
from tests.connectors.wechat.processes import NOBODY, Deployment

pytestmark = pytest.mark.slow  # real servers and processes

async def test_many_at_once_in_many_processes_fetch_one_token(deployment: Deployment) -> None:
    ways = deployment.processes(5)
    deployment.platform.token_pause_s = 0.2
    results = await asyncio.gather(*(way.sender.send(TO, HELLO) for way in ways for _ in range(20)))
    assert set(results) == {Sent()}
    assert deployment.platform.tokens == 1


async def test_the_token_lies_in_one_value_with_its_end_and_nobody_can_read_it(deployment: Deployment) -> None:
    deployment.platform.token_body = {"access_token": "A-LONG-TOKEN-OF-WECHAT", "expires_in": 7200}
    token = await deployment.process().token.current()
    [key] = await deployment.redis("KEYS", "weiting:wechat:*")
    value, life_ms = await deployment.redis("GET", key), await deployment.redis("PTTL", key)
    assert isinstance(value, bytes)
    assert token.encode() not in value
    assert isinstance(life_ms, int)
    assert 7_100_000 < life_ms <= 7_200_000
    body = json.loads(KEYRING.decrypt(base64.b64decode(value)))
    assert (body["token"], body["ends_at"]) == (token, deployment.clock.now().timestamp() + 7200)


@pytest.mark.parametrize("left", [b"", b"rubbish", b"bm90IG91cnM=", "中".encode()])
async def test_what_is_no_token_of_ours_is_none(deployment: Deployment, left: bytes) -> None:
    await deployment.process().token.current()
    [key] = await deployment.redis("KEYS", "weiting:wechat:*")
    await deployment.redis("SET", key, left)
    assert await deployment.process().token.current() == "T0"
    assert deployment.platform.tokens == 2


async def test_a_token_is_fetched_again_behind_the_senders_back_in_its_last_five_minutes(deployment: Deployment) -> None:
    one, other = deployment.processes(2)
    await one.token.current()
    deployment.clock.advance(6899)
    assert await other.token.current() == "T0"
    assert deployment.platform.tokens == 1
    deployment.clock.advance(2)
    deployment.platform.token_body = {"access_token": "NEXT", "expires_in": 7200}
    deployment.platform.token_pause_s = 0.1
    assert [await way.token.current() for way in (one, other)] == ["T0", "T0"]
    await _until(lambda: _all_have(one, other, "NEXT"))
    assert deployment.platform.tokens == 2


async def test_nobody_needs_to_send_for_it_to_be_renewed(deployment: Deployment) -> None:
    way = deployment.process()
    await way.token.current()
    deployment.clock.advance(6950)
    way.token.tend()
    await _until(lambda: _is(deployment.platform.tokens == 2))


async def test_a_renewal_that_fails_leaves_the_old_one_in_use(deployment: Deployment) -> None:
    way = deployment.process()
    await way.token.current()
    deployment.platform.token_errcode = -1
    deployment.clock.advance(6950)
    assert await way.token.current() == "T0"
    await _until(lambda: _is(deployment.counts["token_failed.-1"] == 1))
    assert await way.token.current() == "T0"
    deployment.platform.token_errcode = 0
    deployment.clock.advance(61)
    assert await way.token.current() == "T0"
    await _until(lambda: _is(deployment.platform.tokens == 3))


@pytest.mark.parametrize("errcode", [40001, 40014, 42001, 41001])
async def test_a_refused_token_is_replaced_once_for_all_processes(deployment: Deployment, errcode: int) -> None:
    ways = deployment.processes(3)
    for way in ways:
        assert await way.sender.send(TO, HELLO) == Sent()
    deployment.platform.stale = ("T0", errcode)
    assert [await way.sender.send(TO, HELLO) for way in ways] == [Sent()] * 3
    assert (deployment.platform.tokens, deployment.platform.forced) == (2, 1)


async def test_redis_that_is_gone_costs_no_more_tokens(deployment: Deployment) -> None:
    ways = deployment.processes(4, NOBODY)
    results = await asyncio.gather(*(way.sender.send(TO, HELLO) for way in ways for _ in range(5)))
    assert set(results) == {Sent()}
    assert deployment.platform.tokens == 1


async def test_redis_that_is_emptied_costs_one_call_at_most(deployment: Deployment) -> None:
    one, other = deployment.processes(2)
    await one.token.current()
    await deployment.redis("FLUSHALL")
    assert await one.token.current() == "T0"
    assert await other.token.current() == "T0"
    assert deployment.platform.tokens == 2


async def test_only_its_owner_releases_the_lock_or_writes_under_it(deployment: Deployment) -> None:
    shelf = deployment.process().token._shelf
    key = "weiting:wechat:wx2c2769f8efd9abc2:token"
    mark = await shelf.lock()
    assert mark is not None
    assert await shelf.lock() is None
    await deployment.redis("SET", f"{key}:lock", "another's")
    await shelf.keep(Token("late", deployment.clock.now().timestamp() + 7200), mark)
    assert await shelf.read() is None
    await shelf.unlock(mark)
    assert await deployment.redis("GET", f"{key}:lock") == b"another's"


async def test_a_process_that_died_while_it_fetched_holds_nobody_up_for_long(deployment: Deployment) -> None:
    key = "weiting:wechat:wx2c2769f8efd9abc2:token:lock"
    await deployment.redis("SET", key, "a dead one's", "PX", "300")
    assert await deployment.process().token.current() == "T0"


async def test_a_lock_in_the_database_ends_by_itself(deployment: Deployment) -> None:
    dead, alive = (way.token._shelf for way in deployment.processes(2, NOBODY))
    mark = await dead.lock()
    assert mark is not None
    assert await alive.lock() is None
    deployment.clock.advance(16)
    other = await alive.lock()
    assert other is not None
    await dead.unlock(mark)
    assert await dead.lock() is None


async def _all_have(one: WayOut, other: WayOut, token: str) -> bool:
    return [await way.token.current() for way in (one, other)] == [token, token]


async def _is(true: bool) -> bool:
    return true


async def _until(true: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(10):
        while not await true():
            await asyncio.sleep(0.01)
