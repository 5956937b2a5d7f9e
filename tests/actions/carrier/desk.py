"""A carrier in memory behind the real actions: two subscribers' lines, figures, codes, and a clock that moves when told."""

from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from actions.app import make_executor, run_action
from actions.asking import Ports
from actions.carrier.registry import build
from actions.phrases import Phrases
from business.carrier.fakes import SOURCE, FakeCarrierSource
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
from business.carrier.stores import FakeStores
from business.identity.fakes import FakeIdentity
from runtime.clock import SHANGHAI, FakeClock

DOMAIN = Path(__file__).parents[3] / "bot" / "carrier" / "domain"
ACCOUNT = "demo"
OPENID = "oTEST0001"
PHONE, SECOND, ELDER = "17900000001", "17900000002", "17900000065"
GB = 1024**3


def at(month: int, day: int, hour: int = 0, minute: int = 0, year: int = 2026) -> datetime:
    """A moment in China."""
    return datetime(year, month, day, hour, minute, tzinfo=SHANGHAI)


@cache
def phrases() -> Phrases:
    """Read once: nothing changes them."""
    return Phrases.load(DOMAIN)


class CarrierDesk:
    """Fakes with figures, and `call`, which runs one action as Rasa's webhook call would."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.identity = FakeIdentity(self.clock)
        self.source = FakeCarrierSource()
        self.phrases = phrases()
        self.stores = FakeStores()
        self.actions = build(Ports(self.identity, self.source, self.phrases), self.stores)
        self.executor = make_executor(self.actions)
        for phone, born in ((PHONE, 1990), (SECOND, 1990), (ELDER, 1950)):
            self.identity.add_line(ACCOUNT, phone, birth_year=born)
            self._fill(phone)

    def _fill(self, phone: str) -> None:
        key = (ACCOUNT, f"line_{phone[-5:]}")
        as_of = at(11, 22, 8, 5)
        gift = Reserve("gift", "赠款", 1000, at(12, 31))
        tail = int(phone[-1])
        self.source.balances[key] = Balance(PayMode.PREPAID, 3279 + tail, 0, (gift,), 0, 2640, SOURCE, as_of)
        self.source.bills[(*key, "2026-11")] = _bill("2026-11", BillState.RUNNING, 2640, 0, as_of)
        self.source.bills[(*key, "2026-10")] = _bill("2026-10", BillState.SETTLED, 5900, 5900, as_of)
        self.source.bills[(*key, "2026-09")] = _bill("2026-09", BillState.DISPUTED, 12850, 5900, as_of)
        self.source.buckets[key] = (
            Bucket(UsageKind.DATA, "general", "通用流量", 20 * GB, 18039862067, 0, False, at(11, 1), at(12, 1), SOURCE, as_of),
            Bucket(UsageKind.DATA, "directed", "视频定向流量", None, 5 * GB, 0, False, at(11, 1), at(12, 1), SOURCE, as_of),
            Bucket(UsageKind.VOICE, "general", "国内通话", 6000, 1230, 600, True, at(11, 1), at(12, 1), SOURCE, as_of),
        )
        main = PlanItem("畅享59元套餐", "main", 5900, at(11, 1, year=2025), None, at(11, 1, year=2027))
        ring = PlanItem("彩铃", "addon", 500, at(6, 1), at(12, 1), None)
        self.source.plans[key] = Plan((main, ring), SOURCE, as_of)
        self.source.points_of[key] = Points(True, 1280, PointsExpiry(300, at(1, 1, year=2027)), SOURCE, as_of)

    async def call(self, action: str, text: str = "", turn_id: str = "t_1", openid: str = OPENID, **more: Any) -> "Called":
        """`more`: intent, entities ([(name, value)]), slots, loop, candidates."""
        message = {
            "text": text,
            "intent": {"name": more.get("intent", action.removeprefix("action_"))},
            "entities": [{"entity": name, "value": value} for name, value in more.get("entities", [])],
            "metadata": {"account": ACCOUNT, "openid": openid, "turn_id": turn_id, "now": self.clock.now().isoformat(),
                         **({"place": more["place"]} if "place" in more else {})},
            "understanding": {"candidates": more.get("candidates", [])},
        }
        tracker = {
            "sender_id": openid,
            "slots": more.get("slots", {}),
            "latest_message": message,
            "events": [],
            "paused": False,
            "followup_action": None,
            "active_loop": {"name": more["loop"]} if more.get("loop") else {},
            "latest_action_name": "action_listen",
        }
        status, body = await run_action(self.executor, {"next_action": action, "tracker": tracker, "version": "3.6.21"})
        return Called(status, body, self.phrases)


class Called:
    """What an action answered, easy to look at."""

    def __init__(self, status: int, body: dict[str, Any], phrases: Phrases) -> None:
        self.status = status
        self.slots = {event["name"]: event["value"] for event in body["events"] if event["event"] == "slot"}
        self.closed_loop = any(event["event"] == "active_loop" and event["name"] is None for event in body["events"])
        self.said = [one["response"] for one in body["responses"] if one["response"]]
        self.texts = [phrases.text(one["response"], **one) for one in body["responses"] if one["response"]]
        told = [one["custom"]["weiting"] for one in body["responses"] if one["custom"]]
        self.receipts = [one["receipt"] for one in told if "receipt" in one]
        self.handoff = next((one["handoff"] for one in told if "handoff" in one), None)
        self.outcomes = [one["outcome"]["outcome"] for one in told if "outcome" in one]
        self.asked = any("asked" in one for one in told)


def _bill(month: str, state: BillState, total: int, paid: int, as_of: datetime) -> Bill:
    items = (
        BillItem("plan", "畅享59套餐月费", 5900 if total >= 5900 else 2000, 1, "month", None),
        BillItem("voice", "套餐外通话", total - (5900 if total >= 5900 else 2000), 60, "second", None),
    )
    year, number = (int(part) for part in month.split("-"))
    return Bill(
        month=month,
        state=state,
        total_fen=total,
        paid_fen=paid,
        discount_fen=0,
        tax_fen=0,
        by_category=(("plan_fee", items[0].amount_fen), ("voice_overage", items[1].amount_fen)),
        items=items,
        period_start=at(number, 1, year=year),
        period_end=at(number, 30, year=year),
        issued_at=None if state is BillState.RUNNING else at(number + 1, 3, year=year),
        source=SOURCE,
        as_of=as_of,
    )
