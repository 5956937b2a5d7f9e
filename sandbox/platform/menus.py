"""The menu below the chat: create, read, delete.

developers.weixin.qq.com/doc/service/api/custommenu/api_createcustommenu: 1 to 3 keys, each with 1 to 5 below it; a name of 16 bytes above
and 60 below, a key of 128 bytes, an address of 1,024. Phones show a new menu at once here; WeChat's look for it every five minutes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.chats import Phones
from sandbox.config import Account
from sandbox.errors import PlatformRefusal
from sandbox.platform.calls import OK, Answer, Asked, Call, list_of, table_of, text_of

KEYED = ("click", "scancode_push", "scancode_waitmsg", "pic_sysphoto", "pic_photo_or_album", "pic_weixin", "location_select")
_NEEDS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(KEYED, ("key",)),
    "view": ("url",),
    "miniprogram": ("url", "appid", "pagepath"),
    "media_id": ("media_id",),
    "view_limited": ("media_id",),
    "article_id": ("article_id",),
    "article_view_limited": ("article_id",),
}
_KEY_BYTES = 128
_URL_BYTES = 1024
_SUBS = 5


@dataclass(frozen=True)
class _Level:
    """The codes and limits that differ between the upper and the lower row."""

    most: int
    name_bytes: int
    count: int
    kind: int
    name: int
    key: int
    url: int


_UPPER = _Level(3, 16, 40016, 40017, 40018, 40019, 40020)
_LOWER = _Level(_SUBS, 60, 40023, 40024, 40025, 40026, 40027)


class Menus:
    """The calls menu/… and get_current_selfmenu_info. Until an account creates one, phones show the keys of the configuration."""

    def __init__(self, phones: Phones) -> None:
        self._phones = phones
        self._pushed: dict[str, list[dict[str, Any]] | None] = {}
        self._versions: dict[str, int] = {}

    def calls(self) -> tuple[Call, ...]:
        return (
            Call("/cgi-bin/menu/create", self.create, daily=1000),
            Call("/cgi-bin/menu/get", self.get, "GET", daily=10_000, body="none"),
            Call("/cgi-bin/menu/delete", self.delete, "GET", daily=1000, body="none"),
            Call("/cgi-bin/get_current_selfmenu_info", self.current, "GET", daily=10_000, body="none"),
        )

    def shown(self, account: Account) -> list[dict[str, Any]]:
        """The keys on the phone."""
        if account.key in self._pushed:
            return self._pushed[account.key] or []
        return [{"type": "click", "name": one.name, "key": one.key, "sub_button": []} for one in account.menu]

    def version(self, account: Account) -> int:
        """Rises with every change, so that a page knows when to draw again."""
        return self._versions.get(account.key, 0)

    def create(self, asked: Asked) -> Answer:
        buttons = list_of(asked.body.get("button"), 40016)
        self._set(asked.account, [_button(one, _UPPER) for one in _counted(buttons, _UPPER)])
        return OK

    def delete(self, asked: Asked) -> Answer:
        self._set(asked.account, None)
        return OK

    def get(self, asked: Asked) -> Answer:
        """What was created by call; raises PlatformRefusal 46003."""
        pushed = self._pushed.get(asked.account.key)
        if pushed is None:
            raise PlatformRefusal(46003)
        return {"menu": {"button": pushed}}

    def current(self, asked: Asked) -> Answer:
        """What phones show, also a menu that was not created by call."""
        shown = self.shown(asked.account)
        return {"is_menu_open": int(bool(shown)), "selfmenu_info": {"button": [_as_current(one) for one in shown]}}

    def _set(self, account: Account, menu: list[dict[str, Any]] | None) -> None:
        self._pushed[account.key] = menu
        self._versions[account.key] = self.version(account) + 1
        for chat in self._phones.chats():
            if chat.account.key == account.key:
                chat.touch()


def _counted(buttons: list[Any], level: _Level) -> list[Mapping[str, Any]]:
    if not 1 <= len(buttons) <= level.most:
        raise PlatformRefusal(level.count)
    return [table_of(one, level.count) for one in buttons]


def _button(given: Mapping[str, Any], level: _Level) -> dict[str, Any]:
    name = text_of(given.get("name"), level.name)
    if len(name.encode("utf-8", "surrogatepass")) > level.name_bytes:
        raise PlatformRefusal(level.name)
    if level is _UPPER and given.get("sub_button"):
        return {"name": name, "sub_button": [_button(one, _LOWER) for one in _counted(list_of(given["sub_button"], 40023), _LOWER)]}
    kind = given.get("type")
    if not isinstance(kind, str) or kind not in _NEEDS:
        raise PlatformRefusal(level.kind)
    fields = {field: text_of(given.get(field), _missing(field, level)) for field in _NEEDS[kind]}
    if len(fields.get("key", "").encode("utf-8", "surrogatepass")) > _KEY_BYTES:
        raise PlatformRefusal(level.key)
    url = fields.get("url", "http://")
    if len(url.encode("utf-8", "surrogatepass")) > _URL_BYTES or not url.startswith(("http://", "https://")):
        raise PlatformRefusal(level.url)
    return {"type": kind, "name": name, **fields, "sub_button": []}


def _missing(field: str, level: _Level) -> int:
    return {"key": level.key, "url": level.url, "media_id": 40007, "article_id": 40007}.get(field, 40035)


def _as_current(button: Mapping[str, Any]) -> dict[str, Any]:
    """The other call's shape: sub keys under `list`, and none where there are none."""
    bare = {name: value for name, value in button.items() if name != "sub_button"}
    below = button["sub_button"]
    return bare | ({"sub_button": {"list": [_as_current(one) for one in below]}} if below else {})
