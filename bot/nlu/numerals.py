"""Numbers as they are said: 20.5, 五百, 一百五 (150), 两千三 (2300), 1千2, 廿五, 半, 一个半."""

import re
from decimal import Decimal
from typing import Optional

_DIGITS = {digit: value for value, digit in enumerate("零一二三四五六七八九")}
_DIGITS.update({"〇": 0, "两": 2, "俩": 2})
_UNITS = {"十": 10, "百": 100, "千": 1000, "万": 10000}
_SHORT_TENS = {"廿": "二十", "卅": "三十"}

HANZI_NUMBER = r"[零〇一二三四五六七八九十百千万两廿卅]{1,12}"
FIGURES = r"(?<![\d.])(?:\d{1,3}(?:,\d{3})+|\d{1,7})(?:\.\d{1,2})?(?![\d])"
NUMBER = rf"(?:{FIGURES} ?(?:[百千万][零一二三四五六七八九\d]?(?!\d))?|{HANZI_NUMBER}|半)"
UNCOUNTED = r"(?<![零〇一二三四五六七八九十百千万两廿卅几数\d.])"
"""Before a numeral that begins here."""

_WITH_UNIT = re.compile(r"(\d+(?:\.\d+)?) ?([百千万])([一二三四五六七八九\d])?")


def read_number(said: str) -> Optional[Decimal]:
    """The number, or None for what is none (十万百, 一二三, 两三百)."""
    said = said.replace(",", "").strip()
    if said == "半":
        return Decimal("0.5")
    if re.fullmatch(r"\d+(?:\.\d+)?", said):
        return Decimal(said)
    mixed = _WITH_UNIT.fullmatch(said)
    if mixed:
        unit = _UNITS[mixed.group(2)]
        rest = mixed.group(3) or "0"
        return Decimal(mixed.group(1)) * unit + Decimal(int(rest) if rest.isdigit() else _DIGITS[rest]) * unit / 10
    return _read_hanzi("".join(_SHORT_TENS.get(character, character) for character in said))


def _read_hanzi(said: str) -> Optional[Decimal]:
    if not said or (said[0] in "百千万" and len(said) > 1):  # 百八十: about a hundred
        return None
    total, section, digit, last = 0, 0, None, 10
    for character in said:
        if character in _DIGITS:
            if digit is not None and digit != 0:
                return None
            digit = _DIGITS[character]
        elif character == "万":
            total, section, digit, last = (section + (digit or 0)) * 10000, 0, None, 10000
        elif character in _UNITS:
            last = _UNITS[character]
            section += (1 if digit is None else digit) * last
            digit = None
        else:
            return None
    if digit is not None:
        shortened = last >= 100 and len(said) > 1 and said[-2] in "百千万"  # 一百五 is 150, 一百零五 is 105
        section += digit * (last // 10 if shortened else 1)
    return Decimal(total + section)
