"""Dates in figures and in other alphabets: 2026-10, 20261003, 10/3, 10.1-10.7, last month, Oct, shanggeyue."""

import re
from datetime import date, timedelta
from typing import Callable, Mapping, Optional

from bot.nlu import stretches
from bot.nlu.calendar_words import Said
from bot.nlu.stretches import Stretch

TO = r" ?(?:一?直?到了?|至|-{1,2}|~{1,2}|—{1,2}|–) ?"

ISO = r"(?:(?<![\d.])(?P<iso_year>20\d\d)[-./](?P<iso_month>\d{1,2})(?:[-./](?P<iso_day>\d{1,2})[号日]?)?(?!\d))"
RUN = r"(?:(?<!\d)(?P<run_year>20[12]\d)(?P<run_month>0[1-9]|1[0-2])(?P<run_day>[0-3]\d)?(?!\d))"
_MONTH = r"(?<![\d./:\-])(?P<md_month>1[0-2]|0?[1-9])"
_DAY = r"(?:3[01]|[12]\d|0?[1-9])"
_NO_SUM = r"(?![\d.%/]|\s*(?:[元块gmt兆万折折]|个g))"
_DOTTED = rf"(?:1[0-2]|0?[1-9])\.{_DAY}"
MONTH_DAY = (
    rf"(?:{_MONTH}(?:/(?P<md_slash>{_DAY}){_NO_SUM}[号日]?|\.(?P<md_dot>{_DAY})"
    rf"(?:[号日]|(?=那天|当天|{TO}(?:{_DOTTED}|{_DAY}[号日]|现在|今天)){_NO_SUM})))"
)
CLOSING_MONTH_DAY = rf"(?:(?P<md_month>1[0-2]|0?[1-9])[./](?P<md_day>{_DAY}){_NO_SUM}[号日]?)"

COMPACT = rf"(?:(?<![\d.])(?P<cm>0[1-9]|1[0-2])(?P<cd>0[1-9]|[12]\d|3[01])(?={TO}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?!\d)))"
"""1109-1115: figures only, and only as a span."""

CLOSING_COMPACT = r"(?:(?P<cm>0[1-9]|1[0-2])(?P<cd>0[1-9]|[12]\d|3[01])(?![\d.元块]))"

_ENGLISH = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_PHRASES: Mapping[str, Callable[[date], Stretch]] = {
    "last month": lambda today: stretches.month_away(today, -1),
    "this month": lambda today: stretches.month_away(today, 0),
    "next month": lambda today: stretches.month_away(today, 1),
    "last week": lambda today: stretches.week_away(today, -1),
    "this week": lambda today: stretches.week_away(today, 0),
    "last year": lambda today: stretches.months_of(today.year - 1, 1, 12),
    "this year": lambda today: stretches.months_of(today.year, 1, 12),
    "today": stretches.day,
    "tonight": stretches.day,
    "yesterday": lambda today: stretches.day(today - timedelta(days=1)),
    "tomorrow": lambda today: stretches.day(today + timedelta(days=1)),
    "shangshanggeyue": lambda today: stretches.month_away(today, -2),
    "shanggeyue": lambda today: stretches.month_away(today, -1),
    "shangyue": lambda today: stretches.month_away(today, -1),
    "zhegeyue": lambda today: stretches.month_away(today, 0),
    "benyue": lambda today: stretches.month_away(today, 0),
    "zuotian": lambda today: stretches.day(today - timedelta(days=1)),
    "jintian": stretches.day,
}
_SPELT = "|".join(" ?".join(phrase) if " " not in phrase and phrase.endswith("yue") else phrase for phrase in _PHRASES)
LATIN = (
    rf"(?:(?<![a-z])(?:(?P<latin>{_SPELT})|(?P<english>(?:jan(?:uary)?|feb"
    rf"(?:ruary)?|mar(?:ch)?|apr(?:il)?|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?|may(?= ?(?:[的月份账话]|bill|statement|invoice|$)))))(?:月份?)?(?![a-z]))"
)


def figures(match: "re.Match[str]", today: date) -> Optional[Stretch]:
    """2026-09, 2026/9/3, 202609, 20260903."""
    kind = "iso" if "iso_year" in match.re.groupindex else "run"
    year, month, day = (match.group(f"{kind}_{part}") for part in ("year", "month", "day"))
    if day:
        return stretches.day(date(int(year), int(month), int(day)))
    return stretches.month_of(int(year), int(month))


def month_day(match: "re.Match[str]", today: date) -> Said:
    groups = match.groupdict()
    day = groups.get("md_slash") or groups.get("md_dot") or groups.get("md_day")
    return Said(month=int(groups["md_month"]), day=int(str(day)))


def compact(match: "re.Match[str]", today: date) -> Said:
    return Said(month=int(match.group("cm")), day=int(match.group("cd")))


def latin(match: "re.Match[str]", today: date) -> Optional[Stretch]:
    if match.group("english"):
        return stretches.latest_month(today, _ENGLISH.index(match.group("english")[:3]) + 1)
    said = match.group("latin")
    return _PHRASES[said if said in _PHRASES else said.replace(" ", "")](today)
