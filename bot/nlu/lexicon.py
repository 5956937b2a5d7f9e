"""A second reading of a message: SMS shorthand and Cantonese function words in the words that the training data uses.

It feeds the word and pinyin views only. Characters are always read as written, and offsets never pass through here.
"""

import functools
import re
from typing import Mapping

SHORTHAND: Mapping[str, str] = {
    "cxye": "查询余额",
    "cxhf": "查询话费",
    "cxzd": "查询账单",
    "cxll": "查询流量",
    "cxjf": "查询积分",
    "cxtc": "查询套餐余量",
    "ye": "余额",
    "hf": "话费",
    "zd": "账单",
    "ll": "流量",
    "jf": "积分",
    "tc": "套餐",
    "rg": "人工",
    "zrg": "转人工",
    "kf": "客服",
    "bd": "绑定",
    "sj": "手机",
}
"""Initials of pinyin, as carriers' SMS codes and hurried thumbs write them. Read so only when they stand alone between other scripts."""

PARTS: Mapping[str, str] = {
    "cx": "查询",
    "dh": "兑换",
    "jh": "激活",
    "kt": "开通",
    "gb": "关闭",
    "qx": "取消",
    "td": "退订",
    "bl": "办理",
    "gm": "购买",
    "cz": "充值",
    "tj": "停机",
    "kj": "开机",
    "bh": "保号",
    "fj": "复机",
    "gs": "挂失",
    "bk": "补卡",
    "jc": "解除",
    "js": "解锁",
    "mm": "密码",
    "xd": "详单",
    "mx": "明细",
    "fp": "发票",
    "gj": "国际",
    "my": "漫游",
    "jb": "举报",
    "ts": "投诉",
    "sr": "骚扰",
    "xh": "携号",
    "zw": "转网",
    "kd": "宽带",
    "yw": "业务",
    "fw": "服务",
    "dx": "短信",
    "cl": "彩铃",
    "jy": "加油",
    "bao": "包",
    "kfp": "开发票",
    "kp": "开票",
    "yl": "余量",
    "wd": "网点",
    "yyt": "营业厅",
    "hm": "号码",
}
"""Further initials. They are read only in a row that is made of known ones to its last letter (xdcx, dhjf): alone, my is an English
word."""

CANTONESE: Mapping[str, str] = {
    "唔该晒": "谢谢",
    "唔该": "唔该",
    "多谢晒": "多谢",
    "几多": "多少",
    "点解": "为什么",
    "点样": "怎么",
    "边度": "哪里",
    "边个": "谁",
    "几时": "什么时候",
    "呢个": "这个",
    "嗰个": "那个",
    "唔使": "不用",
    "唔要": "不要",
    "唔好": "不要",
    "唔系": "不是",
    "睇下": "看下",
    "睇": "看",
    "仲有": "还有",
    "仲": "还",
    "冇": "没有",
    "嘅": "的",
    "咗": "了",
    "喇": "了",
    "唔": "不",
    "咩": "什么",
    "系咪": "是不是",
    "俾": "给",
    "畀": "给",
    "搵": "找",
    "倾": "聊",
    "使咗": "花了",
    "啲": "些",
    "佢": "他",
    "而家": "现在",
    "听日": "明天",
}

_SHORTHAND = re.compile(r"(?<![a-z0-9<])(?:" + "|".join(sorted(SHORTHAND, key=len, reverse=True)) + r")(?![a-z0-9>])")
_KNOWN: Mapping[str, str] = {**PARTS, **SHORTHAND}
_ROW = re.compile(r"(?<![a-z0-9<])[a-z]{4,10}(?![a-z0-9>])")
_CANTONESE = re.compile("|".join(sorted(CANTONESE, key=len, reverse=True)))


def read_again(text: str) -> str:
    """The normalised text with shorthand and Cantonese words written out in Mandarin."""
    if not text.isascii():
        text = _CANTONESE.sub(lambda match: CANTONESE[match.group()], text)
    text = _SHORTHAND.sub(lambda match: SHORTHAND[match.group()], text)
    return _ROW.sub(lambda match: _spelt_out(match.group()) or match.group(), text)


@functools.lru_cache(maxsize=4096)
def _spelt_out(row: str) -> str:
    """What a row of initials stands for; empty where it is not made of known ones."""
    if not row:
        return ""
    for length in (4, 3, 2):
        known = _KNOWN.get(row[:length])
        rest = _spelt_out(row[length:])
        if known and len(row) >= length and (rest or len(row) == length):
            return known + rest
    return ""
