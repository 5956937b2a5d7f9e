"""The rows in the database. Statements are made once; each call runs inside the caller's transaction."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import BindParameter, Connection, Table, and_, bindparam, func, literal, null, or_, select, union_all, update

from conversations.adapters import tables as t
from conversations.adapters.arrivals import CONVERSATION_COLUMNS, Arrivals
from conversations.adapters.rowwise import Cipher, conversation_of, conversation_params
from conversations.adapters.sql_keeping import Keeping
from conversations.media import REFERENCE, picture_of
from conversations.model import Address, Author
from conversations.rows import Conversation, Handoff, Inbound, Line, Memory, Outbound, Turn
from conversations.triggers import KEYS_THAT_SPEAK

_id: BindParameter[str] = bindparam("b_id")
# literally: only then do both databases see that the partial index will do
LITERAL_PENDING = tuple(literal(one, literal_execute=True) for one in ("queued", "held", "sending"))
LITERAL_LIVE = tuple(literal(one, literal_execute=True) for one in ("waiting", "assigned"))
LITERAL_WAITING = LITERAL_LIVE[0]


def _changes(table: Table, key: str, names: Sequence[str]) -> Any:
    return update(table).where(table.c[key] == _id).values({name: bindparam(name) for name in names})


_CONVERSATION_BY_ID = select(*CONVERSATION_COLUMNS).where(t.conversation.c.conversation_id == _id).with_for_update()
_SAVE_CONVERSATION = _changes(
    t.conversation,
    "conversation_id",
    [column.name for column in CONVERSATION_COLUMNS if column.name not in ("conversation_id", "account", "openid", "created_at")],
)
_FREE_LANES = update(t.conversation).where(t.conversation.c.lease_until > 0).values(lease_until=0.0)
_MEMORY = select(t.conversation.c.state_enc).where(t.conversation.c.conversation_id == _id)
_SAVE_MEMORY = _changes(t.conversation, "conversation_id", ["state_enc"])
_INBOUND = select(t.inbound).where(t.inbound.c.inbound_id == _id)
_INBOUND_BY_KEY = select(t.inbound).where(
    t.inbound.c.account == bindparam("b_account"),
    t.inbound.c.openid == bindparam("b_openid"),
    t.inbound.c.dedup_key == bindparam("b_key"),
)
_NEXT_INBOUND = (
    select(t.inbound)
    .where(t.inbound.c.conversation_id == _id, t.inbound.c.status == literal("new", literal_execute=True))
    .order_by(t.inbound.c.position)
    .limit(1)
)
_SAVE_INBOUND = _changes(t.inbound, "inbound_id", ["status", "reply", "passive_enc", "turn_id", "deliveries"])
_ADD_OUTBOUND = t.outbound.insert()
_OUTBOUND = select(t.outbound).where(t.outbound.c.outbound_id == _id)
# not ordered here: for the order SQLite would read the conversation's whole history
_PENDING = select(t.outbound).where(t.outbound.c.conversation_id == _id, t.outbound.c.status.in_(LITERAL_PENDING))
_BY_CLIENT = select(t.outbound).where(t.outbound.c.conversation_id == _id, t.outbound.c.client_id == bindparam("b_client"))
_SAVE_OUTBOUND = _changes(
    t.outbound, "outbound_id", ["status", "reason", "attempts", "retry_at", "sending_token", "charged_fill", "started_at", "ended_at"]
)
_SAVE_WORDING = _changes(t.outbound, "outbound_id", ["text_enc", "reference"])
_OUTBOUND_AT = select(t.outbound).where(t.outbound.c.conversation_id == _id, t.outbound.c.position == bindparam("b_position"))
_ADD_TURN = t.turn.insert()
_RECENT_TURNS = select(t.turn).where(t.turn.c.conversation_id == _id).order_by(t.turn.c.started_at.desc(), t.turn.c.turn_id.desc())
_LIVE = select(t.handoff).where(t.handoff.c.conversation_id == _id, t.handoff.c.status.in_(LITERAL_LIVE))
_HANDOFF = select(t.handoff).where(t.handoff.c.handoff_id == _id)
_LAST_HANDOFF = (
    select(t.handoff)
    .where(t.handoff.c.conversation_id == _id)
    .order_by(t.handoff.c.requested_at.desc(), t.handoff.c.handoff_id.desc())
    .limit(1)
)
_ADD_HANDOFF = t.handoff.insert()
_HANDOFF_CHANGES = (
    "reason skill priority epoch status agent_id agent_name accepted_at ended_at ticket told_next rating rated_at desk"
).split()
_SAVE_HANDOFF = _changes(t.handoff, "handoff_id", _HANDOFF_CHANGES)
_AHEAD = (
    select(func.count())
    .select_from(t.handoff)
    .where(
        t.handoff.c.account == bindparam("b_account"),
        t.handoff.c.status == LITERAL_WAITING,
        t.handoff.c.handoff_id != _id,
        or_(
            t.handoff.c.priority > bindparam("b_priority"),
            and_(
                t.handoff.c.priority == bindparam("b_priority"),
                or_(
                    t.handoff.c.requested_at < bindparam("b_at", type_=t.handoff.c.requested_at.type),
                    and_(
                        t.handoff.c.requested_at == bindparam("b_at", type_=t.handoff.c.requested_at.type),
                        t.handoff.c.handoff_id < _id,
                    ),
                ),
            ),
        ),
    )
)
_AFTER: BindParameter[int] = bindparam("b_after")
_LIMIT: BindParameter[int] = bindparam("b_limit")
# each side gives its last lines first: a transcript costs the same after a long life
_SAID = (
    select(
        t.inbound.c.position, literal("subscriber").label("author"), t.inbound.c.body_enc.label("blob"),
        t.inbound.c.received_at.label("at"), literal("received").label("status"), null().label("name"), null().label("reason"),
        t.inbound.c.turn_id, null().label("client_id"), t.inbound.c.kind, literal("").label("reference"),
    )
    .where(
        t.inbound.c.conversation_id == _id, t.inbound.c.position > _AFTER,
        or_(t.inbound.c.kind != "event", t.inbound.c.name.in_(sorted(KEYS_THAT_SPEAK))),
    )
    .order_by(t.inbound.c.position.desc()).limit(_LIMIT).subquery()
)  # fmt: skip
_ANSWERED = (
    select(
        t.outbound.c.position, t.outbound.c.author, t.outbound.c.text_enc, t.outbound.c.created_at, t.outbound.c.status,
        t.outbound.c.speaker, t.outbound.c.reason, t.outbound.c.turn_id, t.outbound.c.client_id, literal("text").label("kind"),
        t.outbound.c.reference,
    )
    .where(t.outbound.c.conversation_id == _id, t.outbound.c.position > _AFTER)
    .order_by(t.outbound.c.position.desc()).limit(_LIMIT).subquery()
)  # fmt: skip
_LINES = union_all(select(_SAID), select(_ANSWERED)).subquery()
_TRANSCRIPT = select(_LINES).order_by(_LINES.c.position.desc()).limit(_LIMIT)


class SqlRecords(Arrivals, Keeping):
    """`conversations.records.Records` over one connection."""

    def __init__(self, connection: Connection, cipher: Cipher) -> None:
        self._connection = connection
        self._cipher = cipher

    def conversation(self, conversation_id: str) -> Conversation | None:
        row = self._connection.execute(_CONVERSATION_BY_ID, {"b_id": conversation_id}).first()
        return None if row is None else conversation_of(row)

    def free_lanes(self) -> int:
        return int(self._connection.execute(_FREE_LANES).rowcount)

    def save_conversation(self, row: Conversation) -> None:
        self._connection.execute(_SAVE_CONVERSATION, conversation_params(row))

    def memory(self, conversation_id: str) -> Memory:
        return self._cipher.memory_of(self._connection.execute(_MEMORY, {"b_id": conversation_id}).scalar())

    def save_memory(self, conversation_id: str, memory: Memory) -> None:
        self._connection.execute(_SAVE_MEMORY, {"b_id": conversation_id, "state_enc": self._cipher.memory_blob(memory)})

    def inbound(self, inbound_id: str) -> Inbound | None:
        return self._inbound(_INBOUND, {"b_id": inbound_id})

    def inbound_by_key(self, address: Address, dedup_key: str) -> Inbound | None:
        return self._inbound(_INBOUND_BY_KEY, {"b_account": address.account, "b_openid": address.openid, "b_key": dedup_key})

    def next_inbound(self, conversation_id: str) -> Inbound | None:
        return self._inbound(_NEXT_INBOUND, {"b_id": conversation_id})

    def save_inbound(self, row: Inbound) -> None:
        self._connection.execute(_SAVE_INBOUND, self._cipher.inbound_changes(row))

    def add_outbound(self, rows: Sequence[Outbound]) -> None:
        self._connection.execute(_ADD_OUTBOUND, [self._cipher.outbound_params(row) for row in rows])

    def pending(self, conversation_id: str) -> list[Outbound]:
        rows = self._connection.execute(_PENDING, {"b_id": conversation_id}).all()
        return [self._cipher.outbound_of(row) for row in sorted(rows, key=lambda row: row.position)]

    def outbound(self, outbound_id: str) -> Outbound | None:
        row = self._connection.execute(_OUTBOUND, {"b_id": outbound_id}).first()
        return None if row is None else self._cipher.outbound_of(row)

    def outbound_by_client(self, conversation_id: str, client_id: str) -> Outbound | None:
        row = self._connection.execute(_BY_CLIENT, {"b_id": conversation_id, "b_client": client_id}).first()
        return None if row is None else self._cipher.outbound_of(row)

    def save_outbound(self, row: Outbound) -> None:
        params = {
            "b_id": row.outbound_id, "status": str(row.status), "reason": row.reason, "attempts": row.attempts, "retry_at": row.retry_at,
            "sending_token": row.sending_token, "charged_fill": row.charged_fill, "started_at": row.started_at, "ended_at": row.ended_at,
        }  # fmt: skip
        self._connection.execute(_SAVE_OUTBOUND, params)

    def save_wording(self, row: Outbound) -> None:
        params = self._cipher.outbound_params(row)
        self._connection.execute(_SAVE_WORDING, {"b_id": row.outbound_id, "text_enc": params["text_enc"], "reference": row.reference})

    def outbound_at(self, conversation_id: str, position: int) -> Outbound | None:
        row = self._connection.execute(_OUTBOUND_AT, {"b_id": conversation_id, "b_position": position}).first()
        return None if row is None else self._cipher.outbound_of(row)

    def add_turn(self, turn: Turn) -> None:
        self._connection.execute(_ADD_TURN, self._cipher.turn_params(turn))

    def recent_turns(self, conversation_id: str, limit: int) -> list[Turn]:
        rows = self._connection.execute(_RECENT_TURNS.limit(limit), {"b_id": conversation_id}).all()
        return [self._cipher.turn_of(row) for row in reversed(rows)]

    def live_handoff(self, conversation_id: str) -> Handoff | None:
        row = self._connection.execute(_LIVE, {"b_id": conversation_id}).first()
        return None if row is None else self._cipher.handoff_of(row)

    def handoff(self, handoff_id: str) -> Handoff | None:
        row = self._connection.execute(_HANDOFF, {"b_id": handoff_id}).first()
        return None if row is None else self._cipher.handoff_of(row)

    def last_handoff(self, conversation_id: str) -> Handoff | None:
        row = self._connection.execute(_LAST_HANDOFF, {"b_id": conversation_id}).first()
        return None if row is None else self._cipher.handoff_of(row)

    def add_handoff(self, row: Handoff) -> None:
        self._connection.execute(_ADD_HANDOFF, self._cipher.handoff_params(row))

    def save_handoff(self, row: Handoff) -> None:
        params = self._cipher.handoff_params(row)
        self._connection.execute(_SAVE_HANDOFF, {"b_id": row.handoff_id, **{name: params[name] for name in _HANDOFF_CHANGES}})

    def ahead(self, row: Handoff) -> int:
        params = {"b_id": row.handoff_id, "b_account": row.account, "b_priority": row.priority, "b_at": row.requested_at}
        return int(self._connection.execute(_AHEAD, params).scalar_one())

    def transcript(self, conversation_id: str, *, after: int = 0, limit: int = 500) -> list[Line]:
        rows = self._connection.execute(_TRANSCRIPT, {"b_id": conversation_id, "b_after": after, "b_limit": limit}).all()
        return [self._line(row) for row in reversed(rows)]

    def _inbound(self, statement: Any, params: dict[str, Any]) -> Inbound | None:
        row = self._connection.execute(statement, params).first()
        return None if row is None else self._cipher.inbound_of(row)

    def _line(self, row: Any) -> Line:
        said = row.author == Author.SUBSCRIBER
        media_id = picture_of(row.reference)
        if said:
            body: dict[str, Any] = self._cipher.open(row.blob)
        else:
            body = {"text": self._cipher.keyring.decrypt(row.blob), "extra": {REFERENCE: media_id} if media_id else {}}
        return Line(
            position=row.position, author=Author(row.author), text=body["text"], at=row.at, status=row.status, name=row.name,
            reason=row.reason, turn_id=row.turn_id, client_id=row.client_id, kind="image" if media_id else row.kind, extra=body["extra"],
        )  # fmt: skip
