"""Money: the balance, and the bill of a month with its items."""

import re
from datetime import date, datetime

from actions.asking import AskAction
from actions.reply import Reply
from actions.turn import Ask, Turn
from actions.writing import CHINA, day, moment, yuan
from business.carrier.errors import NoSuchBill
from business.carrier.model import Balance, Bill, BillState, PayMode
from business.carrier.ports import CarrierSource
from business.identity.types import Access

MONTHS_AT_MOST = 6
ITEMS_AT_MOST = 20
_ITEMS = re.compile("明细|清单|详单|逐[条项]|每一?[笔项]")
_MONTH = re.compile(r"(\d{4})-(\d{2})")


class QueryBalance(AskAction[CarrierSource]):
    """What is on the account that pays for the line."""

    intent = "query_balance"
    topic = "billing"

    async def answer(self, reply: Reply, access: Access, ask: Ask, turn: Turn) -> None:
        balance = await self._source.balance(access)
        reply.say(
            "balance", line=self.line_name(access), parts=self._phrases.join(self._parts(balance)), as_of=moment(balance.as_of)
        )
        figures = {
            "available_fen": balance.available_fen,
            "arrears_fen": balance.arrears_fen,
            "frozen_fen": balance.frozen_fen,
            "reserves_fen": balance.reserves_fen,
            "month_fen": balance.month_fen,
        }
        reply.receipt(balance.source, "balance", balance.as_of, figures, access.level, access.line.masked)

    def _parts(self, balance: Balance) -> list[str]:
        part = self._phrases.part
        owes = balance.pay_mode is not PayMode.POSTPAID and balance.available_fen < 0
        return [
            "" if owes else part("available", yuan=yuan(balance.available_fen)),
            part("arrears", yuan=yuan(balance.arrears_fen or -balance.available_fen)) if owes or balance.arrears_fen else "",
            part("frozen", yuan=yuan(balance.frozen_fen)) if balance.frozen_fen else "",
            *(part("reserve", name=one.name, yuan=yuan(one.amount_fen)) for one in balance.reserves),
            part("month_so_far", yuan=yuan(balance.month_fen)) if balance.month_fen is not None else "",
        ]


class QueryBill(AskAction[CarrierSource]):
    """The bill of a month; its items one by one need a fresh code."""

    intent = "query_bill"
    topic = "billing"

    def complete(self, ask: Ask, turn: Turn) -> Ask:
        values = dict(ask.values)
        if _ITEMS.search(turn.text) and "part" not in values:
            values["part"] = "items"
        last = turn.last_ask
        if "period" not in values and values.get("part") == "items" and last and last.intent == self.intent and "period" in last.values:
            values["period"] = last.values["period"]
        return Ask(ask.intent, values)

    def level(self, ask: Ask) -> int:
        return 2 if ask.values.get("part") == "items" else 1

    async def answer(self, reply: Reply, access: Access, ask: Ask, turn: Turn) -> None:
        asked = str(ask.values.get("period") or f"{turn.now.astimezone(CHINA):%Y-%m}")
        months = months_of(asked)
        found, missing = await self._read(access, months)
        line = self.line_name(access)
        if not found:
            future = months[0] > f"{turn.now.astimezone(CHINA):%Y-%m}"
            reply.say("bill_not_yet" if future else "no_such_bill", line=line, month=self._months_name(months))
            return
        if len(months) > 1:
            self._several(reply, line, found, missing)
        elif ask.values.get("part") == "items":
            self._items(reply, line, found[0])
        else:
            self._one(reply, line, found[0], turn.now)
        for bill in found:
            figures = {"month": bill.month, "total_fen": bill.total_fen, "due_fen": bill.due_fen, "state": str(bill.state)}
            reply.receipt(bill.source, "bill", bill.as_of, figures, access.level, access.line.masked)

    async def _read(self, access: Access, months: list[str]) -> tuple[list[Bill], list[str]]:
        found, missing = [], []
        for month in months:
            try:
                found.append(await self._source.bill(access, month))
            except NoSuchBill:
                missing.append(month)
        return found, missing

    def _one(self, reply: Reply, line: str, bill: Bill, now: datetime) -> None:
        name = "bill_running" if bill.state is BillState.RUNNING else "bill"
        issued = self._phrases.part("issued", day=day(bill.issued_at, now)) if bill.issued_at else ""
        reply.say(
            name,
            line=line,
            month=self._month_name(bill.month),
            total=yuan(bill.total_fen),
            state=self._phrases.join([self._state(bill), issued]),
            as_of=moment(bill.as_of),
        )

    def _several(self, reply: Reply, line: str, found: list[Bill], missing: list[str]) -> None:
        part = self._phrases.part
        lines = [
            part("bill_line", month=self._month_name(bill.month), total=yuan(bill.total_fen), state=self._state(bill))
            for bill in found
        ]
        lines += [part("bill_line_missing", month=self._month_name(month)) for month in missing]
        reply.say("bills", line=line, bills=self._phrases.join(lines, "line"), as_of=moment(found[-1].as_of))

    def _items(self, reply: Reply, line: str, bill: Bill) -> None:
        part = self._phrases.part
        lines = [part("item", name=item.name, yuan=yuan(item.amount_fen)) for item in bill.items[:ITEMS_AT_MOST]]
        if len(bill.items) > ITEMS_AT_MOST:
            lines.append(part("items_more", count=len(bill.items) - ITEMS_AT_MOST))
        reply.say(
            "bill_items" if lines else "bill_no_items",
            line=line,
            month=self._month_name(bill.month),
            total=yuan(bill.total_fen),
            items=self._phrases.join(lines, "line"),
            as_of=moment(bill.as_of),
        )

    def _state(self, bill: Bill) -> str:
        return self._phrases.part(f"bill_{bill.state.value}", due=yuan(bill.due_fen))

    def _month_name(self, month: str) -> str:
        year, number = month.split("-")
        return self._phrases.part("month", year=year, month=int(number))

    def _months_name(self, months: list[str]) -> str:
        names = [self._month_name(month) for month in (months[0], months[-1])]
        return names[0] if len(months) == 1 else self._phrases.part("months", first=names[0], last=names[1])


def months_of(period: str) -> list[str]:
    """"2026-10" is that month; a span of days is the months it touches, the last six at most, oldest first."""
    if _MONTH.fullmatch(period):
        return [period]
    first, _, last = period.partition("/")
    start, end = date.fromisoformat(first), date.fromisoformat(last or first)
    months: list[str] = []
    while (end.year, end.month) >= (start.year, start.month) and len(months) < MONTHS_AT_MOST:
        months.append(f"{end:%Y-%m}")
        end = date(end.year - (end.month == 1), (end.month - 2) % 12 + 1, 1)
    return months[::-1] or [f"{start:%Y-%m}"]
