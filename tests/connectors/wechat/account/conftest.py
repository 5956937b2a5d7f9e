"""A platform that runs, and a way to it."""

from collections.abc import AsyncIterator

import pytest

from connectors.wechat.account.api import AccountApi
from tests.connectors.wechat.account.platform import QUICK, FakeToken, Platform, running


@pytest.fixture
async def platform() -> AsyncIterator[Platform]:
    async with running(Platform()) as one:
        yield one


@pytest.fixture
def token() -> FakeToken:
    return FakeToken()


@pytest.fixture
def api(platform: Platform, token: FakeToken) -> AccountApi:
    return AccountApi(platform.account(), token, QUICK)
