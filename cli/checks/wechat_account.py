"""What an account has at WeChat: its menu, what is left of the day's calls, where its callbacks go. Looking changes nothing."""

import asyncio
from collections.abc import Awaitable, Callable

from cli.checks.finding import Finding, bad, ok, warn
from cli.wechat.errcodes import explain
from connectors.wechat.account.api import AccountApi, FixedToken
from connectors.wechat.account.menu import differences, read_shown, to_buttons
from connectors.wechat.account.quota import SEND, TOKEN, Left, check_callback, read_left
from connectors.wechat.account.wire import WireSettings
from connectors.wechat.errors import CallRefused, PlatformFault
from runtime.settings import AccountSettings

_WIRE = WireSettings(connect_s=3.0, total_s=6.0)
_WITHIN_S = 15.0
_NOT_PLAYED = frozenset({40066, 43001, 43002})
"""What the sandbox says of calls that it does not play."""
_LITTLE = 0.1
_CALLS = {SEND: "customer-service messages", TOKEN: "tokens"}
_AGAIN = "run this again; if it stays, see api_base and whether a proxy stands between"
Look = Callable[[AccountApi], Awaitable[list[Finding]]]


async def look_at_account(account: AccountSettings, token: str, *, at_sandbox: bool) -> list[Finding]:
    """One sentence for each look, also for one that fails; about 15 s at most."""
    api = AccountApi(account, FixedToken(token), _WIRE)
    looks = ((f"menu {account.key}", _menu), (f"quota {account.key}", _quota), (f"callback {account.key}", _callback))
    found = await asyncio.gather(*(_look(api, check, look, at_sandbox) for check, look in looks))
    return [finding for findings in found for finding in findings]


async def _look(api: AccountApi, check: str, look: Look, at_sandbox: bool) -> list[Finding]:
    try:
        async with asyncio.timeout(_WITHIN_S):
            return await look(api)
    except TimeoutError:
        return [warn(check, f"no answer within {_WITHIN_S:.0f} s", _AGAIN)]
    except CallRefused as refused:
        if at_sandbox and refused.errcode in _NOT_PLAYED:
            return []
        said, mend = explain(refused.errcode)
        where = f" ({refused.address})" if refused.address else ""
        return [warn(check, f"{refused.call}: errcode {refused.errcode}: {said}{where}", mend)]
    except PlatformFault as fault:
        return [warn(check, f"no good answer ({fault})", _AGAIN)]


async def _menu(api: AccountApi) -> list[Finding]:
    check, ours = f"menu {api.account.key}", to_buttons(api.account.menu)
    if not ours:
        return [ok(check, "the settings name none, so WeChat's stays as it is")]
    shown = await read_shown(api)
    if not differences(shown.buttons, ours):
        return [ok(check, "WeChat shows what the settings say")]
    command = f"weiting wechat --account {api.account.key} menu"
    said = "WeChat shows another menu than the settings say" if shown.buttons else "WeChat shows no menu; the settings name one"
    return [warn(check, said, f"`{command} diff` shows what differs, `{command} push` mends it")]


async def _quota(api: AccountApi) -> list[Finding]:
    paths = (TOKEN,) if api.account.kind == "subscription" else (SEND, TOKEN)
    found = [await read_left(api, path) for path in paths]
    return [judge_left(f"quota {api.account.key}", left) for left in found if left is not None]


def judge_left(check: str, left: Left) -> Finding:
    """What the day's count of a call means: customer-service messages, or tokens."""
    said = f"{left.left:,} of {left.limit:,} {_CALLS[left.path]} left today"
    if left.path == TOKEN:
        mend = "see which program asks for so many: one is asked for every two hours"
        return ok(check, said) if left.left >= left.limit * _LITTLE else warn(check, said, mend)
    if left.limit <= 0:
        return warn(check, "this account may send no customer-service messages", "see its type and verification in the console (接口权限)")
    if left.left <= 0:
        mend = "wait for midnight (Beijing) or clear the quota in the console; until then answers go out as passive replies only"
        return bad(check, said, mend)
    if left.left < left.limit * _LITTLE:
        return warn(check, said, "at none, answers go out as passive replies only until midnight (Beijing)")
    return ok(check, said)


async def _callback(api: AccountApi) -> list[Finding]:
    check = f"callback {api.account.key}"
    found = await check_callback(api)
    if found is None:
        mend = f"enter https://YOUR-HOST/wechat/{api.account.key} with token and encoding_aes_key of the settings (服务器配置)"
        return [bad(check, "no callback address is set in WeChat's console", mend)]
    addresses, silent = found
    if not addresses:
        return [bad(check, "WeChat finds no address of the callback's host", "see its DNS")]
    if set(addresses) <= set(silent):
        said = f"WeChat's ping of {', '.join(addresses)} is not answered"
        return [warn(check, said, "no harm if a firewall drops ping; else let WeChat in on TCP 80 and 443")]
    return [ok(check, f"a callback address is set, WeChat resolves it to {', '.join(addresses)}")]
