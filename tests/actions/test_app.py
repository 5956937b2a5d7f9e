"""The webhook over HTTP: secret, paths, bodies, and an action that breaks."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher
from sanic import Sanic

from actions.app import SECRET_HEADER, make_app
from actions.phrases import Phrases
from actions.turn import Event
from runtime.errors import SettingsError
from tests.actions.carrier.desk import DOMAIN, CarrierDesk


class Greet(Action):
    """Says one thing."""

    def name(self) -> str:
        return "action_greet"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[Event]:
        dispatcher.utter_message(response="utter_greet")
        return []


class Break(Action):
    """Breaks."""

    def name(self) -> str:
        return "action_break"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[Event]:
        raise ZeroDivisionError


@asynccontextmanager
async def served(app: Sanic[Any, Any]) -> AsyncIterator[str]:
    listening = socket.create_server(("127.0.0.1", 0))
    server: Any = await app.create_server(sock=listening, return_asyncio_server=True, access_log=False)
    await server.startup()
    task = asyncio.ensure_future(server.serve_forever())
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        await server.close()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def call(action: str) -> dict[str, Any]:
    tracker = {
        "sender_id": "s",
        "slots": {},
        "latest_message": {"text": "x"},
        "events": [],
        "paused": False,
        "followup_action": None,
        "active_loop": {},
        "latest_action_name": "action_listen",
    }
    return {"next_action": action, "tracker": tracker, "version": "3.6.21"}


async def post(base: str, path: str, body: Any, **headers: str) -> tuple[int, Any]:
    async with aiohttp.ClientSession() as session, session.post(base + path, json=body, headers=headers) as response:
        return response.status, await response.json()


async def test_each_industry_has_its_path_and_knows_only_its_own() -> None:
    app = make_app({"carrier": [Greet()], "kiosk": [Break()]})
    async with served(app) as base:
        status, body = await post(base, "/carrier/webhook", call("action_greet"))
        assert status == 200
        assert body["responses"][0]["response"] == "utter_greet"
        assert (await post(base, "/kiosk/webhook", call("action_greet")))[0] == 404
        assert (await post(base, "/museum/webhook", call("action_greet")))[0] == 404
        async with aiohttp.ClientSession() as session, session.get(base + "/health") as response:
            assert (await response.json())["industries"] == ["carrier", "kiosk"]


async def test_the_shared_secret_is_asked_for() -> None:
    async with served(make_app({"carrier": [Greet()]}, "s3cret")) as base:
        assert (await post(base, "/carrier/webhook", call("action_greet")))[0] == 403
        assert (await post(base, "/carrier/webhook", call("action_greet"), **{SECRET_HEADER: "other"}))[0] == 403
        assert (await post(base, "/carrier/webhook", call("action_greet"), **{SECRET_HEADER: "s3cret"}))[0] == 200


@pytest.mark.parametrize("body", [[], {}, {"tracker": 1}, "x", None])
async def test_a_body_that_is_no_action_call_is_refused(body: Any) -> None:
    async with served(make_app({"carrier": [Greet()]})) as base:
        assert await post(base, "/carrier/webhook", body) == (400, {"error": {"code": "bad_request"}})


async def test_an_action_that_breaks_tells_the_subscriber_and_asks_for_a_person() -> None:
    async with served(make_app({"carrier": [Break()]})) as base:
        status, body = await post(base, "/carrier/webhook", call("action_break"))
    assert status == 200
    assert body["responses"][0]["response"] == "utter_broken"
    told = [one["custom"]["weiting"] for one in body["responses"] if one["custom"]]
    assert {"outcome": {"name": "action_break", "outcome": "failed"}} in told
    assert any(one.get("handoff", {}).get("reason") == "action_failed" for one in told)
    assert "ZeroDivision" not in str(body)


async def test_a_message_without_its_metadata_is_a_fault_and_opens_nothing(desk: CarrierDesk) -> None:
    async with served(make_app({"carrier": desk.actions})) as base:
        _, body = await post(base, "/carrier/webhook", call("action_query_balance"))
    assert body["responses"][0]["response"] == "utter_broken"
    assert desk.identity.audit == []


def test_a_folder_without_responses_is_a_setting_that_is_wrong() -> None:
    with pytest.raises(SettingsError):
        Phrases.load(DOMAIN.parent / "rules")
