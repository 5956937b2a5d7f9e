"""What a script or the phone page lets a subscriber do: say, tap, follow, scan, leave."""

import asyncio
import base64
import binascii
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.actions import action_from
from sandbox.chats import Chat, ChatMessage, Following, Phones
from sandbox.clock import SandboxClock
from sandbox.config import Account
from sandbox.delivery import Outcome, Postman
from sandbox.errors import PlatformRefusal, ScriptRefusal
from sandbox.kinds import MEDIA_KINDS, Action, SentMedia, given
from sandbox.native_desk import NativeDesk
from sandbox.platform.media import LIMITS, address, amr_seconds
from sandbox.platform.registry import Platform
from sandbox.samples import sample

_INT64 = 2**63 - 1
_TELLING = ("templatesendjobfinish", "masssendjobfinish", "event")


@dataclass(frozen=True)
class Done:
    """What came of it: the line on the phone, if it shows one, and the delivery that runs on."""

    line: ChatMessage | None
    msg_id: int | None
    delivery: asyncio.Task[Outcome]
    then: tuple["Done", ...] = ()


class Subscribers:
    """Plays the subscribers' side of WeChat. `base` tells this sandbox's own address."""

    def __init__(
        self, phones: Phones, clock: SandboxClock, postman: Postman, platform: Platform, desk: NativeDesk, base: Callable[[], str]
    ) -> None:
        self._phones = phones
        self._clock = clock
        self._postman = postman
        self._media = platform.media
        self._codes = platform.codes
        self._desk = desk
        self._base = base

    def act(self, data: Mapping[str, Any], file: bytes | None = None) -> Done:
        """Does what the body of POST /api/say asks; `file` is the picture, voice or video that came with it.

        An openid nobody has yet becomes a new follower, so that a script needs no preparation.

        Raises:
            ScriptRefusal: for an unknown account or kind, or when the subscriber does not follow.
        """
        account = self._phones.account(data.get("account"))
        openid = data.get("openid")
        if not isinstance(openid, str) or not openid:
            raise ScriptRefusal("Say whose phone it is: openid is missing.")
        data = self._with_scene(account, openid, data)
        action = action_from(data, self._sent_media(account, data, file))
        chat = self._access_chat(account, openid)
        msg_id = self._msg_id(data, action)
        _check_following(chat, action)
        return self._do(chat, action, msg_id)

    def _do(self, chat: Chat, action: Action, msg_id: int | None) -> Done:
        self._note(chat, action)
        line = None
        if action.shown or not action.is_event:
            at = self._clock.now().isoformat(timespec="milliseconds")
            kind = "event" if action.is_event else "say"
            line = chat.append("subscriber", kind, action.shown, at, msg_id=msg_id, msg_type=action.kind, data=dict(action.data))
        if not action.is_event and self._desk.hear(chat, action.shown):
            # In a session WeChat forwards to the agent; the account's callback hears nothing.
            return Done(line, msg_id, asyncio.ensure_future(_heard()))
        delivery = self._postman.post(chat, action, msg_id)
        if action.kind == "unsubscribe":
            self._desk.leave(chat)
        then = tuple(self._do(chat, one, self._postman.next_msg_id()) for one in action.then)
        return Done(line, msg_id, delivery, then)

    def _note(self, chat: Chat, action: Action) -> None:
        """What the platform itself remembers: purse, following, the last exchange."""
        now = self._clock.seconds()
        if action.fills == "message":
            chat.purse.message.grant(now)
        elif action.fills == "event":
            chat.purse.event.grant(now)
        if action.kind == "unsubscribe":
            chat.following = False
            chat.typing_until = 0.0
            chat.purse.close()
            chat.follower = Following()
        elif action.kind not in _TELLING:
            chat.exchanged_at = now
        if action.kind == "subscribe":
            chat.following = True
            chat.follower = Following(since=now, scene=action.scene)

    def _with_scene(self, account: Account, openid: str, data: Mapping[str, Any]) -> Mapping[str, Any]:
        """A scan by ticket is one of the code's scene; by somebody who does not follow it is a follow with qrscene_."""
        if data.get("kind") != "scan":
            return data
        ticket, scene = data.get("ticket"), data.get("scene") or data.get("key") or "1"
        if isinstance(scene, int) and not isinstance(scene, bool):
            scene = str(scene)
        if isinstance(ticket, str) and ticket:
            scene = self._codes.scanned(account.key, ticket).scene
        elif isinstance(scene, str):
            ticket = self._codes.ticket_of(account.key, scene)
        chat = self._phones.chat(account, openid)
        kind = "scan" if chat is None or chat.following else "subscribe"
        return {**data, "kind": kind, "scene": scene, "ticket": ticket}

    def _sent_media(self, account: Account, data: Mapping[str, Any], file: bytes | None) -> SentMedia:
        """Keeps the file the subscriber sends, so that the product can fetch it; the sandbox's own sample when there is none."""
        kind = data.get("kind")
        sends = MEDIA_KINDS.get(kind) if isinstance(kind, str) else None
        if isinstance(kind, str) and kind.startswith("pic_"):
            sends = "image"
        if sends is None:
            return SentMedia()
        if data.get("media_id") is not None and file is None and "content" not in data:
            return SentMedia(media_id=given(data, "media_id", ""))
        seconds = data.get("seconds", 2)
        content = file if file is not None else _content(data)
        if content is None:
            content = sample(sends, seconds if isinstance(seconds, int) else 2)
        return self._kept(account, sends, content)

    def _kept(self, account: Account, sends: str, content: bytes) -> SentMedia:
        try:
            media = self._media.add(account.key, sends, content)
        except PlatformRefusal as refusal:
            allowed = ", ".join(sorted(LIMITS[sends][0]))
            raise ScriptRefusal(f"WeChat would not send this as {sends} ({allowed}): {refusal.errmsg}.") from refusal
        shape = {"media_id": media.media_id, "url": address("", media), "type": media.content_type}
        thumb_id = SentMedia.thumb_id
        if sends == "video":
            thumb = self._media.add(account.key, "thumb", sample("thumb"))
            thumb_id, shape["thumb_url"] = thumb.media_id, address("", thumb)
        data: dict[str, Any] = {**shape, "seconds": round(amr_seconds(content))} if media.suffix == "amr" else dict(shape)
        return SentMedia(media.media_id, address(self._base(), media), thumb_id, media.suffix, data)

    def _access_chat(self, account: Account, openid: str) -> Chat:
        chat = self._phones.chat(account, openid)
        if chat is None:
            self._phones.add_person(openid, None, None, following=True, stranger=True)
            chat = self._phones.chat(account, openid)
        if chat is None:
            raise ScriptRefusal("Nobody has this openid.", code="unknown_openid", status=404)
        return chat

    def _msg_id(self, data: Mapping[str, Any], action: Action) -> int | None:
        wanted = data.get("msg_id")
        if wanted is not None and (isinstance(wanted, bool) or not isinstance(wanted, int) or not 0 < wanted <= _INT64):
            raise ScriptRefusal("msg_id must be a whole number that fits 64 bits.")
        if action.is_event:
            return None
        return int(wanted) if wanted is not None else self._postman.next_msg_id()


async def _heard() -> Outcome:
    return Outcome("kf", 0)


def _content(data: Mapping[str, Any]) -> bytes | None:
    content = data.get("content")
    if content is None:
        return None
    try:
        return base64.b64decode(content, validate=True)
    except (binascii.Error, TypeError, ValueError) as error:
        raise ScriptRefusal("content must be the file in base64.") from error


def _check_following(chat: Chat, action: Action) -> None:
    if action.kind == "subscribe" and chat.following and chat.messages:
        raise ScriptRefusal("The subscriber follows this account already.", code="following", status=409)
    if action.kind not in ("subscribe", *_TELLING) and not chat.following:
        raise ScriptRefusal("The subscriber does not follow this account; send kind subscribe first.", code="not_following", status=409)
