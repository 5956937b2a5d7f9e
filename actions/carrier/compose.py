"""Puts the carrier's actions together with its business. Called once per process."""

from pathlib import Path

from actions.asking import Ports
from actions.carrier.registry import build
from actions.industry import Industry
from actions.phrases import Phrases
from business.carrier.composer import compose_carrier
from business.sms.http import HttpSms, NoSms
from runtime.ground import Ground


def compose(ground: Ground, bot_folder: Path) -> Industry:
    """`bot_folder` is bot/carrier: its domain holds the sentences. Raises SettingsError when it does not."""
    sms = HttpSms(ground.sms) if ground.sms else NoSms()
    carrier = compose_carrier(ground.db, ground.keyring, ground.clock, sms)
    ports = Ports(carrier.identity, carrier.source, Phrases.load(bot_folder / "domain"))
    return Industry("carrier", build(ports, carrier.stores), carrier.short_codes, sms.close, carrier.identity)
