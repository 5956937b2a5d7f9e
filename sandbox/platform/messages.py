"""Sending and typing: every check WeChat makes, in its order, over the sandbox's own chats.

Sources: developers.weixin.qq.com/doc/service/en/api/customer/message/api_sendcustommessage.html and …/api_typing. Nothing here does I/O.
"""

from typing import Any

from sandbox.chats import TYPING_S, Chat, Phones
from sandbox.clock import SandboxClock
from sandbox.config import OPENID
from sandbox.errors import PlatformRefusal
from sandbox.faults import PlatformSettings
from sandbox.platform.bubbles import Bubbles
from sandbox.platform.calls import OK, Answer, Asked, Call
from sandbox.platform.kf_accounts import KfAccounts
from sandbox.platform.tags import Tags

EXCHANGE_S = 30.0


class Messages:
    """The calls message/custom/send and message/custom/typing."""

    def __init__(
        self, phones: Phones, clock: SandboxClock, settings: PlatformSettings, bubbles: Bubbles, agents: KfAccounts, tags: Tags
    ) -> None:
        self._phones = phones
        self._clock = clock
        self._settings = settings
        self._bubbles = bubbles
        self._agents = agents
        self._tags = tags

    def calls(self) -> tuple[Call, ...]:
        return (
            Call("/cgi-bin/message/custom/send", self.send, daily=500_000),
            Call("/cgi-bin/message/custom/typing", self.set_typing, daily=500_000),
        )

    def send(self, asked: Asked) -> Answer:
        """Shows one customer-service message on the phone."""
        chat = self._access_chat(asked)
        msg_type = asked.body.get("msgtype")
        bubble = self._bubbles.make(asked.account, msg_type, asked.body.get(msg_type) if isinstance(msg_type, str) else None)
        speaker = self._speaker(asked)
        if not chat.following:
            raise PlatformRefusal(43004)
        if self._tags.is_blocked(chat):
            raise PlatformRefusal(43019)
        now = self._clock.seconds()
        chat.purse.charge(now, self._settings.purse_reading)
        chat.typing_until = 0.0
        chat.exchanged_at = now
        at = self._clock.now().isoformat(timespec="milliseconds")
        shape = {"msg_type": str(msg_type), "choices": bubble.choices, "data": dict(bubble.data)}
        chat.append("account", "custom", bubble.text, at, **shape, **speaker)
        return OK

    def set_typing(self, asked: Asked) -> Answer:
        """Shows or hides 对方正在输入."""
        chat = self._access_chat(asked)
        command = asked.body.get("command")
        if command not in ("Typing", "CancelTyping"):
            raise PlatformRefusal(45072)
        if not chat.following:
            raise PlatformRefusal(43004)
        now = self._clock.seconds()
        if command == "CancelTyping":
            chat.typing_until = 0.0
        else:
            if now - chat.exchanged_at > EXCHANGE_S:
                raise PlatformRefusal(45080)
            if now < chat.typing_until:
                raise PlatformRefusal(45081)
            chat.typing_until = now + TYPING_S
        chat.touch()
        return OK

    def _access_chat(self, asked: Asked) -> Chat:
        openid = asked.body.get("touser")
        chat = self._phones.chat(asked.account, openid) if isinstance(openid, str) and OPENID.fullmatch(openid) else None
        if chat is None:
            raise PlatformRefusal(40003)
        return chat

    def _speaker(self, asked: Asked) -> dict[str, Any]:
        """Name and picture of the customer-service account the message is sent as; raises PlatformRefusal 65401."""
        service = asked.body.get("customservice")
        if service is None:
            return {}
        agent = self._agents.find(asked.account.key, service.get("kf_account") if isinstance(service, dict) else None)
        return {"speaker": agent.nickname, "kf_account": agent.kf_account, "avatar": agent.avatar}
