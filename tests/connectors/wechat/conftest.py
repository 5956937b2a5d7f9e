"""A platform on the loopback for each test that asks for one."""

from collections.abc import AsyncIterator

import aiohttp
import pytest

from tests.connectors.wechat.platform_double import Platform, serve_platform


@pytest.fixture
async def platform() -> AsyncIterator[Platform]:
    async with serve_platform() as double:
        yield double


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as one:
        yield one
