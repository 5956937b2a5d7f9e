"""The way to the action server: one kept-alive session, and a watch over what came of each action."""

import time
from typing import Any, Dict, List, Optional

import aiohttp
import orjson
from rasa.core.actions.action import Action, ActionExecutionRejection, RemoteAction
from rasa.core.channels.channel import OutputChannel
from rasa.core.nlg import NaturalLanguageGenerator
from rasa.core.policies.policy import PolicyPrediction
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, Event
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import ClientResponseError, EndpointConfig

from bot.engine.box import BOX

SECRET_HEADER = "X-Weiting-Secret"  # noqa: S105
TIMEOUT_S = 10.0


class ActionEndpoint(EndpointConfig):
    """One industry's webhook. Rasa's own endpoint opens a new connection for each call; this one keeps them.

    `url` ends in /INDUSTRY/webhook. A turn that names an action server is answered by that one: the core that asks is alive, and of
    several cores each has its own.
    """

    def __init__(self, url: str, secret: str = "", timeout_s: float = TIMEOUT_S) -> None:
        super().__init__(url)
        self._path = "/".join(url.rsplit("/", 2)[1:])
        self._timeout_s = timeout_s
        self._secret = secret
        self._session: Optional[aiohttp.ClientSession] = None

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            headers = {"Content-Type": "application/json"}
            if self._secret:
                headers[SECRET_HEADER] = self._secret
            self._session = aiohttp.ClientSession(headers=headers, timeout=aiohttp.ClientTimeout(total=self._timeout_s))
        return self._session

    async def request(self, method: str = "post", subpath: Optional[str] = None, **kwargs: Any) -> Any:
        """Posts one action call. Raises what Rasa expects of an endpoint: ClientResponseError, aiohttp's client errors."""
        body: Dict[str, Any] = kwargs["json"]
        box = BOX.get()
        since = time.perf_counter()
        try:
            url = f"{box.actions_url}/{self._path}" if box is not None and box.actions_url else self.url
            async with self._open().post(url, data=orjson.dumps(body)) as response:
                answer = await response.read()
                if response.status >= 400:
                    raise ClientResponseError(response.status, response.reason, answer)
                return orjson.loads(answer)
        finally:
            if box is not None:
                box.spend("action", since)

    async def close(self) -> None:
        """Closes the kept connections."""
        if self._session is not None:
            await self._session.close()


class WatchedAction(Action):
    """Rasa swallows what an action raises and goes on as if nothing had been said; this notes it on the turn."""

    def __init__(self, inner: Action) -> None:
        self._inner = inner

    def name(self) -> str:
        return self._inner.name()

    def event_for_successful_execution(self, prediction: PolicyPrediction) -> ActionExecuted:
        return self._inner.event_for_successful_execution(prediction)

    async def run(
        self, output_channel: OutputChannel, nlg: NaturalLanguageGenerator, tracker: DialogueStateTracker, domain: Domain
    ) -> List[Event]:
        box = BOX.get()
        try:
            events = await self._inner.run(output_channel, nlg, tracker, domain)
        except ActionExecutionRejection:
            raise
        except Exception:
            if box is not None:
                box.outcomes[self.name()] = "failed"
            raise
        if box is not None and isinstance(self._inner, RemoteAction):
            box.outcomes.setdefault(self.name(), "ok")
        return events
