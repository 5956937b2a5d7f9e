"""Mobile numbers and one-time codes in normalised text (`phone_number` of data/catalogue, and `sms_code`)."""

import re
from typing import Iterator, Tuple

_PREFIX = r"(?:[(（]?(?:\+ ?86|0086|86)[)）]?[ \-]*)?"
_PHONE = re.compile(
    rf"(?<![\d+])(?<!\d\.){_PREFIX}(?P<number>1[ \-–—.·]?[3-9](?:[ \-–—.·]{{0,2}}\d){{9}})"
    r"(?!\.?\d|x(?![a-z]))|(?<!\d)(?P<dated>1[3-9]\d{9})(?=\d{1,2}月|20[12]\d[年\-])"
    rf"|(?<![\d+]){_PREFIX}(?P<grouped>1[3-9]\d(?P<mark>[,/_*])\d{{4}}(?P=mark)\d{{4}})(?![\d,/])"
)
_CARD_BEFORE = re.compile(r"\d{4}[ \-]$")
_CARD_GROUP = re.compile(r"1[3-9]\d\d[ \-]\d{4}[ \-]\d{3}$")
_ANOTHER_NUMBER = re.compile(r"(?:订单|运单|快递|流水|银行卡|身份证|工单|iccid|单|税|卡)(?:编?号|号码)[是为: ]*$")
_CARD_OF_A_LINE = re.compile(r"(?:手机|电话|副|主|子)卡(?:号|号码)?[是为: ]*$")
_HANZI = "零〇一幺二两三四五六七八九"
_SPOKEN = re.compile(rf"(?<![{_HANZI}\d])[一幺1][{_HANZI}\d]{{10}}(?![{_HANZI}\d十百千万])")
_SPOKEN_CODE = re.compile(rf"(?:验证码|校验码|动态码)[是为: ]*(?P<code>[{_HANZI}]{{6}})(?![{_HANZI}])")
_FIGURE_OF = {character: figure for character, figure in zip(_HANZI, "0011223456789", strict=True)}


def find_phones(text: str) -> Iterator[Tuple[int, int, str]]:
    """(start, end, eleven digits): written in one or in groups, with +86, or spoken (幺七九 …)."""
    for match in _PHONE.finditer(text):
        before = text[max(0, match.start() - 12) : match.start()]
        if _CARD_BEFORE.search(before) and _CARD_GROUP.match(match.group()):
            continue  # the last three groups of a bank card
        if _ANOTHER_NUMBER.search(before) and not _CARD_OF_A_LINE.search(before):
            continue
        yield match.start(), match.end(), re.sub(r"\D", "", match.group())[-11:]
    for match in _SPOKEN.finditer(text):
        figures = _figures(match.group())
        if not match.group().isdecimal() and figures[1] in "3456789":
            yield match.start(), match.end(), figures


def spoken_codes(text: str) -> Iterator[Tuple[int, int, str]]:
    for match in _SPOKEN_CODE.finditer(text):
        yield match.start("code"), match.end("code"), _figures(match.group("code"))


def _figures(said: str) -> str:
    return "".join(_FIGURE_OF.get(character, character) for character in said)
