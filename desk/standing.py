"""Whose a conversation is: the four columns that every step of the desk looks at first, without opening any text."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, exists, func, literal, select

from conversations.adapters.arrivals import CONVERSATION_COLUMNS
from conversations.adapters.rowwise import conversation_of
from conversations.adapters.tables import conversation
from conversations.adapters.views import PurseView, purse_view
from conversations.errors import NoSuchConversation
from conversations.model import Owner
from desk.model import Viewer
from desk.tables import desk_offer

_T = conversation.c
_COLUMNS = select(_T.conversation_id, _T.account, _T.owner, _T.epoch, _T.agent_id, _T.next_position)
_READ = _COLUMNS.where(_T.conversation_id == bindparam("wanted"))
_READ_MANY = _COLUMNS.where(_T.conversation_id.in_(bindparam("wanted", expanding=True)))
# the words of the partial index over conversations that a person has or should have: without them all history is read
_OWNED = _T.owner != literal(Owner.BOT.value, literal_execute=True)
_ORPHANS = _COLUMNS.where(
    _OWNED,
    _T.owner == Owner.AGENT.value,
    ~exists().where(
        desk_offer.c.conversation_id == _T.conversation_id,
        desk_offer.c.agent_id == _T.agent_id,
        desk_offer.c.state == "accepted",
    ),
).limit(100)
_WAITING = select(func.count()).select_from(conversation).where(_OWNED, _T.owner == Owner.WAITING.value)
_LOCK = _READ.with_for_update()
_WHOLE = select(*CONVERSATION_COLUMNS).where(_T.conversation_id == bindparam("wanted"))


@dataclass(frozen=True)
class Standing:
    """A conversation's owner under its epoch; agent_id only while an agent owns it. `lines`: how many the transcript has."""

    conversation_id: str
    account: str
    owner: Owner
    epoch: int
    agent_id: str | None
    lines: int = 0


def read_standing(connection: Connection, conversation_id: str) -> Standing | None:
    """The row, locked to the end of the transaction; None when there is none."""
    return _standing(connection.execute(_LOCK, {"wanted": conversation_id}).first())


def read_standings(connection: Connection, conversations: list[str]) -> dict[str, Standing]:
    """Many at once, by conversation, without a lock."""
    found = map(_standing, connection.execute(_READ_MANY, {"wanted": conversations}))
    return {standing.conversation_id: standing for standing in found if standing is not None}


def find_orphans(connection: Connection) -> list[Standing]:
    """Conversations that belong to an agent whose slots know nothing of them; there should be none."""
    found = map(_standing, connection.execute(_ORPHANS))
    return [standing for standing in found if standing is not None]


def lock_standing(connection: Connection, viewer: Viewer, conversation_id: str) -> Standing:
    """The same for someone with rights in its account. Raises NoSuchConversation, also for want of rights."""
    return _checked(read_standing(connection, conversation_id), viewer)


def peek_standing(connection: Connection, viewer: Viewer, conversation_id: str) -> Standing:
    """The same without a lock, for reading. Raises NoSuchConversation."""
    return _checked(_standing(connection.execute(_READ, {"wanted": conversation_id}).first()), viewer)


def count_waiting(connection: Connection) -> int:
    """How many conversations wait for a person, in all accounts."""
    return int(connection.execute(_WAITING).scalar() or 0)


def read_purse(connection: Connection, viewer: Viewer, conversation_id: str, now: datetime) -> PurseView | None:
    """How many messages may still be sent, and until when; None where nobody counts. Raises NoSuchConversation."""
    peek_standing(connection, viewer, conversation_id)
    row = conversation_of(connection.execute(_WHOLE, {"wanted": conversation_id}).one())
    return purse_view(row.purse, now)


def _checked(standing: Standing | None, viewer: Viewer) -> Standing:
    if standing is None or standing.account not in viewer.accounts:
        raise NoSuchConversation
    return standing


def _standing(row: Any) -> Standing | None:
    if row is None:
        return None
    return Standing(row.conversation_id, row.account, Owner(row.owner), row.epoch, row.agent_id, row.next_position - 1)
