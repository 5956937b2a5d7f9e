"""A scene with web chat alone, and its driver."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Protocol

import pytest

from connectors.registry import Entry
from connectors.webchat.connector import WebChatConnector
from connectors.webchat.settings import WebChatSettings
from runtime.bus import Bus, LocalBus
from tests.connectors.contract import SHOP, Scene, account, make_scene, perform, settings_of
from tests.connectors.webchat.driver import Driver

# nothing waits for the look that finds what no bell rang for, but the test of that look
TUNING = WebChatSettings(look_s=30.0, page_lines=20)


@dataclass
class Chat:
    """One core process and what its visitors do."""

    scene: Scene
    driver: Driver


class Start(Protocol):
    """Starts a core over the test's database; called again: another core over the same."""

    async def __call__(self, tuning: WebChatSettings = TUNING, bus: Bus | None = None, origins: tuple[str, ...] = (SHOP,)) -> Chat: ...


@pytest.fixture
async def start(database_url: str) -> AsyncIterator[Start]:
    async with AsyncExitStack() as stack:

        async def one(tuning: WebChatSettings = TUNING, bus: Bus | None = None, origins: tuple[str, ...] = (SHOP,)) -> Chat:
            scene = make_scene(database_url, bus or LocalBus())
            stack.callback(scene.db.close)
            entry = Entry("webchat", WebChatConnector.prefix, lambda by: WebChatConnector(by.settings, by.ground, tuning))
            accounts = (account("demo", webchat_origins=origins), account("other"), account("off", webchat=False))
            await stack.enter_async_context(perform(scene, (entry,), settings_of(*accounts)))
            return Chat(scene, Driver(scene))

        yield one
