"""What an industry is given to build its parts on: the same few things for every one."""

from dataclasses import dataclass

from runtime.bus import Bus
from runtime.clock import Clock
from runtime.database import Database
from runtime.keys import Keyring
from runtime.settings import SmsSettings


@dataclass(frozen=True)
class Ground:
    """Made once by the composer; `business/NAME/compose.py` builds an industry's ports from it."""

    db: Database
    keyring: Keyring
    clock: Clock
    bus: Bus
    sms: SmsSettings | None
