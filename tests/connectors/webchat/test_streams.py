"""Streams: every line once and in order, in every tab, from every core."""

import asyncio
import json
from dataclasses import replace
from typing import Any

from conversations.model import OutgoingText
from runtime.bus import LocalBus
from tests.connectors.webchat.conftest import TUNING, Start

BOTH_DATABASES = True


async def _take(events: Any, count: int) -> list[dict[str, Any]]:
    """So many lines of a stream."""
    taken: list[dict[str, Any]] = []
    async with asyncio.timeout(10):
        async for event in events:
            if "id" in event:
                taken.append(json.loads(event["data"]))
                assert int(event["id"]) == taken[-1]["seq"]
            if len(taken) == count:
                return taken
    return taken


def _read(lines: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(line["from"], line["text"]) for line in lines]


async def test_two_tabs_see_everything_once(start: Start) -> None:
    chat = await start()
    async with chat.driver.stream("xiao") as one, chat.driver.stream("xiao") as two:
        assert await chat.driver.say("xiao", "你好", "c1")
        expected = [("visitor", "你好"), ("service", "echo: 你好")]
        assert _read(await _take(one, 2)) == expected
        assert _read(await _take(two, 2)) == expected


async def test_a_stream_goes_on_after_the_last_line_that_arrived(start: Start) -> None:
    chat = await start()
    to = await chat.driver.address("xiao")
    channel = chat.scene.connectors.of(to)
    for number in range(1, 46):
        await channel.send(to, OutgoingText(f"m_{number}", f"第{number}句"))
    async with chat.driver.stream("xiao", after=3) as events:
        # more than one answer of the store holds
        assert [line["seq"] for line in await _take(events, 42)] == list(range(4, 46))
    async with chat.driver.stream("xiao", after=3, **{"Last-Event-ID": "44"}) as events:
        await channel.send(to, OutgoingText("m_46", "第46句"))
        assert [line["seq"] for line in await _take(events, 2)] == [45, 46]


async def test_what_one_core_writes_another_shows_at_once(start: Start) -> None:
    bus = LocalBus()
    here, there = await start(bus=bus), await start(bus=bus)
    there.driver._sessions = here.driver._sessions
    async with here.driver.stream("xiao") as events:
        assert await there.driver.say("xiao", "你好", "c1")
        assert _read(await _take(events, 2)) == [("visitor", "你好"), ("service", "echo: 你好")]


async def test_a_wake_up_that_is_lost_costs_one_look(start: Start) -> None:
    # two buses: nothing that one core says reaches the other
    here, there = await start(replace(TUNING, look_s=0.05)), await start()
    there.driver._sessions = here.driver._sessions
    async with here.driver.stream("xiao") as events:
        assert await there.driver.say("xiao", "你好", "c1")
        assert _read(await _take(events, 2)) == [("visitor", "你好"), ("service", "echo: 你好")]


async def test_a_stream_ends_with_its_token(start: Start) -> None:
    chat = await start(replace(TUNING, look_s=0.05))
    async with chat.driver.stream("xiao") as events:
        chat.scene.clock.advance(31 * 86_400)
        async with asyncio.timeout(10):
            assert [event async for event in events] == []


async def test_the_oldest_of_too_many_streams_makes_room(start: Start) -> None:
    chat = await start(replace(TUNING, streams_per_visitor=2))
    async with chat.driver.stream("xiao") as oldest, chat.driver.stream("xiao") as middle, chat.driver.stream("xiao") as newest:
        async with asyncio.timeout(10):
            assert [event["event"] async for event in oldest] == ["crowded"]
        assert await chat.driver.say("xiao", "你好", "c1")
        for events in (middle, newest):
            assert [line["text"] for line in await _take(events, 2)] == ["你好", "echo: 你好"]


async def test_a_full_process_says_when_to_come_back(start: Start) -> None:
    chat = await start(replace(TUNING, most_streams=1))
    async with chat.driver.stream("xiao"):
        status, said = await chat.driver.call("GET", "demo/events", await chat.driver.token("lao"))
        assert (status, said["error"]["retry_after_s"]) == (429, 30)


async def test_typing_after_a_line_is_told_after_it(start: Start) -> None:
    chat = await start()
    to = await chat.driver.address("xiao")
    channel = chat.scene.connectors.of(to)
    async with chat.driver.stream("xiao") as events:
        await channel.typing(to)
        await channel.send(to, OutgoingText("m_1", "好"))
        await channel.typing(to)
        seen: list[str] = []
        async with asyncio.timeout(10):
            async for event in events:
                seen.append(event.get("event", "line"))
                if seen[-2:] == ["line", "typing"]:
                    break
    assert seen.count("line") == 1
