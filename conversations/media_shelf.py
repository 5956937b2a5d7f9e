"""Files as a page asks for them: the row for the rights check, then the bytes."""

import asyncio

from sqlalchemy import Connection

from conversations.adapters.sql_media import read_media
from conversations.media import Media, MediaState
from conversations.ports import MediaFiles
from runtime.keys import Keyring


class MediaShelf:
    """Reads only; what is fetched and what is erased is the worker's."""

    def __init__(self, files: MediaFiles, keyring: Keyring) -> None:
        self._files = files
        self._keyring = keyring

    def find(self, connection: Connection, media_id: str) -> Media | None:
        """The row of a file that is here; None for every other."""
        row = read_media(connection, media_id, self._keyring)
        return row if row is not None and row.state == MediaState.FETCHED else None

    async def read(self, media_id: str) -> bytes | None:
        """The file; None when it was erased in between. Raises StorageFault."""
        return await asyncio.to_thread(self._files.get, media_id)
