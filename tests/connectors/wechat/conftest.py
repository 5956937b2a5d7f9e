"""A platform on the loopback for each test that asks for one."""

from collections.abc import AsyncIterator

import aiohttp
import pytest

from tests.connectors.wechat.platform_double import Platform, serve_platform
from tests.connectors.wechat.processes import Deployment, deploy


@pytest.fixture
async def platform() -> AsyncIterator[Platform]:
    async with serve_platform() as double:
        yield double


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as one:
        yield one


@pytest.fixture
async def deployment(
    platform: Platform, session: aiohttp.ClientSession, embedded_redis_url: str, database_url: str
) -> AsyncIterator[Deployment]:
    async with deploy(platform, session, embedded_redis_url, database_url) as made:
        yield made
