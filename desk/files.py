"""Files of messages, for those who may open the conversation they belong to."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection

from conversations.errors import NoSuchConversation
from conversations.media import Media
from conversations.media_shelf import MediaShelf
from desk.model import Viewer
from desk.ports import Witness
from desk.standing import Standing, peek_standing
from runtime.database import Database


class Files:
    """`purpose` says why a viewer may open a conversation, and raises NotAllowed when there is no reason."""

    def __init__(self, db: Database, shelf: MediaShelf | None, purpose: Callable[[Connection, Viewer, Standing], str]) -> None:
        self._db = db
        self._shelf = shelf
        self._purpose = purpose

    async def keep(self, viewer: Viewer, conversation_id: str, content: bytes, now: datetime) -> Media:
        """A picture that the viewer sends; whether they may is the sending's to check. Raises NoSuchConversation."""
        if self._shelf is None:
            raise NoSuchConversation
        standing = await self._db.read(lambda connection: peek_standing(connection, viewer, conversation_id))
        return await self._shelf.keep(content, conversation_id, standing.account, now)

    async def open(self, viewer: Viewer, media_id: str, witness: Witness) -> tuple[Media, bytes]:
        """The row and the file. The trace is committed before it is decrypted.

        Raises NoSuchConversation, also for a file that is not here, and NotAllowed.
        """
        shelf = self._shelf
        if shelf is None:
            raise NoSuchConversation

        def check_and_record(connection: Connection) -> Media:
            row = shelf.find(connection, media_id)
            if row is None:
                raise NoSuchConversation
            standing = peek_standing(connection, viewer, row.conversation_id)
            purpose = self._purpose(connection, viewer, standing)
            witness(connection, "file_opened", account=row.account, conversation_id=row.conversation_id, purpose=purpose)
            return row

        row = await self._db.write(check_and_record)
        content = await shelf.read(media_id)
        if content is None:
            raise NoSuchConversation
        return row, content
