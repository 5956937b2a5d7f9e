"""Figures as subscribers read them: yuan with two decimals, GB and MB of 1,024, dates without the present year."""

from datetime import datetime
from zoneinfo import ZoneInfo

CHINA = ZoneInfo("Asia/Shanghai")
KB, MB, GB, TB = 1024, 1024**2, 1024**3, 1024**4


def yuan(fen: int) -> str:
    """3280 is "32.80", -5 is "-0.05". Whole numbers throughout: no rounding."""
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100}.{abs(fen) % 100:02d}"


def volume(amount: int) -> str:
    """Bytes with a unit, half up to two decimals: 3435973836 is "3.20GB", 20 GiB is "20GB"."""
    for unit, size in (("TB", TB), ("GB", GB), ("MB", MB), ("KB", KB)):
        if amount >= size:
            hundredths = (amount * 100 + size // 2) // size
            return f"{hundredths // 100}{unit}" if hundredths % 100 == 0 else f"{hundredths // 100}.{hundredths % 100:02d}{unit}"
    return "0MB" if amount == 0 else f"{amount}B"


def minutes(seconds: int) -> int:
    """Whole minutes that are still there."""
    return seconds // 60


def moment(at: datetime) -> str:
    """"11-22 08:05" in China."""
    return f"{at.astimezone(CHINA):%m-%d %H:%M}"


def day(at: datetime, now: datetime) -> str:
    """"11-30", with the year in front when it is another year than now's."""
    there, here = at.astimezone(CHINA), now.astimezone(CHINA)
    return f"{there:%m-%d}" if there.year == here.year else f"{there:%Y-%m-%d}"
