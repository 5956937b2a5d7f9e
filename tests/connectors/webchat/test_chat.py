"""Visitors over the real addresses: what they see, in which order, in how many tabs, and what nobody else sees."""

import asyncio
from dataclasses import replace
from functools import partial
from typing import Any

from sqlalchemy import select

from connectors.webchat.settings import Rate
from connectors.webchat.tables import web_line, web_visitor
from conversations.adapters.tables import conversation
from conversations.model import BotAnswer, HandoffRequest, OutgoingText, Reason
from conversations.rows import Conversation
from runtime.bus import LocalBus
from tests.connectors.webchat.conftest import TUNING, Chat, Start

BOTH_DATABASES = True
ASKED = BotAnswer(("好的。",), {"intent": "request_human"}, "handoff", {}, HandoffRequest(Reason.ASKED))


async def _lines(chat: Chat, count: int, person: str = "xiao") -> list[dict[str, Any]]:
    async with asyncio.timeout(10):
        while len(lines := await chat.driver.lines(person)) < count:
            await asyncio.sleep(0.01)
    return lines


async def _assign(chat: Chat) -> Conversation:
    """The only conversation, to 小林."""
    one, now = select(conversation.c.conversation_id, conversation.c.epoch), chat.scene.clock.now()
    name, epoch = await chat.scene.db.read(lambda c: tuple(c.execute(one).one()))
    ownership = chat.scene.conversations.ownership
    return await chat.scene.db.write(
        partial(ownership.assign, conversation_id=name, expected_epoch=epoch, agent_id="a1", agent_name="小林", now=now)
    )


def _read(lines: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(line["from"], line["text"]) for line in lines]


async def test_question_and_answer_are_numbered_without_gaps(start: Start) -> None:
    chat = await start()
    for number in range(3):
        assert await chat.driver.say("xiao", f"第{number}句", f"c{number}")
        await _lines(chat, 2 * number + 2)
    lines = await _lines(chat, 6)
    assert [line["seq"] for line in lines] == [1, 2, 3, 4, 5, 6]
    assert _read(lines)[:2] == [("visitor", "第0句"), ("service", "echo: 第0句")]
    assert lines[0]["client_id"] == "c0"


async def test_a_repeated_client_id_has_the_number_it_had(start: Start) -> None:
    chat = await start()
    token = await chat.driver.token("xiao")
    first = await chat.driver.call("POST", "demo/messages", token, json={"client_id": "c1", "text": "你好"})
    again = await chat.driver.call("POST", "demo/messages", token, json={"client_id": "c1", "text": "别的话"})
    assert first == (202, {"seq": 1, "client_id": "c1", "repeated": False})
    assert again == (202, {"seq": 1, "client_id": "c1", "repeated": True})
    assert [line["text"] for line in await _lines(chat, 2)] == ["你好", "echo: 你好"]


async def test_a_page_asks_for_the_newest_lines_and_for_those_before(start: Start) -> None:
    chat = await start()
    to, token = await chat.driver.address("xiao"), await chat.driver.token("xiao")
    for number in range(1, 46):
        await chat.scene.connectors.of(to).send(to, OutgoingText(f"m_{number}", "好"))

    async def read(query: str) -> tuple[list[int], bool]:
        status, found = await chat.driver.call("GET", f"demo/messages{query}", token)
        assert status == 200
        return [line["seq"] for line in found["lines"]], found["more"]

    assert await read("") == (list(range(26, 46)), True)
    assert await read("?before=26") == (list(range(6, 26)), True)
    assert await read("?before=6") == (list(range(1, 6)), False)
    assert await read("?after=0") == (list(range(1, 21)), True)
    assert await read("?after=40") == ([41, 42, 43, 44, 45], False)
    assert await read("?after=45") == ([], False)
    for query in ("?after=x", "?before=-1", "?after=%F0%9F%98%80"):
        assert (await chat.driver.call("GET", f"demo/messages{query}", token))[0] == 400


async def test_a_bubble_that_is_sent_twice_is_one_line(start: Start) -> None:
    chat = await start()
    to = await chat.driver.address("xiao")
    await asyncio.gather(*(chat.scene.connectors.of(to).send(to, OutgoingText("m_1", "好")) for _ in range(5)))
    assert [line["seq"] for line in await chat.driver.lines("xiao")] == [1]


async def test_many_who_write_at_once_get_numbers_without_gaps(start: Start) -> None:
    bus = LocalBus()
    here, there = await start(bus=bus), await start(bus=bus)
    to = await here.driver.address("xiao")
    there.driver._sessions = here.driver._sessions
    channels = [chat.scene.connectors.of(to) for chat in (here, there)]
    await asyncio.gather(*(channels[i % 2].send(to, OutgoingText(f"m_{i}", "好")) for i in range(40)))
    assert [line["seq"] for line in await here.driver.lines("xiao")] == list(range(1, 21))
    assert [line["seq"] for line in await there.driver.lines("xiao", after=20)] == list(range(21, 41))


async def test_a_chat_is_greeted_once(start: Start) -> None:
    chat = await start()
    token = await chat.driver.token("xiao")
    for _ in range(3):
        assert (await chat.driver.call("POST", "demo/greeting", token))[0] == 202
    assert await chat.driver.say("xiao", "你好", "c1")
    lines = await _lines(chat, 3)
    assert len(lines) == 3
    assert lines[0]["text"].startswith("您好，我是小微")
    assert "关注" not in lines[0]["text"]


async def test_nothing_counts_how_much_an_agent_says(start: Start) -> None:
    chat = await start()
    chat.scene.brain.script["人工"] = ASKED
    assert await chat.driver.say("xiao", "人工", "c1")
    await _lines(chat, 2)
    core, now = chat.scene.conversations, chat.scene.clock.now
    row = await _assign(chat)
    name = row.conversation_id
    # two days later, and more than WeChat would ever take
    chat.scene.clock.advance(50 * 3600)
    for number in range(12):
        say = partial(core.ownership.write_agent_message, text=f"第{number}句", client_id=f"a{number}")
        await chat.scene.db.write(
            partial(say, conversation_id=name, expected_epoch=row.epoch, now=now(), agent_id="a1", agent_name="小林")
        )
        await chat.scene.bus.publish("lane", {"conversation_id": name})
    lines = await _lines(chat, 14)
    assert [(line["speaker"], line["text"]) for line in lines[2:]] == [("小林", f"第{number}句") for number in range(12)]
    detail = await chat.scene.db.read(lambda c: core.reading.read_conversation(c, name, now()))
    assert detail.purse is None
    summaries = await chat.scene.db.read(lambda c: core.reading.read_summaries(c, ("demo",), now()))
    assert [one.purse_left for one in summaries] == [None]


async def test_a_rating_is_asked_with_buttons_and_counted(start: Start) -> None:
    chat = await start()
    chat.scene.brain.script["人工"] = ASKED
    assert await chat.driver.say("xiao", "人工", "c1")
    await _lines(chat, 2)
    core, now = chat.scene.conversations, chat.scene.clock.now
    row = await _assign(chat)
    name = row.conversation_id
    await chat.scene.db.write(lambda c: core.ownership.resolve(c, name, expected_epoch=row.epoch, now=now(), agent_id="a1"))
    await chat.scene.bus.publish("lane", {"conversation_id": name})
    asked = (await _lines(chat, 3))[2]
    assert [one["label"] for one in asked["choices"]] == ["满意", "一般", "不满意"]
    assert await chat.driver.say("xiao", "满意", "c2", choice=asked["choices"][0]["id"])
    lines = await _lines(chat, 5)
    assert lines[3]["choice"] == asked["choices"][0]["id"]
    detail = await chat.scene.db.read(lambda c: core.reading.read_conversation(c, name, now()))
    assert detail.handoff is not None
    assert detail.handoff.rating == "satisfied"


async def test_who_ends_the_chat_is_forgotten(start: Start) -> None:
    chat = await start()
    assert await chat.driver.say("xiao", "我的号码是17900000001", "c1")
    await _lines(chat, 2)
    token, to = await chat.driver.token("xiao"), await chat.driver.address("xiao")
    async with chat.driver.stream("xiao", after=2) as events:
        assert (await chat.driver.call("DELETE", "demo/session", token))[0] == 204
        async with asyncio.timeout(10):
            assert (await anext(events))["event"] == "over"
    assert (await chat.driver.call("DELETE", "demo/session", token))[0] == 204
    lines, visitor = await chat.scene.db.read(lambda c: (c.execute(select(web_line)).all(), c.execute(select(web_visitor)).one()))
    assert lines == []
    assert visitor.ended_at is not None
    for method, path in (("POST", "session"), ("GET", "messages"), ("GET", "events"), ("POST", "greeting")):
        status, said = await chat.driver.call(method, f"demo/{path}", token)
        assert (status, said["error"]["code"]) == (401, "session_ended"), path
    status, said = await chat.driver.call("POST", "demo/messages", token, json={"client_id": "c2", "text": "还在吗"})
    assert (status, said["error"]["code"]) == (401, "session_ended")
    events_stored = [one.name for one in await chat.scene.stored(to)]
    assert events_stored == [""]
    async with asyncio.timeout(10):
        while (await chat.scene.db.read(lambda c: c.execute(select(conversation.c.followed)).scalar())) is not False:
            await asyncio.sleep(0.01)


async def test_a_visit_makes_a_new_token_for_the_same_visitor(start: Start) -> None:
    chat = await start()
    first = await chat.driver.session("xiao")
    chat.scene.clock.advance(20 * 86_400)
    status, second = await chat.driver.call("POST", "demo/session", first["token"])
    assert (status, second["visitor"], second["renewed"]) == (200, first["visitor"], True)
    chat.scene.clock.advance(20 * 86_400)
    assert (await chat.driver.call("GET", "demo/messages", first["token"]))[1]["error"]["code"] == "session_expired"
    assert (await chat.driver.call("GET", "demo/messages", second["token"]))[0] == 200


async def test_too_many_calls_are_told_when_to_come_back(start: Start) -> None:
    chat = await start(replace(TUNING, visitor_messages=Rate(2, 0.1), address_sessions=Rate(3, 0.5)))
    token = await chat.driver.token("xiao")
    statuses = [
        (await chat.driver.call("POST", "demo/messages", token, json={"client_id": f"c{number}", "text": "你好"}))[0] for number in range(3)
    ]
    assert statuses == [202, 202, 429]
    async with chat.scene.http.post(
        f"{chat.scene.base}/chat/demo/messages", headers={"Authorization": f"Bearer {token}"}, json={"client_id": "c2", "text": "你好"}
    ) as response:
        assert (response.status, response.headers["Retry-After"]) == (429, "10")
        assert (await response.json())["error"]["retry_after_s"] == 10
    # another visitor of the same address goes on, until the address has made too many
    assert await chat.driver.say("lao", "在吗", "c1")
    chat.scene.clock.advance(10)
    assert await chat.driver.say("xiao", "还在吗", "c2")
    sessions = [(await chat.driver.call("POST", "demo/session"))[0] for _ in range(4)]
    assert sessions == [200, 200, 200, 429]
    elsewhere = await chat.driver.call("POST", "demo/session", headers={"X-Forwarded-For": "198.51.100.7"})
    assert elsewhere[0] == 200
