"""A figure as the subscriber reads it: masked number, amount with unit, as-of, next step. For actions and short codes both."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from business.carrier import wording
from business.carrier.model import Balance, Bill, Bucket, Points
from business.carrier.yamlfile import read_yaml
from business.identity.types import Access

_TEXTS = Path(__file__).parent / "texts" / "zh.yml"
_Say = Callable[..., str]


def load_texts(path: Path = _TEXTS) -> Mapping[str, Any]:
    """The parts of the answers."""
    texts: Mapping[str, Any] = read_yaml(path).data
    return texts


class Answers:
    """Makes the texts. `now` is given so that a year is named only when it is not this one."""

    def __init__(self, texts: Mapping[str, Any]) -> None:
        self._texts = texts
        self._units = wording.Units(texts["units"])

    def balance(self, access: Access, balance: Balance, now: datetime) -> str:
        """【话费】179****0001 可用余额32.80元…"""
        say = self._say("balance")
        parts = [say("available", amount=self._units.yuan(balance.available_fen))]
        parts += [
            say(name, amount=self._units.yuan(fen))
            for name, fen in (("frozen", balance.frozen_fen), ("arrears", balance.arrears_fen), ("month", balance.month_fen))
            if fen or (name == "month" and fen is not None)
        ]
        for reserve in balance.reserves:
            values = {"name": reserve.name, "amount": self._units.yuan(reserve.amount_fen)}
            if reserve.expires_at is None:
                parts.append(say("reserve", **values))
            else:
                parts.append(say("reserve_ending", day=wording.last_day(reserve.expires_at, now), **values))
        return self._frame("balance", access, say("between").join(parts), balance.as_of, now)

    def bill(self, access: Access, bill: Bill, now: datetime) -> str:
        """The sum and its categories, or its items when the access has opened them."""
        say = self._say("bill")
        texts = self._texts["bill"]
        head = say(
            "head",
            line=access.line.masked,
            month=self._units.month(bill.month),
            state=texts["states"][bill.state.value],
            total=self._units.yuan(bill.total_fen),
        )
        lines = [head]
        if bill.paid_fen:
            lines.append(say("paid", amount=self._units.yuan(bill.paid_fen)))
        if bill.due_fen:
            lines.append(say("due", amount=self._units.yuan(bill.due_fen)))
        if not bill.by_category:
            lines.append(say("no_charge"))
        if bill.items:
            for item in bill.items:
                values = {"name": item.name, "amount": self._units.yuan(item.amount_fen)}
                lines.append(say("item_of_line", line=item.line, **values) if item.line else say("item", **values))
        else:
            for category, fen in bill.by_category:
                lines.append(say("category", name=texts["categories"][category], amount=self._units.yuan(fen)))
        lines.append(say("tail", as_of=wording.moment(bill.as_of, now)))
        return "".join(lines) + "\n" + say("next_items" if bill.items else "next")

    def bucket(self, bucket: Bucket, now: datetime) -> str:
        """One line: used, left, total and validity of one bucket."""
        say = self._say("allowance")
        amount = partial(self._units.quantity, bucket.kind)
        notes = say("carried_over", amount=amount(bucket.carried_over)) if bucket.carried_over else ""
        notes += say("shared") if bucket.shared else ""
        values = {"name": bucket.name, "notes": notes, "day": wording.last_day(bucket.valid_to, now)}
        if bucket.total is None or bucket.left is None:
            return say("unlimited", used=amount(bucket.used, up=True), **values)
        values["total"] = amount(bucket.total)
        if bucket.over:
            return say("over", over=amount(bucket.over, up=True), **values)
        return say("one", used=amount(bucket.used, up=True), left=amount(bucket.left), **values)

    def allowances(self, access: Access, buckets: Sequence[Bucket], now: datetime) -> str:
        """One line per bucket, below the head when there are several."""
        say = self._say("allowance")
        body = say("between").join(self.bucket(bucket, now) for bucket in buckets) or say("none")
        as_of = min((bucket.as_of for bucket in buckets), default=now)
        return self._frame("allowance", access, body, as_of, now, several="_of_several" if len(buckets) > 1 else "")

    def points(self, access: Access, points: Points, now: datetime) -> str:
        """What is good now and what ends next."""
        say = self._say("points")
        if not points.is_member:
            body = say("no_member")
        else:
            body = say("available", amount=wording.points(points.available))
            expiry = points.next_expiry
            if expiry is None:
                body += say("never")
            else:
                body += say("expiry", amount=wording.points(expiry.amount), day=wording.last_day(expiry.at, now))
        return self._frame("points", access, body, points.as_of, now)

    def _say(self, section: str) -> _Say:
        texts = self._texts[section]

        def say(name: str, /, **values: object) -> str:
            return str(texts[name]).format(**values)

        return say

    def _frame(self, section: str, access: Access, body: str, as_of: datetime, now: datetime, several: str = "") -> str:
        say = self._say(section)
        head = say(f"head{several}", line=access.line.masked)
        return head + body + say(f"tail{several}", as_of=wording.moment(as_of, now)) + say("next")
