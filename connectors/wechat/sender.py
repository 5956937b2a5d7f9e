"""The way out of one account, as conversations know it: bubbles in, what became of them out; nothing goes while the gate is shut.

The purse is counted by conversations before this door, so 45047 and 45015 say that the two counts differ.
"""

from collections import Counter

from connectors.wechat.client import CustomerServiceClient, No
from connectors.wechat.codes import Do
from connectors.wechat.errors import PlatformFault
from connectors.wechat.gate import Gate, Pass
from connectors.wechat.messages import TEXT_BYTES, Image, MediaFile, MenuMessage, Message, Text
from conversations.model import Address, OutgoingText, Refused, Sent, Stopped, Unknown
from runtime.desk_settings import AccountDesk

_ACTIONS = {
    Do.BACK_OFF: "later",
    Do.HOLD: "hold",
    Do.UNFOLLOWED: "unfollowed",
    Do.STOP: "stop",
    Do.STOP_TODAY: "stop",
}
"""Of conversations; what is not named here ends the message."""

_SUFFIXES = {"image/png": "png", "image/jpeg": "jpg", "image/gif": "gif"}
"""WeChat looks at a file's name, too."""


class CustomerServiceSender:
    """One account's way out. `desk`: whether WeChat's own is asked for people, and which account speaks for which agent."""

    passive_bytes = TEXT_BYTES

    def __init__(
        self, client: CustomerServiceClient, gate: Gate, *, can_push: bool, desk: AccountDesk | None = None,
        counts: Counter[str] | None = None,
    ) -> None:  # fmt: skip
        self.can_push = can_push
        self._desk = desk or AccountDesk()
        self.native_desk = self._desk.native
        self._client = client
        self._gate = gate
        self._counts = counts if counts is not None else Counter()

    def stopped(self) -> Stopped | None:
        """Why no message of the account goes out now."""
        return self._gate.stopped()

    async def send(self, to: Address, message: OutgoingText) -> Sent | Refused | Unknown:
        """Sends once. A time-out after the request went out is Unknown."""
        leave = await self._gate.enter()
        if isinstance(leave, Stopped):
            return Refused(leave.code, "stop")
        result = await self._client.send(to.openid, _message(message), self._speaker(message))
        return await self._settle(result, leave)

    async def typing(self, to: Address) -> None:
        """正在输入: lasts 15 s. What fails here is not worth a word. An account that may not send may not show it, either."""
        if not self.can_push or self._gate.stopped() is not None:
            return
        try:
            await self._client.typing(to.openid)
        except PlatformFault as fault:
            self._counts[f"typing_failed.{type(fault).__name__}"] += 1

    async def _settle(self, result: Sent | No | Unknown, leave: Pass) -> Sent | Refused | Unknown:
        if isinstance(result, Unknown):
            await self._gate.give_back(leave)
            return result
        if isinstance(result, No):
            if result.do in (Do.STOP, Do.STOP_TODAY):
                await self._gate.shut(result.code, result.do, result.wait_s, leave)
            elif result.do == Do.BACK_OFF:
                await self._gate.give_back(leave)
            else:
                await self._gate.settle(leave)
            return Refused(result.code, _ACTIONS.get(result.do, "drop"))
        await self._gate.settle(leave)
        return result

    def _speaker(self, message: OutgoingText) -> str | None:
        if message.speaker is None:
            return None
        return self._desk.kf_account(message.speaker_id, message.speaker)


def _message(message: OutgoingText) -> Message:
    if message.picture is not None:
        kind = message.picture.content_type
        return Image(source=MediaFile("image", f"picture.{_SUFFIXES.get(kind, 'jpg')}", message.picture.content, kind))
    if message.menu is None:
        return Text(message.text)
    return MenuMessage(message.text, message.menu.choices, message.menu.tail)
