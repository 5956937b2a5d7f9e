"""How often a token may be asked for, over all processes: a pure rule over a small state.

Source: developers.weixin.qq.com, "getStableAccessToken": force_refresh at most 20 times a day and 30 s apart. Two calls a minute of
either kind are our own bound: a platform that refuses every token must not be asked in a loop. Forced ones are spaced wider the more of
the day's twenty are gone, so that some are left when they would help.
"""

from datetime import datetime, timedelta
from typing import Any

from runtime.clock import SHANGHAI

MINUTE_S = 60.0
CALLS_A_MINUTE = 2
FORCED_A_DAY = 20
FORCED_APART_S = 30.0
_FREE_FORCED = 3
_WIDEST_S = 3600.0


def take(state: dict[str, Any], now: datetime, *, forced: bool) -> tuple[dict[str, Any], float]:
    """The state after asking for one call now, and for how many seconds it must not be made; 0.0: it is counted and may be made.

    A call in the future was counted by a clock that has been put back: it is believed for a minute at most.
    """
    moment = now.timestamp()
    calls = [one for one in _moments(state, "calls") if abs(moment - one) < MINUTE_S]
    today = start_of_day(now).timestamp()
    refreshes = [one for one in _moments(state, "forced") if today <= one < moment + MINUTE_S]
    waits = [0.0]
    if len(calls) >= CALLS_A_MINUTE:
        waits.append(sorted(calls)[-CALLS_A_MINUTE] + MINUTE_S - moment)
    if forced:
        last = max(_moments(state, "forced"), default=0.0)
        if last < moment + MINUTE_S:
            waits.append(last + forced_apart_s(len(refreshes)) - moment)
        if len(refreshes) >= FORCED_A_DAY:
            waits.append((start_of_day(now) + timedelta(days=1)).timestamp() - moment)
    wait = max(waits)
    if wait <= 0:
        calls.append(moment)
        wait = 0.0
        if forced:
            refreshes.append(moment)
    # the last forced one counts across midnight
    kept = refreshes or _moments(state, "forced")[-1:]
    return {"calls": calls, "forced": kept}, wait


def forced_apart_s(already: int) -> float:
    """How far from the last one the next forced refresh must be when `already` were made today."""
    return float(min(FORCED_APART_S * 2 ** max(already - _FREE_FORCED, 0), _WIDEST_S))


def start_of_day(now: datetime) -> datetime:
    """Midnight where WeChat counts its days."""
    return now.astimezone(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)


def _moments(state: dict[str, Any], name: str) -> list[float]:
    found = state.get(name)
    return [float(one) for one in found if isinstance(one, int | float)] if isinstance(found, list) else []
