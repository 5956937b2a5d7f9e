"""Customer-service messages of every kind, materials and the typing sign, for one account; error codes turned into what to do (codes.py).

Nothing is sent twice: a call is repeated only after WeChat said no to it.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import aiohttp

from connectors.wechat import messages, quota
from connectors.wechat.calls import Calls, errcode_of
from connectors.wechat.codes import OK, REFUSED_TOKENS, Do, code_of
from connectors.wechat.errors import CallRefused, PlatformFault, TokenFault, TokenRefused, TokenUnusable, Unreached
from connectors.wechat.messages import MediaFile, Message, Text
from connectors.wechat.token import TokenHolder
from conversations import bubbles
from conversations.model import Sent, Unknown

_SEND = "/cgi-bin/message/custom/send"
_TYPING = "/cgi-bin/message/custom/typing"
_UPLOAD = "/cgi-bin/media/upload"
_BACK_OFF_S = (0.3, 1.0)
_LEAST_PART = 256


@dataclass(frozen=True)
class No:
    """WeChat did not take the message, or was not even asked. `wait_s`: not worth trying before."""

    code: str
    do: Do
    wait_s: float = 0.0


Result = Sent | No | Unknown


class CustomerServiceClient:
    """One account's."""

    def __init__(self, calls: Calls, token: TokenHolder, counts: Counter[str] | None = None) -> None:
        self._calls = calls
        self._token = token
        self._counts = counts if counts is not None else Counter()

    async def send(self, openid: str, message: Message, kf_account: str | None = None) -> Result:
        """Sends once, and never raises for what WeChat or the network does. `kf_account`: who is seen to speak.

        What WeChat refuses is mended once where that is possible: a dead media id, an agent's account it does not know, a text too long.
        """
        result: Result = No("40007", Do.UPLOAD)
        if not messages.lacks_media(message):
            result = await self._send_with_patience(openid, message, kf_account)
        if isinstance(result, No) and result.do == Do.NAMELESS and kf_account:
            self._counts[f"kf_account_refused.{result.code}"] += 1
            result = await self._send_with_patience(openid, message, None)
        if isinstance(result, No) and result.do == Do.UPLOAD:
            result = await self._upload_and_send(openid, message, kf_account, result)
        if isinstance(result, No) and result.do == Do.SPLIT and isinstance(message, Text):
            result = await self._send_parts(openid, message, kf_account, result)
        return result

    async def typing(self, openid: str) -> None:
        """正在输入: lasts 15 s, or until a message comes. Raises PlatformFault; CallRefused 45080 without a message within 30 s before."""
        await self._command(openid, "Typing")

    async def cancel_typing(self, openid: str) -> None:
        """Takes the sign away. Raises PlatformFault."""
        await self._command(openid, "CancelTyping")

    async def upload(self, file: MediaFile) -> str:
        """The media id of a temporary material, good for three days. Raises PlatformFault; WeChat may have it all the same."""

        async def post(token: str) -> dict[str, Any]:
            form = aiohttp.FormData()
            form.add_field("media", file.content, filename=file.name, content_type=file.content_type)
            return await self._calls.upload(quota.UPLOAD, _UPLOAD, form, token, {"type": file.kind})

        answer = await self._with_token(post)
        media_id = answer.get("media_id") or answer.get("thumb_media_id")
        if not isinstance(media_id, str) or not media_id:
            raise CallRefused(quota.UPLOAD, -1 if (errcode := errcode_of(answer)) is None else errcode)
        return media_id

    async def _command(self, openid: str, command: str) -> None:
        body = {"touser": openid, "command": command}
        answer = await self._with_token(lambda token: self._calls.post(quota.TYPING, _TYPING, body, token))
        if (errcode := errcode_of(answer)) != OK:
            raise CallRefused(quota.TYPING, -1 if errcode is None else errcode)

    async def _send_with_patience(self, openid: str, message: Message, kf_account: str | None) -> Result:
        body = messages.body_of(openid, message, kf_account)
        for pause in _BACK_OFF_S:
            result = await self._send_once(body)
            if not isinstance(result, No) or result.do != Do.BACK_OFF:
                return result
            await asyncio.sleep(pause)
        return await self._send_once(body)

    async def _send_once(self, body: dict[str, Any]) -> Result:
        try:
            answer = await self._with_token(lambda token: self._calls.post(quota.SEND, _SEND, body, token))
        except TokenFault as fault:
            return _tokenless(fault)
        except Unreached:
            return No("unreachable", Do.STOP)
        except PlatformFault as fault:
            return Unknown(str(fault))
        errcode = errcode_of(answer)
        if errcode is None:
            return Unknown("no errcode")
        return Sent() if errcode == OK else No(str(errcode), code_of(errcode).do)

    async def _with_token(self, post: Callable[[str], Awaitable[dict[str, Any]]]) -> dict[str, Any]:
        """One call; one more with another token when the first one's is refused. Raises TokenFault, what `post` raises."""
        token = await self._token.current()
        answer = await post(token)
        errcode = errcode_of(answer)
        if errcode not in REFUSED_TOKENS or errcode is None:
            return answer
        self._counts[f"token_refused.{errcode}"] += 1
        answer = await post(await self._token.replace(token, errcode))
        again = errcode_of(answer)
        if again in REFUSED_TOKENS and again is not None:
            raise TokenUnusable(again)
        return answer

    async def _upload_and_send(self, openid: str, message: Message, kf_account: str | None, refusal: No) -> Result:
        source = messages.source_of(message)
        if source is None:
            return refusal
        try:
            media_id = await self.upload(source)
        except TokenFault as fault:
            return _tokenless(fault)
        except CallRefused as fault:
            return No(str(fault.errcode), code_of(fault.errcode).do)
        except PlatformFault:
            # an upload that nobody sees may be made again
            return No("upload", Do.BACK_OFF)
        return await self._send_with_patience(openid, messages.with_media(message, media_id), kf_account)

    async def _send_parts(self, openid: str, message: Text, kf_account: str | None, refusal: No) -> Result:
        most = bubbles.size(message.content) * 2 // 3
        parts = bubbles.split(message.content, most) if most >= _LEAST_PART else ()
        if len(parts) < 2:
            return refusal
        for number, part in enumerate(parts):
            result = await self._send_with_patience(openid, Text(part), kf_account)
            if isinstance(result, Sent):
                continue
            if number == 0:
                return result
            # a beginning is out: the whole is never sent again by itself
            said = result.code if isinstance(result, No) else result.reason
            return Unknown(f"{number} of {len(parts)} parts, then {said}", messages=number)
        return Sent(messages=len(parts))


def _tokenless(fault: TokenFault) -> No:
    """Nothing was sent: the token comes before the message. Without one no message of the account goes; a platform that is only busy, or
    that has counted enough for today, says when one may be asked for again."""
    do = code_of(fault.errcode).do if isinstance(fault, TokenRefused) else Do.STOP
    return No(fault.code, do if do in (Do.BACK_OFF, Do.STOP_TODAY) else Do.STOP, fault.wait_s)
