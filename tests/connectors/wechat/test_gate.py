"""An account that WeChat will take nothing from: stopped for all its processes, tried now and then, opened for all."""

from collections import Counter
from datetime import datetime, timedelta

import aiohttp
import pytest

from connectors.wechat.cells import MemoryCell
from connectors.wechat.codes import Do
from connectors.wechat.gate import Gate, Pass
from connectors.wechat.way_out import families_of
from conversations.model import Refused, Sent, Stopped
from runtime.clock import SHANGHAI, FakeClock
from runtime.metrics import render
from tests.connectors.wechat.platform_double import HELLO, TO, Platform, make_way
from tests.connectors.wechat.processes import Deployment

pytestmark = pytest.mark.slow  # real servers and processes


async def test_after_45009_no_process_sends_before_midnight_and_then_one_tries(deployment: Deployment) -> None:
    platform, clock = deployment.platform, deployment.clock  # it is 20:00
    ways = deployment.processes(3)
    platform.errcode = 45009
    assert await ways[0].sender.send(TO, HELLO) == Refused("45009", "stop")
    clock.advance(2)
    for _ in range(4 * 60 - 1):
        for way in ways:
            assert await way.sender.send(TO, HELLO) == Refused("45009", "stop")
        clock.advance(60)
    assert len(platform.bodies) == 1
    ways.append(deployment.process())
    await ways[-1].gate.look()
    assert ways[-1].sender.stopped() == Stopped("45009")
    platform.errcode = 0
    clock.advance(65)
    assert ways[0].sender.stopped() == Stopped("45009", trial=True)
    assert await ways[0].sender.send(TO, HELLO) == Sent()
    clock.advance(1)
    assert [await way.sender.send(TO, HELLO) for way in ways] == [Sent()] * 4
    assert ways[1].sender.stopped() is None


async def test_a_counter_that_wechat_sets_back_late_costs_minutes_not_a_day(deployment: Deployment) -> None:
    platform, clock, way = deployment.platform, deployment.clock, deployment.process()
    platform.errcode = 45009
    await way.sender.send(TO, HELLO)
    clock.advance(4 * 3600 + 6)
    assert await way.sender.send(TO, HELLO) == Refused("45009", "stop")
    assert len(platform.bodies) == 2
    platform.errcode = 0
    clock.advance(61)
    assert await way.sender.send(TO, HELLO) == Sent()


@pytest.mark.parametrize("errcode", [40164, 48001, 48004, 89503])
async def test_what_a_person_must_mend_is_tried_ever_more_seldom_by_one_process_at_a_time(
    deployment: Deployment, errcode: int
) -> None:
    platform, clock, ways = deployment.platform, deployment.clock, deployment.processes(3)
    platform.errcode = errcode
    tried: list[int] = []
    for second in range(3600):
        before = len(platform.bodies)
        for way in ways:
            assert await way.sender.send(TO, HELLO) == Refused(str(errcode), "stop")
        tried += [second] * (len(platform.bodies) - before)
        clock.advance(1)
    assert tried[:6] == [0, 30, 90, 210, 450, 930]
    assert all(later - earlier >= 600 for earlier, later in zip(tried[6:], tried[7:], strict=False))
    platform.errcode = 0
    clock.advance(600)
    assert await ways[2].sender.send(TO, HELLO) == Sent()
    clock.advance(1)
    assert await ways[0].sender.send(TO, HELLO) == Sent()


async def test_a_trial_that_was_refused_for_a_reason_of_its_own_opens(deployment: Deployment) -> None:
    platform, clock, way = deployment.platform, deployment.clock, deployment.process()
    platform.errcodes = [40164, 45047]
    await way.sender.send(TO, HELLO)
    clock.advance(31)
    assert await way.sender.send(TO, HELLO) == Refused("45047", "hold")
    assert way.sender.stopped() is None


async def test_a_trial_that_nobody_answered_says_nothing(deployment: Deployment) -> None:
    platform, clock, way = deployment.platform, deployment.clock, deployment.process()
    platform.errcodes = [40164, "drop"]
    await way.sender.send(TO, HELLO)
    clock.advance(31)
    await way.sender.send(TO, HELLO)
    assert way.sender.stopped() == Stopped("40164", trial=True)


async def test_one_that_died_while_it_tried_is_followed_by_another() -> None:
    clock, cell = FakeClock(), MemoryCell()
    dead, alive = (Gate(cell, clock, "demo", Counter()) for _ in range(2))
    await dead.shut("40164", Do.STOP, 0.0, Pass())
    clock.advance(31)
    assert await dead.enter() == Pass(trial=True)
    assert await alive.enter() == Stopped("40164")
    clock.advance(31)
    assert await alive.enter() == Pass(trial=True)


async def test_many_refusals_at_once_are_one_stop() -> None:
    clock, gate = FakeClock(), Gate(MemoryCell(), FakeClock(), "demo", counts := Counter[str]())
    for _ in range(50):
        await gate.shut("40164", Do.STOP, 0.0, Pass())
    assert counts["sending_stopped.40164"] == 1
    assert gate._stop is not None
    assert gate._stop.until == clock.now().timestamp() + 30


async def test_a_clock_that_is_put_back_leaves_nobody_stopped_for_ever() -> None:
    clock, cell = FakeClock(datetime(2026, 11, 22, 12, tzinfo=SHANGHAI)), MemoryCell()
    gate = Gate(cell, clock, "demo", Counter())
    await gate.shut("45009", Do.STOP_TODAY, 0.0, Pass())
    clock.jump(-timedelta(days=3).total_seconds())
    assert gate.stopped() == Stopped("45009", trial=True)


async def test_it_is_seen_in_metrics_health_and_by_the_doctor(deployment: Deployment) -> None:
    way = deployment.process()
    await way.sender.send(TO, HELLO)
    deployment.platform.errcode = 48001
    await way.sender.send(TO, HELLO)
    await way.quota.write_down()
    page = render(families_of({"demo": way}))
    assert 'weiting_wechat_stopped{account="demo",code="48001"} 1' in page
    assert 'weiting_wechat_calls_today{account="demo",call="custom_send"} 2' in page
    assert 'weiting_wechat_calls_today{account="demo",call="stable_token"} 1' in page
    assert 'weiting_wechat_calls_allowed{call="custom_send"} 500000' in page
    assert deployment.counts["sending_stopped.48001"] == 1


async def test_the_days_calls_of_all_processes_are_added_up_and_end_at_midnight(deployment: Deployment) -> None:
    ways = deployment.processes(3)
    for way in ways:
        await way.sender.send(TO, HELLO)
        await way.quota.write_down()
    await ways[0].quota.write_down()
    assert ways[0].quota.today() == {"custom_send": 3, "stable_token": 1}
    ways[1].quota.count("custom_send")
    deployment.clock.advance(4 * 3600)
    assert ways[1].quota.today() == {}
    await ways[1].quota.write_down()
    await ways[0].sender.send(TO, HELLO)
    await ways[0].quota.write_down()
    await ways[1].quota.write_down()
    assert ways[1].quota.today()["custom_send"] == 1


async def test_without_a_database_a_process_keeps_its_own_state(platform: Platform, session: aiohttp.ClientSession) -> None:
    way = make_way(platform, session)
    platform.errcode = 45009
    for _ in range(5):
        assert await way.sender.send(TO, HELLO) == Refused("45009", "stop")
    assert len(platform.bodies) == 1
