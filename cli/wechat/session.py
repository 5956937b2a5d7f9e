"""One command's way to WeChat: the account that is meant, a token of ours, and refusals in sentences."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import aiohttp

from cli.deployment import Deployment
from cli.wechat.errcodes import explain, is_unfit
from connectors.wechat.account.api import AccountApi
from connectors.wechat.errors import CallRefused, PlatformFault, TokenRefused, Unreached
from connectors.wechat.token import TokenHolder, TokenSettings
from runtime.errors import Fault, Refusal, SettingsError
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
        return asyncio.run(_with_api(deployment, account, work))
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
    if isinstance(fault, Unreached):
        return Fault(f"{account.api_base} cannot be reached ({fault}); nothing was done")
    if str(fault).startswith("stable_token"):
        return Fault(f"{account.api_base} gives no token ({fault}); nothing was done")
    return Fault(f"no good answer from {account.api_base} ({fault}); {_OR_NOT}")


async def _with_api(deployment: Deployment, account: AccountSettings, work: Callable[[AccountApi], Awaitable[T]]) -> T:
    async with aiohttp.ClientSession() as session:
        # stable_token: the same one that a running core holds, so that neither ends the other's
        settings = TokenSettings(account.api_base, account.app_id, account.secret)
        return await work(AccountApi(account, TokenHolder(settings, session, deployment.clock())))
