"""Lanes, repeats and processes that come and go, on the fakes."""

import asyncio
from dataclasses import replace

from conversations.model import Deferred, Passive, Refused, Sent, Status
from runtime.bus import LocalBus
from tests.conversations.world import ACCOUNT, HANDS_OVER, LAO, SETTINGS, XIAO, World, tables, told


async def test_every_repeat_of_a_message_gets_the_same_answer_from_one_turn(world: World) -> None:
    world.brain.gate = asyncio.Event()
    first = asyncio.create_task(world.say("查话费", key="m7"))
    second = asyncio.create_task(world.say("查话费", key="m7"))
    await world.settle()
    world.brain.gate.set()
    assert {await first, await second, await world.say("查话费", key="m7")} == {Passive("echo: 查话费")}
    assert len(world.brain.requests) == 1


async def test_a_repeat_after_the_hold_passed_does_not_turn_deferred_into_passive(world: World) -> None:
    world.brain.gate = asyncio.Event()
    assert await world.say("查话费", key="m7", hold_s=0) == Deferred()
    world.brain.gate.set()
    await world.settle()
    assert await world.say("查话费", key="m7") == Deferred()
    assert told(world) == ["echo: 查话费"]


async def test_the_answer_survives_the_process_that_made_it(world: World) -> None:
    await world.say("查话费", key="m7")
    await world.core.workers.kill()
    world.core = world.new_core()
    assert await world.say("查话费", key="m7") == Passive("echo: 查话费")


async def test_messages_of_one_subscriber_are_answered_in_turn_and_state_goes_along(world: World) -> None:
    world.brain.gate = asyncio.Event()
    calls = [asyncio.create_task(world.say(text)) for text in ("一", "二", "三")]
    await world.settle()
    assert [request.text for request in world.brain.requests] == ["一"]
    world.brain.gate.set()
    await asyncio.gather(*calls)
    assert [(request.text, request.state) for request in world.brain.requests] == [("一", None), ("二", {"turns": 1}), ("三", {"turns": 2})]


async def test_different_subscribers_do_not_wait_for_each_other(world: World) -> None:
    world.brain.gate = asyncio.Event()
    calls = [asyncio.create_task(world.say("查话费", who)) for who in (XIAO, LAO)]
    await world.settle()
    assert len(world.brain.requests) == 2
    world.brain.gate.set()
    await asyncio.gather(*calls)


async def test_the_breaker_stops_asking_and_tries_again_later(world: World) -> None:
    world.brain.down = True
    for number in range(SETTINGS.breaker_failures + 2):
        await world.say("查话费", replace(XIAO, openid=f"o-{number}"))
    assert len(world.brain.requests) == SETTINGS.breaker_failures
    world.brain.down = False
    world.clock.advance(SETTINGS.breaker_open_s)
    assert await world.say("查话费", LAO) == Passive("echo: 查话费")


async def test_a_process_that_dies_while_sending_leaves_it_unknown(world: World) -> None:
    await world.say("人工")
    await world.agent_takes()
    world.channel.gate = asyncio.Event()
    await world.agent_says("一", "k1")
    await world.core.workers.kill()
    world.core = world.new_core()
    world.channel.gate.set()
    world.clock.advance(SETTINGS.lease_s + 2)
    await world.core.sweeper.sweep()
    await world.settle()
    assert (world.outbound()[-1].status, world.outbound()[-1].reason) == (Status.UNKNOWN, "worker_lost")
    assert len(world.channel.attempts) == 1


async def test_a_long_turn_keeps_its_lane(world: World) -> None:
    world.brain.gate = asyncio.Event()
    call = asyncio.create_task(world.say("查话费"))
    await world.settle()
    other = world.new_core()
    for _ in range(5):
        world.clock.advance(12)
        await world.core.workers.renew_once()
        other.workers.wake(world.conversation().conversation_id)
        await asyncio.sleep(0.001)
    assert len(world.brain.requests) == 1
    world.brain.gate.set()
    assert await call == Passive("echo: 查话费")
    await other.workers.kill()


async def test_a_lease_from_before_the_machine_was_started_again_holds_nobody_up(world: World) -> None:
    await world.say("查话费")
    row = replace(world.conversation(), lease_until=world.clock.monotonic() + 1_000_000)
    await world.store.write(lambda records: records.save_conversation(row))
    assert await world.say("查话费") == Passive("echo: 查话费")


async def test_another_process_makes_the_turn_and_the_callback_hears_of_it() -> None:
    """Two core processes: one took the message in, the other has the lane."""
    world = World(bus=LocalBus())
    here, there = world.core, world.new_core()
    for core in (here, there):
        await core.start()
    # after their first sweeps: one of those might find the message before the lane that is woken for it
    await asyncio.sleep(0.01)
    world.brain.gate = asyncio.Event()
    world.core = there
    first = asyncio.create_task(world.say("一"))
    await asyncio.sleep(0.01)
    world.core = here
    second = asyncio.create_task(world.say("二"))
    await asyncio.sleep(0.01)
    world.brain.gate.set()
    assert [await first, await second] == [Passive("echo: 一"), Passive("echo: 二")]
    for core in (here, there):
        await core.stop()


async def test_the_pages_hear_of_queues_and_words() -> None:
    world = World()
    world.brain.script = {"人工": HANDS_OVER}
    heard: list[str] = []

    async def listen() -> None:
        async for _, note in world.bus.subscribe("desk"):
            heard.append(note["kind"])

    task = asyncio.create_task(listen())
    await asyncio.sleep(0)
    await world.say("查话费")
    await asyncio.sleep(0.01)
    assert heard == []
    await world.say("人工")
    await asyncio.sleep(0.01)
    assert set(heard) == {"queue_changed", "conversation_changed"}
    heard.clear()
    await world.agent_takes()
    await world.say("在吗", hold_s=0.1)
    await asyncio.sleep(0.01)
    assert "conversation_changed" in heard
    task.cancel()


async def test_the_late_word_of_a_worker_that_slept_is_believed_only_when_it_was_sent(world: World) -> None:
    await world.say("人工")
    await world.agent_takes()
    late: list[tuple[Sent | Refused, Status]] = [(Sent(), Status.SENT), (Refused("-1", "later"), Status.UNKNOWN)]
    for number, (result, status) in enumerate(late):
        world.channel.gate = asyncio.Event()
        await world.agent_says("一", f"k{number}")
        world.clock.advance(SETTINGS.lease_s + 2)
        other = world.new_core()
        other.workers.wake(world.conversation().conversation_id)
        await world.settle()
        assert world.outbound()[-1].status == Status.UNKNOWN
        world.channel.results = [result]
        world.channel.gate.set()
        await world.settle()
        assert world.outbound()[-1].status == status
        world.channel.gate = None


async def test_accounts_do_not_see_each_other(world: World) -> None:
    await world.say("人工")
    assert {row.account for row in tables(world).handoffs.values()} == {ACCOUNT}
    assert await world.say("查话费", LAO) == Passive("echo: 查话费")
