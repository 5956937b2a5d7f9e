"""Settings: weiting.toml read once, WEITING_… from the environment over it, small frozen objects out.

Every fault is one sentence that names the key and the mend (SettingsError; the command exits 2).
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from runtime.account_settings import SANDBOX as SANDBOX
from runtime.account_settings import AccountSettings as AccountSettings
from runtime.account_settings import read_accounts
from runtime.errors import SettingsError
from runtime.media_settings import MediaSettings, read_media
from runtime.setting_values import read_hosts, read_number, read_paths, read_seconds, read_text, read_url, read_urls

_TABLES = frozenset(("account", "media", "sms", "tuning"))
_TOP_KEYS = _TABLES | frozenset(
    (
        "data_dir database_url redis_url base_port host inner_host bots bot_urls actions_url industry_paths shared_secret "
        "trusted_proxies"
    ).split()
)
_LOOPBACK = "127.0.0.1"


@dataclass(frozen=True)
class SmsSettings:
    """The gateway that carries one-time codes."""

    url: str
    token: str


@dataclass(frozen=True)
class Tuning:
    """How long what is silent counts as alive, in seconds."""

    lease_s: float = 10.0
    """A core's hold on a conversation; when it dies, another takes over after so long."""
    router_lease_s: float = 6.0
    """The same for who leads the router."""
    sweep_s: float = 5.0
    """How often a core looks for what nobody woke it for."""


@dataclass(frozen=True)
class Settings:
    """A deployment."""

    accounts: tuple[AccountSettings, ...]
    data_dir: Path
    database_url: str
    redis_url: str | None
    host: str
    base_port: int
    bots: int
    industry_paths: tuple[Path, ...]
    shared_secret: str | None
    sms: SmsSettings | None
    inner_host: str = _LOOPBACK
    """Where the action server and the bots listen."""
    bot_urls: tuple[str, ...] = ()
    """Where the bots answer; empty: on this machine, from BASE+4."""
    actions_url: str | None = None
    """Where the bots find an action server; None: on this machine, at BASE+3."""
    tuning: Tuning = Tuning()
    trusted_proxies: tuple[str, ...] = (_LOOPBACK, "::1")
    """Whose word about a caller's address is believed (X-Forwarded-For)."""
    media: MediaSettings | None = None
    """None: below the data folder, for thirty days."""
    uses_sandbox: bool = False

    @property
    def industries(self) -> tuple[str, ...]:
        """The industries that have an account, in the order of weiting.toml."""
        return tuple(dict.fromkeys(account.industry for account in self.accounts))

    @property
    def kept_media(self) -> MediaSettings:
        """Where media are kept."""
        return self.media or MediaSettings(self.data_dir / "media")

    @property
    def sandboxed(self) -> bool:
        """Whether an account speaks to the deployment's own sandbox."""
        return self.uses_sandbox or any(account.api_base == SANDBOX for account in self.accounts)

    def account(self, key: str) -> AccountSettings:
        """Raises KeyError for an account that is not served here."""
        return {account.key: account for account in self.accounts}[key]

    def serves(self, key: str) -> bool:
        """Whether this deployment has an account of that key."""
        return any(account.key == key for account in self.accounts)


def load_settings(
    path: Path, environ: Mapping[str, str], *, data_dir: Path | None = None, base_port: int | None = None
) -> Settings:
    """Reads the file, lays the environment over it and checks all of it. Raises SettingsError."""
    table = _read(path)
    for name in table:
        if name not in _TOP_KEYS:
            raise SettingsError(name, f"is not a setting of {path.name}; take it out or mend its spelling")
    overlaid = {name: environ.get(f"WEITING_{name.upper()}", table.get(name)) for name in _TOP_KEYS - _TABLES}
    folder = (data_dir or path.parent / str(overlaid["data_dir"] or "var")).resolve()
    shared_secret = read_text(overlaid["shared_secret"], "shared_secret")
    actions_url = read_text(overlaid["actions_url"], "actions_url")
    return Settings(
        accounts=read_accounts(table.get("account"), environ, path),
        data_dir=folder,
        database_url=read_text(overlaid["database_url"], "database_url") or f"sqlite:///{folder / 'weiting.db'}",
        redis_url=read_text(overlaid["redis_url"], "redis_url"),
        host=read_text(overlaid["host"], "host") or _LOOPBACK,
        base_port=base_port if base_port is not None else read_number(overlaid["base_port"], "base_port", 8000, 1, 65_500),
        bots=read_number(overlaid["bots"], "bots", 1, 1, 64),
        industry_paths=read_paths(overlaid["industry_paths"], path),
        shared_secret=shared_secret,
        sms=_sms(table.get("sms"), environ),
        inner_host=_inner_host(overlaid["inner_host"], shared_secret),
        bot_urls=read_urls(overlaid["bot_urls"], "bot_urls"),
        actions_url=read_url(actions_url, "actions_url", "http://10.0.0.5:8003") if actions_url else None,
        tuning=_tuning(table.get("tuning"), environ),
        trusted_proxies=read_hosts(overlaid["trusted_proxies"], "trusted_proxies", (_LOOPBACK, "::1")),
        media=read_media(table.get("media"), environ, path, folder),
    )


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise SettingsError(str(path), "does not exist; give its place with --config") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(str(path), f"is not valid TOML ({error}); mend that line") from error
    except OSError as error:
        raise SettingsError(str(path), f"cannot be read ({error.strerror}); mend its rights") from error


def _sms(value: Any, environ: Mapping[str, str]) -> SmsSettings | None:
    table = value if isinstance(value, dict) else {}
    url = environ.get("WEITING_SMS_URL", table.get("url"))
    token = environ.get("WEITING_SMS_TOKEN", table.get("token"))
    if url is None:
        return None
    if not isinstance(token, str) or not token:
        raise SettingsError("sms.token", "is missing; add it or set WEITING_SMS_TOKEN")
    return SmsSettings(read_url(str(url), "sms.url"), token)


def _inner_host(value: Any, shared_secret: str | None) -> str:
    host = read_text(value, "inner_host") or _LOOPBACK
    if not shared_secret and host not in (_LOOPBACK, "localhost", "::1"):
        raise SettingsError("shared_secret", f"is missing; the bots and the action server may listen on {host} only with one")
    return host


def _tuning(value: Any, environ: Mapping[str, str]) -> Tuning:
    table = {} if value is None else value
    if not isinstance(table, dict):
        raise SettingsError("tuning", "must be a table: [tuning], then lines such as lease_s = 30")
    bounds = {"lease_s": (1.0, 600.0), "router_lease_s": (1.0, 600.0), "sweep_s": (0.2, 60.0)}
    for name in table:
        if name not in bounds:
            raise SettingsError(f"tuning.{name}", f"is not one of {', '.join(bounds)}; take it out or mend its spelling")
    default = Tuning()
    read = {
        name: read_seconds(environ.get(f"WEITING_TUNING_{name.upper()}", table.get(name)), f"tuning.{name}", getattr(default, name), *bound)
        for name, bound in bounds.items()
    }
    return Tuning(**read)
