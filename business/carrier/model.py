"""A carrier's figures as values. Money is fen, data bytes, voice seconds, points whole numbers, moments aware.

Every figure names its source and the moment it was true (`as_of`).
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class PayMode(StrEnum):
    """When a line is paid for."""

    PREPAID = "prepaid"
    POSTPAID = "postpaid"
    HYBRID = "hybrid"


class BillState(StrEnum):
    """Where a bill stands. A running bill is this month's so far."""

    RUNNING = "running"
    ISSUED = "issued"
    PARTIALLY_PAID = "partially_paid"
    SETTLED = "settled"
    DISPUTED = "disputed"


class UsageKind(StrEnum):
    """What a bucket measures: bytes, seconds, messages."""

    DATA = "data"
    VOICE = "voice"
    SMS = "sms"


@dataclass(frozen=True)
class Reserve:
    """Money that is not cash: a gift, or money earmarked for one thing. `name` is the carrier's own."""

    kind: str
    name: str
    amount_fen: int
    expires_at: datetime | None


@dataclass(frozen=True)
class Balance:
    """What is on the account that pays for the line.

    `available_fen` is cash less what is frozen, and negative when the account owes; `reserves` (gifts, earmarked money) are not
    part of it. `arrears_fen` is what is due: unpaid issued bills, or the negative balance of a prepaid account.
    `month_fen` is this month's charge so far, None when it is not known.
    """

    pay_mode: PayMode
    available_fen: int
    frozen_fen: int
    reserves: tuple[Reserve, ...]
    arrears_fen: int
    month_fen: int | None
    source: str
    as_of: datetime

    @property
    def reserves_fen(self) -> int:
        """All gifts and earmarked money together."""
        return sum(reserve.amount_fen for reserve in self.reserves)


@dataclass(frozen=True)
class BillItem:
    """One line of a bill; a discount is negative. quantity is in `unit`: byte, second, item or month. `line` is masked."""

    category: str
    name: str
    amount_fen: int
    quantity: int | None
    unit: str | None
    line: str | None


@dataclass(frozen=True)
class Bill:
    """A month's bill of the account that pays for the line. month is "YYYY-MM"; total_fen has tax in and discount off.

    `items` are shown to who has proved level 2 and are empty below; `by_category` (category, fen) is for everyone.
    """

    month: str
    state: BillState
    total_fen: int
    paid_fen: int
    discount_fen: int
    tax_fen: int
    by_category: tuple[tuple[str, int], ...]
    items: tuple[BillItem, ...]
    period_start: datetime
    period_end: datetime
    issued_at: datetime | None
    source: str
    as_of: datetime

    @property
    def due_fen(self) -> int:
        """What is still to be paid; 0 for a bill that is running."""
        return 0 if self.state is BillState.RUNNING else max(self.total_fen - self.paid_fen, 0)


@dataclass(frozen=True)
class Bucket:
    """An allowance with its own validity. total None is unlimited; total includes carried_over.

    scope: general | local | directed | idle | roaming. A shared bucket's `used` counts every member's use.
    """

    kind: UsageKind
    scope: str
    name: str
    total: int | None
    used: int
    carried_over: int
    shared: bool
    valid_from: datetime
    valid_to: datetime
    source: str
    as_of: datetime

    @property
    def left(self) -> int | None:
        """What may still be used; None when unlimited, 0 when used up or over."""
        return None if self.total is None else max(self.total - self.used, 0)

    @property
    def over(self) -> int:
        """What was used beyond the total."""
        return 0 if self.total is None else max(self.used - self.total, 0)


@dataclass(frozen=True)
class PointsExpiry:
    """How many points end when."""

    amount: int
    at: datetime


@dataclass(frozen=True)
class Points:
    """Loyalty points of the line's customer. `available` may be negative after a reversal; is_member False: no points account."""

    is_member: bool
    available: int
    next_expiry: PointsExpiry | None
    source: str
    as_of: datetime


@dataclass(frozen=True)
class PlanItem:
    """One plan or service on a line. kind: main | addon | family | broadband | roaming | retain.

    `effective_from` lies ahead for what was ordered and is not there yet; `effective_to` and `contract_until` are None without an end.
    """

    name: str
    kind: str
    monthly_fee_fen: int
    effective_from: datetime
    effective_to: datetime | None
    contract_until: datetime | None


@dataclass(frozen=True)
class Plan:
    """What is ordered on the line, the main plan first. Empty when there is nothing."""

    items: tuple[PlanItem, ...]
    source: str
    as_of: datetime
