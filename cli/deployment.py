"""Where a deployment lies: its settings with the sandbox's addresses filled in, its folders, its ports."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from cli.menu_intents import check_menu_intents
from runtime.clock import Clock, FileClock, SystemClock
from runtime.errors import SettingsError
from runtime.keys import Keyring, load_keyring
from runtime.settings import SANDBOX, Settings, SmsSettings, load_settings

ROOT = Path(__file__).resolve().parent.parent
LOOPBACK = "127.0.0.1"


@dataclass(frozen=True)
class Ports:
    """BASE+0 public · +1 staff · +2 sandbox · +3 action server · +4… bots."""

    base: int

    @property
    def public(self) -> int:
        return self.base

    @property
    def staff(self) -> int:
        return self.base + 1

    @property
    def sandbox(self) -> int:
        return self.base + 2

    @property
    def actions(self) -> int:
        return self.base + 3

    def bots(self, count: int) -> tuple[int, ...]:
        return tuple(self.base + 4 + index for index in range(count))


@dataclass(frozen=True)
class Deployment:
    """Settings, and the paths and ports that follow from them."""

    settings: Settings
    config: Path
    ports: Ports

    @property
    def data(self) -> Path:
        return self.settings.data_dir

    @property
    def clock_file(self) -> Path:
        return self.data / "clock.json"

    @property
    def restarts_file(self) -> Path:
        """How often the supervisor has started each child again; the core shows it in /metrics."""
        return self.data / "restarts.json"

    @property
    def models(self) -> Path:
        return Path(os.environ.get("WEITING_MODELS_DIR", ROOT / "bot" / "models"))

    def clock(self) -> Clock:
        """The machine's clock, or the one the sandbox may move."""
        return FileClock(self.clock_file) if self.settings.sandboxed else SystemClock()

    def keyring(self) -> Keyring:
        """Made on the first start."""
        return load_keyring(self.keys_file)

    @property
    def keys_file(self) -> Path:
        """The keys of the encrypted columns; without them the database is lost."""
        return self.data / "keys.json"

    @property
    def bot_urls(self) -> tuple[str, ...]:
        """Where the core asks: the bots that are named, else those of this machine."""
        own = tuple(f"http://{LOOPBACK}:{port}" for port in self.ports.bots(self.settings.bots))
        return self.settings.bot_urls or own

    @property
    def actions_url(self) -> str:
        """Where a bot asks."""
        return self.settings.actions_url or f"http://{LOOPBACK}:{self.ports.actions}"

    def model(self, industry: str) -> Path:
        """Where an industry's trained model lies."""
        return self.models / f"{industry}.tar.gz"


def load_deployment(config: Path | None, data: Path | None, ports: int | None, environ: Mapping[str, str]) -> Deployment:
    """Reads and checks everything before anything is started. Raises SettingsError."""
    path = (config or Path(environ.get("WEITING_CONFIG", ROOT / "weiting.toml"))).resolve()
    folder = data or (Path(environ["WEITING_DATA_DIR"]) if environ.get("WEITING_DATA_DIR") else None)
    settings = load_settings(path, environ, data_dir=folder.resolve() if folder else None, base_port=ports)
    check_menu_intents(settings, ROOT)
    try:
        # figures of subscribers and what people wrote: for nobody else on this machine
        settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError("data_dir", f"{settings.data_dir} cannot be made ({error.strerror}); name another folder") from error
    where = Ports(settings.base_port)
    return Deployment(_at_sandbox(settings, where, environ), path, where)


def _at_sandbox(settings: Settings, ports: Ports, environ: Mapping[str, str]) -> Settings:
    if not settings.sandboxed:
        return settings
    base = f"http://{LOOPBACK}:{ports.sandbox}"
    accounts = tuple(replace(one, api_base=base) if one.api_base == SANDBOX else one for one in settings.accounts)
    # the token is the supervisor's, new at each start; commands that send no codes need none
    sms = settings.sms or SmsSettings(f"{base}/sms/send", environ.get("WEITING_SMS_TOKEN", "none"))
    return replace(settings, accounts=accounts, sms=sms, uses_sandbox=True)
