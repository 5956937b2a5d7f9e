"""The menus of weiting.toml on the sandbox's phone page, without anybody who would push them."""

from collections.abc import Callable

from cli.deployment import LOOPBACK, Deployment
from runtime.errors import WeitingError


def has_menus(deployment: Deployment) -> bool:
    """Whether an account of this deployment's own sandbox names a menu."""
    return any(one.menu and one.api_base == _sandbox(deployment) for one in deployment.settings.accounts)


async def show_menus(deployment: Deployment, say: Callable[[str], None]) -> None:
    """Once the sandbox answers; a menu that was put there stays. What fails is said and stops nothing."""
    # here, because wechatpy takes a second to import and most commands need none of it
    from cli.wechat.session import quietly, with_api
    from connectors.wechat.account.api import AccountApi
    from connectors.wechat.account.menu import push, read_shown, to_buttons

    async def show(api: AccountApi) -> None:
        if not (await read_shown(api)).by_call:
            await push(api, to_buttons(api.account.menu))

    for account in deployment.settings.accounts:
        if account.menu and account.api_base == _sandbox(deployment):
            try:
                with quietly():
                    await with_api(deployment, account, show)
            except WeitingError as fault:
                say(f"the sandbox shows no menu of {account.key}: {fault}")


def _sandbox(deployment: Deployment) -> str:
    return f"http://{LOOPBACK}:{deployment.ports.sandbox}"
