"""The bot over HTTP, against a real server that answers as docs/architecture.md says."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from aiohttp import web

from conversations.adapters.brain import HttpBrain
from conversations.errors import BrainDown, IntentUnknown, StateUnreadable
from conversations.model import Address, BotRequest, Reason
from tests.conversations.rows import NOW

pytestmark = pytest.mark.slow  # real servers and processes

REQUEST = BotRequest("t_1", Address("demo", "o-xiao"), "carrier", NOW, {"a": 1}, "查话费", events=({"kind": "queue_left"},))
ANSWER: dict[str, Any] = {
    "turn_id": "t_1", "model": "carrier-1", "state_version": 1, "state": {"a": 2}, "replies": [{"text": "一"}, {"text": "二"}],
    "understanding": {"intent": "query_balance"}, "decision": "answered", "handoff": None, "receipts": [{"source": "x"}],
    "actions": [{"name": "a", "outcome": "ok"}], "timings": {"total_ms": 6},
}  # fmt: skip


class Bot:
    """Answers `status` and `body`, and keeps what it was asked."""

    def __init__(self) -> None:
        self.status = 200
        self.body: Any = ANSWER
        self.raw: bytes | None = None
        self.asked: list[tuple[str, dict[str, str], Any]] = []
        self.gate: asyncio.Event | None = None
        self.url = ""

    async def answer(self, request: web.Request) -> web.Response:
        self.asked.append((request.path, dict(request.headers), await request.json()))
        if self.gate is not None:
            await self.gate.wait()
        if self.raw is not None:
            return web.Response(body=self.raw, status=self.status)
        return web.json_response(self.body, status=self.status)


async def serve(bot: Bot) -> web.AppRunner:
    app = web.Application()
    app.router.add_post("/{path}", bot.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    bot.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    return runner


@pytest.fixture
async def bot() -> AsyncIterator[Bot]:
    made = Bot()
    runner = await serve(made)
    yield made
    if made.gate is not None:
        made.gate.set()
    await runner.cleanup()


@pytest.fixture
async def brain(bot: Bot) -> AsyncIterator[HttpBrain]:
    made = HttpBrain([bot.url], "geheim", timeout_s=0.5)
    yield made
    await made.close()


async def test_a_turn_is_asked_and_read(bot: Bot, brain: HttpBrain) -> None:
    answer = await brain.answer(REQUEST)
    assert answer.replies == ("一", "二")
    assert (answer.state, answer.decision, answer.model, answer.handoff) == ({"a": 2}, "answered", "carrier-1", None)
    assert (answer.receipts, answer.actions, answer.timings) == (({"source": "x"},), ({"name": "a", "outcome": "ok"},), {"total_ms": 6.0})
    [(path, headers, body)] = bot.asked
    assert path == "/turn"
    assert headers["X-Weiting-Secret"] == "geheim"
    assert body == {
        "turn_id": "t_1", "account": "demo", "industry": "carrier", "openid": "o-xiao", "now": "2026-11-22T20:00:00+08:00",
        "state_version": 1, "state": {"a": 1}, "message": {"kind": "text", "text": "查话费"}, "events": [{"kind": "queue_left"}],
    }  # fmt: skip


async def test_a_handoff_is_read_and_an_unknown_reason_does_not_lose_it(bot: Bot, brain: HttpBrain) -> None:
    wish = {"reason": "dispute", "intent": "query_bill", "wish": "多扣了", "skill": "billing", "priority": 1, "proof_level": 2}
    wish["ticket"] = "T1"
    bot.body = ANSWER | {"decision": "handoff", "handoff": wish}
    handoff = (await brain.answer(REQUEST)).handoff
    assert handoff is not None
    assert (handoff.reason, handoff.skill, handoff.priority, handoff.proof_level, handoff.ticket) == (Reason.DISPUTE, "billing", 1, 2, "T1")
    bot.body = ANSWER | {"handoff": {"reason": "a reason of tomorrow"}}
    handoff = (await brain.answer(REQUEST)).handoff
    assert handoff is not None
    assert handoff.reason == Reason.ASKED


async def test_a_state_that_cannot_be_read(bot: Bot, brain: HttpBrain) -> None:
    bot.status, bot.body = 409, {"error": {"code": "bad_state"}}
    with pytest.raises(StateUnreadable):
        await brain.answer(REQUEST)
    with pytest.raises(BrainDown):
        await brain.understand("carrier", "查话费")


@pytest.mark.parametrize("raw", [b"", b"[]", b"null", b"<html>", b'{"replies": 3}', b'{"replies": [{}], "decision": "x", "state": null}'])
async def test_an_answer_that_is_none_is_a_bot_that_is_down(bot: Bot, brain: HttpBrain, raw: bytes) -> None:
    bot.raw = raw
    with pytest.raises(BrainDown):
        await brain.answer(REQUEST)


@pytest.mark.parametrize("status", [400, 403, 500, 503])
async def test_an_error_is_a_bot_that_is_down(bot: Bot, brain: HttpBrain, status: int) -> None:
    bot.status, bot.body = status, {"error": {"code": "fault"}}
    with pytest.raises(BrainDown, match=str(status)):
        await brain.answer(REQUEST)


async def test_a_bot_that_takes_too_long(bot: Bot, brain: HttpBrain) -> None:
    bot.gate = asyncio.Event()
    with pytest.raises(BrainDown):
        await brain.answer(REQUEST)


async def test_turns_go_round_and_one_that_is_gone_is_passed_over(bot: Bot) -> None:
    second = Bot()
    runner = await serve(second)
    brain = HttpBrain([bot.url, second.url], timeout_s=1)
    for _ in range(4):
        await brain.answer(REQUEST)
    assert (len(bot.asked), len(second.asked)) == (2, 2)
    await runner.cleanup()
    for _ in range(4):
        await brain.answer(REQUEST)
    assert len(bot.asked) == 6
    await brain.close()


async def test_no_bot_at_all(unused_tcp_port: int) -> None:
    brain = HttpBrain([f"http://127.0.0.1:{unused_tcp_port}"], timeout_s=1)
    with pytest.raises(BrainDown):
        await brain.answer(REQUEST)
    await brain.close()
    with pytest.raises(BrainDown):
        await HttpBrain([]).answer(REQUEST)


async def test_understanding_alone(bot: Bot, brain: HttpBrain) -> None:
    bot.body = {"intent": "leave_queue", "decision": "accept"}
    assert (await brain.understand("carrier", "不排了"))["intent"] == "leave_queue"
    assert bot.asked[0][0] == "/parse"
    assert bot.asked[0][2] == {"industry": "carrier", "text": "不排了"}


async def test_half_a_sign_does_not_break_the_request(bot: Bot, brain: HttpBrain) -> None:
    await brain.answer(replace(REQUEST, text="\ud800"))
    assert bot.asked[0][2]["message"]["text"] == "?"


async def test_the_bot_is_told_whose_action_server_to_ask(bot: Bot) -> None:
    for actions_url in (None, "http://127.0.0.1:8103"):
        brain = HttpBrain([bot.url], actions_url=actions_url)
        await brain.answer(REQUEST)
        await brain.close()
    assert [asked[2].get("actions_url") for asked in bot.asked] == [None, "http://127.0.0.1:8103"]


async def test_a_menu_key_goes_as_an_intent_and_a_place_with_it(bot: Bot, brain: HttpBrain) -> None:
    place = {"latitude": 23.1, "longitude": 113.3, "label": "天河路"}
    await brain.answer(replace(REQUEST, kind="intent", text="find_store", place=place))
    [(_, _, body)] = bot.asked
    assert body["message"] == {"kind": "intent", "text": "find_store", "place": place}


async def test_an_intent_the_bot_has_not_is_told_from_a_bot_that_is_down(bot: Bot, brain: HttpBrain) -> None:
    bot.status, bot.body = 400, {"error": {"code": "unknown_intent"}}
    with pytest.raises(IntentUnknown):
        await brain.answer(replace(REQUEST, kind="intent", text="fly"))
    bot.body = {"error": {"code": "bad_request"}}
    with pytest.raises(BrainDown):
        await brain.answer(replace(REQUEST, kind="intent", text="fly"))
