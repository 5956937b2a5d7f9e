"""The subscribers of a run: half of them bound to a line of the demo carrier, half unknown to it."""

from pathlib import Path
from typing import Any

import yaml

_PLAN = {
    "id": "chaos_plan",
    "name": "畅享59元套餐",
    "monthly_fee": 59,
    "overage": {"rule": "per_gb_pack", "price": 5, "unit": "1GB"},
    "allowances": [{"kind": "data", "quantity": "20GB"}],
}


def openids(count: int) -> tuple[str, ...]:
    """Everybody, the bound ones first."""
    return tuple(f"oCHAOS{index:04d}" for index in range(count))


def write_people(path: Path, count: int) -> int:
    """A file for `weiting sandbox load`; answers how many it binds."""
    bound = openids(count)[: (count + 1) // 2]
    body = {
        "version": 1,
        "plans": [_PLAN],
        "customers": [_customer(index) for index in range(len(bound))],
        "people": [],
        "bindings": [{"openid": openid, "number": _number(index)} for index, openid in enumerate(bound)],
    }
    path.write_text(yaml.safe_dump(body, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return len(bound)


def _number(index: int) -> str:
    # numbers no network has
    return f"1790001{index:04d}"


def _customer(index: int) -> dict[str, Any]:
    line = {
        "number": _number(index),
        "subscriptions": [{"plan": "chaos_plan", "from": "start_of_month-12m"}],
        "usage": [{"kind": "data", "name": "国内通用流量", "total": "20GB", "used": f"{index % 20}GB"}],
    }
    account = {
        "id": f"chaos_{index}_1",
        "pay_mode": "prepaid",
        "balances": [{"amount": f"{10 + index % 90}.{index % 10}0"}],
        "lines": [line],
        "bills": [
            {
                "month": "month-1", "state": "settled", "issued": "start_of_month",
                "items": [{"category": "plan_fee", "name": "畅享59元套餐", "amount": 59}],
            },
        ],
    }  # fmt: skip
    points = {"lots": [{"id": f"chaos_lot_{index}", "earned": 100 + index, "used": 0, "expires": "end_of_year+1y"}]}
    return {"id": f"chaos_{index}", "name": f"测试{index:04d}", "birth_year": 1990, "points": points, "accounts": [account]}
