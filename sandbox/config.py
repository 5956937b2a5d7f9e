"""The sandbox's configuration: one JSON file, read once, passed on as frozen objects (docs/architecture.md, section Sandbox)."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox.errors import ConfigError

MODES = ("plain", "compatible", "safe")
READINGS = ("separate", "shared")
FORMATS = ("xml", "json")
OPENID = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True)
class MenuKey:
    """One key of the account's menu; a tap sends the event CLICK with `key`."""

    name: str
    key: str


DEFAULT_MENU = (MenuKey("查话费", "查话费"), MenuKey("查流量", "查流量"), MenuKey("人工", "人工"))


@dataclass(frozen=True)
class Account:
    """One service account as WeChat knows it.

    Attributes:
        kind: service, or subscription: an account that is not verified and may not call most of the interface (48001).
        menu: keys drawn until the account creates its own menu.
        wechat_id: what stands behind the @ of its customer-service accounts; empty: anything may.
        callback_format: xml, or json, which WeChat offers to mini programs only.
        ip_whitelist: addresses that may ask for a token; empty: all.
    """

    key: str
    name: str
    app_id: str
    secret: str
    token: str
    encoding_aes_key: str
    mode: str
    ghid: str
    callback_url: str
    kind: str = "service"
    menu: tuple[MenuKey, ...] = DEFAULT_MENU
    wechat_id: str = ""
    callback_format: str = "xml"
    ip_whitelist: tuple[str, ...] = ()


@dataclass(frozen=True)
class PersonSeed:
    """A subscriber who is there from the start and follows every account; listed with `account`, or with all when it is empty."""

    openid: str
    name: str
    phone: str
    account: str = ""


@dataclass(frozen=True)
class SandboxConfig:
    """All settings.

    `callback_timeout_s` and `deliveries` are WeChat's 5 s and "three times in all"; its page can also be read as four.
    `purse_reading`: see sandbox/purse.py. `clock_file` None keeps the offset in memory only.
    """

    host: str
    port: int
    clock_file: Path | None
    sms_token: str
    accounts: tuple[Account, ...]
    people: tuple[PersonSeed, ...]
    purse_reading: str = "separate"
    deliveries: int = 3
    callback_timeout_s: float = 5.0


def read_config(path: Path) -> SandboxConfig:
    """Reads the JSON file.

    Raises:
        ConfigError: with one sentence that names the file or the key.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"The sandbox's configuration {path} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise ConfigError(f"The sandbox's configuration {path} is not JSON: {error}.") from error
    return config_from(data)


def config_from(data: Any) -> SandboxConfig:
    """Checks and freezes a parsed configuration; raises ConfigError."""
    if not isinstance(data, dict):
        raise ConfigError("The sandbox's configuration must be a JSON object.")
    accounts = tuple(_account(entry) for entry in _list(data, "accounts"))
    if not accounts:
        raise ConfigError("The sandbox's configuration needs at least one entry in accounts.")
    if len({account.key for account in accounts}) != len(accounts):
        raise ConfigError("Two accounts of the sandbox's configuration have the same key.")
    clock_file = data.get("clock_file")
    config = SandboxConfig(
        host=_text(data, "host", "127.0.0.1"),
        port=_whole(data, "port", 0),
        clock_file=Path(clock_file) if clock_file else None,
        sms_token=_text(data, "sms_token"),
        accounts=accounts,
        people=tuple(_person(entry) for entry in _list(data, "people", [])),
        purse_reading=_text(data, "purse_reading", "separate"),
        deliveries=_whole(data, "deliveries", 3),
        callback_timeout_s=_seconds(data, "callback_timeout_s", 5.0),
    )
    if config.purse_reading not in READINGS:
        raise ConfigError("purse_reading in the sandbox's configuration must be separate or shared.")
    if not 1 <= config.deliveries <= 10:
        raise ConfigError("deliveries in the sandbox's configuration must be between 1 and 10.")
    return config


def _account(entry: Any) -> Account:
    if not isinstance(entry, dict):
        raise ConfigError("Every entry of accounts in the sandbox's configuration must be an object.")
    mode = _text(entry, "mode", "safe")
    if mode not in MODES:
        raise ConfigError(f"mode of account {entry.get('key')} must be plain, compatible or safe, not {mode}.")
    aes_key = _text(entry, "encoding_aes_key", "" if mode == "plain" else None)
    if mode != "plain" and not re.fullmatch(r"[A-Za-z0-9]{43}", aes_key):
        raise ConfigError(f"encoding_aes_key of account {entry.get('key')} must be 43 letters and digits.")
    callback_format = _text(entry, "callback_format", "xml")
    if callback_format not in FORMATS:
        raise ConfigError(f"callback_format of account {entry.get('key')} must be xml or json, not {callback_format}.")
    menu = entry.get("menu")
    return Account(
        key=_text(entry, "key"),
        name=_text(entry, "name"),
        app_id=_text(entry, "app_id"),
        secret=_text(entry, "secret"),
        token=_text(entry, "token"),
        encoding_aes_key=aes_key,
        mode=mode,
        ghid=_text(entry, "ghid"),
        callback_url=_text(entry, "callback_url"),
        kind=_text(entry, "kind", "service"),
        menu=DEFAULT_MENU if menu is None else _menu(menu),
        wechat_id=_text(entry, "wechat_id", ""),
        callback_format=callback_format,
        ip_whitelist=tuple(str(one) for one in _list(entry, "ip_whitelist", [])),
    )


def _menu(entries: Any) -> tuple[MenuKey, ...]:
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise ConfigError("menu in the sandbox's configuration must be a list of objects with name and key.")
    return tuple(MenuKey(_text(entry, "name"), _text(entry, "key")) for entry in entries)


def _person(entry: Any) -> PersonSeed:
    if not isinstance(entry, dict):
        raise ConfigError("Every entry of people in the sandbox's configuration must be an object.")
    openid = _text(entry, "openid")
    if not OPENID.fullmatch(openid):
        raise ConfigError(f"openid {openid!r} of the sandbox's configuration may have only letters, digits, _ and -.")
    return PersonSeed(openid, _text(entry, "name", openid), _text(entry, "phone", ""), _text(entry, "account", ""))


def _list(data: Mapping[str, Any], key: str, default: list[Any] | None = None) -> list[Any]:
    value = data.get(key, default)
    if not isinstance(value, list):
        raise ConfigError(f"{key} in the sandbox's configuration must be a list.")
    return value


def _text(data: Mapping[str, Any], key: str, default: str | None = None) -> str:
    value = data.get(key, default)
    if not isinstance(value, str):
        raise ConfigError(f"{key} in the sandbox's configuration is missing or is not a text.")
    return value


def _seconds(data: Mapping[str, Any], key: str, default: float) -> float:
    value = data.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 3600:
        raise ConfigError(f"{key} in the sandbox's configuration must be a number of seconds.")
    return float(value)


def _whole(data: Mapping[str, Any], key: str, default: int) -> int:
    value = data.get(key, default)
    if not isinstance(value, int) or isinstance(value, bool):
        raise ConfigError(f"{key} in the sandbox's configuration must be a whole number.")
    return value
