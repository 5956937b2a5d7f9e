"""Moments as subscribers read them."""

from datetime import datetime
from zoneinfo import ZoneInfo

CHINA = ZoneInfo("Asia/Shanghai")


def moment(at: datetime, now: datetime) -> str:
    """ "11-22 08:05" in China, with the year in front when it is another year than now's."""
    there, here = at.astimezone(CHINA), now.astimezone(CHINA)
    return f"{there:%m-%d %H:%M}" if there.year == here.year else f"{there:%Y-%m-%d %H:%M}"
