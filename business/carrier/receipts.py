"""Proof of every figure shown: where it came from, when it was true, who was allowed to see it (docs/architecture.md)."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from business.carrier.model import Balance, Bill, Bucket, Plan, Points
from business.identity.types import Access


@dataclass(frozen=True)
class Receipt:
    """One reading. `figures` are raw: fen, bytes, seconds, points; no name and no full number is in it."""

    source: str
    query: str
    as_of: datetime
    figures: dict[str, Any]
    proof_level: int
    line: str

    def to_dict(self) -> dict[str, Any]:
        """As it crosses processes: JSON, the moment in ISO 8601."""
        return asdict(self) | {"as_of": self.as_of.isoformat()}


def balance_receipt(access: Access, balance: Balance) -> Receipt:
    """Of a balance."""
    figures = {
        "available_fen": balance.available_fen,
        "frozen_fen": balance.frozen_fen,
        "reserves_fen": balance.reserves_fen,
        "arrears_fen": balance.arrears_fen,
        "month_fen": balance.month_fen,
    }
    return Receipt(balance.source, "balance", balance.as_of, figures, access.level, access.line.masked)


def bill_receipt(access: Access, bill: Bill) -> Receipt:
    """Of a bill."""
    figures = {
        "month": bill.month,
        "state": bill.state.value,
        "total_fen": bill.total_fen,
        "paid_fen": bill.paid_fen,
        "due_fen": bill.due_fen,
        "by_category": dict(bill.by_category),
        "items": [{"name": item.name, "amount_fen": item.amount_fen} for item in bill.items],
    }
    return Receipt(bill.source, "bill", bill.as_of, figures, access.level, access.line.masked)


def allowance_receipt(access: Access, buckets: Sequence[Bucket], source: str, now: datetime) -> Receipt:
    """Of all buckets together; `source` and `now` speak when there are none."""
    figures = {
        "buckets": [
            {
                "kind": bucket.kind.value,
                "name": bucket.name,
                "total": bucket.total,
                "used": bucket.used,
                "left": bucket.left,
                "carried_over": bucket.carried_over,
                "shared": bucket.shared,
                "valid_to": bucket.valid_to.isoformat(),
            }
            for bucket in buckets
        ]
    }
    as_of = min((bucket.as_of for bucket in buckets), default=now)
    return Receipt(buckets[0].source if buckets else source, "allowances", as_of, figures, access.level, access.line.masked)


def points_receipt(access: Access, points: Points) -> Receipt:
    """Of points."""
    expiry = points.next_expiry
    figures = {
        "available": points.available,
        "next_expiry": {"amount": expiry.amount, "at": expiry.at.isoformat()} if expiry else None,
    }
    return Receipt(points.source, "points", points.as_of, figures, access.level, access.line.masked)


def plan_receipt(access: Access, plan: Plan) -> Receipt:
    """Of the plans and services of a line."""
    figures = {
        "plans": [
            {
                "name": item.name,
                "kind": item.kind,
                "monthly_fee_fen": item.monthly_fee_fen,
                "effective_from": item.effective_from.isoformat(),
                "effective_to": item.effective_to.isoformat() if item.effective_to else None,
                "contract_until": item.contract_until.isoformat() if item.contract_until else None,
            }
            for item in plan.items
        ]
    }
    return Receipt(plan.source, "plan", plan.as_of, figures, access.level, access.line.masked)
