"""All of one sandbox: built once from the configuration, handed to the routes."""

from dataclasses import dataclass, field

from sandbox.chats import Phones
from sandbox.clock import SandboxClock
from sandbox.config import SandboxConfig
from sandbox.delivery import Postman
from sandbox.faults import Faults, PlatformSettings
from sandbox.native_desk import NativeDesk
from sandbox.platform.registry import Platform
from sandbox.records import Journal, SmsBox
from sandbox.subscribers import Subscribers


@dataclass
class Address:
    """Where the sandbox serves; known when its port is."""

    url: str = ""


@dataclass(frozen=True)
class World:
    """The parts of one sandbox; each keeps its own state."""

    config: SandboxConfig
    clock: SandboxClock
    phones: Phones
    faults: Faults
    journal: Journal
    sms: SmsBox
    platform: Platform
    postman: Postman
    desk: NativeDesk
    subscribers: Subscribers
    address: Address = field(default_factory=Address)

    def now(self) -> str:
        """The sandbox's moment, ISO 8601 with milliseconds."""
        return self.clock.now().isoformat(timespec="milliseconds")


def make_world(config: SandboxConfig) -> World:
    """Builds the parts; nothing runs and nothing is written yet."""
    clock = SandboxClock(config.clock_file)
    phones = Phones(config.accounts, config.people, clock)
    settings = PlatformSettings(config.purse_reading, config.deliveries)
    faults = Faults(settings)
    journal = Journal()
    platform = Platform(config, phones, clock, settings)
    postman = Postman(clock, faults, journal, platform.bubbles, config.callback_timeout_s)
    desk = NativeDesk(platform.agents, platform.records, clock, postman.tell)
    postman.transfer = desk.transfer
    platform.open(desk)
    address = Address()
    subscribers = Subscribers(phones, clock, postman, platform, desk, lambda: address.url)
    return World(config, clock, phones, faults, journal, SmsBox(), platform, postman, desk, subscribers, address)
