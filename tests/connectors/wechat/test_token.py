"""The token: one refresher for all processes, bounds that hold whatever WeChat answers and whatever becomes of Redis."""

import asyncio
import base64
import itertools
import json
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
from redis.asyncio import Redis

from connectors.wechat.errors import TokenFault, TokenPaced, TokenRefused, TokenUnusable
from connectors.wechat.messages import Text
from connectors.wechat.pace import FORCED_A_DAY, forced_apart_s, start_of_day, take
from connectors.wechat.shelf import Token
from connectors.wechat.way_out import WayOut
from conversations.model import Sent
from runtime.clock import FakeClock
from runtime.database import Database
from runtime.redis_client import open_redis
from tests.connectors.wechat.platform_double import HELLO, KEYRING, TO, Platform, make_way, most_in_a_minute
from tests.servers import open_database

pytestmark = pytest.mark.slow  # real servers and processes

NOBODY = "redis://127.0.0.1:9/0"


@dataclass
class Deployment:
    """Processes of one deployment over one database and one Redis; their clock is moved by hand."""

    platform: Platform
    session: aiohttp.ClientSession
    url: str
    db_url: str
    clock: FakeClock = field(default_factory=FakeClock)
    counts: Counter[str] = field(default_factory=Counter)
    closing: list[Callable[[], Awaitable[None]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.platform.now = self.clock.monotonic

    def process(self, redis_url: str | None = None) -> WayOut:
        """One more, with connections of its own."""
        db, redis = open_database(self.db_url), open_redis(redis_url or self.url)
        way = make_way(self.platform, self.session, self.clock, db=db, redis=redis, counts=self.counts)
        self.closing.append(lambda: _close(way, db, redis))
        return way

    def processes(self, number: int, redis_url: str | None = None) -> list[WayOut]:
        return [self.process(redis_url) for _ in range(number)]

    async def redis(self, *words: str | bytes) -> Any:
        client = open_redis(self.url)
        try:
            return await client.execute_command(*words)  # type: ignore[no-untyped-call]
        finally:
            await client.aclose()


async def _close(way: WayOut, db: Database, redis: Redis) -> None:
    await way.stop()
    await redis.aclose()
    db.close()


@pytest.fixture
async def deployment(
    platform: Platform, session: aiohttp.ClientSession, embedded_redis_url: str, database_url: str
) -> AsyncIterator[Deployment]:
    made = Deployment(platform, session, embedded_redis_url, database_url)
    await made.redis("FLUSHALL")
    yield made
    for close in made.closing:
        await close()


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


@pytest.mark.parametrize("redis", ["there", "gone", "emptied", "comes and goes"])
async def test_40001_for_ever_costs_two_token_calls_a_minute_whatever_becomes_of_redis(deployment: Deployment, redis: str) -> None:
    """Past the gate, which would stop sending long before: the bound is the token's own. Four minutes, six processes."""
    deployment.platform.errcode = 40001
    ways = deployment.processes(6, NOBODY if redis == "gone" else None)
    if redis == "comes and goes":
        ways[3:] = deployment.processes(3, NOBODY)
    for _second in range(0, 240, 2):
        if redis == "emptied":
            await deployment.redis("FLUSHALL")
        for way in ways:
            result = await way.client.send("oA", Text("好"))
            assert not isinstance(result, Sent)
        deployment.clock.advance(2)
    assert most_in_a_minute(deployment.platform.token_at) == 2
    assert all(later - earlier >= 30 for earlier, later in itertools.pairwise(deployment.platform.forced_at))
    assert deployment.platform.forced >= 3


async def test_through_the_gate_40001_for_ever_soon_costs_next_to_nothing(deployment: Deployment) -> None:
    deployment.platform.errcode = 40001
    ways = deployment.processes(3)
    for _ in range(6 * 60):
        for way in ways:
            await way.sender.send(TO, HELLO)
        deployment.clock.advance(10)
    assert most_in_a_minute(deployment.platform.token_at) == 2
    assert deployment.platform.forced <= FORCED_A_DAY
    assert len(deployment.platform.bodies) < 40
    deployment.platform.errcode = 0
    deployment.clock.advance(601)
    assert await ways[0].sender.send(TO, HELLO) == Sent()


async def test_what_is_wrong_is_a_typed_error(deployment: Deployment) -> None:
    way = deployment.process()
    token = await way.token.current()
    assert await way.token.replace(token, 40001) == "T1"
    with pytest.raises(TokenUnusable) as caught:
        await way.token.replace("T1", 40001)
    assert caught.value.errcode == 40001
    assert caught.value.wait_s >= 30
    assert deployment.counts["token_failed.40001"] == 1


async def test_a_wrong_secret_is_asked_twice_a_minute_by_all_processes(deployment: Deployment) -> None:
    deployment.platform.token_errcode = 40125
    ways = deployment.processes(4)
    for _ in range(60):
        for way in ways:
            with pytest.raises(TokenFault) as caught:
                await way.token.current()
            assert isinstance(caught.value, TokenRefused | TokenPaced)
        deployment.clock.advance(3)
    assert most_in_a_minute(deployment.platform.token_at) == 2
    assert deployment.platform.tokens >= 4


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


def test_forced_refreshes_are_twenty_a_day_and_thirty_seconds_apart() -> None:
    clock, state, made = FakeClock(), {}, list[float]()  # type: ignore[var-annotated]
    clock._now = start_of_day(clock.now())
    for second in range(0, 2 * 86_400, 10):
        state, wait_s = take(state, clock.now(), forced=True)
        if not wait_s:
            made.append(second)
        clock.advance(10)
    assert [sum(day * 86_400 <= one < (day + 1) * 86_400 for one in made) for day in (0, 1)] == [FORCED_A_DAY] * 2
    assert min(later - earlier for earlier, later in itertools.pairwise(made)) >= 30
    assert most_in_a_minute(made) <= 2
    assert forced_apart_s(100) == 3600


def test_a_clock_that_is_put_back_blocks_for_two_minutes_at_most() -> None:
    clock = FakeClock()
    later, state = clock.now() + timedelta(days=3), {}  # type: ignore[var-annotated]
    for _ in range(2):
        state, _wait_s = take(state, later, forced=False)
    assert take(state, clock.now(), forced=False)[1] == 0
    for _ in range(2):
        state, _wait_s = take(state, clock.now() + timedelta(seconds=59), forced=False)
    assert 0 < take(state, clock.now(), forced=False)[1] <= 120


async def _all_have(one: WayOut, other: WayOut, token: str) -> bool:
    return [await way.token.current() for way in (one, other)] == [token, token]


async def _is(true: bool) -> bool:
    return true


async def _until(true: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(10):
        while not await true():
            await asyncio.sleep(0.01)
