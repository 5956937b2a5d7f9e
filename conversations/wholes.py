"""Where a text may be cut: not inside a sign of several code points, nor inside what means something else when it is torn.

Signs: emoji joined by zero width joiners, with selectors, skin tones or tags, flags, letters with combining marks (Unicode, UAX 29, the
part that chats use). What is read as one: figures with their unit, dates, phone numbers, addresses of the web, words.
"""

import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass

_LONGEST = 64
"""Signs. What is longer must be cut somewhere."""
# whatever word or sign stands behind a number, its beginning at least: units are too many to be named
_UNIT = r"(?:[!-~]+| [A-Za-z]{1,8}(?![!-~])| ?(?:[^\W\d_A-Za-z]{1,2}|[%％‰]))"
_NUMBER = r"\d[\d,，.．:：/]*"
_DATE = r"(?:\d{4}[^\W\d_])?\d{1,2}[^\W\d_]\d{1,2}[^\W\d_](?![A-Za-z0-9])"
_WHOLE = re.compile(rf"{_DATE}|[¥￥$€+＋(（-]*{_NUMBER}(?:[ -]{_NUMBER}){{0,5}}{_UNIT}?|[!-~]+")
_JOINER = "\u200d"


@dataclass(frozen=True)
class Wholes:
    """The stretches of a text that are not cut: (start, end), in order."""

    text: str
    stretches: tuple[tuple[int, int], ...]

    @classmethod
    def of(cls, text: str, around: int) -> "Wholes":
        """Those that begin before `around`."""
        found: list[tuple[int, int]] = []
        for match in _WHOLE.finditer(text, 0, around + _LONGEST):
            start, end = match.span()
            # a full stop or comma in the end belongs to the sentence
            end = start + len(match[0].rstrip(",，.．:：/"))
            if 1 < end - start <= _LONGEST:
                found.append((start, end))
        return cls(text, tuple(found))

    def around(self, at: int) -> tuple[int, int] | None:
        """The stretch that a cut before text[at] would tear."""
        number = bisect_right(self.stretches, (at, 0)) - 1
        if number < 0:
            return None
        start, end = self.stretches[number]
        return (start, end) if start < at < end else None

    def may_cut(self, at: int) -> bool:
        """Whether neither a sign nor a stretch is torn."""
        return is_between_signs(self.text, at) and self.around(at) is None


def is_between_signs(text: str, at: int) -> bool:
    """Whether text[at] begins a sign of its own."""
    if not 0 < at < len(text):
        return True
    if _clings(text[at]) or text[at - 1] == _JOINER:
        return False
    return not (_is_half_flag(text[at]) and _half_flags_before(text, at) % 2)


def _clings(sign: str) -> bool:
    code = ord(sign)
    if sign.isascii():
        return False
    return sign == _JOINER or 0x1F3FB <= code <= 0x1F3FF or 0xE0020 <= code <= 0xE007F or unicodedata.category(sign)[0] == "M"


def _is_half_flag(sign: str) -> bool:
    return "\U0001f1e6" <= sign <= "\U0001f1ff"


def _half_flags_before(text: str, at: int) -> int:
    count = 0
    while count < at and _is_half_flag(text[at - count - 1]):
        count += 1
    return count
