"""Volumes of data and kinds of use in normalised text (data_volume and usage_kind of data/catalogue)."""

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Iterator, List, Optional, Union

from bot.nlu.money import find_sums
from bot.nlu.names import AMOUNT, DATA_VOLUME, USAGE_KIND
from bot.nlu.numerals import NUMBER, UNCOUNTED, read_number

_UNIT = r"(?:gb?|mb?|tb?|kb|兆|吉)(?![a-z])"
_VOLUME = re.compile(
    rf"{UNCOUNTED}(?P<number>{NUMBER}) ?(?:多|来)?(?P<of>个)?(?P<half>半)? ?(?P<unit>{_UNIT})"
    r"(?!/s|每秒|ps| ?的?(?:宽带|光纤|光猫|网速|带宽|速率|专线|网线|路由|内存|存储|硬盘|版|手机|u盘|网口|端口))"
)
_FIRST_OF_TWO = re.compile(rf"{UNCOUNTED}(?P<number>{NUMBER}) ?(?:到|至|-|~|、|或者?|还是|和) ?(?={NUMBER} ?个?(?P<unit>{_UNIT}))")
_SPEED = re.compile(r"(?:宽带|网速|带宽|速率|测速|内存|千兆|提速|光纤|网线)[是为有才只了到换成改升的办装提]{0,4} ?$")
_NETWORK = re.compile(r"(?:[23456]g)")
_OF_DATA = re.compile(r" ?(?:的|通用|定向|国内|全国|夜间|全国通用|国内通用|省内)?(?:流量(?!卡)|日包|加油包|月包|包)")
_USED = re.compile(
    r"(?:用了|用掉|用完|用|剩下?|还有|[加买送领订赠补][了个到]?|来|才|只有|够|超了?|跑了|多了?|[少扣走]了|剩余|最少|至少|不到|共|不足"
    r"|(?<![a-z])(?:ll|llb|jia|kt[a-z]*)) ?$"
)
_BYTES = {"k": 1024, "m": 1024**2, "兆": 1024**2, "g": 1024**3, "吉": 1024**3, "t": 1024**4}

_VOICE = (
    r"(?<![a-z])voice(?: minutes)?(?!mail| ?mail|[a-z])|(?<!恢复)通话(?:分钟数?)?(?!质量|中断?|断|声|杂|时(?!长|间)|不"
    r"|卡|效果|键|困难|异常|很|特别|老)|语音(?:通话)?(?:分钟数?)?(?!播报|留言|信箱|导航|助手|机器|提示|验证|客服|消息|条)"
)
_MINUTES = r"(?<![\d几半十一二三四五六七八九两百些])分钟数?(?![前后])"
_SMS = (
    r"(?<![垃圾级诈榨骗博告销扰款奖到来圾翻发])(?:短[信讯]|简讯)(?!验证|码|通知|提醒|里"
    r"|说|轰炸|骚扰|链接|诈骗|推送|告知|营销|平台|中心|服务|上)|(?<![a-z])sms(?![a-z])"
)
_USAGE = re.compile(
    rf"(?P<data>(?:数据)?流量(?!卡|王)|数据(?!中心|库|线|丢|错|安全|分析|恢复|备份|传|漫游|网络|业务|流量)|(?<![a-z])data"
    rf"(?! ?roam|[a-z]))|(?P<voice>{_VOICE})|(?P<minutes>{_MINUTES}|(?<![a-z\d] )(?<![a-z\d])minutes(?![a-z]))|(?P<sms>{_SMS})"
)
_TALK_TO = re.compile(r"[和跟与同](?:[\u4e00-\u9fff]{1,5})$")
_TALK = 10
_CONSUMED = re.compile(r"剩|余|几条|多少条|条数|套餐|流量|通话|分钟|语音|用|免费|包|详单|明细|记录|清单|额度|超|仲有|查|left|usage")
_SPAM = re.compile(r"举报|骚扰|诈骗|垃圾|诈|赌|广告|推销|链接|收到|发来|退订|天气|业务|轰炸|spam|说我|不发|收不到|发不出|天天收|屏蔽|拦截")
_SMS_ALONE = re.compile(r"(?:那|还有|咁)?(?:短信|短讯|sms)(?:呢|咧|嘞|吗|还有吗)?[?!。]?")


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
    for one in find_sums(text):
        yield Quantity(one.start, one.end, AMOUNT, one.fen)
    yield from _usage(text)


def _volumes(text: str) -> Iterator[Quantity]:
    for match in _VOLUME.finditer(text):
        number = _with_half(match)
        is_network = (
            _NETWORK.fullmatch(match.group())
            and not _OF_DATA.match(text, match.end())
            and not _USED.search(text[max(0, match.start() - 6) : match.start()])
        )
        if number and not is_network and not _SPEED.search(text[max(0, match.start() - 8) : match.start()]):
            yield Quantity(match.start(), match.end(), DATA_VOLUME, _bytes(number, match.group("unit")))
    for match in _FIRST_OF_TWO.finditer(text):
        number = read_number(match.group("number"))
        if number:
            yield Quantity(match.start(), match.end("number"), DATA_VOLUME, _bytes(number, match.group("unit")))


def _with_half(match: "re.Match[str]") -> Optional[Decimal]:
    number = read_number(match.group("number"))
    return number + Decimal("0.5") if number and match.group("half") else number


def _bytes(number: Decimal, unit: str) -> int:
    return int((number * _BYTES[unit[0]]).quantize(Decimal(1), ROUND_HALF_UP))


def _usage(text: str) -> Iterator[Quantity]:
    found: List["re.Match[str]"] = list(_USAGE.finditer(text))
    kinds = {str(match.lastgroup) for match in found}
    is_use_of_sms = "sms" in kinds and not _SPAM.search(text) and bool(_CONSUMED.search(text) or _SMS_ALONE.fullmatch(text))
    for match in found:
        kind = str(match.lastgroup)
        if kind == "sms" and not is_use_of_sms:
            continue
        if kind == "minutes" and "voice" in kinds:
            continue  # 通话还剩多少分钟: said once
        if match.group() == "通话" and match.end() == len(text) and _TALK_TO.search(text[-_TALK:-2]):
            continue
        yield Quantity(match.start(), match.end(), USAGE_KIND, "voice" if kind == "minutes" else kind)
