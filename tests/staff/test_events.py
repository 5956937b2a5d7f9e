"""The stream of events over HTTP: resumable, private, and told apart from silence."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from staff import accounts
from staff.settings import StaffSettings
from tests.desk.world import World
from tests.staff.served import Caller, Served, serve


class Listening:
    """An open stream, read event by event."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self.response = response

    async def next(self, seconds: float = 3.0) -> dict[str, Any]:
        """The next event; its id must be the number inside."""
        number = None
        while True:
            line = (await asyncio.wait_for(self.response.content.readline(), seconds)).decode().rstrip("\n")
            if line.startswith("id: "):
                number = int(line[4:])
            if line.startswith("data: "):
                event: dict[str, Any] = json.loads(line[6:])
                assert event["seq"] == number
                return event

    async def line(self) -> str:
        """The next line that is not empty."""
        while True:
            raw = await asyncio.wait_for(self.response.content.readline(), 3)
            if raw.strip() or not raw:
                return raw.decode().strip()


@asynccontextmanager
async def _listen(caller: Caller, query: str = "", **headers: str) -> AsyncIterator[Listening]:
    async with caller.http.get(f"{caller.base}/api/v1/events{query}", headers={**caller.headers, **headers}) as response:
        assert response.status == 200
        assert response.headers["Content-Type"].startswith("text/event-stream")
        yield Listening(response)


async def test_a_page_hears_what_changed_at_once(served: Served) -> None:
    agent = await served.member("lin")
    async with _listen(agent) as stream:
        first = await stream.next()
        assert first["kind"] == "resync"
        await agent.put("presence", {"status": "online"})
        assert await stream.next(1.0) == {"seq": first["seq"] + 1, "kind": "presence_changed", "conversation_id": None}
        conversation = await served.world.ask_for_person("o1")
        await served.world.router.cycle()
        kinds = [(await stream.next(1.0))["kind"] for _ in range(3)]
        assert sorted(kinds) == ["offer_made", "queue_changed", "resync"]
        await agent.post(f"conversations/{conversation}/accept", {"epoch": 1})
        heard = [await stream.next(1.0) for _ in range(2)]
        assert [event["kind"] for event in heard] == ["queue_changed", "conversation_changed"]
        assert {event["conversation_id"] for event in heard} == {conversation}


async def test_a_page_that_comes_back_misses_nothing(served: Served) -> None:
    agent = await served.member("lin", online=True)
    conversation = await served.world.ask_for_person("o1")
    async with _listen(agent, "?after=1") as stream:
        await agent.post(f"conversations/{conversation}/accept", {"epoch": 1})
        seen = (await stream.next())["seq"]
    for state in ("break", "online", "break"):
        await agent.put("presence", {"status": state})
    async with _listen(agent, f"?after={seen}") as stream:
        numbers = [(await stream.next())["seq"] for _ in range(4)]
        assert numbers == [seen + 1, seen + 2, seen + 3, seen + 4]
    # the browser's own coming back: the address is the old one, the header is newer
    async with _listen(agent, f"?after={seen}", **{"Last-Event-ID": str(seen + 3)}) as stream:
        assert (await stream.next())["seq"] == seen + 4


async def test_a_page_that_is_too_far_behind_fetches_everything(served: Served) -> None:
    agent = await served.member("lin", online=True)
    async with _listen(agent, "?after=999") as stream:
        assert await stream.next() == {"seq": 1, "kind": "resync", "conversation_id": None}
        await agent.put("presence", {"status": "break"})
        assert (await stream.next())["seq"] == 2
    async with _listen(agent, "?after=0") as stream:
        assert await stream.next() == {"seq": 2, "kind": "resync", "conversation_id": None}


async def test_nobody_hears_of_another_account(served: Served) -> None:
    outsider = await served.member("wang", accounts_=("other",))
    agent = await served.member("lin")
    async with _listen(outsider) as stream:
        await stream.next()
        await agent.put("presence", {"status": "online"})
        conversation = await served.world.ask_for_person("o1")
        await agent.post(f"conversations/{conversation}/accept", {"epoch": 1})
        await outsider.put("presence", {"status": "online"})
        only = await stream.next()
        assert (only["kind"], only["conversation_id"]) == ("presence_changed", None)
        found = await served.world.desk.agent((await outsider.get("session")).body["agent"]["agent_id"])
        assert found is not None
        assert only["seq"] > 3


async def test_silence_is_filled_with_a_comment_and_ends_with_the_session(world: World) -> None:
    async with serve(world, settings=StaffSettings(heartbeat_s=0.0, look_s=0.05)) as served:
        agent = await served.member("lin")
        async with _listen(agent) as stream:
            await stream.next()
            assert await stream.line() == ": here"
            await accounts.disable(world.db, "lin")
            while line := await stream.line():
                assert line == ": here"


async def test_streams_are_counted_and_a_page_that_went_is_forgotten(world: World) -> None:
    async with serve(world, settings=StaffSettings(streams_per_member=1)) as served:
        agent = await served.member("lin")
        async with _listen(agent) as stream:
            await stream.next()
            assert (await agent.get("events")).code == "too_many_streams"
        for _ in range(50):
            async with agent.http.get(f"{agent.base}/api/v1/events", headers=agent.headers) as again:
                if again.status == 200:
                    return
            await asyncio.sleep(0.02)
        raise AssertionError("the place of a stream that ended is not free")


async def test_streams_end_with_the_server(world: World) -> None:
    async with aiohttp.ClientSession() as outside:
        async with serve(world) as served:
            agent = await served.member("lin")
            response = await outside.get(f"{agent.base}/api/v1/events", headers=agent.headers)
            assert (await Listening(response).next())["kind"] == "resync"
        assert await asyncio.wait_for(response.content.read(), 3) == b"\n"


async def test_the_list_after_the_events_is_the_fresh_list(served: Served) -> None:
    """State is a query: whoever fetches after each event ends with what a fresh page sees."""
    lin, wang = await served.member("lin", online=True), await served.member("wang", online=True)
    async with _listen(wang) as stream:
        await stream.next()
        conversations = [await served.world.ask_for_person(f"o{number}") for number in range(3)]
        for number, conversation in enumerate(conversations):
            await lin.post(f"conversations/{conversation}/accept", {"epoch": 1})
            await lin.post(f"conversations/{conversation}/{'resolve' if number else 'release'}", {"epoch": 2})
        newest, seen = await served.world.desk.newest_event(), 0
        queue: Any = None
        while seen < newest:
            seen = (await stream.next())["seq"]
            queue = (await wang.get("queue")).body
        fresh = (await wang.get("queue")).body
        assert queue == fresh
        assert [one["conversation_id"] for one in fresh["waiting"]] == conversations[:1]
