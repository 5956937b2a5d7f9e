"""One request to WeChat: time-outs on every part, what it was counted under, and errors that name no address.

The token travels in the query string, so no error of the HTTP library leaves this module, not even as a cause: its text may hold it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp

from connectors.wechat.errors import PlatformFault, Unreached
from connectors.wechat.quota import Quota

_JSON = {"Content-Type": "application/json; charset=utf-8"}
_NOT_CONNECTED = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL)


@dataclass(frozen=True)
class CallSettings:
    """Where WeChat is, and how long it may take, in seconds. Waiting for a free connection ends before the whole does, so that a
    request that never left is known as such."""

    api_base: str
    total_s: float = 5.0
    connect_s: float = 2.0
    read_s: float = 4.0
    upload_s: float = 30.0

    def timeout(self, *, upload: bool = False) -> aiohttp.ClientTimeout:
        total = self.upload_s if upload else self.total_s
        return aiohttp.ClientTimeout(
            total=total, connect=min(self.connect_s, total / 2), sock_connect=self.connect_s, sock_read=min(self.read_s, total)
        )


class Calls:
    """What the sender, the token and the materials of one account share."""

    def __init__(self, settings: CallSettings, session: aiohttp.ClientSession, quota: Quota) -> None:
        self._settings = settings
        self._session = session
        self._quota = quota

    async def post(self, call: str, path: str, body: Mapping[str, Any], token: str | None = None) -> dict[str, Any]:
        """The answer's object. `call` is the name it is counted under. Raises Unreached, or PlatformFault when the request went out
        and nothing that is an answer came back."""
        # raw UTF-8: WeChat shows \\uXXXX escapes as they are, or answers 40033
        data = json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
        return await self._request(call, path, token, self._settings.timeout(), data=data, headers=_JSON)

    async def upload(self, call: str, path: str, form: aiohttp.FormData, token: str, query: Mapping[str, str]) -> dict[str, Any]:
        """The same with a file."""
        return await self._request(call, path, token, self._settings.timeout(upload=True), query, data=form)

    async def _request(
        self, call: str, path: str, token: str | None, timeout: aiohttp.ClientTimeout, query: Mapping[str, str] | None = None, **rest: Any
    ) -> dict[str, Any]:
        self._quota.count(call)
        params = dict(query or {}) | ({"access_token": token} if token is not None else {})
        fault: PlatformFault
        try:
            # a redirect would carry the token to whom it names
            async with self._session.post(
                f"{self._settings.api_base}{path}", params=params, timeout=timeout, allow_redirects=False, **rest
            ) as response:
                answer = json.loads(await response.read())
            if isinstance(answer, dict):
                return answer
            fault = PlatformFault(f"{call}: not an object")
        except _NOT_CONNECTED as error:
            fault = Unreached(f"{call}: {type(error).__name__}")
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            fault = PlatformFault(f"{call}: {type(error).__name__}")
        # raised out here, it has no context either
        raise fault


def errcode_of(answer: Mapping[str, Any]) -> int | None:
    """None when there is none, or none that is a number."""
    code = answer.get("errcode")
    return code if isinstance(code, int) and not isinstance(code, bool) else None
