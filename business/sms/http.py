"""The gateway over HTTP: POST {url} {"phone", "text", "key"} with a bearer token; 2xx means taken.

The body is the sandbox's (docs/architecture.md); a real gateway sits behind a translator of this shape.
"""


import aiohttp

from business.sms.ports import SmsFailed
from runtime.settings import SmsSettings

_TIMEOUT_S = 3.0


class HttpSms:
    """Sends by HTTP. One connection pool, made with the first message; `close` gives it back."""

    def __init__(self, settings: SmsSettings, timeout_s: float = _TIMEOUT_S) -> None:
        self._settings = settings
        self._timeout = aiohttp.ClientTimeout(total=timeout_s)
        self._session: aiohttp.ClientSession | None = None

    async def send(self, phone: str, text: str, key: str) -> None:
        body = {"phone": phone, "text": text, "key": key}
        headers = {"Authorization": f"Bearer {self._settings.token}"}
        try:
            async with self._open().post(self._settings.url, json=body, headers=headers, allow_redirects=False) as answer:
                status = answer.status
        except (aiohttp.ClientConnectorError, aiohttp.InvalidURL) as error:
            raise SmsFailed("cannot be reached") from error
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            raise SmsFailed("gave no answer", maybe_sent=True) from error
        if not 200 <= status < 300:
            raise SmsFailed(f"answered {status}", maybe_sent=status >= 500)

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=self._timeout)
        return self._session


class NoSms:
    """Stands in where weiting.toml names no gateway: every code is refused, so the subscriber is offered a person."""

    async def send(self, phone: str, text: str, key: str) -> None:
        raise SmsFailed("no gateway is set up")

    async def close(self) -> None:
        return


def make_sms(settings: SmsSettings | None) -> HttpSms | NoSms:
    """The gateway of a deployment."""
    return HttpSms(settings) if settings is not None else NoSms()
