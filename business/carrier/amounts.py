"""Amounts in a file, as people write them: yuan, 20GB, 100min. Raises ValueError with the mend, never with the value."""

import re
from decimal import ROUND_HALF_UP, Decimal

from business.carrier.model import UsageKind

_YUAN = re.compile(r"([+-]?)(\d{1,9})(?:\.(\d{1,2}))?")
_AMOUNT = re.compile(r"(\d{1,15}(?:\.\d{1,6})?) *([A-Za-z]*)")
_SIZES = {"": 1, "b": 1, "kb": 1024, "mb": 1024**2, "gb": 1024**3, "tb": 1024**4}
_SPANS = {"": 1, "s": 1, "min": 60, "h": 3600}
_LARGEST = 2**62
_UNITS = {UsageKind.DATA: _SIZES, UsageKind.VOICE: _SPANS, UsageKind.SMS: {"": 1}}
_MENDS = {
    UsageKind.DATA: "must be an amount of data such as 20GB or 512MB",
    UsageKind.VOICE: "must be a length such as 100min or 30s",
    UsageKind.SMS: "must be a whole number of messages",
}


def read_fen(text: str) -> int:
    """Yuan with at most two decimals, as fen: "32.80" is 3280."""
    found = _YUAN.fullmatch(text.strip())
    if found is None:
        raise ValueError("must be yuan with at most two decimals, such as 59 or 32.80")
    fen = int(found[2]) * 100 + int((found[3] or "").ljust(2, "0"))
    return -fen if found[1] == "-" else fen


def read_quantity(kind: UsageKind, text: str) -> int:
    """Bytes, seconds or messages; a number without a unit is in these."""
    found = _AMOUNT.fullmatch(text.strip())
    factor = _UNITS[kind].get(found[2].lower()) if found else None
    if found is None or factor is None or (factor == 1 and "." in found[1]):
        raise ValueError(_MENDS[kind])
    amount = int((Decimal(found[1]) * factor).quantize(Decimal(1), ROUND_HALF_UP))
    if amount > _LARGEST:
        raise ValueError(_MENDS[kind])
    return amount


def read_measure(text: str) -> tuple[int, str]:
    """What a bill's item counts, with its unit: 2GB is (bytes, "byte"), 30min (seconds, "second"), "1month", or "3" items."""
    found = _AMOUNT.fullmatch(text.strip())
    unit = found[2].lower() if found else "?"
    if unit in ("", "month") and found and "." not in found[1]:
        return int(found[1]), unit or "item"
    if unit in _SPANS:
        return read_quantity(UsageKind.VOICE, text), "second"
    if unit in _SIZES:
        return read_quantity(UsageKind.DATA, text), "byte"
    raise ValueError("must be a number, or one with a unit: 2GB, 30min, 1month")
