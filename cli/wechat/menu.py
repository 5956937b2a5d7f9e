"""`weiting wechat menu`: the menu below the chat, compared with weiting.toml and put there."""

import sys
from typing import Any

from cli.deployment import Deployment
from cli.staff import print_json
from cli.wechat.session import run
from connectors.wechat.account.api import AccountApi
from connectors.wechat.account.menu import Button, Shown, delete, describe, differences, push, read_shown, to_buttons
from runtime.errors import SettingsError
from runtime.settings import AccountSettings


def show(deployment: Deployment, account: AccountSettings, *, as_json: bool) -> int:
    """The menu that phones show."""
    shown = run(deployment, account, read_shown)
    if as_json:
        print_json({"account": account.key, **_as_json(shown)})
        return 0
    _say(*(describe(shown.buttons) or ("no menu",)))
    _say_more(shown)
    return 0


def diff(deployment: Deployment, account: AccountSettings, *, as_json: bool) -> int:
    """0 when WeChat shows what weiting.toml says, else 1."""
    ours = to_buttons(account.menu)
    shown = run(deployment, account, read_shown)
    return _compare(deployment, account, shown, ours, as_json=as_json)


def put(deployment: Deployment, account: AccountSettings, *, as_json: bool) -> int:
    """Shows what differs, puts the file's menu there and reads it back. Raises SettingsError when the file has none."""
    ours = to_buttons(account.menu)
    if not ours:
        raise SettingsError("account.menu", f'is missing for account "{account.key}"; add it, or take the menu away with --delete')
    return _change(deployment, account, ours, as_json=as_json)


def take_away(deployment: Deployment, account: AccountSettings, *, as_json: bool) -> int:
    """Deletes the menu, and the personalised ones with it."""
    return _change(deployment, account, (), as_json=as_json)


def _change(deployment: Deployment, account: AccountSettings, ours: tuple[Button, ...], *, as_json: bool) -> int:
    async def work(api: AccountApi) -> tuple[Shown, bool]:
        shown = await read_shown(api)
        # a menu of the console is taken over even when it looks the same: only one made by call is read back
        changed = shown.buttons != ours or (bool(ours) and not shown.by_call) or (not ours and shown.personalised > 0)
        if not as_json:
            _say(*differences(shown.buttons, ours))
        if changed:
            await (push(api, ours) if ours else delete(api))
        return shown, changed

    shown, changed = run(deployment, account, work)
    if as_json:
        lines = list(differences(shown.buttons, ours))
        print_json({"account": account.key, "changed": changed, "lines": lines, "menu": list(ours)})
        return 0
    _say_more(shown)
    what = "put there and read back; phones show it within minutes" if ours else "taken away"
    _say(f"menu of {account.key}: {what}" if changed else f"menu of {account.key}: as it should be; nothing was done")
    return 0


def _compare(deployment: Deployment, account: AccountSettings, shown: Shown, ours: tuple[Button, ...], *, as_json: bool) -> int:
    lines = differences(shown.buttons, ours)
    if as_json:
        print_json({"account": account.key, "same": not lines, "lines": list(lines), "file": list(ours), "wechat": _as_json(shown)})
    else:
        if lines:
            _say("- WeChat shows it    + it is in " + deployment.config.name, *lines)
            _say("`weiting wechat menu push` puts the file's menu there")
        else:
            _say(f"WeChat shows what {deployment.config.name} says" if ours else "no menu, here or there")
        _say_more(shown)
    return 1 if lines else 0


def _as_json(shown: Shown) -> dict[str, Any]:
    return {"menu": list(shown.buttons), "made_by_call": shown.by_call, "personalised": shown.personalised}


def _say_more(shown: Shown) -> None:
    if shown.buttons and not shown.by_call:
        _say("this menu was made in the console; a push takes its place")
    if shown.personalised:
        _say(f"there are {shown.personalised} personalised menus as well; they stay until the menu is deleted")


def _say(*lines: str) -> None:
    sys.stdout.write("".join("".join(one if one.isprintable() else "?" for one in line) + "\n" for line in lines))
