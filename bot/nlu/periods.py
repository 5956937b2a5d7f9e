"""Months and spans of days in normalised text (the entity `period` of data/catalogue).

A named unit of the calendar is whole (上周 is Monday to Sunday, 今年 is all of it); 近 and 最近 run up to today. What names no day
of the calendar (13月, 2月30号) is no period.
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Callable, Iterator, Mapping, Optional, Tuple

from bot.nlu import stretches
from bot.nlu.stretches import Stretch

_DIGITS = {"零": 0, "〇": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}

_NUMBER = r"(?<!\d)\d{1,2}(?!\d)|(?<![一二三四五六七八九十])[一二三四五六七八九]?十[一二三四五六七八九]?|[一二三四五六七八九](?![十百千万])"
_YEAR = r"今年|本年|去年|上一年|前年|明年|下一年|(?<!\d)(?:20)?[12]\d年|二[零〇][一二三][零〇一二三四五六七八九]年"
_THIS_MONTH = r"(?:这|本|当|呢|今)个?月份?"
_BEFORE = r"(?<![马晚早网以身])"
_LAST_MONTH = rf"(?:大上|上上|{_BEFORE}上)(?:一?个)?月份?"
_MONTH = rf"{_THIS_MONTH}|{_LAST_MONTH}|下个?月|(?:{_NUMBER})月份?"
_DAY = rf"(?:{_NUMBER})[号日](?![卡线楼店机码])"
_RELATIVE = r"今天|今日(?!头条)|今晚|今早|今儿|昨天|昨日|昨晚|昨夜|昨儿|寻日|琴日|大前天|前天|前日|前晚"
_POINT = rf"(?:(?:{_YEAR})(?:的?(?:{_MONTH})(?:的?(?:{_DAY}))?)?|(?:{_MONTH})(?:的?(?:{_DAY}))?|{_DAY}|{_RELATIVE})"
_OPENING = rf"(?:(?:(?:{_YEAR})的?)?(?:(?:{_MONTH})的?)?(?:{_NUMBER}))"
_TO = r"\s*(?:到|至|-|~|—|–)\s*"

_SCANNER = re.compile(
    "|".join(
        (
            r"(?P<near>(?:最近|近|过去|前|这)(?P<near_count>\d{1,2}|[一两二三四五六七八九十]{1,3}|半)(?P<near_unit>个月|个?(?:天|日|周|星期|礼拜|年)))",
            rf"(?P<half>(?:(?P<half_year>{_YEAR})的?)?(?P<half_which>[上下])半年)",
            rf"(?P<quarter>(?:(?P<quarter_year>{_YEAR})的?)?第?(?P<quarter_number>[一二三四1234])季度?|(?P<quarter_which>这个?|本|上个?)季度)",
            rf"(?P<week>(?P<week_which>这个?|本|上上个?|{_BEFORE}上个?)(?:周|星期|礼拜)(?P<weekday>[一二三四五六日天])?)",
            r"(?P<iso>(?<![\d.\-])(?P<iso_year>20\d\d)[-./](?P<iso_month>\d{1,2})(?:[-./](?P<iso_day>\d{1,2}))?(?![\d]))",
            r"(?P<run>(?<!\d)(?P<run_year>20[12]\d)(?P<run_month>0[1-9]|1[0-2])(?P<run_day>[0-3]\d)?(?!\d))",
            rf"(?P<span>(?P<span_from>{_POINT}|{_OPENING}){_TO}(?P<span_to>{_POINT}|现在|今))",
            rf"(?P<point>{_POINT})",
        )
    )
)
_PARTS = re.compile(
    rf"(?:(?P<year>{_YEAR})的?)?(?:(?P<month>{_MONTH})的?)?(?:(?P<day>{_NUMBER})[号日]?)?$",
)

_RELATIVE_DAYS = {"今": 0, "昨": 1, "寻": 1, "琴": 1, "前": 2, "大": 3, "现": 0}


@dataclass(frozen=True)
class Period:
    """`text[start:end]` of the normalised text means `value`."""

    start: int
    end: int
    value: str


@dataclass(frozen=True)
class _Said:
    """A point as far as it was said."""

    year: Optional[int]
    month: Optional[int]
    day: Optional[int]


def find_periods(text: str, today: date) -> Iterator[Period]:
    """Every period said in the normalised text, in order, none overlapping. `today` is the day in Asia/Shanghai."""
    for match in _SCANNER.finditer(text):
        kind = next(name for name in _READERS if match.group(name) is not None)
        try:
            stretch = _READERS[kind](match, today)
        except (ValueError, OverflowError):  # 13月, 2月30号: no such day
            continue
        if stretch is not None:
            yield Period(match.start(), match.end(), stretch.value())


def _number(said: str) -> int:
    """1 to 99 in figures or Chinese numerals."""
    if said.isdigit():
        return int(said)
    tens, ten, ones = said.rpartition("十")
    if not ten:
        return _DIGITS[said]
    return (_DIGITS[tens] if tens else 1) * 10 + (_DIGITS[ones] if ones else 0)


def _year(said: Optional[str], today: date) -> Optional[int]:
    if not said:
        return None
    relative = {"今": 0, "本": 0, "去": 1, "上": 1, "前": 2, "明": -1, "下": -1}
    if said[0] in relative:
        return today.year - relative[said[0]]
    figures = "".join(str(_DIGITS.get(character, character)) for character in said[:-1])
    return int(figures) if len(figures) == 4 else 2000 + int(figures)


def _month(said: Optional[str], year: Optional[int], today: date) -> Tuple[Optional[int], Optional[int]]:
    """(year, month): a month counted from today brings its year along."""
    if not said:
        return year, None
    away = _months_away(said)
    if away is None:
        return year, _number(said[: said.index("月")])
    stretch = stretches.month_away(today, away)
    return stretch.first.year, stretch.first.month


def _months_away(said: str) -> Optional[int]:
    if said[0] in "这本当呢今":
        return 0
    if said.startswith(("上上", "大上")):
        return -2
    return {"上": -1, "下": 1}.get(said[0])


def _said(text: str, today: date) -> Optional[_Said]:
    parts = _PARTS.match(text)
    if parts is None:
        return None
    year, month = _month(parts.group("month"), _year(parts.group("year"), today), today)
    return _Said(year, month, _number(parts.group("day")) if parts.group("day") else None)


def _resolve(said: _Said, today: date) -> Optional[Stretch]:
    """The latest stretch that fits what was said."""
    if said.day is not None:
        if said.year is not None:
            return stretches.day(date(said.year, said.month or today.month, said.day))
        return stretches.day(stretches.latest_day(today, said.month, said.day))
    if said.month is not None:
        return stretches.latest_month(today, said.month) if said.year is None else stretches.month_of(said.year, said.month)
    return stretches.months_of(said.year, 1, 12) if said.year is not None else None


def _relative_day(text: str, today: date) -> Optional[Stretch]:
    if text in ("今", "现在") or re.fullmatch(_RELATIVE, text):
        return stretches.day(today - timedelta(days=_RELATIVE_DAYS[text[0]]))
    return None


def _read_point(match: "re.Match[str]", today: date) -> Optional[Stretch]:
    text = match.group("point")
    relative = _relative_day(text, today)
    if relative is not None:
        return relative
    said = _said(text, today)
    return _resolve(said, today) if said else None


def _read_span(match: "re.Match[str]", today: date) -> Optional[Stretch]:
    """11月3号到5号, 9到11月, 上个月到现在: each side takes from the other what it leaves out."""
    opening, closing = match.group("span_from"), match.group("span_to")
    end = _relative_day(closing, today)
    start = _relative_day(opening, today)
    first, last = _said(opening, today), _said(closing, today)
    if start is None:
        if first is None:
            return None
        if first.day is not None and opening[-1] not in "号日" and last is not None and last.day is None:
            first = _Said(first.year, first.day, None)  # 9到11月: the bare number is a month
        start = _resolve(first, today)
    if end is None:
        if last is None or start is None:
            return None
        end = _closing(last, start, today)
    if start is None or end is None or end.last < start.first:
        return None
    return Stretch(start.first, end.last)


def _closing(last: _Said, start: Stretch, today: date) -> Optional[Stretch]:
    year = last.year if last.year is not None else start.first.year
    month = last.month if last.month is not None else start.first.month
    end = _resolve(_Said(year, month, last.day), today)
    if end is not None and end.last < start.first and last.year is None:
        return _resolve(_Said(year + 1, month, last.day), today)  # 12月到1月
    return end


def _read_near(match: "re.Match[str]", today: date) -> Optional[Stretch]:
    count, unit = match.group("near_count"), match.group("near_unit")[-1]
    if count == "半":
        return {"年": stretches.last_months(today, 6), "月": stretches.last_days(today, 15)}.get(unit)
    number = 2 if count == "两" else _number(count)
    if number < 1 or (match.group("near")[0] == "这" and number == 1):
        return None  # 这一天: which, is not said
    if unit in ("月", "年"):
        return stretches.last_months(today, number * (12 if unit == "年" else 1))
    return stretches.last_days(today, number * (1 if unit in ("天", "日") else 7))


def _read_half(match: "re.Match[str]", today: date) -> Optional[Stretch]:
    year = _year(match.group("half_year"), today) or today.year
    return stretches.months_of(year, 1, 6) if match.group("half_which") == "上" else stretches.months_of(year, 7, 12)


def _read_quarter(match: "re.Match[str]", today: date) -> Optional[Stretch]:
    which = match.group("quarter_which")
    if which:
        return stretches.quarter_away(today, -1 if which[0] == "上" else 0)
    number = _number(match.group("quarter_number"))
    return stretches.months_of(_year(match.group("quarter_year"), today) or today.year, number * 3 - 2, number * 3)


def _read_week(match: "re.Match[str]", today: date) -> Optional[Stretch]:
    which = match.group("week_which")
    week = stretches.week_away(today, -2 if which.startswith("上上") else -1 if which[0] == "上" else 0)
    weekday = match.group("weekday")
    if not weekday:
        return week
    return stretches.day(week.first + timedelta(days="一二三四五六日".find(weekday.replace("天", "日"))))


def _read_figures(match: "re.Match[str]", today: date) -> Optional[Stretch]:
    """2026-09, 2026/9/3, 202609, 20260903."""
    kind = "iso" if match.group("iso") is not None else "run"
    year, month, number = (match.group(f"{kind}_{part}") for part in ("year", "month", "day"))
    if number:
        return stretches.day(date(int(year), int(month), int(number)))
    return stretches.month_of(int(year), int(month))


_READERS: Mapping[str, Callable[["re.Match[str]", date], Optional[Stretch]]] = {
    "near": _read_near,
    "half": _read_half,
    "quarter": _read_quarter,
    "week": _read_week,
    "iso": _read_figures,
    "run": _read_figures,
    "span": _read_span,
    "point": _read_point,
}
