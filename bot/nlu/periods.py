"""Months and spans of days in normalised text (the entity `period` of data/catalogue).

A named unit of the calendar is whole (上周 is Monday to Sunday, 今年 is all of it); 近 and 最近 run up to today. What names no day
of the calendar (13月, 2月30号), no particular one (每月5号) or only a length (三天没信号, 一个月多少钱) is no period.
"""

import re
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Callable, Iterator, Mapping, Optional, Tuple, Union

from bot.nlu import calendar_words, near_today, stretches, written_dates
from bot.nlu.calendar_words import CALENDAR, NUMBER, OPENING, UNSEEN, Said, number
from bot.nlu.stretches import Stretch
from bot.nlu.written_dates import TO


@dataclass(frozen=True)
class Period:
    """`text[start:end]` of the normalised text means `value`; empty for a month or day that no calendar has."""

    start: int
    end: int
    value: str


_Side = Union[Said, Stretch, None]
_Reader = Callable[["re.Match[str]", date], _Side]


def _calendar(match: "re.Match[str]", today: date) -> _Side:
    return calendar_words.read(match.group(), today)


_MONTH_IN_LIST = rf"(?:(?<![\d.])(?:1[0-2]|0?[1-9])(?!\d)|{UNSEEN}(?:十[一二]?|[一二三四五六七八九])(?![十百千万个]))"
_LIST = re.compile(rf"({_MONTH_IN_LIST}(?: ?[、,和跟与] ?{_MONTH_IN_LIST})+) ?月(份?)(?![租费])")
_ADJACENT = re.compile(rf"{UNSEEN}(?P<tens>十?)(?P<digits>[一二三四五六七八九]{{2,6}})(?:[两三四五六]个)?月份?(?![租费])")

_KINDS: Tuple[Tuple[str, _Reader], ...] = (
    (written_dates.ISO, written_dates.figures),
    (written_dates.RUN, written_dates.figures),
    (written_dates.MONTH_DAY, written_dates.month_day),
    (written_dates.COMPACT, written_dates.compact),
    (rf"(?:{OPENING}(?={TO}(?:{NUMBER})(?: ?月|[号日](?![内楼线])|月份)))", _calendar),
    *near_today.KINDS,
    (CALENDAR, _calendar),
    (written_dates.LATIN, written_dates.latin),
)
_OPENING = "kind4"
_COMPACT = "kind3"
_LONE_WEEKDAY = f"kind{next(index for index, (pattern, _) in enumerate(_KINDS) if pattern is near_today.LONE_WEEKDAY)}"


def _unnamed(pattern: str) -> str:
    return re.sub(r"\(\?P<\w+>", "(?:", pattern)


_BEGINS = (
    r"(?=[\d一二三四五六七八九十两半俩今本去旧上大前明后下再第这当呢昨寻琴听最近过之头年月周星礼"
    r"中国双五春新除元清端平圣情妇儿教劳qjfmasondlzytb])"
)
"""First characters of everything below: what begins with another is passed over at once."""

_SCANNER = re.compile(
    _BEGINS + "(?:" + "|".join(f"(?P<kind{index}>{_unnamed(pattern)})" for index, (pattern, _) in enumerate(_KINDS)) + ")"
)
_READERS: Mapping[str, Tuple["re.Pattern[str]", _Reader]] = {
    f"kind{index}": (re.compile(pattern), reader) for index, (pattern, reader) in enumerate(_KINDS)
}
_TO = re.compile(TO)
_TODAY = re.compile(r"(?:现在|目前|如今|当前|今天?|此刻|眼下|而家)(?:为止)?(?![年月日晚早])")
_CLOSING_COMPACT = re.compile(written_dates.CLOSING_COMPACT)
_CLOSING_DAY = re.compile(written_dates.CLOSING_MONTH_DAY)
_BARE_CLOSING = re.compile(rf"{NUMBER}(?=$|[ ,.;。?!的那这])(?!\.\d)")
_SINCE = re.compile(r"以来|至今(?!天)")
_EVERY = re.compile(r"(?:每|逢|每个|每月|每个月|每年|月月|第)的?$")
_HOUSE = re.compile(r"(?:[路街巷弄道村栋]|尾号|工号|编号|单号)$")
_NUMBERED = re.compile(rf"{NUMBER} ?号")
_SOME_DAYS = re.compile(r"[一两]日|(?<=[去玩住等停了待共])[一二三四五六七八九十]日")
_NAMES_A_MONTH = re.compile(r"月|20\d\d[-./]")
_AHEAD = re.compile(r"[月年][底末尾终]$")
_SHOP_HOURS = re.compile(r"营业|业厅|[开关]门|上班|开着|开不开|门市|网点|门店|休息|几点")


def find_periods(text: str, today: date) -> Iterator[Period]:
    """Every period said in the normalised text, in order, none overlapping. `today` is the day in Asia/Shanghai."""
    return (period for period in find_said(text, today) if period.value)


def find_said(text: str, today: date) -> Iterator[Period]:
    """Likewise, with the months and days of a month that there are none of (13月, 2月30号)."""
    last: Optional[Period] = None
    for period in _each(text, today):
        if last and last.value and period.value and last.end == period.start and stretches.is_month_before(last.value, period.value):
            first, following = stretches.month_named(last.value), stretches.month_named(period.value)
            last = Period(last.start, period.end, Stretch(first.first, following.last).value())  # 九月十月
            continue
        if last is not None:
            yield last
        last = period
    if last is not None:
        yield last


def _each(text: str, today: date) -> Iterator[Period]:
    position = 0
    lists = sorted((*_lists(text, today), *_adjacent(text, today)), key=lambda one: one[0])
    while True:
        match = _SCANNER.search(text, position)
        while lists and (match is None or lists[0][0] <= match.start()):
            start, position, periods = lists.pop(0)
            yield from periods
            match = _SCANNER.search(text, position)
            lists = [one for one in lists if one[0] >= position]
        if match is None:
            return
        try:
            stretch, position = _read(match, today)
            value = stretch.value() if stretch else None
        except (ValueError, OverflowError):  # 13月, 2月30号: no such day
            value, position = "" if _NAMES_A_MONTH.search(match.group()) else None, match.end()
        if value is not None and not _is_of_no_day(text, match):
            yield Period(match.start(), position, value)


def _is_of_no_day(text: str, match: "re.Match[str]") -> bool:
    """每月5号, 中山路12号; 几时去三日 (a length); 月底 alone (still to come); 周末 where a shop's hours are asked for."""
    said, before = match.group(), text[max(0, match.start() - 5) : match.start()]
    if _SOME_DAYS.match(text, match.start()) or _AHEAD.fullmatch(said):
        return True
    if match.lastgroup == _LONE_WEEKDAY and _SHOP_HOURS.search(text):
        return True
    return bool(_EVERY.search(before) or (_NUMBERED.match(said) and _HOUSE.search(before)))


def _read(match: "re.Match[str]", today: date) -> Tuple[Optional[Stretch], int]:
    """What begins at the match, and where it ends. Raises ValueError, OverflowError for a day that no calendar has."""
    text, kind = match.string, str(match.lastgroup)
    opening = _side(text, match.start(), kind, today)
    to = _TO.match(text, match.end())
    if isinstance(opening, Said) and near_today.is_to_come(text):
        opening = calendar_words.coming(opening, today)
    ended = _closed(text, to.end(), kind, opening, today) if to else None
    if ended is not None:
        return ended
    start = _stretch(opening, today) if kind != _OPENING else None
    since = _SINCE.match(text, match.end())
    if since and start is not None and start.first <= today:
        return Stretch(start.first, today), since.end()
    return start, match.end()


def _side(text: str, start: int, kind: str, today: date) -> _Side:
    pattern, reader = _READERS[kind]
    match = pattern.match(text, start)
    return reader(match, today) if match else None


def _stretch(side: _Side, today: date) -> Optional[Stretch]:
    return calendar_words.resolve(side, today) if isinstance(side, Said) else side


def _closed(text: str, start: int, kind: str, opening: _Side, today: date) -> Optional[Tuple[Optional[Stretch], int]]:
    """11月3号到5号, 9到11月, 上个月到现在: the span up to what stands at `start`, if it is a point."""
    if opening is None:
        return None
    found = _TODAY.match(text, start)
    if found:
        return _between(opening, stretches.day(today), today), found.end()
    found = _CLOSING_COMPACT.match(text, start) if kind == _COMPACT else None
    if found:
        return _between(opening, written_dates.compact(found, today), today), found.end()
    found = _CLOSING_DAY.match(text, start)
    if found:
        return _between(opening, written_dates.month_day(found, today), today), found.end()
    found = _SCANNER.match(text, start)
    if found and found.lastgroup != _OPENING:
        closing = _side(text, start, str(found.lastgroup), today)
        if found.lastgroup == _LONE_WEEKDAY:
            closing = _weekday_after(_stretch(opening, today), closing)
        return _between(opening, closing, today), found.end()
    found = _BARE_CLOSING.match(text, start)
    if found and isinstance(opening, Said) and opening.day is not None:
        return _between(opening, Said(day=number(found.group())), today), found.end()
    return None


def _weekday_after(start: Optional[Stretch], closing: _Side) -> _Side:
    if start is None or not isinstance(closing, Stretch):
        return None
    weeks = -((closing.first - start.first).days // 7)
    return Stretch(closing.first + timedelta(weeks=weeks), closing.last + timedelta(weeks=weeks))


def _between(opening: _Side, closing: _Side, today: date) -> Optional[Stretch]:
    """Each side takes from the other what it leaves out."""
    is_of_months = isinstance(closing, Said) and closing.day is None and closing.part is None
    if is_of_months and isinstance(opening, Said) and opening.month is None and opening.day is not None:
        opening = Said(opening.year, opening.day)  # 9到11月: the bare number is a month
    start = _stretch(opening, today)
    if start is None or closing is None:
        return None
    end = _closing(closing, start, today) if isinstance(closing, Said) else closing
    return Stretch(start.first, end.last) if end is not None and end.last >= start.first else None


def _closing(last: Said, start: Stretch, today: date) -> Optional[Stretch]:
    full = replace(last, year=last.year or start.first.year, month=last.month or (start.first.month if last.day or last.part else None))
    end = calendar_words.resolve(full, today)
    if end is not None and end.last < start.first and last.year is None and full.year is not None:
        if last.month is None and full.month is not None and full.month < 12:
            return calendar_words.resolve(replace(full, month=full.month + 1), today)  # 10月28号到3号
        return calendar_words.resolve(replace(full, year=full.year + 1, month=1 if last.month is None else full.month), today)  # 12月到1月
    return end


_Listed = Tuple[int, int, Tuple[Period, ...]]


def _lists(text: str, today: date) -> Iterator[_Listed]:
    """8、9月 is one stretch; 8和10月 are two months."""
    if "月" not in text:
        return
    for match in _LIST.finditer(text):
        said = [(one.start(), one.end(), number(one.group())) for one in re.finditer(_MONTH_IN_LIST, match.group(1))]
        months = [month for _, _, month in said]
        if all(second - first == 1 for first, second in zip(months, months[1:])):
            yield match.start(), match.end(), (_run_of(match, months[0], months[-1], today),)
            continue
        offset = match.start()
        ends = [offset + end for _, end, _ in said[:-1]] + [match.end()]
        each = zip(said, ends)
        periods = tuple(Period(offset + start, end, stretches.latest_month(today, month).value()) for (start, _, month), end in each)
        yield match.start(), match.end(), periods


def _adjacent(text: str, today: date) -> Iterator[_Listed]:
    """八九月份, 七八九三个月."""
    if "月" not in text:
        return
    for match in _ADJACENT.finditer(text):
        tens = 10 if match.group("tens") else 0
        months = [tens + number(digit) for digit in match.group("digits")]
        if months[-1] <= 12 and all(second - first == 1 for first, second in zip(months, months[1:])):
            yield match.start(), match.end(), (_run_of(match, months[0], months[-1], today),)


def _run_of(match: "re.Match[str]", first: int, last: int, today: date) -> Period:
    start = stretches.latest_month(today, first)
    end = stretches.month_of(start.first.year, last)
    return Period(match.start(), match.end(), Stretch(start.first, end.last).value())
