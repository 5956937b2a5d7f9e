"""Sums of money in normalised text (the entity `amount` of data/catalogue), in fen.

With a unit anywhere (50块钱, 三块八, ¥20.5), without one after a word that money follows (充一百五, 扣了我58) or alone in the message.
八十多块 and 五十来块 count as what they begin with; 十几块 and 几十块 name no sum.
"""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Iterator, Optional

from bot.nlu.numerals import FIGURES, HANZI_NUMBER, NUMBER, UNCOUNTED, read_number

MOST_FEN = 10_000_000
"""A hundred thousand yuan; what is said beyond is no sum that anybody pays for a line."""

_MEASURE = (
    r"(?! ?"
    r"(?:[个次遍趟回笔张条份位人天年月日号分秒周星钟期档倍折%度点级声句家台部根项样起直共些般半卡克兆gmktbw百千万章页楼栋室层岁斤路番拨伙口环遭\d.:/]"
    r"|小时|多?个|下(?!个|月)|几))"
)
"""What follows a number that counts something else."""

_ABOUT = r"(?P<about>多|来)?"
_UNIT = r"(?:(?:个?(?:块|元|圆|蚊)(?![宵旦素月])|文(?=[钱鸡]))(?: ?(?:钱|大洋|人民币))?整?|大洋|人民币|rmb|cny|yuan|kuai)"
_JIAO = (
    r"(?:块|元|圆|蚊)(?P<jiao>[\d一二两三四五六七八九])(?:[毛角](?:"
    r"(?P<fen>[\d一二三四五六七八九])分?)?(?:钱)?|(?![\d个十百千号月天年分gmk兆条次块元点折倍%]))"
)
_MONEY = re.compile(rf"{UNCOUNTED}(?P<yuan>{NUMBER}) ?(?:个?{_JIAO}|{_ABOUT}{_UNIT})")
_MAO = re.compile(
    rf"{UNCOUNTED}(?P<mao>[\d一二两三四五六七八九])[毛角](?:(?P<fen>[\d一二三四五六七八九])(?:分钱?)?|钱|(?![a-z度落场星楼色膜]))"
)
_TOGETHER = re.compile(r"一块(?!钱|[\d一二三四五六七八九]|[的,.。!? ]|$)")
_SIGN = re.compile(rf"[¥$] ?(?P<yuan>{FIGURES})(?: ?(?:元|块钱?))?")
_HANZI_SUM = r"(?:[一二两三四五六七八九]?[十百千廿卅][零一二三四五六七八九十百千]{0,6})"
_BARE_NUMBER = (
    rf"(?P<yuan>{FIGURES}(?: ?[百千][一二三四五六七八九\d]?(?!\d))?|{UNCOUNTED}{_HANZI_SUM}(?![零〇一二三四五六七八九十百千万两]))"
)
_CUE = (
    r"(?:[充冲交缴存付扣收花欠返退抵]|充值|缴费|交费|充钱|话费|少了|多了|贵了|涨了|出账|金额|面值|余额|补贴|低消|保底"
    r"|突然|涨到|超过|低于|高于|不足|最低|最少|费用?|(?:一个月|每月|每个月|月租)(?=要|才|就|得|是)|charged?|paid|pay"
    r"|recharge|top ?up|(?<![a-z])cz)"
)
_FILL = (
    r"(?:了|过|咗|掉|走|去|进去?|值|费|上|够|满|下|点|的|是|要|才|就|得"
    r"|那|这|我|俺|他|她|它|你们?|咱|只|个|[两三]个|[一两三]次|一下|给)"
)
_BARE = re.compile(rf"{_CUE}{_FILL}{{0,4}}[ :]*{_BARE_NUMBER}(?:{_ABOUT}{_MEASURE}|(?P<half>个半)(?!月|小时|钟|g|天))")
_CREDIT = re.compile(rf"{_BARE_NUMBER}(?=的?话费|的(?:流量|加油|日|月|语音|短信|通用|定向|视频)?包)")
_BEFORE_CUE = re.compile(
    rf"(?:^|(?<=[ ,.;!?。]))(?P<yuan>{FIGURES}|{_HANZI_SUM})(?= ?(?:刚刚?|都"
    rf"|已经)?[充冲交缴])|^(?P<first>{FIGURES}|{_HANZI_SUM})[!,.。 ]+就?[充冲交缴]"
)
_ELLIPTIC = re.compile(
    rf"{UNCOUNTED}(?P<yuan>[一二两三四五六七八九]百[一二三四五六七八九])(?![十零〇一二三四五六七八九百千万\d]){_MEASURE}"
)
_CODED = re.compile(r"(?:充值?|cz|缴费|交费|充话费|充值未到账|recharge|top ?up|hfcz)(?: |$)")
_CODED_SUM = re.compile(r"(?<= )(?P<yuan>\d{1,3}(?:\.\d{1,2})?)(?= |$)")
_ALONE = re.compile(
    rf" ?(?:就|要|我要|来|那就|改成?|换成?|还是)? ?(?P<yuan>{FIGURES}"
    rf"|{_HANZI_SUM})(?P<about>多|来)? ?(?:吧|好了|就行|就好|的|左右)? ?[。.!]?"
)
_NO_SUMS = ("88", "886", "110", "119", "120", "114", "122", "999", "666", "233", "520", "1314", "2333")
"""Farewells and laughter in figures, and numbers that one calls."""

_NO_UNIT = r"(?![\d个gmkt兆月号天])"
_CORRECTED = re.compile(
    rf"(?:不是|不要|不充|别充)\s*(?P<no>{FIGURES}|{HANZI_NUMBER})"
    rf"\s*[,，。、 ]?\s*(?:而?是|要|充|我要|改成?)\s*(?P<yes>{FIGURES}|{HANZI_NUMBER}){_NO_UNIT}"
)
_NOT_THE_OTHER = re.compile(
    rf"是\s*(?P<yes>{FIGURES}|{HANZI_NUMBER})\s*[,，。、 ]?\s*(?:而|可)?不是\s*(?P<no>{FIGURES}|{HANZI_NUMBER}){_NO_UNIT}"
)
_EITHER = re.compile(rf"(?P<yuan>{FIGURES}|{UNCOUNTED}{_HANZI_SUM}) ?(?:和|或者?|还是|到|至|跟|-|~|、) ?(?={NUMBER} ?(?:块|元|蚊))")


@dataclass(frozen=True)
class Sum:
    """`text[start:end]` of the normalised text means `fen`."""

    start: int
    end: int
    fen: int


def find_sums(text: str) -> Iterator[Sum]:
    """Candidates, the surer first; who takes them leaves out what overlaps an earlier one."""
    for match in _MONEY.finditer(text):
        if not _TOGETHER.match(text, match.start()):  # 一块去: together
            yield from _sum(match.start(), match.end(), _with_jiao(match))
    for match in _MAO.finditer(text):
        yield from _sum(match.start(), match.end(), _digit(match, "mao") / 10 + _digit(match, "fen") / 100)
    for pattern in (_CORRECTED, _NOT_THE_OTHER):
        for match in pattern.finditer(text):
            for group in ("no", "yes"):
                yield from _sum(*match.span(group), read_number(match.group(group)))
    for pattern in (_SIGN, _EITHER, _CREDIT, _ELLIPTIC):
        for match in pattern.finditer(text):
            end = match.end() if pattern is _SIGN else match.end("yuan")
            yield from _sum(match.start(), end, read_number(match.group("yuan")))
    yield from _bare(text)


def _bare(text: str) -> Iterator[Sum]:
    for match in _BARE.finditer(text):
        yuan = read_number(match.group("yuan"))
        yield from _sum(match.start("yuan"), match.end(), yuan + Decimal("0.5") if yuan and match.group("half") else yuan)
    for match in _BEFORE_CUE.finditer(text):
        group = "yuan" if match.group("yuan") else "first"
        yield from _sum(*match.span(group), read_number(match.group(group)))
    if _CODED.match(text):
        for match in _CODED_SUM.finditer(text):
            yield from _sum(*match.span("yuan"), read_number(match.group("yuan")))
    alone = _ALONE.fullmatch(text)
    if alone and alone.group("yuan") not in _NO_SUMS:
        yuan = read_number(alone.group("yuan"))
        if yuan and yuan >= 10 and len(alone.group("yuan").split(".")[0]) < 5:
            yield from _sum(alone.start("yuan"), alone.end("about") if alone.group("about") else alone.end("yuan"), yuan)


def _with_jiao(match: "re.Match[str]") -> Optional[Decimal]:
    """三块五, 3元5角2分."""
    yuan = read_number(match.group("yuan"))
    return None if yuan is None else yuan + _digit(match, "jiao") / 10 + _digit(match, "fen") / 100


def _digit(match: "re.Match[str]", group: str) -> Decimal:
    return read_number(match.group(group) or "零") or Decimal(0)


def _sum(start: int, end: int, yuan: Optional[Decimal]) -> Iterator[Sum]:
    if yuan and 0 < yuan * 100 <= MOST_FEN:
        yield Sum(start, end, int(yuan * 100))
