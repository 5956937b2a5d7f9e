"""Takes what a subscriber does to the account's callback, the way WeChat does.

5 s for an answer, then the connection is cut and the same message is sent again under a new timestamp and nonce, three times
in all (the page's words can also mean four: `deliveries`), about 5 s apart. An answer that WeChat does not understand ends it,
with the fault notice for the subscriber
(developers.weixin.qq.com/doc/service/en/guide/product/message/Receiving_standard_messages.html).
"""

import asyncio
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import aiohttp

from sandbox.chats import Chat, ChatMessage
from sandbox.clock import SandboxClock
from sandbox.config import Account
from sandbox.envelope import open_reply, seal, verification
from sandbox.errors import CallbackUnanswered, ReplyMalformed
from sandbox.faults import CALLBACK, Faults
from sandbox.kinds import Action
from sandbox.platform.bubbles import Bubbles
from sandbox.records import Journal
from sandbox.rendering import Fields
from sandbox.replies import TRANSFER, PassiveReply, check_reply

FAULT_NOTICE = "该公众号暂时无法提供服务，请稍后再试"
# Answers to what only the platform does would have nobody to read them.
_SILENT = ("unsubscribe", "kf_create_session", "kf_close_session", "kf_switch_session", "templatesendjobfinish", "masssendjobfinish")


@dataclass(frozen=True)
class Outcome:
    """How a delivery ended: ack, passive, transfer, malformed, unanswered, undelivered, or kf (an agent of WeChat's own desk has the chat).

    `reply` is the line it put on the phone.
    """

    ended: str
    attempts: int
    reply: ChatMessage | None = None
    detail: str | None = None


@dataclass(frozen=True)
class _Letter:
    """One message on its way; the same through all its deliveries."""

    account: Account
    chat: Chat
    message: Fields
    msg_id: int | None
    kind: str


class Postman:
    """Delivers to callbacks. `start` and `stop` belong to the server's life; letters under way are dropped at `stop`.

    `transfer` is called with the chat and an agent's name when an account hands a chat to WeChat's own desk.
    """

    def __init__(self, clock: SandboxClock, faults: Faults, journal: Journal, bubbles: Bubbles, timeout_s: float) -> None:
        self.transfer: Callable[[Chat, str], None] = lambda _chat, _kf_account: None
        self._clock = clock
        self._bubbles = bubbles
        self._faults = faults
        self._journal = journal
        self._timeout_s = timeout_s
        self._session: aiohttp.ClientSession | None = None
        self._under_way: set[asyncio.Task[Outcome]] = set()
        self._last_msg_id = 0

    async def start(self) -> None:
        # Kept shorter than any server keeps its side: a POST on a connection that is just being closed would look like a lost message.
        connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=5)
        self._session = aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())

    async def stop(self) -> None:
        tasks = list(self._under_way)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._session:
            await self._session.close()

    def next_msg_id(self) -> int:
        """Unique and rising, also over a restart: microseconds since 1970, which fit int64."""
        self._last_msg_id = max(self._last_msg_id + 1, time.time_ns() // 1000)
        return self._last_msg_id

    def tell(self, chat: Chat, action: Action) -> asyncio.Task[Outcome]:
        """Delivers an event that the platform itself makes."""
        return self.post(chat, action, None)

    def post(self, chat: Chat, action: Action, msg_id: int | None) -> asyncio.Task[Outcome]:
        """Starts the delivery and returns its task."""
        fields: Fields = [("ToUserName", chat.account.ghid), ("FromUserName", chat.person.openid)]
        fields += [("CreateTime", int(self._clock.seconds())), *action.fields]
        if msg_id is not None:
            fields.append(("MsgId", msg_id))
        letter = _Letter(chat.account, chat, fields, msg_id, action.kind)
        task = asyncio.create_task(self._deliver(letter))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        return task

    async def verify(self, account: Account) -> tuple[bool, str]:
        """What WeChat's console does when an address is entered: GET with echostr, which must come back as it is; whether, and why not."""
        timestamp, nonce, echo = str(int(self._clock.seconds())), str(secrets.randbelow(10**10)), str(secrets.randbelow(10**19))
        query = verification(account, timestamp, nonce, echo)
        try:
            status, content = await self._fetch("GET", account.callback_url, params=query)
        except CallbackUnanswered as error:
            return False, str(error)
        if status != 200:
            return False, f"the callback answered HTTP {status}"
        return (True, "") if content == echo.encode() else (False, "the callback did not return echostr as it came")

    async def _deliver(self, letter: _Letter) -> Outcome:
        fault = self._faults.take(CALLBACK, letter.chat.person.openid)
        if fault.delay_ms:
            await asyncio.sleep(fault.delay_ms / 1000)
        attempts = self._faults.settings.deliveries
        # An answer cut off on the way and an answer thrown away are the same to both sides: the product did it, WeChat does not know.
        # One cut before it is as if the network lost it: the product does not know, either.
        repeats = lost = max(fault.repeat, 1 if fault.drop else 0)
        attempt, detail = 0, ""
        while attempt < attempts + repeats:
            attempt += 1
            began = time.monotonic()
            try:
                reply = await self._attempt(letter, attempt, lose=(fault.drop or "after") if lost > 0 else "")
            except CallbackUnanswered as error:
                detail = str(error)
                if lost > 0:
                    lost -= 1
                elif attempt < attempts + repeats:
                    await asyncio.sleep(max(0.0, self._timeout_s - (time.monotonic() - began)))
            except ReplyMalformed as error:
                return self._fail(letter, "malformed", attempt, str(error))
            else:
                return self._show(letter, attempt, reply)
        return self._fail(letter, "unanswered", attempt, detail)

    async def _attempt(self, letter: _Letter, attempt: int, *, lose: str) -> PassiveReply | None:
        """One POST, of which the request ("before") or the answer ("after") may get lost. Raises CallbackUnanswered or ReplyMalformed."""
        began, at = time.monotonic(), self._now()
        outcome, detail = "ack", None
        try:
            if lose == "before":
                outcome = "lost"
                raise CallbackUnanswered("the message was lost by order")
            body = await self._ask(letter)
            if lose:
                outcome = "lost"
                raise CallbackUnanswered("the answer was lost by order")
            opened = open_reply(letter.account, body)
            if opened is None:
                return None
            outcome = "passive"
            return check_reply(letter.account, letter.chat.person.openid, opened, self._bubbles)
        except (CallbackUnanswered, ReplyMalformed) as error:
            detail = str(error)
            if outcome != "lost":
                outcome = "malformed" if isinstance(error, ReplyMalformed) else "unanswered"
            raise
        finally:
            self._journal.add_delivery(
                account=letter.account.key,
                openid=letter.chat.person.openid,
                msg_id=letter.msg_id,
                attempt=attempt,
                at=at,
                ms=round((time.monotonic() - began) * 1000, 1),
                outcome=outcome,
                detail=detail,
            )

    async def _ask(self, letter: _Letter) -> bytes:
        timestamp, nonce = str(int(self._clock.seconds())), str(secrets.randbelow(10**10))
        query, body = seal(letter.account, letter.message, letter.chat.person.openid, timestamp, nonce)
        form = "application/json" if letter.account.callback_format == "json" else "text/xml"
        headers = {"Content-Type": form, "User-Agent": "Mozilla/4.0"}
        status, content = await self._fetch("POST", letter.account.callback_url, params=query, data=body, headers=headers)
        if status != 200:
            raise ReplyMalformed(f"the callback answered HTTP {status}")
        return content

    async def _fetch(self, method: str, url: str, **more: Any) -> tuple[int, bytes]:
        """Status and body; raises CallbackUnanswered."""
        if self._session is None:
            raise CallbackUnanswered("the sandbox is not serving")
        limit = aiohttp.ClientTimeout(total=self._timeout_s)
        try:
            async with self._session.request(method, url, timeout=limit, allow_redirects=False, **more) as answer:
                return answer.status, await answer.read()
        except TimeoutError as error:
            raise CallbackUnanswered("no answer in time") from error
        except (aiohttp.ClientError, OSError) as error:
            raise CallbackUnanswered(f"no connection ({type(error).__name__})") from error

    def _show(self, letter: _Letter, attempts: int, reply: PassiveReply | None) -> Outcome:
        if reply is None:
            return Outcome("ack", attempts)
        if not letter.chat.following:
            return Outcome("undelivered", attempts, detail="the subscriber no longer follows")
        letter.chat.exchanged_at = self._clock.seconds()
        letter.chat.typing_until = 0.0
        if reply.msg_type == TRANSFER:
            self.transfer(letter.chat, reply.kf_account)
            return Outcome("transfer", attempts, letter.chat.messages[-1])
        bubble = reply.bubble
        line = letter.chat.append("account", "passive", bubble.text, self._now(), msg_type=reply.msg_type, data=dict(bubble.data))
        return Outcome("passive", attempts, line)

    def _fail(self, letter: _Letter, ended: str, attempts: int, detail: str) -> Outcome:
        if letter.kind in _SILENT:
            return Outcome(ended, attempts, detail=detail)
        more: dict[str, Any] = {"detail": f"{detail}; {attempts} ×"}
        line = letter.chat.append("platform", "notice", FAULT_NOTICE, self._now(), **more)
        return Outcome(ended, attempts, line, detail)

    def _now(self) -> str:
        return self._clock.now().isoformat(timespec="milliseconds")
