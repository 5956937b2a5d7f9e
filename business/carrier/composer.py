"""Puts a carrier's business together. Called once per process, by cli and by tests."""

from dataclasses import dataclass
from pathlib import Path

import business.identity
from business.carrier.answers import Answers, load_texts
from business.carrier.directory import SqlLineDirectory
from business.carrier.ports import CarrierSource
from business.carrier.shortcodes import ShortCodes
from business.carrier.sql import SqlCarrierSource
from business.carrier.stores import SqlStores, StoreDirectory
from business.carrier.yamlfile import read_yaml
from business.identity.ports import Identity
from business.identity.rules import CodeRules
from business.identity.service import IdentityService
from business.identity.sql import SqlStore
from business.sms.ports import SmsSender
from runtime.clock import Clock
from runtime.database import Database
from runtime.keys import Keyring


@dataclass(frozen=True)
class Carrier:
    """What the carrier's actions, the short codes and the pages ask."""

    identity: Identity
    source: CarrierSource
    answers: Answers
    short_codes: ShortCodes
    stores: StoreDirectory


def compose_carrier(db: Database, keyring: Keyring, clock: Clock, sms: SmsSender, rules: CodeRules | None = None) -> Carrier:
    """Everything over the database. The caller owns, and closes, `db` and `sms`."""
    texts = read_yaml(Path(business.identity.__file__).parent / "texts" / "zh.yml").data
    directory = SqlLineDirectory(db, keyring)
    identity = IdentityService(SqlStore(db), directory, sms, keyring, clock, texts["code_sms"], rules)
    source = SqlCarrierSource(db, clock)
    answers = Answers(load_texts())
    return Carrier(identity, source, answers, ShortCodes(identity, source, answers, clock), SqlStores(db))
