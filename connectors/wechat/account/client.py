"""wechatpy's API classes (menu, tag, qrcode, material, customservice, user) on one token of ours.

What wechatpy 1.8.18 would do wrong here is overridden: it fetches tokens by itself, asks again without an end after 40001, has
addresses of api.weixin.qq.com in its code, takes what is no JSON for an answer, and its errors carry the request with the token.
"""

from collections.abc import Callable
from typing import Any

import requests
from wechatpy.client import WeChatClient
from wechatpy.exceptions import WeChatClientException

from connectors.wechat.account.wire import Wire, WireSettings
from connectors.wechat.errors import CallRefused, PlatformFault, Unreached

_WECHAT = "https://api.weixin.qq.com/"
_OK = 200
_NOT_ALLOWED = 40164
_NEVER_CONNECTED = ("NewConnectionError", "NameResolutionError", "CERTIFICATE_VERIFY_FAILED")
Processor = Callable[[dict[str, Any]], Any]


class AccountClient(WeChatClient):  # type: ignore[misc]  # wechatpy has no types
    """One account's client for one call, in one thread. Its calls raise PlatformFault and nothing else of the network's."""

    def __init__(self, app_id: str, api_base: str, token: str, wire: WireSettings) -> None:
        super().__init__(app_id, secret="", auto_retry=False)  # noqa: S106 (there is none: tokens are fetched elsewhere)
        self.API_BASE_URL = f"{api_base}/cgi-bin/"
        self._root = f"{api_base}/"
        self._token = token
        self._http = Wire(wire)
        self.asked: list[str] = []
        """The names of the calls that were made."""

    @property
    def access_token(self) -> str:
        """The one it was made with."""
        return self._token

    def fetch_access_token(self) -> None:
        """Never: who fetches tokens does it for all."""
        raise PlatformFault("this client fetches no tokens")

    def close(self) -> None:
        """Gives its connections back."""
        self._http.close()

    def picture(self, address: str, ticket: str) -> tuple[bytes, str]:
        """What lies at `address` under a ticket, and its kind; no token is sent. Raises PlatformFault."""
        name = "showqrcode"
        response, failure = self._tried(name, lambda: self._http.request("get", address, params={"ticket": ticket}))
        if failure is not None:
            raise failure
        if response.status_code != _OK or not response.content:
            raise PlatformFault(f"{name}: HTTP {response.status_code}")
        return response.content, response.headers.get("Content-Type", "")

    def _request(self, method: str, url_or_endpoint: str, **kwargs: Any) -> Any:
        if url_or_endpoint.startswith(_WECHAT):
            url_or_endpoint = self._root + url_or_endpoint.removeprefix(_WECHAT)
        name = self._name(url_or_endpoint)
        self.asked.append(name)
        processor = kwargs.pop("result_processor", None)
        ask = super()._request
        answer, failure = self._tried(name, lambda: ask(method, url_or_endpoint, **kwargs))
        if failure is not None:
            raise failure
        return _processed(name, answer, processor)

    def _name(self, url: str) -> str:
        return url.removeprefix(self._root).removeprefix("cgi-bin/")

    def _tried(self, name: str, ask: Callable[[], Any]) -> tuple[Any, PlatformFault | None]:
        # the error is answered, not raised: a chain to requests' own would hold the address with the token
        try:
            return ask(), None
        except PlatformFault as fault:
            return None, fault
        except Exception as error:
            return None, _fault(name, error)

    def _handle_result(
        self, res: requests.Response, method: str | None = None, url: str | None = None, result_processor: Any = None, **_kwargs: Any
    ) -> dict[str, Any]:
        # the name without the query: `url` has none, the request's address has the token
        name = self._name(url or "")
        answer = self._decode_result(res)
        if not isinstance(answer, dict):
            raise PlatformFault(f"{name}: what answers is not WeChat")
        code = answer.get("errcode", 0)
        if isinstance(code, bool) or not isinstance(code, int):
            raise PlatformFault(f"{name}: an errcode that is no number")
        if code:
            raise CallRefused(name, code, address_in(str(answer.get("errmsg", ""))) if code == _NOT_ALLOWED else "")
        return answer


def _fault(name: str, error: Exception) -> PlatformFault:
    """What broke, in words that hold no address."""
    response = getattr(error, "response", None)
    if isinstance(error, WeChatClientException) and response is not None:
        return PlatformFault(f"{name}: HTTP {response.status_code}")
    said = f"{name}: {type(error).__name__}"
    if isinstance(error, requests.exceptions.ConnectTimeout):
        return Unreached(said)
    # the same class stands for what breaks before the request went out and after it
    before = isinstance(error, requests.exceptions.ConnectionError) and any(word in repr(error) for word in _NEVER_CONNECTED)
    return Unreached(said) if before else PlatformFault(said)


def address_in(message: str) -> str:
    """WeChat names the address it saw: `invalid ip 203.0.113.9 ipv6 …, not in whitelist`."""
    words = message.replace(",", " ").split()
    return next((word for word in words if word.count(".") == 3 and word.replace(".", "").isdigit()), "")


def _processed(name: str, answer: dict[str, Any], processor: Processor | None) -> Any:
    if processor is None:
        return answer
    try:
        return processor(answer)
    except (KeyError, TypeError):
        pass
    raise PlatformFault(f"{name}: the answer lacks what it must have")
