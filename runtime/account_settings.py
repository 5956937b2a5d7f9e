"""One [[account]] of weiting.toml and what WEITING_ACCOUNT_KEY_… lays over it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from runtime.desk_settings import OURS, AccountDesk, read_desk
from runtime.errors import SettingsError
from runtime.menu import MenuEntry, read_menu
from runtime.setting_values import read_choice, read_flag, read_host_names, read_number, read_origins, read_url, read_words

SANDBOX = "sandbox"
"""An account's api_base that stands for the sandbox this deployment starts itself, at BASE+2."""

_KINDS = ("service", "subscription")
_MODES = ("plain", "compatible", "safe")
_ACCOUNT_KEYS = frozenset(
    (
        "key industry kind app_id secret secret_file token encoding_aes_key previous_encoding_aes_key "
        "mode api_base ghid name timestamp_window_s webchat webchat_origins desk kf_accounts menu asks media_hosts"
    ).split()
)


@dataclass(frozen=True)
class AccountSettings:
    """One WeChat account and the industry it belongs to; `webchat`: its chat is also a page, at /chat/KEY."""

    key: str
    industry: str
    kind: str
    app_id: str
    secret: str
    token: str
    encoding_aes_key: str
    previous_encoding_aes_key: str | None
    mode: str
    api_base: str
    ghid: str
    name: str
    timestamp_window_s: int = 300
    webchat: bool = False
    webchat_origins: tuple[str, ...] = ()
    """Whose pages may show the chat in a frame and call it, as scheme://host[:port]."""
    desk: AccountDesk = AccountDesk()
    asks: tuple[tuple[str, str], ...] = ()
    """What a menu key ("click:KEY"), a scene ("scan:SCENE") or a place ("location") asks for: "intent:NAME", or words as if typed."""
    media_hosts: tuple[str, ...] = ("qq.com", "qpic.cn")
    """Where a video may lie, beside the platform's own address: these hosts and what is under them."""
    menu: tuple[MenuEntry, ...] = ()
    """What stands below the chat once `weiting wechat menu push` has put it there."""


def read_accounts(value: Any, environ: Mapping[str, str], path: Path) -> tuple[AccountSettings, ...]:
    """All accounts of the file at that path. Raises SettingsError."""
    if not isinstance(value, list) or not value or not all(isinstance(one, dict) for one in value):
        raise SettingsError("account", f"is missing; {path.name} needs at least one [[account]] table")
    accounts = tuple(_account(one, environ, path) for one in value)
    seen: set[str] = set()
    for account in accounts:
        if account.key in seen:
            raise SettingsError("account.key", f'"{account.key}" stands twice; give every account a key of its own')
        seen.add(account.key)
    return accounts


@dataclass(frozen=True)
class _Table:
    """One account's table, the environment over it."""

    key: str
    values: Mapping[str, Any]
    environ: Mapping[str, str]

    def raw(self, name: str) -> Any:
        """None when it is nowhere."""
        return self.environ.get(self._variable(name), self.values.get(name))

    def text(self, name: str, default: str | None = None) -> str:
        """Raises SettingsError when it is missing without a default, and when it is no text."""
        value = self.raw(name)
        value = default if value is None else value
        if value is None or value == "":
            raise SettingsError(f"account.{name}", f'is missing for account "{self.key}"; add it or set {self._variable(name)}')
        if not isinstance(value, str):
            raise SettingsError(f"account.{name}", f'must be a text in quotes (account "{self.key}")')
        return value

    def _variable(self, name: str) -> str:
        return f"WEITING_ACCOUNT_{self.key.upper()}_{name.upper()}"


def _account(values: dict[str, Any], environ: Mapping[str, str], path: Path) -> AccountSettings:
    key = values.get("key")
    if not isinstance(key, str) or not key.isascii() or not key.replace("_", "a").isalnum():
        raise SettingsError("account.key", "must be letters, digits and _, as in the callback's address")
    for name in values:
        if name not in _ACCOUNT_KEYS:
            raise SettingsError(f"account.{name}", f'is not a setting of an account ("{key}"); take it out')
    table = _Table(key, values, environ)
    read, raw = table.text, table.raw
    aes, previous = _aes_keys(table)
    return AccountSettings(
        key=key,
        industry=_identifier(read("industry"), key),
        kind=read_choice(read("kind", "service"), "account.kind", _KINDS),
        app_id=read("app_id"),
        secret=_secret(table, path),
        token=read("token"),
        encoding_aes_key=aes,
        previous_encoding_aes_key=previous,
        mode=read_choice(read("mode", "safe"), "account.mode", _MODES),
        api_base=_api_base(read("api_base", "https://api.weixin.qq.com")),
        ghid=read("ghid", f"gh_{key}"),
        name=read("name", key),
        timestamp_window_s=read_number(values.get("timestamp_window_s"), "account.timestamp_window_s", 300, 0, 86_400),
        webchat=read_flag(raw("webchat"), "account.webchat"),
        webchat_origins=read_origins(raw("webchat_origins"), "account.webchat_origins"),
        desk=read_desk(read("desk", OURS), raw("kf_accounts"), key),
        asks=read_words(values.get("asks"), "account.asks"),
        media_hosts=read_host_names(raw("media_hosts"), "account.media_hosts"),
        menu=read_menu(values.get("menu"), key),
    )


def _aes_keys(table: _Table) -> tuple[str, str | None]:
    aes = table.text("encoding_aes_key")
    previous = table.text("previous_encoding_aes_key", "-")
    for name, one in (("encoding_aes_key", aes), ("previous_encoding_aes_key", previous)):
        if one != "-" and (len(one) != 43 or not one.isascii() or not one.isalnum()):
            raise SettingsError(f"account.{name}", f'must be 43 letters and digits (account "{table.key}"); copy it from the console')
    return aes, None if previous == "-" else previous


def _secret(table: _Table, path: Path) -> str:
    file = table.text("secret_file", "-")
    if file == "-":
        return table.text("secret")
    try:
        return (path.parent / file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError("account.secret_file", f"{file} cannot be read; mend the path or its rights") from error


def _identifier(value: str, key: str) -> str:
    if not value.isidentifier() or not value.isascii():
        raise SettingsError("account.industry", f'must be the name of an industry such as carrier (account "{key}")')
    return value


def _api_base(value: str) -> str:
    return value if value == SANDBOX else read_url(value, "account.api_base")
