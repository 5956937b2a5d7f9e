"""Conversations over the database: what the composer makes, starts and stops."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from conversations.adapters.ownership import Ownership
from conversations.adapters.reading import Reading
from conversations.adapters.sql_media import SqlMedia
from conversations.adapters.sql_store import SqlStore
from conversations.core import Core
from conversations.intake import Stored
from conversations.media import REFERENCE
from conversations.media_shelf import MediaShelf
from conversations.media_worker import MediaTimes, MediaWorker
from conversations.notices import Texts
from conversations.ports import Brain, Channels, DirectAnswers, MediaFiles, MediaSource
from conversations.settings import ConversationSettings
from runtime.bus import Bus
from runtime.clock import Clock
from runtime.database import Database
from runtime.keys import Keyring


@dataclass(frozen=True)
class MediaParts:
    """Where files are kept, and where those of each account come from."""

    files: MediaFiles
    sources: Mapping[str, MediaSource]
    times: MediaTimes = field(default_factory=MediaTimes)


class Conversations(Core):
    """`industries` is by account. Beside `inbox`, `counts`, `start` and `stop` it offers the desk its doors."""

    def __init__(
        self, db: Database, keyring: Keyring, clock: Clock, bus: Bus, brain: Brain, channels: Channels,
        industries: Mapping[str, str], direct: DirectAnswers | None, texts: Texts, settings: ConversationSettings,
        lease_clock: Clock | None = None, media: MediaParts | None = None,
    ) -> None:
        super().__init__(
            SqlStore(db, keyring), clock, bus, brain, channels, industries, direct, texts, settings, lease_clock,
            None if media is None else media.files,
        )  # fmt: skip
        self.ownership = Ownership(keyring, texts, settings)
        self.reading = Reading(keyring, texts)
        self.media_shelf = None if media is None else MediaShelf(media.files, keyring)
        self.media_worker = None if media is None else MediaWorker(
            SqlMedia(db, keyring), media.files, media.sources, clock, lease_clock or clock, media.times, self.counts, self.page_changed
        )  # fmt: skip

    async def start(self) -> None:
        """Lanes, sweep and audit, and the fetching of files."""
        await super().start()
        if self.media_worker is not None:
            await self.media_worker.start()

    async def stop(self) -> None:
        """Lets turns under way end."""
        if self.media_worker is not None:
            await self.media_worker.stop()
        await super().stop()

    def _accepted(self, stored: Stored) -> None:
        super()._accepted(stored)
        if self.media_worker is not None and REFERENCE in stored.row.extra:
            self.media_worker.wake()
