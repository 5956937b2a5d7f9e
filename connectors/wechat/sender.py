"""Customer-service messages: one request a bubble, and WeChat's error codes turned into what to do.

Source of the codes: developers.weixin.qq.com, "Global Return Code" and "Send Customer Messages"; the purse is counted by
conversations before this door, so 45047 and 45015 say that the two counts differ.
"""

import asyncio
import json
from typing import Any

import aiohttp

from connectors.wechat.errors import PlatformFault
from connectors.wechat.token import TokenHolder
from conversations.model import Address, OutgoingText, Refused, Sent, Unknown

PASSIVE_BYTES = 2048
_TOKEN_CODES = frozenset({40001, 40014, 42001, 41001})
_BUSY_CODES = frozenset({-1, 45011})
_ACTIONS = {
    40003: "drop",
    43004: "unfollowed",
    43019: "drop",
    44002: "drop",
    44004: "drop",
    45002: "drop",
    45015: "hold",
    45047: "hold",
    50002: "drop",
    45009: "alarm",
    40013: "alarm",
    40125: "alarm",
    40164: "alarm",
    48001: "alarm",
    48004: "alarm",
}
_BACK_OFF_S = (0.3, 1.0)


class CustomerServiceSender:
    """One account's way out."""

    passive_bytes = PASSIVE_BYTES

    def __init__(
        self, api_base: str, session: aiohttp.ClientSession, token: TokenHolder, *, can_push: bool, timeout_s: float = 5.0,
        native_desk: bool = False,
    ) -> None:
        self.can_push = can_push
        self.native_desk = native_desk
        self._api_base = api_base
        self._session = session
        self._token = token
        self._timeout = aiohttp.ClientTimeout(total=timeout_s, sock_connect=2.0)

    async def send(self, to: Address, message: OutgoingText) -> Sent | Refused | Unknown:
        """Sends once. A busy platform is asked again (it said no); a time-out after the request went out is Unknown."""
        body = _body(to, message)
        for pause in (*_BACK_OFF_S, None):
            result = await self._send_with_token(body)
            if isinstance(result, Sent | Unknown):
                return result
            if result.action != "later" or pause is None:
                return result
            await asyncio.sleep(pause)
        raise AssertionError("unreachable")

    async def typing(self, to: Address) -> None:
        """正在输入: lasts 15 s. What fails here is not worth a word."""
        try:
            token = await self._token.current()
            await self._post("typing", token, {"touser": to.openid, "command": "Typing"})
        except (PlatformFault, aiohttp.ClientError, TimeoutError, ValueError):
            return

    async def _send_with_token(self, body: dict[str, Any]) -> Sent | Refused | Unknown:
        try:
            token = await self._token.current()
            result = await self._send_once(token, body)
            if isinstance(result, Refused) and result.action == "token":
                token = await self._token.replace(token)
                result = await self._send_once(token, body)
        except PlatformFault as fault:
            # nothing was sent: the token comes before the message
            return Refused(str(fault), "alarm")
        if isinstance(result, Refused) and result.action == "token":
            return Refused(result.code, "alarm")
        return result

    async def _send_once(self, token: str, body: dict[str, Any]) -> Sent | Refused | Unknown:
        try:
            answer = await self._post("send", token, body)
        except aiohttp.ClientConnectorError:
            return Refused("unreachable", "later")
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            return Unknown(type(error).__name__)
        code = answer.get("errcode")
        if not isinstance(code, int):
            return Unknown("no errcode")
        if code == 0:
            return Sent()
        if code in _TOKEN_CODES:
            return Refused(str(code), "token")
        return Refused(str(code), "later" if code in _BUSY_CODES else _ACTIONS.get(code, "drop"))

    async def _post(self, call: str, token: str, body: dict[str, Any]) -> dict[str, Any]:
        # raw UTF-8: WeChat shows \uXXXX escapes as they are, or answers 40033
        data = json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
        async with self._session.post(
            f"{self._api_base}/cgi-bin/message/custom/{call}",
            params={"access_token": token},
            data=data,
            headers={"Content-Type": "application/json; charset=utf-8"},
            timeout=self._timeout,
        ) as response:
            answer = await response.json(content_type=None)
        if not isinstance(answer, dict):
            raise ValueError("not an object")
        return answer


def _body(to: Address, message: OutgoingText) -> dict[str, Any]:
    if message.menu is None:
        return {"touser": to.openid, "msgtype": "text", "text": {"content": message.text}}
    menu = {
        "head_content": message.text,
        "list": [{"id": name, "content": label} for name, label in message.menu.choices],
        "tail_content": message.menu.tail,
    }
    return {"touser": to.openid, "msgtype": "msgmenu", "msgmenu": menu}
