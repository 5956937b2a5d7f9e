"""Years, months and days of the calendar as they are said: 去年10月, 上个月5号, 10月底, 年初.

`CALENDAR` finds the words; `read` takes them apart, `resolve` turns them into days. A month or day without a year is the latest that
has begun; thirds of a month are ten days each (初 and 上旬 the 1st to the 10th, 底 and 下旬 from the 21st).
"""

import re
from dataclasses import dataclass, replace
from datetime import date
from typing import Optional, Tuple

from bot.nlu import stretches
from bot.nlu.stretches import Stretch

DIGITS = {"零": 0, "〇": 0, "一": 1, "二": 2, "两": 2, "俩": 2, "三": 3, "仨": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}

UNSEEN = r"(?<![一二三四五六七八九十几])"
NUMBER = (
    rf"(?:(?<![\d.])\d{{1,2}}(?![\d])|{UNSEEN}[一二三]?十[一二三四五六七八九]?"
    rf"(?![十百千万])|{UNSEEN}(?<![百千])[一二三四五六七八九](?![十百千万几]))"
)
NOT_COUNTED = (
    r"(?![\d一二三四五六七八九十百千万两几]|一?[个次元块条遍毛分回张台部种份半刻点趟]|(?<=一)(?:直|共|样|起|整|般|些|点|路|定|旦|下|打|来))"
)
"""After a bare numeral that is a day or a weekday: 上周一直 is no Monday, 上周三次 no Wednesday."""

_YEAR_SAID = r"(?:今|本|去|旧|上一?|大?前|明|后|下一?)年度?(?![级龄轻纪费薪])"
_YEAR_FIGURES = r"(?:(?<![\d.])20[12]\d ?年度?|二[零〇0][一二三][零〇一二三四五六七八九]年度?)"
_YEAR_SHORT = r"(?:(?<![\d.])[12]\d ?年)"
_YEAR = rf"(?:{_YEAR_SAID}|{_YEAR_FIGURES}|{_YEAR_SHORT})"
_YEAR_ALONE = rf"(?:(?<![早晚以加一])(?:{_YEAR_SAID}|{_YEAR_FIGURES})|{_YEAR_SHORT}(?=全年|度|的?(?:账单|话费|消费|发票|那)))"
_NOT_MONTHLY = r"(?!份?(?:[租供饼球亮嫂薪]|费(?!用)|结(?![余算欠转存束清])|付(?![款了过费的清完])))"
BEFORE = r"(?<![马晚早网以身加线机信卡算路])"
_MONTH_SAID = (
    rf"(?:(?:这|本|当|呢|今)(?:一?个)?|(?:大上|上上|{BEFORE}再上|大前|(?<![之目以])前(?=个月))(?:一?个)?|(?<!再){BEFORE}上(?:一?个)?"
    rf"|下下(?:一?个)?|(?<!一)下一?个|(?<![一看睇])下) ?(?:自然)?月份?{_NOT_MONTHLY}"
)
_PER_MONTH = r"(?![一1] ?月(?:多少|几|一次|就?要|才|只|[\d一二三四五六七八九十两百]{1,5} ?(?:元|块|次|g|m|兆)))"
_MONTH_NUMBER = rf"(?:(?<!第){_PER_MONTH}{NUMBER} ?月份?{_NOT_MONTHLY})"
_MONTH = rf"(?:{_MONTH_SAID}|{_MONTH_NUMBER})"
_DAY = (
    rf"(?:{NUMBER} ?(?:号(?!码|[卡线楼店机院门口厅位柜窗桌房馆桥路街厂铺键]|双终端|航站|公寓|文件|套餐|按键|大街)"
    r"|日(?!结(?![清算束])|[包租游均内报制历程期常用]|之内|以内|流量|上限)))"
)
_BARE_DAY = (
    rf"(?:(?:(?<![\d.])(?:0?[1-9]|[12]\d|3[01])|{UNSEEN}[一二三]?十?[一二三四五六七八九十])"
    rf"(?! ?[\d.:,个块元gmtk兆月%天次条分秒点折年万千百十笔张份号日倍毛多几蚊]){NOT_COUNTED})"
)
_PART = r"(?:初|底|末|头|尾|上旬|中旬|下旬|[上下]半个?月|中(?![国移心间央旬]))"
_BARE_PART = (
    r"(?:(?<![一二三四五六七八九十\d个每到撑等离距])月(?:初|底|末|头|尾)(?!以?之?前)|(?<!每月)[上中下]旬|(?<!的)[上下]半个?月|前半个月)"
)
_YEAR_PART = rf"(?:(?:{_YEAR}的?|(?<![一二三四五六七八九十\d每到撑等离距])年)(?:年?[初底末尾中终])(?![纪龄国])(?!以?之?前))"
_WHOLE = r"(?:的?(?:整个?月|全月|一整个月|整年|全年|一整年|一年(?![级前后内多半])))?"
HOURS = (
    r"(?:的?(?:大?(?:早上|早晨|清晨|上午|中午|下午|晚上|夜里|夜晚|凌晨|傍晚"
    r"|半夜|深夜|后半夜|一早|早起|下昼|晚黑|朝早|晏昼|上昼)|一?整天|全天"
    r"|(?<=[日天号])[晚早夜](?![点上饭餐班于到知])))?"
)
CALENDAR = (
    rf"(?:{_YEAR_PART}|(?:{_YEAR}的? ?)?{_MONTH}(?:的? ?(?:{_DAY}{HOURS}|{_PART})|{_BARE_DAY}|{_WHOLE})"
    rf"|{_YEAR_ALONE}{_WHOLE}|{_DAY}{HOURS}|{_BARE_PART})"
)
OPENING = rf"(?:(?:(?:{_YEAR})的?)?(?:(?:{_MONTH})的?)?{NUMBER})"
"""The first of two numbers that share a unit: 3到5号, 9到11月."""

_PARTS = re.compile(
    rf"(?:(?P<year>{_YEAR}|年(?=[初底末头尾中终]))的? ?)?(?:(?P<month>{_MONTH})的?)? ?"
    rf"(?:(?P<half>前半个月|[上下]半个?月)|(?P<third>[上中下]旬"
    rf"|[年月]?[初底末头尾中终])|(?P<day>{NUMBER}|{_BARE_DAY})(?![年个])(?: ?[号日])?)?"
)
_THIRDS = {"初": "初", "头": "初", "上": "初", "中": "中", "底": "末", "末": "末", "尾": "末", "下": "末", "终": "末"}
_MONTHS_AHEAD = 4
"""How far ahead what is planned lies."""

_THIRD_MONTHS = {"初": 1, "中": 6, "末": 12}


@dataclass(frozen=True)
class Said:
    """A point as far as it was said; `part` is a third (初, 中, 末) or half (上, 下) of the month, or a third of the year."""

    year: Optional[int] = None
    month: Optional[int] = None
    day: Optional[int] = None
    part: Optional[str] = None


def number(said: str) -> int:
    """1 to 99 in figures or Chinese numerals."""
    said = said.strip()
    if said.isdigit():
        return int(said)
    tens, ten, ones = said.rpartition("十")
    if not ten:
        return DIGITS[said]
    return (DIGITS[tens] if tens else 1) * 10 + (DIGITS[ones] if ones else 0)


def year_of(said: Optional[str], today: date) -> Optional[int]:
    """今年, 26年, 二零二六年."""
    if not said:
        return None
    relative = {"今": 0, "本": 0, "年": 0, "去": 1, "旧": 1, "上": 1, "前": 2, "大": 3, "明": -1, "下": -1, "后": -2}
    if said[0] in relative:
        return today.year - relative[said[0]]
    figures = "".join(str(DIGITS.get(character, character)) for character in said if character.isdigit() or character in DIGITS)
    return int(figures) if len(figures) == 4 else 2000 + int(figures)


def read(text: str, today: date) -> Optional[Said]:
    """The parts of what CALENDAR or OPENING found; a month counted from today brings its year along."""
    parts = _PARTS.match(text)
    if parts is None or not parts.group():
        return None
    year, month = _month(parts.group("month"), year_of(parts.group("year"), today), today)
    part = _THIRDS[parts.group("third")[-1 if parts.group("third")[0] in "年月" else 0]] if parts.group("third") else None
    if parts.group("half"):
        part = "下" if parts.group("half")[0] == "下" else "上"
    return Said(year, month, number(parts.group("day")) if parts.group("day") else None, part)


def _month(said: Optional[str], year: Optional[int], today: date) -> Tuple[Optional[int], Optional[int]]:
    if not said:
        return year, None
    away = _months_away(said)
    if away is None:
        return year, number(said[: said.index("月")])
    stretch = stretches.month_away(today, away)
    return stretch.first.year, stretch.first.month


def _months_away(said: str) -> Optional[int]:
    if said[0] in "这本当呢今":
        return 0
    if said.startswith(("上上", "大上", "再上", "前", "大前")):
        return -2
    if said.startswith("下下"):
        return 2
    return {"上": -1, "下": 1}.get(said[0])


def resolve(said: Said, today: date) -> Optional[Stretch]:
    """The latest stretch that fits what was said. Raises ValueError for a day that the calendar does not have."""
    if said.day is not None:
        if said.year is not None:
            return stretches.day(date(said.year, said.month or today.month, said.day))
        return stretches.day(stretches.latest_day(today, said.month, said.day))
    if said.part is not None and said.month is None and said.year is not None:
        return stretches.month_of(said.year, _THIRD_MONTHS[said.part])
    if said.month is None and said.part is None:
        return stretches.months_of(said.year, 1, 12) if said.year is not None else None
    month = _month_stretch(said, today)
    return stretches.part_of(month, said.part) if said.part is not None else month


def coming(said: Said, today: date) -> Said:
    """With the year and month of the next such day, if it is near: 12月去日本."""
    if said.year is not None:
        return said
    if said.month is None:
        return replace(said, year=today.year, month=today.month) if said.day is not None and said.day > today.day else said
    away = (said.month - today.month) % 12
    is_ahead = 0 < away <= _MONTHS_AHEAD or (away == 0 and (said.day or 0) > today.day)
    return replace(said, year=today.year + (said.month < today.month)) if is_ahead else said


def _month_stretch(said: Said, today: date) -> Stretch:
    if said.month is None:
        return stretches.month_away(today, 0)
    return stretches.latest_month(today, said.month) if said.year is None else stretches.month_of(said.year, said.month)
