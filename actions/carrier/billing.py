"""Money: the balance, and the bill of a month with its items."""

import re
from datetime import date, datetime

from actions.asking import AskAction
from actions.dialogue import PersonAnswers
from actions.reply import Reply
from actions.turn import Ask, Turn
from actions.writing import CHINA
from business.carrier import wording
from business.carrier.errors import NoSuchBill
from business.carrier.model import Balance, Bill, BillState, PayMode
from business.carrier.ports import CarrierSource
from business.carrier.receipts import balance_receipt, bill_receipt
from business.identity.types import Access

MONTHS_AT_MOST = 6
ITEMS_AT_MOST = 20
_MONTH = re.compile(r"(\d{4})-(\d{2})")


class QueryBalance(AskAction[CarrierSource]):
    """What is on the account that pays for the line."""

    NAME = "action_query_balance"
    intent = "query_balance"
    topic = "billing"

    async def answer(self, reply: Reply, access: Access, ask: Ask, turn: Turn) -> None:
        balance = await self._source.balance(access)
        parts, as_of = self._phrases.join(self._parts(balance)), wording.moment(balance.as_of, turn.now)
        reply.say("balance", line=self.line_name(access), parts=parts, as_of=as_of)
        reply.receipt(balance_receipt(access, balance).to_dict())

    def _parts(self, balance: Balance) -> list[str]:
        part = self._phrases.part
        owes = balance.pay_mode is not PayMode.POSTPAID and balance.available_fen < 0
        return [
            "" if owes else part("available", yuan=wording.decimal(balance.available_fen)),
            part("arrears", yuan=wording.decimal(balance.arrears_fen or -balance.available_fen)) if owes or balance.arrears_fen else "",
            part("frozen", yuan=wording.decimal(balance.frozen_fen)) if balance.frozen_fen else "",
            *(part("reserve", name=one.name, yuan=wording.decimal(one.amount_fen)) for one in balance.reserves),
            part("month_so_far", yuan=wording.decimal(balance.month_fen)) if balance.month_fen is not None else "",
        ]


class QueryBill(AskAction[CarrierSource]):
    """The bill of a month; its items one by one need a fresh code."""

    NAME = "action_query_bill"
    intent = "query_bill"
    topic = "billing"

    def complete(self, ask: Ask, turn: Turn) -> Ask:
        values = dict(ask.values)
        last = turn.last_ask
        if values.get("part") == "items" and "period" not in values:
            before = last.values.get("period") if last and last.intent == self.intent else None
            # a person may have learned which month it was about
            values |= {"period": period} if (period := before or turn.slots.get("period")) else {}
        return Ask(ask.intent, values)

    def ask_back(self, reply: Reply, ask: Ask, turn: Turn) -> Ask | None:
        said = (ask.values.get("impossible") or {}).get("period")
        this_month = f"{turn.now.astimezone(CHINA):%Y-%m}"
        months = months_of(str(ask.values.get("period") or this_month), this_month)
        if said:
            reply.say("no_such_month", said=said)
        elif months[0] > this_month:
            reply.say("bill_not_yet", month=self._months_name(months))
        else:
            return None
        return Ask(ask.intent, {name: value for name, value in ask.values.items() if name not in ("period", "impossible")})

    def level(self, ask: Ask) -> int:
        return 2 if ask.values.get("part") == "items" else 1

    async def answer(self, reply: Reply, access: Access, ask: Ask, turn: Turn) -> None:
        this_month = f"{turn.now.astimezone(CHINA):%Y-%m}"
        asked = str(ask.values.get("period") or this_month)
        months = months_of(asked, this_month)
        found, missing = await self._read(access, months)
        line = self.line_name(access)
        if not found:
            reply.say("no_such_bill", line=line, month=self._months_name(months))
            return
        if ask.values.get("part") == "items":
            found = found[-1:]
            self._items(reply, line, found[0], turn.now)
        elif len(months) > 1:
            self._several(reply, line, found, missing, turn.now)
        else:
            self._one(reply, line, found[0], turn.now)
        for bill in found:
            reply.receipt(bill_receipt(access, bill).to_dict())

    async def _read(self, access: Access, months: list[str]) -> tuple[list[Bill], list[str]]:
        found, missing = [], []
        for month in months:
            try:
                found.append(await self._source.bill(access, month))
            except NoSuchBill:
                missing.append(month)
        return found, missing

    def _one(self, reply: Reply, line: str, bill: Bill, now: datetime) -> None:
        issued = self._phrases.part("issued", day=wording.day(bill.issued_at, now)) if bill.issued_at else ""
        named = ((self._phrases.label(f"category_{category}"), fen) for category, fen in bill.by_category)
        charges = [self._phrases.part("charge", category=name, yuan=wording.decimal(fen)) for name, fen in named if name and fen]
        reply.say(
            "bill_running" if bill.state is BillState.RUNNING else "bill",
            line=line,
            month=self._month_name(bill.month),
            total=wording.decimal(bill.total_fen),
            state=self._phrases.join([self._state(bill), issued]),
            charges=self._phrases.part("charges", charges=self._phrases.join(charges)) if charges else "",
            as_of=wording.moment(bill.as_of, now),
        )

    def _several(self, reply: Reply, line: str, found: list[Bill], missing: list[str], now: datetime) -> None:
        part = self._phrases.part
        lines = [
            part("bill_line", month=self._month_name(bill.month), total=wording.decimal(bill.total_fen), state=self._state(bill))
            for bill in found
        ]
        if missing:
            names = self._phrases.join((self._month_name(month) for month in missing), "enumeration")
            lines.append(part("bill_line_missing", months=names))
        reply.say("bills", line=line, bills=self._phrases.join(lines, "line"), as_of=wording.moment(found[-1].as_of, now))

    def _items(self, reply: Reply, line: str, bill: Bill, now: datetime) -> None:
        part = self._phrases.part
        lines = [
            part("item_of_line" if item.line else "item", name=item.name, line=item.line, yuan=wording.decimal(item.amount_fen))
            for item in bill.items[:ITEMS_AT_MOST]
        ]
        if len(bill.items) > ITEMS_AT_MOST:
            lines.append(part("items_more", count=len(bill.items) - ITEMS_AT_MOST))
        reply.say(
            "bill_items" if lines else "bill_no_items",
            line=line,
            month=self._month_name(bill.month),
            total=wording.decimal(bill.total_fen),
            items=self._phrases.join(lines, "line"),
            as_of=wording.moment(bill.as_of, now),
        )

    def _state(self, bill: Bill) -> str:
        return self._phrases.part(f"bill_{bill.state.value}", due=wording.decimal(bill.due_fen))

    def _month_name(self, month: str) -> str:
        year, number = month.split("-")
        return self._phrases.part("month", year=year, month=int(number))

    def _months_name(self, months: list[str]) -> str:
        names = [self._month_name(month) for month in (months[0], months[-1])]
        return names[0] if len(months) == 1 else self._phrases.part("months", first=names[0], last=names[1])


class ExplainCharge(PersonAnswers):
    """Why was this charged: a dispute, which nobody should guess at."""

    NAME = "action_explain_charge"
    intent = "explain_charge"
    topic = "billing"
    reason = "dispute"


class RequestInvoice(PersonAnswers):
    """Wants an invoice."""

    NAME = "action_request_invoice"
    intent = "request_invoice"
    topic = "billing"


def months_of(period: str, this_month: str) -> list[str]:
    """ "2026-10" is that month; a span of days is the months it touches up to this one, the last six at most, oldest first."""
    if _MONTH.fullmatch(period):
        return [period]
    first, _, last = period.partition("/")
    start, end = date.fromisoformat(first), date.fromisoformat(last or first)
    months: list[str] = []
    while (end.year, end.month) >= (start.year, start.month) and len(months) < MONTHS_AT_MOST:
        if f"{end:%Y-%m}" <= this_month:
            months.append(f"{end:%Y-%m}")
        end = date(end.year - (end.month == 1), (end.month - 2) % 12 + 1, 1)
    return months[::-1] or [f"{start:%Y-%m}"]
