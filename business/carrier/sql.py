"""The carrier's figures from our own tables.

Each answer is read in one transaction, so its parts belong together. Whatever is missing or older than `max_age` is a SourceFailed:
nothing is filled in.
"""

import re
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import Connection, Row
from sqlalchemy.exc import SQLAlchemyError

from business.carrier import queries
from business.carrier.errors import NoSuchBill, SourceFailed
from business.carrier.model import (
    Balance,
    Bill,
    BillItem,
    BillState,
    Bucket,
    PayMode,
    Plan,
    PlanItem,
    Points,
    PointsExpiry,
    Reserve,
    UsageKind,
)
from business.identity.types import Access
from runtime.clock import Clock
from runtime.database import Database

SOURCE = "carrier.sql"
_MONTH = re.compile(r"[12]\d{3}-(0[1-9]|1[0-2])")
_KINDS = (UsageKind.DATA, UsageKind.VOICE, UsageKind.SMS)
_UNPAID = (BillState.ISSUED, BillState.PARTIALLY_PAID)
_MAX_AGE = timedelta(days=7)

T = TypeVar("T")


class SqlCarrierSource:
    """Implements ports.CarrierSource."""

    def __init__(self, db: Database, clock: Clock, max_age: timedelta = _MAX_AGE) -> None:
        self._db = db
        self._clock = clock
        self._max_age = max_age

    async def balance(self, access: Access) -> Balance:
        now = self._clock.now()
        found = await self._read(lambda connection: _balance(connection, access, now))
        self._check_age(found.as_of)
        return found

    async def bill(self, access: Access, month: str) -> Bill:
        if not _MONTH.fullmatch(month):
            raise NoSuchBill(month)
        found = await self._read(lambda connection: _bill(connection, access, month))
        if found.state is BillState.RUNNING:
            self._check_age(found.as_of)
        return found

    async def allowances(self, access: Access) -> tuple[Bucket, ...]:
        now = self._clock.now()
        found = await self._read(lambda connection: _buckets(connection, access, now))
        if found:
            self._check_age(min(bucket.as_of for bucket in found))
        return found

    async def points(self, access: Access) -> Points:
        now = self._clock.now()
        found = await self._read(lambda connection: _points(connection, access, now))
        self._check_age(found.as_of)
        return found

    async def plan(self, access: Access) -> Plan:
        # a subscription carries no moment of its own: it is true when it is read
        now = self._clock.now()
        return await self._read(lambda connection: _plan(connection, access, now))

    async def _read(self, work: Callable[[Connection], T]) -> T:
        try:
            return await self._db.read(work)
        except SQLAlchemyError as error:
            raise SourceFailed(SOURCE, None, "the database does not answer") from error

    def _check_age(self, as_of: datetime) -> None:
        if self._clock.now() - as_of > self._max_age:
            raise SourceFailed(SOURCE, as_of, "the figures are too old")


def _payer(connection: Connection, access: Access) -> Row[*tuple[Any, ...]]:
    row = connection.execute(queries.PAYER, _line_values(access)).one_or_none()
    # an access outlives its turn by nothing, yet the line may have gone to another customer since it was made
    if row is None or row.customer_id != access.line.customer_id:
        raise SourceFailed(SOURCE, None, "unknown line")
    return row


def _line_values(access: Access) -> dict[str, str]:
    return {"the_account": access.account, "the_line": access.line.line_id}


def _payer_values(access: Access, payer: Row[*tuple[Any, ...]]) -> dict[str, str]:
    return {"the_account": access.account, "the_payer": payer.billing_account_id}


def _balance(connection: Connection, access: Access, now: datetime) -> Balance:
    payer = _payer(connection, access)
    rows = connection.execute(queries.BALANCES, _payer_values(access, payer)).all()
    if not any(row.kind == "cash" for row in rows):
        raise SourceFailed(SOURCE, None, "no balance is kept for this line")
    good = [row for row in rows if row.expires_at is None or row.expires_at > now]
    cash = [row for row in good if row.kind == "cash"]
    amount = sum(row.amount_fen for row in cash)
    frozen = sum(row.frozen_fen for row in cash)
    reserves = tuple(
        Reserve(row.kind, row.name, row.amount_fen - row.frozen_fen, row.expires_at) for row in good if row.kind != "cash"
    )
    bills = connection.execute(queries.OPEN_BILLS, _payer_values(access, payer)).all()
    unpaid = sum(max(one.total_fen - one.paid_fen, 0) for one in bills if one.state in _UNPAID)
    running = [one.total_fen for one in bills if one.state == BillState.RUNNING and one.period_start <= now <= one.period_end]
    return Balance(
        pay_mode=PayMode(payer.pay_mode),
        available_fen=amount - frozen,
        frozen_fen=frozen,
        reserves=reserves,
        # a debt that stands in the balance and on a bill is one debt
        arrears_fen=max(unpaid, -amount, 0),
        month_fen=running[0] if running else None,
        source=SOURCE,
        as_of=min(row.as_of for row in good or rows),
    )


def _bill(connection: Connection, access: Access, month: str) -> Bill:
    payer = _payer(connection, access)
    row = connection.execute(queries.BILL, _payer_values(access, payer) | {"the_month": month}).one_or_none()
    if row is None:
        raise NoSuchBill(month)
    items = connection.execute(queries.BILL_ITEMS, {"the_account": access.account, "the_bill": row.bill_id}).all()
    if sum(item.amount_fen for item in items) != row.total_fen:
        raise SourceFailed(SOURCE, row.as_of, "the bill does not add up")
    return Bill(
        month=row.bill_month,
        state=BillState(row.state),
        total_fen=row.total_fen,
        paid_fen=row.paid_fen,
        discount_fen=row.discount_fen,
        tax_fen=row.tax_fen,
        by_category=_by_category(items),
        items=tuple(_item(item) for item in items) if access.level >= 2 else (),
        period_start=row.period_start,
        period_end=row.period_end,
        issued_at=row.issued_at,
        source=SOURCE,
        as_of=row.as_of,
    )


def _by_category(items: Sequence[Row[*tuple[Any, ...]]]) -> tuple[tuple[str, int], ...]:
    sums: dict[str, int] = {}
    for item in items:
        sums[item.category] = sums.get(item.category, 0) + item.amount_fen
    return tuple(sums.items())


def _item(row: Row[*tuple[Any, ...]]) -> BillItem:
    return BillItem(row.category, row.name, row.amount_fen, row.quantity, row.unit, row.msisdn_masked)


def _buckets(connection: Connection, access: Access, now: datetime) -> tuple[Bucket, ...]:
    payer = _payer(connection, access)
    values = _line_values(access) | {"the_parent": payer.parent_line_id, "now": now}
    buckets = [
        Bucket(
            kind=UsageKind(row.usage_type),
            scope=row.scope,
            name=row.name,
            total=row.total,
            used=row.used,
            carried_over=row.carried_over,
            shared=row.shared,
            valid_from=row.valid_from,
            valid_to=row.valid_to,
            source=SOURCE,
            as_of=row.as_of,
        )
        for row in connection.execute(queries.BUCKETS, values)
    ]
    return tuple(sorted(buckets, key=lambda one: (_KINDS.index(one.kind), one.valid_to, one.scope != "general", one.name)))


def _plan(connection: Connection, access: Access, now: datetime) -> Plan:
    _payer(connection, access)
    rows = connection.execute(queries.PLANS, _line_values(access) | {"now": now})
    items = [
        PlanItem(row.name, row.kind, row.monthly_fee_fen, row.effective_from, row.effective_to, row.contract_until) for row in rows
    ]
    main = ("main", "family", "retain")
    return Plan(tuple(sorted(items, key=lambda one: one.kind not in main)), SOURCE, now)


def _points(connection: Connection, access: Access, now: datetime) -> Points:
    payer = _payer(connection, access)
    whose = {"the_account": access.account, "the_customer": payer.customer_id}
    member = connection.execute(queries.POINTS_ACCOUNT, whose).one_or_none()
    if member is None or member.status == "closed":
        return Points(is_member=False, available=0, next_expiry=None, source=SOURCE, as_of=now)
    lots = [lot for lot in connection.execute(queries.POINTS_LOTS, whose) if lot.expires_at is None or lot.expires_at > now]
    ending = [lot for lot in lots if lot.expires_at is not None and lot.left > 0]
    first = min((lot.expires_at for lot in ending), default=None)
    expiry = PointsExpiry(sum(lot.left for lot in ending if lot.expires_at == first), first) if first is not None else None
    return Points(is_member=True, available=sum(lot.left for lot in lots), next_expiry=expiry, source=SOURCE, as_of=member.as_of)
