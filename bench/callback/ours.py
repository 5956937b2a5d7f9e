"""The product's public side over a database: `python -m bench.callback.ours PORT DATABASE_URL inbox|turns`.

inbox: every callback is stored and acknowledged; its turn is left to another process. turns: it is also made here, by a bot that
answers at once, and the callback carries the encrypted passive reply.
"""

import asyncio
import os
import signal
import sys
from collections import Counter
from contextlib import AsyncExitStack
from typing import Any

import aiohttp
import uvloop

from bench.callback.calls import ACCOUNT, AES_KEY, APP_ID, TOKEN
from cli.listening import listen, stop_listening
from connectors.app import make_app
from connectors.registry import Connectors
from connectors.wechat.connector import WeChatConnector
from conversations.adapters.sql_store import SqlStore
from conversations.inbox import Inbox
from conversations.model import Accepted, Answer, BotAnswer, BotRequest, Deferred, InboundMessage
from conversations.notices import load_texts
from conversations.ports import InboxPort
from conversations.service import Conversations
from conversations.settings import ConversationSettings
from runtime.account_settings import AccountSettings
from runtime.bus import LocalBus
from runtime.clock import SystemClock
from runtime.database import Database, make_engine
from runtime.keys import Keyring
from runtime.logs import configure_logging
from runtime.metrics import Stages


class Acknowledging:
    """An inbox whose messages are all answered later: what `accept` returns is acknowledged."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox

    async def accept(self, message: InboundMessage) -> Accepted:
        return await self._inbox.accept(message)

    async def outcome(self, inbound_id: str, hold_s: float | None = None, *, final: bool = True) -> Answer:
        return Deferred()


class EchoBrain:
    """A bot that costs nothing; its state is as long as a short chat's."""

    async def answer(self, request: BotRequest) -> BotAnswer:
        state: dict[str, Any] = {"events": ["…" * 40] * 12}
        understanding = {"intent": "echo", "confidence": 1.0, "decision": "accept"}
        return BotAnswer(replies=(f"您说的是:{request.text}",), understanding=understanding, decision="answered", state=state)

    async def understand(self, industry: str, text: str) -> dict[str, Any]:
        return {"text": text, "intent": "out_of_scope", "confidence": 0.0, "decision": "reject"}


async def serve(port: int, database_url: str, after: str) -> None:
    """Until SIGTERM; prints one line once it listens."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with AsyncExitStack() as stack:
        db = Database(make_engine(database_url))
        stack.callback(db.close)
        session = await stack.enter_async_context(aiohttp.ClientSession())
        # never started: nothing is sent outside passive replies, and nothing asks for a token
        wechat = WeChatConnector((_account(),), session, SystemClock())
        inbox = await _inbox(db, Connectors((wechat,), (("", wechat.channels()),)), after, stack)
        app = make_app((wechat,), inbox, _health)
        stack.push_async_callback(stop_listening, await listen(app, "127.0.0.1", port))
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        await stop.wait()


async def _inbox(db: Database, channels: Connectors, after: str, stack: AsyncExitStack) -> InboxPort:
    keyring, clock, texts = Keyring(os.urandom(32), os.urandom(32)), SystemClock(), load_texts()
    if after == "inbox":
        store = SqlStore(db, keyring)
        inbox = Inbox(store, clock, channels, texts, ConversationSettings(), lambda stored: None, Counter(), Stages())
        return Acknowledging(inbox)
    settings = ConversationSettings(alone=True)
    conversations = Conversations(
        db, keyring, clock, LocalBus(), EchoBrain(), channels, {ACCOUNT: "carrier"}, None, texts, settings
    )
    await conversations.start()
    stack.push_async_callback(conversations.stop)
    return conversations.inbox


async def _health() -> dict[str, object]:
    return {"ready": True}


def _account() -> AccountSettings:
    return AccountSettings(
        key=ACCOUNT, industry="carrier", kind="service", app_id=APP_ID, secret="unused", token=TOKEN, encoding_aes_key=AES_KEY,  # noqa: S106
        previous_encoding_aes_key=None, mode="safe", api_base="http://127.0.0.1:9", ghid="gh_weitingdemo", name="demo",
    )  # fmt: skip


if __name__ == "__main__":
    configure_logging()
    # as `weiting serve core`
    sys.setswitchinterval(0.001)
    uvloop.run(serve(int(sys.argv[1]), sys.argv[2], sys.argv[3]))
