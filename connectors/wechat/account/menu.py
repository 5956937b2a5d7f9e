"""The menu below the chat: from weiting.toml to WeChat's form, from WeChat's answers to the same form, and what differs.

Source: developers.weixin.qq.com, "createCustomMenu", "getMenu" (only menus made by call; 46003 when there is none),
"getCurrentSelfmenuInfo" (what phones show, also a menu made in the console), "deleteMenu" (takes the personalised menus along).
"""

import asyncio
import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from connectors.wechat.account.api import AccountApi
from connectors.wechat.errors import CallRefused, PlatformFault
from runtime.menu import MINI_PROGRAM, URL, MenuEntry

_NONE = 46003
_READ_AGAIN_S = (0.5, 1.5)
_CLICK = "click"
_VIEW = "view"
_FIELDS = ("type", "key", "url", "appid", "pagepath", "media_id", "article_id", "value")
Button = dict[str, Any]


@dataclass(frozen=True)
class Shown:
    """A menu as WeChat has it. `by_call`: made by a call, not in the console. `personalised`: how many menus for some followers."""

    buttons: tuple[Button, ...]
    by_call: bool = True
    personalised: int = 0


def to_buttons(menu: tuple[MenuEntry, ...]) -> tuple[Button, ...]:
    """WeChat's form of a menu of weiting.toml."""
    return tuple(_button(entry) for entry in menu)


async def read_shown(api: AccountApi) -> Shown:
    """The menu that phones show. Raises PlatformFault."""
    made = await api.call(_made_by_call)
    if made is not None:
        others = made.get("conditionalmenu")
        return Shown(_read(made.get("menu")), True, len(others) if isinstance(others, list) else 0)
    shown = await api.call(lambda client: client.menu.get_menu_info())
    return Shown(_read(shown.get("selfmenu_info")) if shown.get("is_menu_open") else (), by_call=False)


async def push(api: AccountApi, buttons: tuple[Button, ...]) -> None:
    """Puts a menu there and reads it back. Raises PlatformFault, also when something else is read than was put."""
    await api.call(lambda client: client.menu.create({"button": list(buttons)}))
    await _verify(api, buttons)


async def delete(api: AccountApi) -> None:
    """Takes the menu away, and the personalised ones with it. Raises PlatformFault."""
    await api.call(lambda client: client.menu.delete())
    await _verify(api, ())


def differences(theirs: tuple[Button, ...], ours: tuple[Button, ...]) -> tuple[str, ...]:
    """One line an entry: `- ` WeChat has it, `+ ` weiting.toml has it, two spaces both; empty when nothing differs."""
    if theirs == ours:
        return ()
    found = difflib.ndiff(describe(theirs), describe(ours))
    return tuple(line for line in found if not line.startswith("?"))


def describe(buttons: tuple[Button, ...]) -> tuple[str, ...]:
    """A menu in lines that people read."""
    lines: list[str] = []
    for button in buttons:
        lines.append(_line(button))
        lines += [f"    {_line(below)}" for below in button.get("sub_button", ())]
    return tuple(lines)


async def _verify(api: AccountApi, buttons: tuple[Button, ...]) -> None:
    for pause in (*_READ_AGAIN_S, None):
        shown = await api.call(_made_by_call)
        if _read(None if shown is None else shown.get("menu")) == buttons:
            return
        if pause is not None:
            await asyncio.sleep(pause)
    raise PlatformFault("menu/get: another menu is read than was put there")


def _made_by_call(client: Any) -> dict[str, Any] | None:
    try:
        answer: dict[str, Any] = client.menu.get()
    except CallRefused as refused:
        if refused.errcode == _NONE:
            return None
        raise
    return answer


def _button(entry: MenuEntry) -> Button:
    if entry.entries:
        return {"name": entry.name, "sub_button": [_button(one) for one in entry.entries]}
    if entry.kind == URL:
        return {"name": entry.name, "type": _VIEW, "url": entry.value}
    if entry.kind == MINI_PROGRAM:
        address = {"url": entry.value, "appid": entry.app_id, "pagepath": entry.page_path}
        return {"name": entry.name, "type": MINI_PROGRAM, **address}
    return {"name": entry.name, "type": entry.kind if entry.type_is_wechats else _CLICK, "key": entry.key}


def _read(menu: object) -> tuple[Button, ...]:
    """Both of WeChat's forms in one: empty lists and what WeChat adds of its own are left out."""
    buttons = menu.get("button") if isinstance(menu, Mapping) else None
    return tuple(_read_button(one) for one in buttons if isinstance(one, Mapping)) if isinstance(buttons, list) else ()


def _read_button(given: Mapping[str, Any]) -> Button:
    below = given.get("sub_button")
    if isinstance(below, Mapping):
        below = below.get("list")
    name = {"name": str(given.get("name", ""))}
    if isinstance(below, list) and below:
        return {**name, "sub_button": [_read_button(one) for one in below if isinstance(one, Mapping)]}
    return {**name, **{field: given[field] for field in _FIELDS if given.get(field) not in (None, "")}}


def _line(button: Button) -> str:
    if "sub_button" in button:
        return str(button["name"])
    rest = " ".join(str(button[field]) for field in _FIELDS if field in button)
    return f"{button['name']}  [{rest}]"
