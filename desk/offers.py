"""Offers and assignments as rows: each takes one slot of one agent for as long as it lives."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from desk.events import OFFER_ENDED, append_event
from desk.model import Offer
from desk.presence import free_slot
from desk.tables import LIVE, LIVE_ROWS, desk_offer
from runtime.ids import new_id

OFFERED, ACCEPTED = LIVE
DECLINED, EXPIRED, WITHDRAWN, RESOLVED, RELEASED, LOST = "declined", "expired", "withdrawn", "resolved", "released", "lost"

_T = desk_offer.c
_LIVE_OF = select(desk_offer).where(_T.conversation_id == bindparam("conversation"), LIVE_ROWS).with_for_update()
_BY_ID = select(desk_offer).where(_T.offer_id == bindparam("offer")).with_for_update()
_ALL_LIVE = select(desk_offer).where(LIVE_ROWS).order_by(_T.made_at, _T.offer_id)
_LIVE_OF_AGENT = _ALL_LIVE.where(_T.agent_id == bindparam("agent"))
_HELD_SINCE = select(_T.offer_id).where(
    _T.conversation_id == bindparam("conversation"),
    _T.agent_id == bindparam("agent"),
    _T.accepted_at.is_not(None),
    (_T.ended_at.is_(None)) | (_T.ended_at > bindparam("since")),
)
_RECENTLY_SERVED = (
    select(_T.conversation_id)
    .where(
        _T.account.in_(bindparam("accounts", expanding=True)),
        _T.accepted_at.is_not(None),
        (_T.ended_at.is_(None)) | (_T.ended_at > bindparam("since")),
    )
    .order_by(_T.made_at.desc())
    .limit(500)
)
_RECENTLY_HELD = _RECENTLY_SERVED.where(_T.agent_id == bindparam("agent"))
_PAST = (
    select(_T.conversation_id, _T.agent_id, _T.epoch, _T.state, _T.ended_at)
    .where(_T.conversation_id.in_(bindparam("conversations", expanding=True)), _T.ended_at > bindparam("since"))
    .order_by(_T.ended_at)
)
_MARK = update(desk_offer).where(_T.offer_id == bindparam("offer"))
_END = _MARK.values(state=bindparam("to_state"), ended_at=bindparam("end_at"))
_INSERT = insert(desk_offer)


def insert_offer(
    connection: Connection,
    *,
    conversation_id: str,
    account: str,
    agent_id: str,
    epoch: int,
    now: datetime,
    lasts_s: float,
    accepted: bool = False,
) -> str:
    """Writes a live row; the unique index refuses a second one for the conversation (IntegrityError)."""
    row = {
        "offer_id": new_id("of"),
        "conversation_id": conversation_id,
        "account": account,
        "agent_id": agent_id,
        "epoch": epoch,
        "state": ACCEPTED if accepted else OFFERED,
        "made_at": now,
        "expires_at": now + timedelta(seconds=lasts_s),
        "accepted_at": now if accepted else None,
    }
    connection.execute(_INSERT, row)
    return str(row["offer_id"])


def mark_accepted(connection: Connection, offer: Offer, epoch: int, now: datetime) -> None:
    """An offer becomes an assignment under the epoch the agent now owns; it keeps its slot."""
    connection.execute(_MARK.values(state=ACCEPTED, accepted_at=now, epoch=epoch), {"offer": offer.offer_id})


def end_live(connection: Connection, offer: Offer, state: str, now: datetime) -> None:
    """Ends a live row and frees its slot; the agent's page hears that an offer is over."""
    connection.execute(_END, {"offer": offer.offer_id, "to_state": state, "end_at": now})
    free_slot(connection, offer.agent_id)
    if offer.state == OFFERED:
        append_event(
            connection, OFFER_ENDED, offer.account, now, conversation_id=offer.conversation_id, agent_id=offer.agent_id
        )


def live_of_conversation(connection: Connection, conversation_id: str) -> Offer | None:
    """The one live offer or assignment, locked for this transaction."""
    row = connection.execute(_LIVE_OF, {"conversation": conversation_id}).first()
    return None if row is None else _offer(row)


def find_offer(connection: Connection, offer_id: str) -> Offer | None:
    """An offer by its id, alive or over, locked for this transaction."""
    row = connection.execute(_BY_ID, {"offer": offer_id}).first()
    return None if row is None else _offer(row)


def read_live(connection: Connection, agent_id: str | None = None) -> list[Offer]:
    """All live offers and assignments, oldest first, or one agent's."""
    rows = connection.execute(_ALL_LIVE) if agent_id is None else connection.execute(_LIVE_OF_AGENT, {"agent": agent_id})
    return [_offer(row) for row in rows]


def has_held(connection: Connection, conversation_id: str, agent_id: str, since: datetime) -> bool:
    """Whether this agent has the conversation, or had it until some time after `since`."""
    found = connection.execute(_HELD_SINCE, {"conversation": conversation_id, "agent": agent_id, "since": since}).first()
    return found is not None


def recently_served(connection: Connection, accounts: Iterable[str], agent_id: str | None, since: datetime) -> set[str]:
    """Conversations that are in this agent's hands (None: in anyone's) or left them after `since`; of the latest 500."""
    wanted = {"accounts": list(accounts), "since": since}
    if agent_id is None:
        return set(connection.execute(_RECENTLY_SERVED, wanted).scalars())
    return set(connection.execute(_RECENTLY_HELD, {**wanted, "agent": agent_id}).scalars())


def past_offers(connection: Connection, conversations: Iterable[str], since: datetime) -> list[Any]:
    """Ended rows of these conversations since then, oldest first: conversation_id, agent_id, epoch, state, ended_at."""
    return list(connection.execute(_PAST, {"conversations": list(conversations), "since": since}))


def _offer(row: Any) -> Offer:
    return Offer(
        row.offer_id,
        row.conversation_id,
        row.account,
        row.agent_id,
        row.epoch,
        row.state,
        row.made_at,
        row.expires_at,
    )
