"""What a script or the phone page lets a subscriber do: say, tap, follow, leave."""

import asyncio
from collections.abc import Mapping
from typing import Any

from sandbox.chats import Chat, ChatMessage, Phones
from sandbox.clock import SandboxClock
from sandbox.delivery import Outcome, Postman
from sandbox.errors import ScriptRefusal
from sandbox.kinds import Action, action_from

_INT64 = 2**63 - 1


class Subscribers:
    """Plays the subscribers' side of WeChat."""

    def __init__(self, phones: Phones, clock: SandboxClock, postman: Postman) -> None:
        self._phones = phones
        self._clock = clock
        self._postman = postman

    def act(self, data: Mapping[str, Any]) -> tuple[ChatMessage, asyncio.Task[Outcome]]:
        """Does what the body of POST /api/say asks; the line on the phone and the delivery that runs on.

        An openid nobody has yet becomes a new follower, so that a script needs no preparation.

        Raises:
            ScriptRefusal: for an unknown account or kind, or when the subscriber does not follow.
        """
        action = action_from(data)
        chat = self._access_chat(data)
        msg_id = self._msg_id(data, action)
        _check_following(chat, action)
        now = self._clock.seconds()
        if action.fills == "message":
            chat.purse.message.grant(now)
        elif action.fills == "event":
            chat.purse.event.grant(now)
        if action.kind == "unsubscribe":
            chat.following = False
            chat.typing_until = 0.0
            chat.purse.close()
        else:
            chat.following = True
            chat.exchanged_at = now
        at = self._clock.now().isoformat(timespec="milliseconds")
        kind = "event" if action.is_event else "say"
        line = chat.append("subscriber", kind, action.shown, at, msg_id=msg_id, msg_type=action.kind)
        return line, self._postman.post(chat, action, msg_id)

    def _access_chat(self, data: Mapping[str, Any]) -> Chat:
        openid = data.get("openid")
        if not isinstance(openid, str) or not openid:
            raise ScriptRefusal("Say whose phone it is: openid is missing.")
        account = self._phones.account(data.get("account"))
        chat = self._phones.chat(account, openid)
        if chat is None:
            self._phones.add_person(openid, None, None, following=True, stranger=True)
            chat = self._phones.chat(account, openid)
        if chat is None:
            raise ScriptRefusal("Nobody has this openid.", code="unknown_openid", status=404)
        return chat

    def _msg_id(self, data: Mapping[str, Any], action: Action) -> int | None:
        given = data.get("msg_id")
        if given is not None and (isinstance(given, bool) or not isinstance(given, int) or not 0 < given <= _INT64):
            raise ScriptRefusal("msg_id must be a whole number that fits 64 bits.")
        if action.is_event:
            return None
        return int(given) if given is not None else self._postman.next_msg_id()


def _check_following(chat: Chat, action: Action) -> None:
    if action.kind == "subscribe" and chat.following and chat.messages:
        raise ScriptRefusal("The subscriber follows this account already.", code="following", status=409)
    if action.kind != "subscribe" and not chat.following:
        raise ScriptRefusal("The subscriber does not follow this account; send kind subscribe first.", code="not_following", status=409)
