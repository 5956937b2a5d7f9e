"""What identity keeps, as values; the store in sql.py keeps them as rows, the one in fakes.py as a list."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class SendState(StrEnum):
    """What became of a code's message.

    stored: kept, not yet handed over · sent · void: the gateway refused · doubtful: no answer came, the code is void but counts
    against the day · unserved: the number is not one of ours, kept so that numbers cannot be tried out without end.
    """

    STORED = "stored"
    SENT = "sent"
    VOID = "void"
    DOUBTFUL = "doubtful"
    UNSERVED = "unserved"


class Verdict(StrEnum):
    """What became of a try."""

    RIGHT = "right"
    WRONG = "wrong"
    EXPIRED = "expired"
    SPENT = "spent"
    NONE = "none"


@dataclass(frozen=True)
class Binding:
    """An openid tied to a line. `customer_id` is the line's customer when it was bound: another one ends the right."""

    binding_id: str
    account: str
    openid: str
    line_id: str
    customer_id: str
    is_default: bool
    verified_by: str
    fresh_until: datetime | None
    bound_at: datetime
    unbound_at: datetime | None = None
    unbind_reason: str | None = None


@dataclass(frozen=True)
class Challenge:
    """A one-time code: its keyed hash, never the code."""

    challenge_id: str
    account: str
    openid: str
    number_hmac: str
    masked: str
    request_key: str
    code_hmac: str
    attempt: int
    state: SendState
    tries: int
    created_at: datetime
    expires_at: datetime
    consumed_at: datetime | None = None


@dataclass(frozen=True)
class CodeTry:
    """The recorded outcome of one request to check a code."""

    account: str
    openid: str
    request_key: str
    verdict: Verdict
    tries_left: int
    line_id: str | None
    at: datetime


@dataclass(frozen=True)
class AuditRow:
    """Who opened or changed what, and why."""

    audit_id: str
    account: str
    openid: str
    actor: str
    action: str
    outcome: str
    line_id: str | None
    purpose: str
    level: int
    turn_id: str
    at: datetime
