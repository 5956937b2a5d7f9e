"""Who did what, to which conversation, for which purpose. Rows hold names of things, never texts."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, insert, select, update

from runtime.ids import new_id
from staff.tables import staff_audit

_SAME_LOOK = timedelta(minutes=10)

_INSERT = insert(staff_audit)
_RECENT = (
    select(staff_audit.c.audit_id)
    .where(
        staff_audit.c.conversation_id == bindparam("conversation"),
        staff_audit.c.member_id == bindparam("member"),
        staff_audit.c.action == bindparam("what"),
        staff_audit.c.purpose == bindparam("why"),
        staff_audit.c.at > bindparam("since"),
    )
    .limit(1)
)
_AGAIN = (
    update(staff_audit)
    .where(staff_audit.c.audit_id == bindparam("row"))
    .values(times=staff_audit.c.times + 1, last_at=bindparam("seen_at"))
)


def record_action(
    connection: Connection,
    action: str,
    at: datetime,
    *,
    member_id: str | None = None,
    account: str | None = None,
    conversation_id: str | None = None,
    purpose: str = "",
    address: str = "",
) -> None:
    """Writes one row in the caller's transaction: what was done and its trace stand or fall together."""
    connection.execute(
        _INSERT,
        {
            "audit_id": new_id("au"),
            "member_id": member_id,
            "action": action,
            "purpose": purpose,
            "account": account,
            "conversation_id": conversation_id,
            "address": address,
            "at": at,
            "last_at": at,
        },
    )


def record_opening(
    connection: Connection, at: datetime, *, member_id: str, account: str, conversation_id: str, purpose: str, address: str
) -> None:
    """A conversation was opened. A page that fetches it again within ten minutes counts up its row."""
    row = connection.execute(
        _RECENT,
        {"conversation": conversation_id, "member": member_id, "what": "opened", "why": purpose, "since": at - _SAME_LOOK},
    ).scalar()
    if row is not None:
        connection.execute(_AGAIN, {"row": row, "seen_at": at})
        return
    record_action(
        connection,
        "opened",
        at,
        member_id=member_id,
        account=account,
        conversation_id=conversation_id,
        purpose=purpose,
        address=address,
    )
