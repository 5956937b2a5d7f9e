"""One command's way to WeChat: the account that is meant, a token of ours, and refusals in sentences."""

import asyncio
import contextlib
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from typing import TypeVar

import aiohttp
import structlog

from cli.deployment import Deployment
from cli.locks import sqlite_path
from cli.migrate import check_database
from cli.wechat.errcodes import explain, is_unfit
from connectors.wechat.account.api import AccountApi
from connectors.wechat.errors import CallRefused, PlatformFault, TokenFault, TokenRefused, TokenUnusable, Unreached
from connectors.wechat.way_out import Shared, WayOut
from runtime.database import Database, make_engine
from runtime.errors import Fault, Refusal, SettingsError, StorageFault
from runtime.redis_client import open_redis
from runtime.settings import AccountSettings

T = TypeVar("T")
_OR_NOT = "whether it was carried out is not known; look before you repeat it"


def find_account(deployment: Deployment, key: str | None) -> AccountSettings:
    """The one that is named, or the only one. Raises SettingsError."""
    accounts = deployment.settings.accounts
    if key is None:
        if len(accounts) > 1:
            raise SettingsError("--account", f"is missing; give one of {', '.join(one.key for one in accounts)}")
        return accounts[0]
    if not deployment.settings.serves(key):
        raise SettingsError("--account", f'"{key}" is no account of {deployment.config.name}')
    return deployment.settings.account(key)


def run(deployment: Deployment, account: AccountSettings, work: Callable[[AccountApi], Awaitable[T]]) -> T:
    """Does one piece of work on an account. Raises Refusal for an argument that WeChat refuses, Fault for all else, one sentence each."""
    try:
        with quietly():
            return asyncio.run(with_api(deployment, account, work))
    except PlatformFault as fault:
        told = tell(fault, account)
    raise told


def tell(fault: PlatformFault, account: AccountSettings) -> Refusal | Fault:
    """The same in a sentence that says what to do."""
    if isinstance(fault, CallRefused):
        said, mend = explain(fault.errcode)
        where = f" ({fault.address})" if fault.address else ""
        sentence = f"{fault.call}: errcode {fault.errcode}: {said}{where}; {mend}"
        return Refusal(sentence) if is_unfit(fault.errcode) else Fault(sentence)
    if isinstance(fault, TokenRefused):
        said, mend = explain(fault.errcode, of_token=True)
        return Fault(f"no token: errcode {fault.errcode}: {said}; {mend} (`weiting doctor` says more)")
    if isinstance(fault, TokenUnusable):
        said, mend = explain(fault.errcode)
        return Fault(f"errcode {fault.errcode}: {said}; {mend}")
    if isinstance(fault, TokenFault):
        return Fault(f"{account.api_base} gives no token ({fault}); nothing was done")
    if isinstance(fault, Unreached):
        return Fault(f"{account.api_base} cannot be reached ({fault}); nothing was done")
    return Fault(f"no good answer from {account.api_base} ({fault}); {_OR_NOT}")


async def with_api(deployment: Deployment, account: AccountSettings, work: Callable[[AccountApi], Awaitable[T]]) -> T:
    """The same for who is in a loop already. Raises PlatformFault."""
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(aiohttp.ClientSession())
        way = WayOut(account, session, deployment.clock(), _shared(deployment, stack), Counter())
        stack.push_async_callback(way.stop)
        return await work(AccountApi(account, way.token, count=way.quota.count))


def open_own_database(deployment: Deployment) -> Database | None:
    """The one that running cores share; None where there is none that is ours, or it is away. The caller closes it."""
    path = sqlite_path(deployment.settings.database_url)
    if path is not None and not path.exists():
        return None
    try:
        check_database(deployment)
    except (SettingsError, StorageFault):
        return None
    return Database(make_engine(deployment.settings.database_url))


def _shared(deployment: Deployment, stack: AsyncExitStack) -> Shared:
    """What running cores share, so that token, pace and counts are theirs too; without a database that is ours, the command is alone: an
    account can be looked after while its database is away, since stable_token gives the same token again."""
    settings, db = deployment.settings, open_own_database(deployment)
    if db is None:
        return Shared()
    stack.callback(db.close)
    if settings.redis_url is None:
        return Shared(db, deployment.keyring())
    redis = open_redis(settings.redis_url)
    stack.push_async_callback(redis.aclose)
    return Shared(db, deployment.keyring(), redis)


@contextlib.contextmanager
def quietly() -> Iterator[None]:
    """A command says one sentence; what a server would log beside it would stand between the rows."""
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    try:
        yield
    finally:
        structlog.configure(**before)
