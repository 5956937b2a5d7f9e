"""The subscriber's part of the door: what is said and done, and what the phone shows."""

import asyncio
import math
import time
from dataclasses import asdict
from typing import Any

from sanic import Request

from sandbox.chats import Chat
from sandbox.errors import ScriptRefusal
from sandbox.script.reading import body_and_file, body_of, wait_arg, whole_arg
from sandbox.subscribers import Done
from sandbox.world import World


class SubscriberDoor:
    """Handlers; each returns the body of a 200."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def say(self, request: Request) -> dict[str, Any]:
        body, file = body_and_file(request)
        return await self._act(body, file)

    async def follow(self, request: Request) -> dict[str, Any]:
        return await self._act({**body_of(request), "kind": "subscribe"})

    async def unfollow(self, request: Request) -> dict[str, Any]:
        return await self._act({**body_of(request), "kind": "unsubscribe"})

    async def scan(self, request: Request) -> dict[str, Any]:
        """By somebody who follows SCAN, by anybody else a follow with qrscene_."""
        return await self._act({**body_of(request), "kind": "scan"})

    async def click(self, request: Request) -> dict[str, Any]:
        """A tap on an entry of the menu by its name or key: the event that the entry's type makes."""
        body = body_of(request)
        account = self._world.phones.account(body.get("account"))
        buttons = [sub for one in self._world.platform.menus.shown(account) for sub in (one["sub_button"] or [one])]
        names = {body.get("name"), body.get("key")} - {None}
        found = next((one for one in buttons if names & {one.get("name"), one.get("key"), one.get("url"), one.get("pagepath")}), None)
        if found is None:
            raise ScriptRefusal("The account's menu has no entry with this name or key.", code="unknown_entry", status=404)
        kind = {"miniprogram": "view_miniprogram"}.get(found["type"], found["type"])
        if "media_id" in found or "article_id" in found:
            raise ScriptRefusal("WeChat answers this entry itself; the account hears nothing of it.", code="no_event", status=409)
        key = found.get("key") or found.get("pagepath") or found.get("url")
        return await self._act({**body, "kind": kind, "key": key, "name": found["name"]})

    async def chat(self, request: Request, openid: str) -> dict[str, Any]:
        account = self._world.phones.account(request.args.get("account"))
        chat = self._world.phones.chat(account, openid)
        if chat is None:
            raise ScriptRefusal("Nobody has this openid.", code="unknown_openid", status=404)
        after = whole_arg(request, "after")
        sms_after = whole_arg(request, "sms_after")
        known = request.args.get("version")
        ends = time.monotonic() + wait_arg(request)
        while time.monotonic() < ends:
            news = str(chat.version) != known if known is not None else bool(chat.after(after))
            if news:
                break
            await chat.wait_change(ends - time.monotonic())
        return self._chat_json(chat, after, sms_after)

    async def _act(self, body: dict[str, Any], file: bytes | None = None) -> dict[str, Any]:
        done = self._world.subscribers.act(body, file)
        answer = _numbers(done)
        if done.then:
            answer["then"] = [_numbers(one) for one in done.then]
        return answer | (await self._wait(done) if body.get("wait") else {})

    async def _wait(self, done: Done) -> dict[str, Any]:
        limit = self._world.config.callback_timeout_s * self._world.faults.settings.deliveries + 5
        under_way = {done.delivery, *(one.delivery for one in done.then)}
        await asyncio.wait(under_way, timeout=limit)
        ended = done.delivery.done() and not done.delivery.cancelled()
        outcome = done.delivery.result() if ended else None
        return {
            "outcome": outcome.ended if outcome else "pending",
            "attempts": outcome.attempts if outcome else None,
            "detail": outcome.detail if outcome else None,
            "reply": outcome.reply.as_json() if outcome and outcome.reply else None,
        }

    def _chat_json(self, chat: Chat, after: int, sms_after: int) -> dict[str, Any]:
        now, reading = self._world.clock.seconds(), self._world.faults.settings.purse_reading
        purse = chat.purse
        session = self._world.desk.session_of(chat)
        return {
            "messages": [line.as_json() for line in chat.after(after)],
            "typing": now < chat.typing_until,
            "typing_left_s": round(max(0.0, chat.typing_until - now), 1),
            "following": chat.following,
            "purse": {
                "reading": reading,
                "left": purse.left(now, reading),
                "message": {"left": purse.message.left_at(now), "of": purse.message.size, "ends_in_s": _left_s(purse.message.until, now)},
                "event": {"left": purse.event.left_at(now), "of": purse.event.size, "ends_in_s": _left_s(purse.event.until, now)},
            },
            "sms": [asdict(sms) for sms in self._world.sms.after(sms_after) if _is_for(chat, sms.phone)],
            "kf": {"session": session.kf_account if session else None, "waiting": chat.waiting is not None},
            "menu_version": self._world.platform.menus.version(chat.account),
            "version": chat.version,
            "now": self._world.now(),
        }


def _numbers(done: Done) -> dict[str, Any]:
    return {"n": done.line.n if done.line else None, "msg_id": done.msg_id}


def _is_for(chat: Chat, phone: str) -> bool:
    """A code shows on the phone it was sent to, and on the one whose owner typed the number into the chat."""
    if chat.person.phone == phone:
        return True
    return any(line.sender == "subscriber" and phone in line.text for line in chat.messages)


def _left_s(until: float, now: float) -> int:
    return max(0, math.floor(until - now))
