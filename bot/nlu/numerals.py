"""Numbers as they are said: 20.5, 五百, 一百五 (150), 两千三 (2300), 半."""

import re
from decimal import Decimal
from typing import Optional

_DIGITS = {digit: value for value, digit in enumerate("零一二三四五六七八九")}
_DIGITS.update({"〇": 0, "两": 2, "俩": 2, "廿": 20})
_UNITS = {"十": 10, "百": 100, "千": 1000, "万": 10000}

HANZI_NUMBER = r"[零〇一二三四五六七八九十百千万两]+"
FIGURES = r"(?<![\d.])(?:\d{1,3}(?:,\d{3})+|\d{1,7})(?:\.\d{1,2})?(?![\d])"
NUMBER = rf"(?:{FIGURES}\s*万?|{HANZI_NUMBER}|半)"


def read_number(said: str) -> Optional[Decimal]:
    """The number, or None for what is none (十万百, 一二三)."""
    said = said.strip()
    if said == "半":
        return Decimal("0.5")
    figures = said.rstrip("万").replace(",", "").strip()
    if re.fullmatch(r"\d+(?:\.\d+)?", figures):
        return Decimal(figures) * (10000 if said.endswith("万") else 1)
    return _read_hanzi(said)


def _read_hanzi(said: str) -> Optional[Decimal]:
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
    return Decimal(total + section) if said else None
