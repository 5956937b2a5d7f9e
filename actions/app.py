"""The action server: rasa-sdk's webhook, one path per industry.

rasa-sdk's own app serves one executor on every address with any origin allowed; this one serves an executor per industry, asks for the
shared secret when there is one, and never lets a failed action end in silence: the subscriber is told, and a person takes over.
"""

import hmac
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import structlog
from rasa_sdk import Action
from rasa_sdk.executor import ActionExecutor, CollectingDispatcher
from rasa_sdk.interfaces import ActionExecutionRejection, ActionNotFoundException
from sanic import HTTPResponse, Request, Sanic, json

from actions.handing import GENERAL_SKILL, SAID_AT_MOST
from actions.reply import Handoff, Reply
from actions.turn import drop_everything
from runtime.ids import new_id
from runtime.masking import mask_text
from runtime.signals import QuietSignals

SECRET_HEADER = "X-Weiting-Secret"  # noqa: S105
_log = structlog.get_logger(__name__)


def make_app(
    industries: Mapping[str, Sequence[Action]], shared_secret: str | None = None
) -> Sanic[Any, Any]:
    """An app with `POST /INDUSTRY/webhook` for each industry's actions, and `GET /health`.

    With `shared_secret` every webhook call must carry it as X-Weiting-Secret; 403 otherwise. An empty secret counts as none.
    """
    # Sanic keeps a register of names; a process may serve more than one of these
    app: Sanic[Any, Any] = Sanic(new_id("actions"), configure_logging=False, signal_router=QuietSignals())
    app.config.TOUCHUP = False
    app.config.ACCESS_LOG = False
    executors = {industry: make_executor(actions) for industry, actions in industries.items()}

    @app.get("/health")
    async def health(_: Request) -> HTTPResponse:
        return json({"status": "ok", "industries": sorted(executors)})

    @app.post("/<industry:str>/webhook")
    async def webhook(request: Request, industry: str) -> HTTPResponse:
        given = request.headers.get(SECRET_HEADER, "")
        if shared_secret and not hmac.compare_digest(given.encode(), shared_secret.encode()):
            return _error(403, "forbidden")
        executor = executors.get(industry)
        if executor is None:
            return _error(404, "unknown_industry")
        call = request.json if request.body else None
        if not isinstance(call, dict) or not isinstance(call.get("tracker"), dict):
            return _error(400, "bad_request")
        status, body = await run_action(executor, call)
        return json(body, status=status)

    return app


def make_executor(actions: Sequence[Action]) -> ActionExecutor:
    """rasa-sdk's executor with these actions registered as they are."""
    executor = ActionExecutor()
    for action in actions:
        executor.register_action(action)
    return executor


async def run_action(executor: ActionExecutor, call: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    """(HTTP status, body) of one action call, as Rasa's RemoteAction reads them. An action that breaks answers 200 with a handoff."""
    # Our actions read responses and slots by name, never the domain; without one the SDK would ask for it again (449).
    call.setdefault("domain", {})
    try:
        with warnings.catch_warnings():
            # The SDK is newer than the bot's Rasa on purpose; that pair is what the tests run on.
            warnings.filterwarnings("ignore", message=".*rasa.*", category=UserWarning)
            result = await executor.run(call)
    except ActionExecutionRejection as rejection:
        return 400, {"error": rejection.message, "action_name": rejection.action_name}
    except ActionNotFoundException as unknown:
        return 404, {"error": unknown.message, "action_name": unknown.action_name}
    except Exception:
        _log.exception("action_broke", action=call.get("next_action"))
        return 200, _broken(str(call.get("next_action")), call["tracker"])
    return 200, result.model_dump() if result else {"events": [], "responses": []}


def _broken(action: str, tracker: dict[str, Any]) -> dict[str, Any]:
    said = str((tracker.get("latest_message") or {}).get("text") or "")
    dispatcher = CollectingDispatcher()
    reply = Reply(dispatcher, action)
    reply.say("broken")
    reply.outcome("failed")
    reply.hand_over(Handoff("action_failed", action.removeprefix("action_"), mask_text(said)[:SAID_AT_MOST], GENERAL_SKILL))
    return {"events": drop_everything(), "responses": dispatcher.messages}


def _error(status: int, code: str) -> HTTPResponse:
    return json({"error": {"code": code}}, status=status)
