"""A checked file as rows of the carrier's tables. A row's key is made of the file's own names, so loading twice writes the same."""

from collections import defaultdict
from datetime import datetime
from typing import Any

from sqlalchemy import Table

from business.carrier import tables
from business.carrier.moments import month_bounds
from business.carrier.schema import Account, BillPart, CarrierFile, Customer, Line, Plan, PointsPart
from runtime.keys import Keyring
from runtime.masking import mask_name, mask_phone

Row = dict[str, Any]


def line_id_of(keyring: Keyring, number: str) -> str:
    """A line's id: of its number, and giving nothing of it away."""
    return "line_" + keyring.lookup_hash(f"line|{number}")[:24]


class RowMaker:
    """Collects rows by table. `now` stands wherever the file names no moment."""

    def __init__(self, keyring: Keyring, account: str, now: datetime) -> None:
        self._keyring = keyring
        self._account = account
        self._now = now
        self.rows: dict[Table, list[Row]] = defaultdict(list)

    def make(self, file: CarrierFile) -> dict[Table, list[Row]]:
        """All rows of the file."""
        for plan in file.plans:
            self._plan(plan)
        for customer in file.customers:
            self._customer(customer)
        for shop in file.stores:
            self._add(
                tables.store,
                store_id=shop.id,
                name=shop.name,
                address=shop.address,
                latitude=shop.latitude,
                longitude=shop.longitude,
                hours=shop.hours,
                as_of=self._now,
            )
        return self.rows

    def _add(self, table: Table, **values: Any) -> None:
        self.rows[table].append({"account": self._account, **values})

    def _plan(self, plan: Plan) -> None:
        self._add(
            tables.plan,
            plan_id=plan.id,
            name=plan.name,
            kind=plan.kind,
            monthly_fee_fen=plan.monthly_fee,
            term_months=plan.term_months,
            auto_renew=plan.auto_renew,
            overage_rule=plan.overage.rule,
            overage_price_fen=plan.overage.price,
            overage_unit_bytes=plan.overage.unit_bytes,
            throttle_bps=plan.overage.throttle_bps,
        )
        for one in plan.allowances:
            self._add(
                tables.plan_allowance,
                plan_id=plan.id,
                usage_type=one.kind.value,
                scope=one.scope,
                quantity=one.amount,
                carry_over_months=one.carry_over_months,
            )

    def _customer(self, customer: Customer) -> None:
        self._add(
            tables.customer,
            customer_id=customer.id,
            name_enc=self._keyring.encrypt(customer.name),
            name_masked=mask_name(customer.name),
            birth_year=customer.birth_year,
            realname_status=customer.realname,
            star_level=customer.star_level,
            province_code=customer.province,
            created_at=customer.since or self._now,
        )
        for account in customer.accounts:
            self._billing_account(customer.id, account)
        if customer.points is not None:
            self._points(customer.id, customer.points)

    def _billing_account(self, customer_id: str, account: Account) -> None:
        self._add(
            tables.billing_account,
            billing_account_id=account.id,
            customer_id=customer_id,
            pay_mode=account.pay_mode,
            bill_cycle_day=account.bill_cycle_day,
            credit_limit_fen=account.credit_limit,
            status=account.status,
        )
        for at, money in enumerate(account.balances):
            self._add(
                tables.balance,
                balance_id=f"{account.id}.{at}",
                billing_account_id=account.id,
                kind=money.kind,
                name=money.name,
                amount_fen=money.amount,
                frozen_fen=money.frozen,
                expires_at=money.expires,
                as_of=money.as_of or self._now,
            )
        for line in account.lines:
            self._line(account.id, line)
        for bill in account.bills:
            self._bill(account.id, bill)

    def _line(self, billing_account_id: str, line: Line) -> None:
        line_id = line_id_of(self._keyring, line.number)
        activated = line.activated or self._now
        self._add(
            tables.line,
            line_id=line_id,
            billing_account_id=billing_account_id,
            msisdn_enc=self._keyring.encrypt(line.number),
            msisdn_hmac=self._keyring.lookup_hash(line.number),
            msisdn_masked=mask_phone(line.number),
            role=line.role,
            parent_line_id=line_id_of(self._keyring, line.parent) if line.parent else None,
            status=line.status,
            status_since=line.status_since or activated,
            activated_at=activated,
        )
        for at, one in enumerate(line.subscriptions):
            self._add(
                tables.subscription,
                subscription_id=f"{line_id}.{at}",
                line_id=line_id,
                plan_id=one.plan,
                effective_from=one.valid_from,
                effective_to=one.valid_to,
                contract_until=one.contract_until,
                state=one.state,
                ordered_via=one.via,
            )
        self._buckets(line_id, line)

    def _buckets(self, line_id: str, line: Line) -> None:
        first, last = month_bounds(f"{self._now:%Y-%m}")
        for at, bucket in enumerate(line.usage):
            self._add(
                tables.usage_bucket,
                bucket_id=f"{line_id}.{at}",
                line_id=line_id,
                usage_type=bucket.kind.value,
                scope=bucket.scope,
                name=bucket.name,
                total=bucket.amount(bucket.total),
                used=bucket.amount(bucket.used),
                carried_over=bucket.amount(bucket.carried_over),
                shared=bucket.shared,
                valid_from=bucket.valid_from or first,
                valid_to=bucket.valid_to or last,
                as_of=bucket.as_of or self._now,
            )

    def _bill(self, billing_account_id: str, bill: BillPart) -> None:
        bill_id = f"{billing_account_id}.{bill.month}"
        first, last = month_bounds(bill.month)
        self._add(
            tables.bill,
            bill_id=bill_id,
            billing_account_id=billing_account_id,
            bill_month=bill.month,
            period_start=first,
            period_end=last,
            issued_at=bill.issued,
            total_fen=bill.total_fen,
            tax_fen=bill.tax,
            discount_fen=-sum(item.amount for item in bill.items if item.category == "discount"),
            paid_fen=bill.paid_fen,
            state=bill.state,
            as_of=bill.as_of or self._now,
        )
        for at, item in enumerate(bill.items):
            amount, unit = item.quantity or (None, None)
            self._add(
                tables.bill_item,
                bill_item_id=f"{bill_id}.{at}",
                bill_id=bill_id,
                line_id=line_id_of(self._keyring, item.line) if item.line else None,
                position=at,
                category=item.category,
                name=item.name,
                quantity=amount,
                unit=unit,
                amount_fen=item.amount,
            )

    def _points(self, customer_id: str, points: PointsPart) -> None:
        as_of = points.as_of or self._now
        self._add(tables.points_account, customer_id=customer_id, status=points.status, as_of=as_of)
        for at, lot in enumerate(points.lots):
            moves = ((lot.kind, lot.earned), ("redeem", -lot.used), ("reverse", -lot.reversed))
            for kind, delta in moves:
                if delta or kind == lot.kind:
                    self._add(
                        tables.points_ledger,
                        entry_id=f"{customer_id}.{at}.{kind}",
                        customer_id=customer_id,
                        delta=delta,
                        kind=kind,
                        lot_id=lot.id,
                        expires_at=lot.expires,
                        occurred_at=lot.at or as_of,
                    )
