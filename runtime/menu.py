"""[[account.menu]] of weiting.toml: what stands below the chat, checked against WeChat's limits before anything is sent there.

Source: developers.weixin.qq.com, "createCustomMenu" (3 entries of up to 5; names of 16 and 60 bytes, keys of 128, addresses of 1,024) and
the console's own form (what is shown: 4 Chinese characters or 8 letters above, 8 or 16 below; WeChat cuts off the rest).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from unicodedata import category, east_asian_width
from urllib.parse import urlsplit

from runtime.errors import SettingsError

INTENT = "intent"
TEXT = "text"
URL = "url"
MINI_PROGRAM = "miniprogram"
KEYED = ("scancode_push", "scancode_waitmsg", "pic_sysphoto", "pic_photo_or_album", "pic_weixin", "location_select")
"""Taps that open something of WeChat's own and carry a key."""

_INTENT_KEY = "intent:"
_MOST, _MOST_BELOW = 3, 5
_KEY_BYTES, _URL_BYTES, _PATH_BYTES = 128, 1024, 1024
_FIELDS = frozenset(("name", "intent", "text", "url", "type", "key", "entries", "appid", "pagepath"))
_ONE_OF = ("intent", "text", "url", "type", "entries")


@dataclass(frozen=True)
class _Names:
    bytes: int
    columns: int


_ABOVE, _BELOW = _Names(16, 8), _Names(60, 16)


@dataclass(frozen=True)
class MenuEntry:
    """One entry: what a tap does (`kind` and its `value`), or the entries it opens."""

    name: str
    kind: str = ""
    value: str = ""
    entries: tuple["MenuEntry", ...] = ()
    app_id: str = ""
    page_path: str = ""

    @property
    def key(self) -> str:
        """What WeChat sends us on a tap (EventKey); empty for an entry that sends nothing of ours."""
        if self.kind == INTENT:
            return f"{_INTENT_KEY}{self.value}"
        return self.value if self.kind == TEXT or self.kind in KEYED else ""

    @property
    def type_is_wechats(self) -> bool:
        """Whether `kind` is WeChat's own word for a type of button."""
        return self.kind in KEYED


def intents_of(menu: tuple[MenuEntry, ...]) -> tuple[tuple[str, str], ...]:
    """(name of the entry, intent) of every entry that names one."""
    flat = [below for entry in menu for below in (entry.entries or (entry,))]
    return tuple((one.name, one.value) for one in flat if one.kind == INTENT)


def columns_of(text: str) -> int:
    """How wide a text is shown: a Chinese character takes two columns, a letter one, a mark over another none."""
    return sum(0 if category(one) in ("Mn", "Me", "Cf") else 2 if east_asian_width(one) in "WF" else 1 for one in text)


def read_menu(value: Any, account: str) -> tuple[MenuEntry, ...]:
    """The menu of an account; empty when the file has none. Raises SettingsError."""
    if value is None:
        return ()
    return _entries(value, "account.menu", _MOST, account)


def _entries(value: Any, key: str, most: int, account: str) -> tuple[MenuEntry, ...]:
    if not isinstance(value, list) or not value or not all(isinstance(one, dict) for one in value):
        raise SettingsError(key, f'must be a list of 1 to {most} entries, each {{name = "…", …}} (account "{account}")')
    if len(value) > most:
        raise SettingsError(key, f'has {len(value)} entries; WeChat shows {most} at most here (account "{account}")')
    return tuple(_entry(one, f"{key}[{number}]", account, below=most == _MOST_BELOW) for number, one in enumerate(value, 1))


def _entry(table: Mapping[str, Any], key: str, account: str, *, below: bool) -> MenuEntry:
    for field in table:
        if field not in _FIELDS:
            raise SettingsError(f"{key}.{field}", f'is not a setting of a menu entry; take it out (account "{account}")')
    name = _name(table.get("name"), f"{key}.name", account, _BELOW if below else _ABOVE)
    given = [field for field in _ONE_OF if field in table]
    if len(given) != 1:
        raise SettingsError(key, f'("{name}") must have one of intent, text, url, type with key, entries (account "{account}")')
    if given == ["entries"] and below:
        raise SettingsError(f"{key}.entries", f'stands too deep; WeChat has two rows (account "{account}")')
    _check_beside(table, given[0], key, account)
    if given == ["entries"]:
        return MenuEntry(name, entries=_entries(table["entries"], f"{key}.entries", _MOST_BELOW, account))
    return _tap(name, table, given[0], key, account)


def _check_beside(table: Mapping[str, Any], kind: str, key: str, account: str) -> None:
    beside = {"type": ("key",), "url": ("appid", "pagepath")}.get(kind, ())
    for field in ("key", "appid", "pagepath"):
        if field in table and field not in beside:
            raise SettingsError(f"{key}.{field}", f'does not go with {kind}; take one of them out (account "{account}")')
    if ("appid" in table) != ("pagepath" in table):
        raise SettingsError(key, f'needs appid and pagepath, both or neither, with its url (account "{account}")')


def _tap(name: str, table: Mapping[str, Any], kind: str, key: str, account: str) -> MenuEntry:
    if kind == "url":
        url = _url(table["url"], f"{key}.url", account)
        if "appid" not in table:
            return MenuEntry(name, URL, url)
        app_id = _text(table["appid"], f"{key}.appid", _KEY_BYTES, account)
        return MenuEntry(name, MINI_PROGRAM, url, (), app_id, _text(table["pagepath"], f"{key}.pagepath", _PATH_BYTES, account))
    if kind == "type":
        if table["type"] not in KEYED:
            raise SettingsError(f"{key}.type", f'must be one of {", ".join(KEYED)} (account "{account}")')
        return MenuEntry(name, str(table["type"]), _text(table.get("key"), f"{key}.key", _KEY_BYTES, account))
    most = _KEY_BYTES - (len(_INTENT_KEY) if kind == INTENT else 0)
    value = _text(table[kind], f"{key}.{kind}", most, account)
    if kind == TEXT and value.startswith(_INTENT_KEY):
        raise SettingsError(f"{key}.text", f'begins with {_INTENT_KEY}; write intent = "…" instead (account "{account}")')
    return MenuEntry(name, kind, value)


def _name(value: Any, key: str, account: str, most: _Names) -> str:
    name = _text(value, key, most.bytes, account)
    if columns_of(name) > most.columns:
        said = f'("{name}") is cut off on phones; at most {most.columns // 2} Chinese characters or {most.columns} letters here'
        raise SettingsError(key, f'{said} (account "{account}")')
    return name


def _url(value: Any, key: str, account: str) -> str:
    url = _text(value, key, _URL_BYTES, account)
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and not any(one.isspace() for one in url)
    except ValueError:
        good = False
    if not good:
        raise SettingsError(key, f'must be an address such as https://example.com/ (account "{account}")')
    return url


def _text(value: Any, key: str, most_bytes: int, account: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise SettingsError(key, f'must be a text in quotes and not empty (account "{account}")')
    if value != value.strip() or any(category(one) in ("Cc", "Zl", "Zp") for one in value):
        raise SettingsError(key, f'must be one line without spaces around it (account "{account}")')
    if len(value.encode()) > most_bytes:
        raise SettingsError(key, f'has {len(value.encode())} bytes in UTF-8; WeChat takes {most_bytes} at most (account "{account}")')
    return value
