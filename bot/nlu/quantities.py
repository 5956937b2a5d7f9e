"""Money, volumes of data and kinds of use in normalised text (amount, data_volume, usage_kind of data/catalogue)."""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Iterator, Optional, Union

from bot.nlu.names import AMOUNT, DATA_VOLUME, USAGE_KIND
from bot.nlu.numerals import FIGURES, HANZI_NUMBER, NUMBER, read_number

MOST_FEN = 10_000_000
"""A hundred thousand yuan; what is said beyond is no sum that anybody pays for a line."""

_MONEY = re.compile(
    rf"(?P<yuan>{NUMBER})\s*(?:个?(?:块|元)(?![宵旦素])|蚊|文(?=[钱鸡])|rmb)(?:(?P<jiao>[\d一二两三四五六七八九])(?![\d个十百千号月天年分gm兆])[毛角]?)?"
    rf"|(?P<mao>[\d一二两三四五六七八九])[毛角](?=钱|[^a-z]|$)"
)
_ONE_PIECE = re.compile(r"一块(?!钱|[\d一二三四五六七八九]|$)")
_SIGN = re.compile(rf"[¥$]\s*(?P<yuan>{FIGURES})")
_BARE = re.compile(
    rf"(?:(?<=[充冲交缴存付])|(?<=[充冲交缴存付]个)|(?<=[充冲交缴存付]值)|(?<=[充冲交缴存付]费)|(?<=[充冲交缴存付]了)|(?<=话费))"
    rf"\s*(?P<yuan>{FIGURES}|{HANZI_NUMBER})(?!\s*(?:[个gmktb兆次月天年号笔张次遍卡万]|分钟|小时))"
)
_ALONE = re.compile(
    rf"\s*(?:就|要|我要|来|那就|改成?)?\s*(?P<yuan>{FIGURES}|[一二三四五六七八九两]?[十百千][一二三四五六七八九十百零]*)"
    r"\s*(?:吧|好了|就行|就好)?\s*"
)
_NO_UNIT = r"(?![\d个gmkt兆月号天])"
_CORRECTED = re.compile(
    rf"(?:不是|不要|不充|别充)\s*(?P<no>{FIGURES}|{HANZI_NUMBER})"
    rf"\s*[,，。、 ]?\s*(?:而?是|要|充|我要|改成?)\s*(?P<yes>{FIGURES}|{HANZI_NUMBER}){_NO_UNIT}"
)
_NOT_THE_OTHER = re.compile(
    rf"是\s*(?P<yes>{FIGURES}|{HANZI_NUMBER})\s*[,，。、 ]?\s*(?:而|可)?不是\s*(?P<no>{FIGURES}|{HANZI_NUMBER}){_NO_UNIT}"
)
_VOLUME = re.compile(rf"(?P<number>{NUMBER})\s*(?P<of>个)?\s*(?P<unit>gb?|mb?|tb?|kb|兆|吉)(?![a-z])")
_NETWORK = re.compile(r"(?:[2345]g)")
_OF_DATA = re.compile(r"\s*(?:的|通用|定向|国内|全国|夜间)?(?:流量|日包|加油包|包)")
_USED = re.compile(r"(?:用了|剩|还有|[加买送]了?|来|才|只有|够|超了?|跑了|多了?|[少扣]了)\s*$")
_USAGE = re.compile(
    r"(?P<data>流量)|(?P<voice>通话|语音(?!播报|留言|信箱|导航|助手|机器)|(?<![\d几半十一二三四五六七八九两百])分钟(?!前|后))"
    r"|(?P<sms>(?<!垃圾)(?<!诈骗)(?<!骚扰)(?<!推销)(?<!广告)(?<!收到)(?<!发来)(?<!到的)(?<!的)短信(?!验证|码|通知|提醒|里|说|轰炸|骚扰))"
)
_BYTES = {"k": 1024, "m": 1024**2, "兆": 1024**2, "g": 1024**3, "吉": 1024**3, "t": 1024**4}


@dataclass(frozen=True)
class Quantity:
    """`text[start:end]` of the normalised text means `value`: fen, bytes, or data | voice | sms."""

    start: int
    end: int
    entity: str
    value: Union[str, int]


def find_quantities(text: str) -> Iterator[Quantity]:
    """Candidates, the surer first; who takes them leaves out what overlaps an earlier one."""
    yield from _volumes(text)
    yield from _sums(text)
    for match in _USAGE.finditer(text):
        yield Quantity(match.start(), match.end(), USAGE_KIND, str(match.lastgroup))


def _volumes(text: str) -> Iterator[Quantity]:
    for match in _VOLUME.finditer(text):
        number = read_number(match.group("number"))
        is_network = _NETWORK.fullmatch(match.group()) and not _OF_DATA.match(text, match.end()) and not _USED.search(text[: match.start()])
        if number and not is_network:
            yield Quantity(match.start(), match.end(), DATA_VOLUME, int(number * _BYTES[match.group("unit")[0]]))


def _sums(text: str) -> Iterator[Quantity]:
    for match in _MONEY.finditer(text):
        if not _ONE_PIECE.match(text, match.start()):  # 一块去: together
            yield from _sum(match.start(), match.end(), _with_jiao(match))
    for pattern in (_CORRECTED, _NOT_THE_OTHER):
        for match in pattern.finditer(text):
            for group in ("no", "yes"):
                yield from _sum(*match.span(group), read_number(match.group(group)))
    for match in _SIGN.finditer(text):
        yield from _sum(match.start(), match.end(), read_number(match.group("yuan")))
    for match in _BARE.finditer(text):
        yield from _sum(*match.span("yuan"), read_number(match.group("yuan")))
    alone = _ALONE.fullmatch(text)
    if alone and (read_number(alone.group("yuan")) or 0) >= 10 and len(alone.group("yuan")) < 5:
        yield from _sum(*alone.span("yuan"), read_number(alone.group("yuan")))


def _with_jiao(match: "re.Match[str]") -> Optional[Decimal]:
    """三块五, 5毛."""
    if match.group("mao"):
        return (read_number(match.group("mao")) or Decimal(0)) / 10
    yuan, jiao = read_number(match.group("yuan")), read_number(match.group("jiao") or "零")
    return None if yuan is None or jiao is None else yuan + jiao / 10


def _sum(start: int, end: int, yuan: Union[Decimal, None]) -> Iterator[Quantity]:
    if yuan and 0 < yuan * 100 <= MOST_FEN:
        yield Quantity(start, end, AMOUNT, int(yuan * 100))
