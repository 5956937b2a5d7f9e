"""Days and months as subscribers count them: the calendar arithmetic under `periods`.

A `Stretch` is a run of whole days, both ends counted. As a value it is `YYYY-MM` when it is exactly one calendar month that was
named as one, otherwise `YYYY-MM-DD/YYYY-MM-DD`.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Optional


@dataclass(frozen=True)
class Stretch:
    """`first` to `last`, both counted; `is_month`: it was said as one month."""

    first: date
    last: date
    is_month: bool = False

    def value(self) -> str:
        if self.is_month:
            return f"{self.first:%Y-%m}"
        return f"{self.first.isoformat()}/{self.last.isoformat()}"


def day(when: date) -> Stretch:
    return Stretch(when, when)


def month_of(year: int, month: int) -> Stretch:
    """The whole month. Raises ValueError outside 1–12."""
    first = date(year, month, 1)
    following = date(year + month // 12, month % 12 + 1, 1)
    return Stretch(first, following - timedelta(days=1), is_month=True)


def month_away(today: date, months: int) -> Stretch:
    """The month `months` after (negative: before) today's."""
    count = today.year * 12 + today.month - 1 + months
    return month_of(count // 12, count % 12 + 1)


def month_named(value: str) -> Stretch:
    """Of a value YYYY-MM."""
    return month_of(int(value[:4]), int(value[5:7]))


def is_month_before(value: str, other: str) -> bool:
    """Both are months, and one follows the other."""
    return len(value) == len(other) == 7 and month_named(value).last + timedelta(days=1) == month_named(other).first


def months_of(year: int, first: int, last: int) -> Stretch:
    """Months `first` to `last` of one year, as days."""
    return Stretch(month_of(year, first).first, month_of(year, last).last)


def week_away(today: date, weeks: int) -> Stretch:
    """Monday to Sunday, `weeks` after this week."""
    monday = today - timedelta(days=today.weekday()) + timedelta(weeks=weeks)
    return Stretch(monday, monday + timedelta(days=6))


def quarter_away(today: date, quarters: int) -> Stretch:
    count = today.year * 4 + (today.month - 1) // 3 + quarters
    return months_of(count // 4, count % 4 * 3 + 1, count % 4 * 3 + 3)


def last_months(today: date, months: int) -> Stretch:
    """近三个月 as carriers' bills count it: this month so far and the two whole ones before it."""
    return Stretch(month_away(today, 1 - months).first, today)


def last_days(today: date, days: int) -> Stretch:
    return Stretch(today - timedelta(days=days - 1), today)


def part_of(month: Stretch, part: str) -> Stretch:
    """A third (初, 中, 末) or half (上, 下) of a month."""
    first, last = month.first, month.last
    bounds = {"初": (1, 10), "中": (11, 20), "末": (21, last.day), "上": (1, 15), "下": (16, last.day)}[part]
    return Stretch(first.replace(day=bounds[0]), first.replace(day=bounds[1]))


def latest_weekday(today: date, weekday: int) -> date:
    """周五 without a week: the latest one not after today; Monday is 0."""
    return today - timedelta(days=(today.weekday() - weekday) % 7)


def latest_month(today: date, month: int) -> Stretch:
    """10月 without a year: the latest one that has begun."""
    return month_of(today.year if month <= today.month else today.year - 1, month)


def latest_day(today: date, month: Optional[int], number: int) -> date:
    """3号 or 11月3号 without a year: the latest one not after today. Raises ValueError when there is none such."""
    if month is not None:
        this_year = date(today.year, month, number)
        return this_year if this_year <= today else date(today.year - 1, month, number)
    home = today.replace(day=1) if number <= today.day else month_away(today, -1).first
    return home.replace(day=number)
