"""All of one sandbox: built once from the configuration, handed to the routes."""

from dataclasses import dataclass

from sandbox.chats import Phones
from sandbox.clock import SandboxClock
from sandbox.config import SandboxConfig
from sandbox.delivery import Postman
from sandbox.faults import Faults, PlatformSettings
from sandbox.platform import Platform
from sandbox.records import Journal, SmsBox
from sandbox.subscribers import Subscribers


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
    subscribers: Subscribers

    def now(self) -> str:
        """The sandbox's moment, ISO 8601 with milliseconds."""
        return self.clock.now().isoformat(timespec="milliseconds")


def make_world(config: SandboxConfig) -> World:
    """Builds the parts; nothing runs and nothing is written yet."""
    clock = SandboxClock(config.clock_file)
    phones = Phones(config.accounts, config.people)
    settings = PlatformSettings(config.purse_reading, config.deliveries)
    faults = Faults(settings)
    journal = Journal()
    postman = Postman(clock, faults, journal, config.callback_timeout_s)
    return World(
        config=config,
        clock=clock,
        phones=phones,
        faults=faults,
        journal=journal,
        sms=SmsBox(),
        platform=Platform(phones, clock, settings),
        postman=postman,
        subscribers=Subscribers(phones, clock, postman),
    )
