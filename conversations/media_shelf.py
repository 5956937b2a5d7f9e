"""Files as a page asks for them: the row for the rights check, then the bytes."""

import asyncio
import hashlib
from datetime import datetime

from sqlalchemy import Connection

from conversations.adapters.sql_media import read_media
from conversations.media import Media, MediaState
from conversations.media_types import type_of
from conversations.ports import MediaFiles
from runtime.ids import new_id
from runtime.keys import Keyring


class MediaShelf:
    """Reads what came, and keeps what an agent sends; what is fetched and what is erased is the worker's."""

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

    async def keep(self, content: bytes, conversation_id: str, account: str, now: datetime) -> Media:
        """A picture that an agent sends, on disk; its row is for the transaction that sends it. A file that gets none is erased within
        hours. Raises StorageFault."""
        media = Media(
            media_id=new_id("md"), conversation_id=conversation_id, account=account, inbound_id="", position=0, kind="image", reference="",
            created_at=now, expires_at=now, state=MediaState.FETCHED, content_type=type_of(content), size=len(content),
            sha256=hashlib.sha256(content).hexdigest(),
        )  # fmt: skip
        await asyncio.to_thread(self._files.put, media.media_id, content)
        return media
