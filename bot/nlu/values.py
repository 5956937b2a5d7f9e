"""Values that subscribers say, found by rules: phone numbers, products, periods, volumes, sums, one-time codes, kinds of use, places.

Figures first (a phone number's digits are nobody else's), then names of the catalogue, then what is said with a unit. Offsets go back
to the text as sent. A value that is taken back (不是50 是100) is left out.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from itertools import islice
from typing import Any, Dict, Iterator, List, Optional, Tuple, Union

from bot.nlu.gazetteer import shared_gazetteer
from bot.nlu.names import AMOUNT, DATA_VOLUME, PERIOD, PHONE_NUMBER, PLACE, PRODUCT, SMS_CODE
from bot.nlu.normalise import Normalised
from bot.nlu.periods import find_said
from bot.nlu.phone_numbers import find_phones, spoken_codes
from bot.nlu.places import find_places
from bot.nlu.products import NO_PRODUCTS, Catalogue
from bot.nlu.quantities import find_quantities
from bot.nlu.slips import mended

SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")
"""China has kept one zone without summer time since 1991, so that no zone database is needed here."""

_CODE = re.compile(r"(?<!\d)(?<!\d[.\-])\d{6}(?![.\-]?\d)")
_CODE_IN_TWO = re.compile(r"\s*\d{3}[ \-]\d{3}\s*")
_CODE_CUE = re.compile(r"验证码|校验码|动态码|短信码|确认码|收到的?是|码[是为:：]|code|otp")
_UNIT_AFTER = re.compile(r"\s*(?:元|块|分|积分|m|g|k|兆|年|月|号|条|个|万)")
_SAYS_NOTHING = re.compile(
    r"[\s,.;:!?~。、，！？；：…'\"()\-+]|你好|您好|是|的|呢|吧|啊|呀|哦|嗯|那|就|我|这个|号码|手机号|给你|收到|好|了|谢谢|请|查|看|到"
)


@dataclass(frozen=True)
class Value:
    """One value; `start` and `end` count the code points of the text as sent, `text` is what stands there. The `value` None is one
    that cannot be: 13月."""

    entity: str
    value: Union[str, int, None]
    text: str
    start: int
    end: int

    def as_dict(self) -> Dict[str, Any]:
        return {"entity": self.entity, "value": self.value, "text": self.text, "start": self.start, "end": self.end}


@dataclass(frozen=True)
class Found:
    """`marked` is the normalised text with each value written as `<entity>`: what the classifier reads. `marks`: what each of these
    stands for; None for a value that is taken back. `impossible` were said and cannot be: they are none of `values`."""

    values: Tuple[Value, ...]
    marked: str
    values_only: bool
    impossible: Tuple[Value, ...] = ()
    marks: Tuple[Optional[Value], ...] = ()

    @property
    def corrects(self) -> bool:
        """Whether a value is given instead of another (不是50 是100)."""
        return None in self.marks


COVERED = "\u25a1"
"""Stands for a character that belongs to a value found before."""

_TAG = re.compile(r"</?[a-z!][^<>]{0,60}>")

_MARKED = frozenset((PERIOD, PHONE_NUMBER, SMS_CODE, AMOUNT, DATA_VOLUME, PLACE))
"""The others are words that tell what is wanted; the classifier reads them as they stand."""

_TAKEN_BACK = re.compile(r"(?:不是|唔系|(?:不|别|唔|甭)(?:用|充|查|看|办|交|换|选|搞)?)(?:要|给我)?\s*$")
_INSTEAD = re.compile(
    r"(?:的|这个|那个|嗰个|了|号|那期)?(?:账单|话费|流量|套餐|详单)?[\s,.;。、，；!]*"
    r"(?:[^,.;。□]{0,8}(?:而?是|要|查|看|充|冲|交|用|办|开|来|改成?|换成?|说的是|给我)[^,.;。□]{0,3}|(?<=[,，;；!]))$"
)
_BETWEEN = 30
_BEFORE = 8
"""Characters before a value that tell whether it is taken back."""

_NOT_THAT = re.compile(r"(?:的|号)?[,.;。、，； ]*(?:而|可)?不是\s*")

_Span = Tuple[int, int, str, Union[str, int, None]]


def find_values(sent: str, normalised: Normalised, now: datetime, products: Catalogue = NO_PRODUCTS) -> Found:
    """Values in order of their place, none overlapping. `now` is aware; days are counted in Asia/Shanghai."""
    spans = _spans(normalised.text, now, products)
    read: Dict[_Span, Value] = {}
    position = 0
    for span in _kept(normalised.text, spans):
        first, last = normalised.span(*span[:2])
        if first < position:
            continue  # both in one character: ½
        said, position = sent[first:last], last
        read[span] = Value(span[2], said if span[2] == PLACE else span[3], said, first, last)
    marked = [span for span in spans if span[2] in _MARKED]
    answers = [span for span in marked if span[2] != PLACE]
    values_only = bool(answers) and not _SAYS_NOTHING.sub("", "".join(_between(normalised.text, answers)))
    values = tuple(value for value in read.values() if value.value is not None)
    impossible = tuple(value for value in read.values() if value.value is None)
    return Found(values, _marked(normalised.text, marked), values_only, impossible, tuple(read.get(span) for span in marked))


def _kept(text: str, spans: List[_Span]) -> List[_Span]:
    """Without those that another one of the same kind, beside them, stands instead of."""
    refused = set()
    for first, second in zip(spans, spans[1:]):
        if first[2] != second[2]:
            continue
        between = text[first[1] : second[0]]
        if _TAKEN_BACK.search(text[max(0, first[0] - _BEFORE) : first[0]]) and len(between) <= _BETWEEN and _INSTEAD.fullmatch(between):
            refused.add(first)
        elif _NOT_THAT.fullmatch(between):
            refused.add(second)
    return [span for span in spans if span not in refused]


_MOST = 24
"""Values of one kind that are looked for: nobody says more, and a flood of text stays cheap."""


class _Claims:
    """Spans so far; each character belongs to one value at most."""

    def __init__(self, length: int) -> None:
        self.spans: List[_Span] = []
        self._taken = bytearray(length)

    def add(self, span: _Span) -> None:
        start, end = span[:2]
        if not any(self._taken[start:end]):
            self._taken[start:end] = b"\1" * (end - start)
            self.spans.append(span)

    def cover(self, text: str) -> str:
        """With what is already read covered up: its characters are nobody else's."""
        if not self.spans:
            return text
        return "".join(COVERED if taken else character for character, taken in zip(text, self._taken, strict=True))


def _spans(text: str, now: datetime, products: Catalogue) -> List[_Span]:
    claims = _Claims(len(text))
    for start, end, number in find_phones(text):
        claims.add((start, end, PHONE_NUMBER, number))
    for start, end, code in products.find(text):
        claims.add((start, end, PRODUCT, code))
    rest = claims.cover(mended(text))
    for period in islice(find_said(rest, now.astimezone(SHANGHAI).date()), _MOST):
        if text[period.start : period.end].isdigit() and len(period.value) == 7 and _is_code_like(text, period.start, period.end):
            continue  # 202609 alone answers "which code did you get?"
        claims.add((period.start, period.end, PERIOD, period.value or None))
    for span in _codes(text, is_alone=not claims.spans):
        claims.add(span)
    for quantity in islice(find_quantities(rest), _MOST):
        claims.add((quantity.start, quantity.end, quantity.entity, quantity.value))
    for start, end in islice(find_places(claims.cover(rest)), _MOST):
        claims.add((start, end, PLACE, text[start:end]))
    return sorted(claims.spans, key=lambda span: span[:2])


def _codes(text: str, is_alone: bool) -> Iterator[_Span]:
    for match in _CODE.finditer(text):
        if _is_code_like(text, match.start(), match.end()):
            yield match.start(), match.end(), SMS_CODE, match.group()
    for start, end, code in spoken_codes(text):
        yield start, end, SMS_CODE, code
    if is_alone and _CODE_IN_TWO.fullmatch(text):
        yield 0, len(text), SMS_CODE, re.sub(r"\D", "", text)


def _is_code_like(text: str, start: int, end: int) -> bool:
    """Six digits are a code when little else is said, or a word like 验证码 stands in the message."""
    if end - start != 6 or _UNIT_AFTER.match(text, end):
        return False
    return bool(_CODE_CUE.search(text)) or not _SAYS_NOTHING.sub("", text[:start] + text[end:])


def _between(text: str, spans: List[_Span]) -> List[str]:
    """What stands before, between and after the spans: one piece more than there are spans."""
    starts = [0, *(end for _, end, _, _ in spans)]
    ends = [*(start for start, _, _, _ in spans), len(text)]
    return [text[start:end] for start, end in zip(starts, ends, strict=True)]


def _marked(text: str, spans: List[_Span]) -> str:
    """Values as `<entity>`. Markup and angle brackets of the subscriber's own go, so that nobody can write a mark by hand."""
    pieces = [_TAG.sub(" ", piece).replace("<", " ").replace(">", " ") for piece in _between(text, spans)]
    marks = [f"<{_mark(entity, value)}>" for _, _, entity, value in spans]
    return "".join(piece + mark for piece, mark in zip(pieces, [*marks, ""], strict=True)).strip()


def _mark(entity: str, value: Union[str, int, None]) -> str:
    """Months are what bills are asked for; days are in every other sentence of small talk. Shops are at home, roaming is abroad."""
    if entity == PLACE:
        return "abroad" if shared_gazetteer().is_abroad(str(value)) else entity
    return "days" if entity == PERIOD and "/" in str(value) else entity
