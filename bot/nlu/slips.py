"""Slips of the thumb in the words that values are said with: 上个越, 作天, 刘亮, 五十快.

Only by rules that leave ordinary words alone, and always one character for one, so that offsets stay. The classifier never reads
this view; it has sounds of its own.
"""

import re
from typing import Mapping, Tuple

_MONTH = "越阅岳悦跃粤"
_NO_MONTH = "读览历兵父母南剧狱野级来权语菜享近境层升"
"""What follows makes a word of it: 这个阅读会员, 这个越来越慢."""

_NUMERAL_SLIPS: Mapping[str, str] = {
    "医依": "一",
    "贰儿耳": "二",
    "叁散伞": "三",
    "肆寺": "四",
    "伍午舞": "五",
    "陆柳": "六",
    "柒妻": "七",
    "捌霸巴": "八",
    "玖久酒旧": "九",
    "拾时石实": "十",
    "佰摆": "百",
    "仟": "千",
}
_NUMERALS = {slip: right for slips, right in _NUMERAL_SLIPS.items() for slip in slips}
_BANKERS = str.maketrans("壹贰叁肆伍陆柒捌玖拾佰仟", "一二三四五六七八九十百千")
"""Numerals as they stand on cheques and invoices."""

_BANKERS_RUN = re.compile(r"[壹贰叁肆伍柒捌玖拾佰仟陆零万]{2,}|[壹贰叁肆伍陆柒捌玖拾](?=[十百千万元圆块])")
_WORDS: Tuple[Tuple["re.Pattern[str]", str], ...] = tuple(
    (re.compile(pattern), right)
    for pattern, right in (
        (rf"(?<=[上这本下当])[各歌哥](?=[月{_MONTH}])", "个"),
        (r"(?<=[这那两几一二三四五六七八九十\d])[各](?=月)", "个"),
        (r"(?<![生数])[尚伤](?=个月)", "上"),
        (r"[折着者](?=个月)", "这"),
        (rf"(?<=[上这下本]个)[{_MONTH}](?![{_NO_MONTH}])", "月"),
        (r"(?<=上个)[目曰]|(?<=[这下]个)目(?![的标录前])", "月"),
        (rf"(?<=\d)[{_MONTH}]|(?<=[二三四五六七八九十])[{_MONTH}](?=[份的账话])", "月"),
        ("囯", "国"),
        (r"(?<=[昨今前明])夭", "天"),
        (r"(?<=[一二三四五六七八九十\d])目(?=份|的?账|的?话费)", "月"),
        (r"而(?=百[^分年])|(?<=[充冲交])而(?=[十百])", "二"),
        (r"(?<=[充冲交缴][了一二三四五六七八九])时(?=没|块|元|$)|(?<=[充冲交缴]了[一二三四五六七八九])时(?=没|块|元|$)", "十"),
        (r"(?<=[\d一二两三四五六七八九十个])鸡(?=流|的流)", "g"),
        (r"(?<=\d)兀", "元"),
        (r"(?<=\d)[浩皓昊耗毫](?![米克升])", "号"),
        (r"[作做坐座咋](?=天(?![天然气花下]))", "昨"),
        (r"(?<=昨)[填添田甜舔]|(?<=今)[填添田甜](?!充|加)", "天"),
        (r"(?<![千黄现资奖租押基])[金斤筋](?=天(?!然|下|天))", "今"),
        (
            r"(?<=\d)[快筷](?=[钱前的吧呢,.。，!! ]|花费|画费|话费|$)|"
            r"(?<=[十百千一二三四五六七八九])[快筷](?=[钱前的吧呢,.。，!! ]|花费|画费|话费|$)",
            "块",
        ),
        (r"(?<=[\d一二两三四五六七八九十百]块)[前浅](?![面天])", "钱"),
    )
)
_NUMERAL_SLIP = re.compile(rf"[{''.join(_NUMERALS)}](?=月[份的账话]|块钱|个g)")
_USAGE = re.compile(
    r"[刘留溜六榴琉硫]量|流[亮良两凉梁粮俩辆晾]|流[重置](?=[包还剩明多够]|$)|(?<![畅流沟开联卡])通[划活诂华]"
    r"(?=[详祥记分时清])|同话|通画|通化(?=时长|剩)|语因|语阴|语英|短言|短新|断信|短心|分种|分中(?=数)"
)
_USAGE_WORDS = {"量": "流量", "流": "流量", "同": "通话", "通": "通话", "语": "语音", "短": "短信", "断": "短信", "分": "分钟"}


def mended(text: str) -> str:
    """The normalised text without known slips, as long as it was."""
    if text.isascii():
        return text
    text = _BANKERS_RUN.sub(lambda match: match.group().translate(_BANKERS), text)
    for pattern, right in _WORDS:
        text = pattern.sub(right, text)
    text = _NUMERAL_SLIP.sub(lambda match: _NUMERALS[match.group()], text)
    return _USAGE.sub(lambda match: _usage(match.group()), text)


def _usage(slip: str) -> str:
    return "流量" if slip.endswith("量") else _USAGE_WORDS[slip[0]]
