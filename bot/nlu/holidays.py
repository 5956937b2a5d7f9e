"""Feasts and holidays as stretches of days: 国庆, 五一, 春节, 双十一.

The long ones are the seven or five days that people take off, whatever the year's decree adds or shifts; without a year it is the
latest that has begun. Feasts of the lunar calendar need a table; it ends in 2045, and what lies outside is no period.
"""

import re
from datetime import date, timedelta
from typing import Callable, Optional, Tuple

from bot.nlu.stretches import Stretch

_FIRST_YEAR = 2015
_LUNAR_NEW_YEAR = (
    "0219 0208 0128 0216 0205 0125 0212 0201 0122 0210 0129 0217 0206 0126 0213 0203 "
    "0123 0211 0131 0219 0208 0128 0215 0204 0124 0212 0201 0122 0210 0130 0217"
).split()
_DRAGON_BOAT = (
    "0620 0609 0530 0618 0607 0625 0614 0603 0622 0610 0531 0619 0609 0528 0616 0605 "
    "0624 0612 0601 0620 0610 0530 0618 0607 0527 0614 0603 0622 0611 0531 0619"
).split()
_MID_AUTUMN = (
    "0927 0915 1004 0924 0913 1001 0921 0910 0929 0917 1006 0925 0915 1003 0922 0912 "
    "1001 0919 0908 0927 0916 1004 0924 0913 1002 0920 0910 0928 0917 1005 0925"
).split()

_Start = Callable[[int], date]


def _fixed(month: int, number: int) -> _Start:
    return lambda year: date(year, month, number)


def _lunar(table: Tuple[str, ...], days: int = 0) -> _Start:
    def start(year: int) -> date:
        if not 0 <= year - _FIRST_YEAR < len(table):
            raise ValueError(f"no table for {year}")
        said = table[year - _FIRST_YEAR]
        return date(year, int(said[:2]), int(said[2:])) + timedelta(days=days)

    return start


def _tomb_sweeping(year: int) -> date:
    """The solar term of the 21st century, by its usual formula."""
    return date(year, 4, int((year % 100) * 0.2422 + 4.81) - year % 100 // 4)


_NEW_YEAR = tuple(_LUNAR_NEW_YEAR)
_FEASTS: Tuple[Tuple[str, _Start, int], ...] = (
    (r"国庆(?![路街村]|小区)", _fixed(10, 1), 7),
    (r"十一(?=期间|假期|长假|黄金周|放假|那[几两三四五六七]天|小长假)", _fixed(10, 1), 7),
    (r"五一(?![五十块元\d个路街村]|广场|大道|大街|新村|商圈|小学|中学)|劳动节", _fixed(5, 1), 5),
    (r"春节|过年(?=期间|那几天|那阵|的时候|时|前后|假期|放假)|新春期间", _lunar(_NEW_YEAR, -1), 8),
    (r"除夕|年三十", _lunar(_NEW_YEAR, -1), 1),
    (r"大年初一|年初一", _lunar(_NEW_YEAR), 1),
    (r"元宵", _lunar(_NEW_YEAR, 14), 1),
    (r"元旦(?=期间|假期|放假|那几天)", _fixed(1, 1), 3),
    (r"元旦", _fixed(1, 1), 1),
    (r"清明(?=期间|假期|放假|那几天|小长假)", _tomb_sweeping, 3),
    (r"清明(?!上河)", _tomb_sweeping, 1),
    (r"端午(?=节?(?:期间|假期|放假|那几天|小长假))", _lunar(tuple(_DRAGON_BOAT)), 3),
    (r"端午", _lunar(tuple(_DRAGON_BOAT)), 1),
    (r"中秋(?=节?(?:期间|假期|放假|那几天|小长假))", _lunar(tuple(_MID_AUTUMN)), 3),
    (r"中秋", _lunar(tuple(_MID_AUTUMN)), 1),
    (r"双十一|双11|双 ?十一", _fixed(11, 11), 1),
    (r"双十二|双12", _fixed(12, 12), 1),
    (r"618(?=那天|当天|大促|活动|期间|的时候)", _fixed(6, 18), 1),
    (r"平安夜", _fixed(12, 24), 1),
    (r"圣诞", _fixed(12, 25), 1),
    (r"情人节", _fixed(2, 14), 1),
    (r"妇女节|三八节", _fixed(3, 8), 1),
    (r"儿童节|六一(?=儿童|节|那天)", _fixed(6, 1), 1),
    (r"教师节", _fixed(9, 10), 1),
)
_DAYS_AHEAD = 130
_SAID_DAYS = re.compile(r"节?那([两三四五六七])天")
_NAMES = re.compile("|".join(f"(?P<feast{number}>{pattern})" for number, (pattern, _, _) in enumerate(_FEASTS)))
_AFTER = r"节?(?:小?长假|连假|假期?|黄金周|放假)?(?:期间|那[几两三四五六七]天|这几天|那天|当天|那阵子?|那时候)?"

FEAST = rf"(?:{'|'.join(pattern for pattern, _, _ in _FEASTS)}){_AFTER}"


def feast(text: str, start: int, year: Optional[int], today: date, is_to_come: bool = False) -> Optional[Stretch]:
    """The feast named in `text` from `start` on: the latest, or the next where plans are made. Raises
    ValueError for a year that the table does not have."""
    match = _NAMES.search(text, start)
    if match is None or match.lastgroup is None:
        return None
    _, first_of, days = _FEASTS[int(match.lastgroup[len("feast") :])]
    first = first_of(year if year is not None else today.year)
    if year is None and first > today and (first - today).days > (_DAYS_AHEAD if is_to_come else 0):
        first = first_of(today.year - 1)
    elif year is None and is_to_come and first < today and (first_of(today.year + 1) - today).days <= _DAYS_AHEAD:
        first = first_of(today.year + 1)
    said_days = _SAID_DAYS.match(text, match.end())
    return Stretch(first, first + timedelta(days=("两三四五六七".index(said_days.group(1)) + 2 if said_days else days) - 1))
