"""How a figure is written: fen, bytes, seconds, dates. Words and sentences around them live in texts/."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from business.carrier.model import UsageKind
from runtime.clock import SHANGHAI

_CENT = Decimal("0.01")
_GB = 1024**3
_MB = 1024**2


def decimal(fen: int) -> str:
    """3280 is "32.80", -5 is "-0.05"."""
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100}.{abs(fen) % 100:02d}"


def volume(size: int) -> str:
    """Bytes with 1 GB = 1024 MB: whole units without decimals ("20GB", "0MB"), else two ("3.20GB", "512.50MB")."""
    # what would be written as 1024.00MB is a gigabyte
    unit, name = (_GB, "GB") if abs(size) >= _GB - _MB // 200 else (_MB, "MB")
    if size % unit == 0:
        return f"{size // unit}{name}"
    return f"{(Decimal(size) / unit).quantize(_CENT, ROUND_HALF_UP)}{name}"


def day(at: datetime, now: datetime) -> str:
    """ "11-30" in the year of `now`, else "2029-12-31"; both in Shanghai."""
    local = at.astimezone(SHANGHAI)
    return local.strftime("%m-%d" if local.year == now.astimezone(SHANGHAI).year else "%Y-%m-%d")


def last_day(end: datetime, now: datetime) -> str:
    """The last day of a validity that ends at `end`: midnight belongs to the day before."""
    return day(end - timedelta(microseconds=1), now)


def moment(at: datetime, now: datetime) -> str:
    """ "11-22 08:05", with the year when it is not this one."""
    return f"{day(at, now)} {at.astimezone(SHANGHAI):%H:%M}"


def points(amount: int) -> str:
    """1280 is "1,280"."""
    return f"{amount:,}"


class Units:
    """Amounts with the unit a subscriber reads, as texts/ names it."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self._names = names

    def yuan(self, fen: int) -> str:
        """32.80元"""
        return self._names["yuan"].format(n=decimal(fen))

    def quantity(self, kind: UsageKind, amount: int, *, up: bool = False) -> str:
        """An amount of a bucket. Calls are counted in whole minutes: what is left rounds down, what is used (`up`) rounds up."""
        if kind is UsageKind.DATA:
            return volume(amount)
        if kind is UsageKind.SMS:
            return self._names["messages"].format(n=amount)
        return self._names["minutes"].format(n=-(-amount // 60) if up else amount // 60)

    def month(self, month: str) -> str:
        """ "2026-11" is 2026年11月."""
        year, number = month.split("-")
        return self._names["month"].format(year=year, month=int(number))
