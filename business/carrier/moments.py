"""Moments in a file: fixed ("2026-11-30", "2026-11-22 08:05") or relative to the day of loading ("today-3d", "end_of_month+1m").

    BASE[±N UNIT]… [HH:MM]     BASE  now today start_of_month end_of_month start_of_year end_of_year
                               UNIT  min h d w m (months) y
Months and years are moved first, then the base is taken in that month, then days and hours are added. All in Asia/Shanghai.
A month is "YYYY-MM" or "month", "month-1" …
"""

import re
from calendar import monthrange
from datetime import date, datetime, time, timedelta

from runtime.clock import SHANGHAI

_RELATIVE = re.compile(
    r"(now|today|start_of_month|end_of_month|start_of_year|end_of_year)((?:[+-]\d{1,5}(?:min|h|d|w|m|y))*)(?: +(\d{1,2}:\d{2}))?"
)
_STEP = re.compile(r"([+-]\d+)(min|h|d|w|m|y)")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_MONTH = re.compile(r"month([+-]\d{1,3})?")
_FIXED_MONTH = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])")
_SECONDS = {"min": 60, "h": 3600, "d": 86_400, "w": 604_800}
_YEARS = range(1950, 2200)


def read_moment(text: str, now: datetime, *, end: bool = False) -> datetime:
    """The moment; a day without a time is its first second, or with `end` its last. Raises ValueError with the mend."""
    try:
        at = _read(text.strip(), now, end=end)
    except (OverflowError, ValueError) as error:
        raise ValueError('must be a day or moment such as 2026-11-30, "2026-11-22 08:05", today-3d or end_of_month') from error
    if at.year not in _YEARS:
        raise ValueError("must be a moment of this age")
    return at


def _read(text: str, now: datetime, *, end: bool) -> datetime:
    found = _RELATIVE.fullmatch(text)
    if found is None:
        if _DAY.fullmatch(text):
            return _at(date.fromisoformat(text), None, end=end)
        at = datetime.fromisoformat(text)
        return at if at.tzinfo else at.replace(tzinfo=SHANGHAI)
    base, steps, clock = found.groups()
    here = now.astimezone(SHANGHAI)
    moved = [(int(number), unit) for number, unit in _STEP.findall(steps)]
    months = sum(number * (12 if unit == "y" else 1) for number, unit in moved if unit in "my")
    rest = timedelta(seconds=sum(number * _SECONDS[unit] for number, unit in moved if unit not in "my"))
    day = _base(base, _add_months(here.date(), months))
    if base == "now" and clock is None:
        return datetime.combine(day, here.timetz()) + rest
    # days move the day, so that its end is its own; hours move the moment
    whole = timedelta(days=rest.days)
    return _at(day + whole, clock, end=end) + (rest - whole)


def _at(day: date, clock: str | None, *, end: bool) -> datetime:
    if clock is not None:
        return datetime.combine(day, time.fromisoformat(clock.zfill(5)), SHANGHAI)
    return datetime.combine(day, time(23, 59, 59) if end else time(), SHANGHAI)


def _base(base: str, day: date) -> date:
    if base == "start_of_month":
        return day.replace(day=1)
    if base == "end_of_month":
        return day.replace(day=monthrange(day.year, day.month)[1])
    if base == "start_of_year":
        return day.replace(month=1, day=1)
    if base == "end_of_year":
        return day.replace(month=12, day=31)
    return day


def _add_months(day: date, months: int) -> date:
    number = day.year * 12 + day.month - 1 + months
    year, month = number // 12, number % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def read_month(text: str, now: datetime) -> str:
    """ "YYYY-MM". Raises ValueError with the mend."""
    found = _MONTH.fullmatch(text.strip())
    if found:
        first = _add_months(now.astimezone(SHANGHAI).date().replace(day=1), int(found[1] or 0))
        return f"{first:%Y-%m}"
    if not _FIXED_MONTH.fullmatch(text.strip()) or int(text.strip()[:4]) not in _YEARS:
        raise ValueError("must be a month such as 2026-11, month or month-1")
    return text.strip()


def month_bounds(month: str) -> tuple[datetime, datetime]:
    """First and last second of "YYYY-MM"."""
    first = date.fromisoformat(f"{month}-01")
    return _at(first, None, end=False), _at(_base("end_of_month", first), None, end=True)
