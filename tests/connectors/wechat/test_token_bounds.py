"""How often a token is asked for: bounds that hold whatever WeChat answers and whatever becomes of Redis."""

import itertools
from datetime import timedelta

import pytest

from connectors.wechat.errors import TokenFault, TokenPaced, TokenRefused, TokenUnusable
from connectors.wechat.messages import Text
from connectors.wechat.pace import FORCED_A_DAY, forced_apart_s, start_of_day, take
from conversations.model import Sent
from runtime.clock import FakeClock
from tests.connectors.wechat.platform_double import HELLO, TO, most_in_a_minute
from tests.connectors.wechat.processes import NOBODY, Deployment

pytestmark = pytest.mark.slow  # real servers and processes


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
