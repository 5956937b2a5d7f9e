"""Stretches of days counted from today: 昨晚, 上周五, 周末, 近三个月, 三天前, 上季度, 下半年."""

import functools
import re
from datetime import date, timedelta
from typing import Callable, Optional, Tuple

from bot.nlu import stretches
from bot.nlu.calendar_words import BEFORE, DIGITS, HOURS, NOT_COUNTED, number, year_of
from bot.nlu.holidays import FEAST, feast
from bot.nlu.stretches import Stretch

_YEAR = r"(?:(?P<year>今年|本年|去年|前年|明年|(?<![\d.])(?:20)?[12]\d年)的?)?"
_NOT_BEFORE = r"(?<![以之目当从提])"
RELATIVE = (
    rf"(?:(?:(?:今|昨)(?:天(?!地)|日(?!头条|子)|晚|早(?!已)|晨|夜|儿个?)|明天|明日|明晚|明早|明儿个?|[寻琴]日|[寻琴]晚|听日|听晚|听朝|今朝"
    rf"|大前[天日]|{_NOT_BEFORE}前(?:天|日|晚|儿)|大后[天日]|(?<![以之然先今最天])后(?:天(?!天)|日(?!子))){HOURS})"
)
_DAYS_AGO = {"今": 0, "昨": 1, "寻": 1, "琴": 1, "前": 2, "大前": 3, "明": -1, "听": -1, "后": -2, "大后": -3}

_NAMED_WEEK = rf"(?:上上|{BEFORE}上|下下|(?<![一看睇])下|这|本|呢|今)(?:一?个)?(?:周|星期|礼拜)"
_WEEKDAY = rf"(?:(?:[一二三四五六日](?!子)|天(?!天)){NOT_COUNTED}(?!天)|[1-6](?![\d.个天次]))"
WEEK = rf"(?:(?P<week>{_NAMED_WEEK})(?:(?P<weekday>{_WEEKDAY}){HOURS}|(?P<weekend>末)|(?:一整周|整周)?))"
LONE_WEEKDAY = (
    rf"(?:(?<![一二三四五六七八九十几每两逢\d整四个下上本])(?:周|星期|礼拜)(?:(?P<lone>{_WEEKDAY}){HOURS}|(?P<lone_end>末)(?![流畅包卡])))"
)

_COUNT = r"(?P<count>(?<!\d)\d{1,3}|[一两二三四五六七八九十]{1,3}|半|几|俩|仨)"
_UNIT = (
    r"(?P<unit>个半?月|(?<=[俩仨])月|(?<=[近去]\d)月|(?<=[近去]\d\d)月|"
    r"(?<=[近去][一二两三四五六七八九十])月|天|日|个?周|个?星期|个?礼拜|个?季度|年)"
)
NEAR = (
    rf"(?:(?P<near>最近的?这?|近|过去的?这?|过去了?的|(?<![往])之前|(?<![往以之当提目])前面?|头|这)"
    rf"{_COUNT}{_UNIT}(?![前后租卡包供付度内]|费(?!用)|结(?![余算]))(?:来|以来)?)"
)
AGO = (
    r"(?:(?P<ago_count>(?<![\d.])\d{1,3}|[一两二三四五六七八九十]{1,3}|半|俩)(?P<ago_unit>个月|天|周|个?星期|个?礼拜|年)"
    r"(?:之|以)?前(?![面后台提往端十几一二两三\d]))"
)
QUARTER = (
    rf"(?:{_YEAR}第?(?P<quarter>[一二三四1234])季度|{_YEAR.replace('year', 'year2')}第(?P<quarter_short>[一二三四1234])季(?!度)"
    rf"|(?:(?P<year3>今年|去年|前年|明年|(?<![\d.])20[12]\d年?)的?)?(?<![a-z])q(?P<quarter_q>[1-4])(?![a-z\d])(?:季度)?"
    rf"|(?P<quarter_which>这一?个?|本|当|上上个?|{BEFORE}上一?个?|(?<!一)下一?个?)季度?)"
)
HALF = rf"(?:{_YEAR}(?P<half>[上下前后])半年)"
HOLIDAY = rf"(?:(?:(?P<feast_year>今年|去年|前年|明年|(?<![\d.])20[12]\d年)的?|(?<!\d年)){FEAST})"

_FEW = 3
"""几天 and 几个月, where a figure is needed."""


_TO_COME = re.compile(
    r"(?:要|想|准备|打算|计划|将|拟|预计|预定|安排)[^,。]{0,6}[去赴飞回出到搬访]"
    r"|[去赴访飞][^,。]{0,8}(?:出差|旅游|旅行|玩|参展|留学|开会|度假)|[访赴]|出国|出境"
    r"|去(?!年|了|哪|过|掉|的|查|营)|起(?:执行|生效|变更|停|不再)|生效|到期|过期|失效|请开通"
)
_BEEN = re.compile(r"账单|花了|扣|用了|详单|发票|消费|[交充]了|欠|明细|收了|收我|怎么(?!收|办|开|用|算|弄)|为什么|为啥|上次|产生|去了|回来")


@functools.lru_cache(maxsize=4)
def is_to_come(text: str) -> bool:
    """Whether plans are spoken of and not what has been."""
    return bool(_TO_COME.search(text)) and not _BEEN.search(text)


def relative_day(match: "re.Match[str]", today: date) -> Optional[Stretch]:
    said = match.group()
    away = _DAYS_AGO[said[:2] if said[0] == "大" else said[0]]
    return stretches.day(today - timedelta(days=away))


def week(match: "re.Match[str]", today: date) -> Optional[Stretch]:
    said = match.group("week")
    whole = stretches.week_away(today, _weeks_away(said))
    if match.group("weekend"):
        return Stretch(whole.first + timedelta(days=5), whole.last)
    weekday = match.group("weekday")
    return stretches.day(whole.first + timedelta(days=_weekday(weekday))) if weekday else whole


def _weeks_away(said: str) -> int:
    if said[0] in "上下":
        return (-1 if said[0] == "上" else 1) * (2 if said[1] == said[0] else 1)
    return 0


def _weekday(said: str) -> int:
    return int(said) - 1 if said.isdigit() else "一二三四五六日天".index(said) - (said == "天")


def lone_weekday(match: "re.Match[str]", today: date) -> Optional[Stretch]:
    if match.group("lone_end"):
        saturday = stretches.latest_weekday(today, 5)
        return Stretch(saturday, saturday + timedelta(days=1))
    return stretches.day(stretches.latest_weekday(today, _weekday(match.group("lone"))))


def near(match: "re.Match[str]", today: date) -> Optional[Stretch]:
    """近, 最近, 过去 and 这 run up to today, and so do 前两天 and 头几天; 前两个月 are the two whole ones before this one."""
    opening, count, unit = match.group("near"), match.group("count"), match.group("unit")
    if count == "半":
        return {"年": stretches.last_months(today, 6), "月": stretches.last_days(today, 15)}.get(unit[-1])
    if opening[0] in "前头之" and count == "一":
        return None  # 前一个月: before which, is not said
    if opening[0] == "这" and count in ("一", "1"):
        return {"月": stretches.month_away(today, 0), "年": stretches.last_months(today, 12)}.get(unit[-1])
    if opening[0] in "前头之" and unit[-1] == "月":
        months = _count(count)
        return Stretch(stretches.month_away(today, -months).first, stretches.month_away(today, -1).last)
    return _last(_count(count), unit, today)


def _last(count: int, unit: str, today: date) -> Optional[Stretch]:
    if count < 1:
        return None
    months = {"月": 1, "年": 12, "度": 3}.get(unit[-1])
    if months:
        return stretches.last_months(today, count * months)
    return stretches.last_days(today, count * (1 if unit in ("天", "日") else 7))


def _count(said: str) -> int:
    return _FEW if said == "几" else number(said)


def ago(match: "re.Match[str]", today: date) -> Optional[Stretch]:
    count, unit = match.group("ago_count"), match.group("ago_unit")
    if count == "半":
        return stretches.month_away(today, -6) if unit == "年" else None
    back = number(count)
    if unit == "年":
        return stretches.months_of(today.year - back, 1, 12)
    if unit == "个月":
        return stretches.month_away(today, -back)
    return stretches.day(today - timedelta(days=back * (1 if unit == "天" else 7)))


def quarter(match: "re.Match[str]", today: date) -> Optional[Stretch]:
    which = match.group("quarter_which")
    if which:
        away = {"上": -1, "下": 1}.get(which[0], 0) * (2 if which.startswith("上上") else 1)
        return stretches.quarter_away(today, away)
    said = match.group("quarter") or match.group("quarter_short") or match.group("quarter_q")
    index = int(said) if said.isdigit() else DIGITS[said]
    year = year_of(match.group("year") or match.group("year2") or match.group("year3"), today)
    if year is None:
        year = today.year if index <= (today.month + 2) // 3 else today.year - 1
    return stretches.months_of(year, 3 * index - 2, 3 * index)


def half(match: "re.Match[str]", today: date) -> Optional[Stretch]:
    year = year_of(match.group("year"), today) or today.year
    return stretches.months_of(year, 1, 6) if match.group("half") in "上前" else stretches.months_of(year, 7, 12)


def holiday(match: "re.Match[str]", today: date) -> Optional[Stretch]:
    said = match.group("feast_year")
    return feast(match.string, match.start() + len(said or ""), year_of(said, today), today, is_to_come(match.string))


Reader = Callable[["re.Match[str]", date], Optional[Stretch]]

KINDS: Tuple[Tuple[str, Reader], ...] = (
    (HOLIDAY, holiday),
    (HALF, half),
    (QUARTER, quarter),
    (NEAR, near),
    (AGO, ago),
    (WEEK, week),
    (LONE_WEEKDAY, lone_weekday),
    (RELATIVE, relative_day),
)
"""In this order: 上半年 before 上…, 前三天 before 前天."""
