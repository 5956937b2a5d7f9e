"""Messages with what they say marked: `充{a 50|50块}` has one value, a sum of 50 yuan, written 50块."""

import re
from datetime import datetime
from decimal import Decimal
from typing import List, Tuple

from bot.nlu.normalise import normalise
from bot.nlu.products import PRODUCTS_FILE, shared_catalogue
from bot.nlu.values import SHANGHAI, find_values

NOW = datetime(2026, 11, 22, 20, 0, tzinfo=SHANGHAI)
MB = 1024 * 1024

KINDS = {
    "a": "amount",
    "v": "data_volume",
    "n": "phone_number",
    "u": "usage_kind",
    "o": "product",
    "l": "place",
    "t": "period",
    "c": "sms_code",
}
_MARK = re.compile(r"\{(?P<kind>[avnuoltc]) ?(?P<value>[^|}]*)\|(?P<text>[^}]*)\}")

Said = Tuple[str, str, str]


def marked(message: str) -> Tuple[str, List[Said]]:
    """The message as sent, and (entity, text, value) of its marks. A place's value is its text; a number's, its digits."""
    found = [(KINDS[mark.group("kind")], mark.group("text"), _value(mark)) for mark in _MARK.finditer(message)]
    return _MARK.sub(lambda mark: mark.group("text"), message), found


def _value(mark: "re.Match[str]") -> str:
    kind, value = mark.group("kind"), mark.group("value")
    if kind == "a":
        return str(int(Decimal(value) * 100))
    if kind == "v":
        return str(int(Decimal(value) * MB))
    return value or mark.group("text")


def read(sent: str) -> List[Said]:
    values = find_values(sent, normalise(sent), NOW, shared_catalogue(PRODUCTS_FILE)).values
    assert all(sent[value.start : value.end] == value.text for value in values)
    return [(value.entity, value.text, str(value.value)) for value in values]
