"""The questions sql.py asks, built once. Every one of them is about one account."""

from sqlalchemy import BigInteger, BindParameter, and_, bindparam, cast, func, or_, select

from business.carrier.tables import (
    balance,
    bill,
    bill_item,
    billing_account,
    line,
    plan,
    points_account,
    points_ledger,
    subscription,
    usage_bucket,
)
from runtime.database import Instant

_ACCOUNT: BindParameter[str] = bindparam("the_account")

PAYER = (
    select(
        line.c.parent_line_id,
        billing_account.c.billing_account_id,
        billing_account.c.customer_id,
        billing_account.c.pay_mode,
        billing_account.c.status,
    )
    .join(
        billing_account,
        and_(billing_account.c.account == line.c.account, billing_account.c.billing_account_id == line.c.billing_account_id),
    )
    .where(line.c.account == _ACCOUNT, line.c.line_id == bindparam("the_line"))
)

BALANCES = (
    select(balance)
    .where(balance.c.account == _ACCOUNT, balance.c.billing_account_id == bindparam("the_payer"))
    .order_by(balance.c.balance_id)
)

_BILLS = select(bill).where(bill.c.account == _ACCOUNT, bill.c.billing_account_id == bindparam("the_payer"))

# settled bills pile up, and no balance needs them
OPEN_BILLS = _BILLS.where(bill.c.state.in_(["running", "issued", "partially_paid"]))

BILL = _BILLS.where(bill.c.bill_month == bindparam("the_month"))

BILL_ITEMS = (
    select(bill_item, line.c.msisdn_masked)
    .outerjoin(line, and_(line.c.account == bill_item.c.account, line.c.line_id == bill_item.c.line_id))
    .where(bill_item.c.account == _ACCOUNT, bill_item.c.bill_id == bindparam("the_bill"))
    .order_by(bill_item.c.position)
)

# a member of a group uses the buckets that its parent line shares
BUCKETS = select(usage_bucket).where(
    usage_bucket.c.account == _ACCOUNT,
    or_(
        usage_bucket.c.line_id == bindparam("the_line"),
        and_(usage_bucket.c.line_id == bindparam("the_parent"), usage_bucket.c.shared),
    ),
    usage_bucket.c.valid_from <= bindparam("now", type_=Instant),
    usage_bucket.c.valid_to > bindparam("now", type_=Instant),
)

# ended ones stay in the table; what was ordered for later is shown with its day
PLANS = (
    select(
        plan.c.name,
        plan.c.kind,
        plan.c.monthly_fee_fen,
        subscription.c.effective_from,
        subscription.c.effective_to,
        subscription.c.contract_until,
    )
    .join(plan, and_(plan.c.account == subscription.c.account, plan.c.plan_id == subscription.c.plan_id))
    .where(
        subscription.c.account == _ACCOUNT,
        subscription.c.line_id == bindparam("the_line"),
        subscription.c.state != "ended",
        or_(subscription.c.effective_to.is_(None), subscription.c.effective_to > bindparam("now", type_=Instant)),
    )
    .order_by(subscription.c.effective_from, subscription.c.subscription_id)
)

POINTS_ACCOUNT = select(points_account).where(
    points_account.c.account == _ACCOUNT, points_account.c.customer_id == bindparam("the_customer")
)

# the database adds integers up as a decimal on PostgreSQL
POINTS_LOTS = (
    select(
        points_ledger.c.lot_id,
        cast(func.sum(points_ledger.c.delta), BigInteger).label("left"),
        func.max(points_ledger.c.expires_at, type_=Instant).label("expires_at"),
    )
    .where(points_ledger.c.account == _ACCOUNT, points_ledger.c.customer_id == bindparam("the_customer"))
    .group_by(points_ledger.c.lot_id)
)
