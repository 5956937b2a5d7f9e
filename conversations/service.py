"""Conversations over the database: what the composer makes, starts and stops."""

from collections.abc import Mapping

from conversations.adapters.ownership import Ownership
from conversations.adapters.reading import Reading
from conversations.adapters.sql_store import SqlStore
from conversations.core import Core
from conversations.notices import Texts
from conversations.ports import Brain, Channels, DirectAnswers
from conversations.settings import ConversationSettings
from runtime.bus import Bus
from runtime.clock import Clock
from runtime.database import Database
from runtime.keys import Keyring


class Conversations(Core):
    """`industries` is by account. Beside `inbox`, `counts`, `start` and `stop` it offers the desk its two doors."""

    def __init__(
        self, db: Database, keyring: Keyring, clock: Clock, bus: Bus, brain: Brain, channels: Channels,
        industries: Mapping[str, str], direct: DirectAnswers | None, texts: Texts, settings: ConversationSettings,
        lease_clock: Clock | None = None,
    ) -> None:
        super().__init__(SqlStore(db, keyring), clock, bus, brain, channels, industries, direct, texts, settings, lease_clock)
        self.ownership = Ownership(keyring, texts, settings)
        self.reading = Reading(keyring, texts)
