"""The WeChat purse: how many customer-service messages may still be sent, and until when.

Facts (reference: api_sendcustommessage of developers.weixin.qq.com): 5 messages within 48 hours after a message of the
subscriber; 3 within one minute after a menu tap, a follow or a scan. Official pages differ on how the two meet, so a send
is charged to every bucket that is alive and allowed only when none of them is empty: that is right when the buckets are apart
and when the later one stands in for the earlier. docs/decisions/0002 says more.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

MESSAGE_COUNT = 5
MESSAGE_WINDOW = timedelta(hours=48)
TAP_COUNT = 3
TAP_WINDOW = timedelta(minutes=1)
KEPT_FOR_AGENT = 3
# the platform's clock and ours differ a little: stop before the window does
_MARGIN = timedelta(seconds=2)


class Purse(StrEnum):
    """Why the door stays shut."""

    OPEN = "open"
    EMPTY = "purse_empty"
    KEPT = "kept_for_agent"
    CLOSED = "out_of_window"


@dataclass(frozen=True, slots=True)
class Buckets:
    """Both buckets of one conversation: when each was filled, and what was taken since."""

    message_at: datetime | None = None
    message_used: int = 0
    tap_at: datetime | None = None
    tap_used: int = 0


def refill(buckets: Buckets, kind: str, at: datetime) -> Buckets:
    """After "message", "tap" or "none". A fill replaces what was left: the quota does not add up."""
    if kind == "message":
        return replace(buckets, message_at=at, message_used=0)
    if kind == "tap":
        return replace(buckets, tap_at=at, tap_used=0)
    return buckets


def look(buckets: Buckets, now: datetime, *, kept: int = 0) -> Purse:
    """Whether one message may leave now. `kept` messages of the 48-hour bucket stay for the agent."""
    message, tap = _message_alive(buckets, now), _tap_alive(buckets, now)
    if not message and not tap:
        return Purse.CLOSED
    if tap and buckets.tap_used >= TAP_COUNT:
        return Purse.EMPTY
    if message and buckets.message_used >= MESSAGE_COUNT:
        return Purse.EMPTY
    if message and buckets.message_used >= MESSAGE_COUNT - kept:
        return Purse.KEPT
    return Purse.OPEN


def charge(buckets: Buckets, now: datetime) -> Buckets:
    """One message leaves: every live bucket pays."""
    return replace(
        buckets,
        message_used=buckets.message_used + 1 if _message_alive(buckets, now) else buckets.message_used,
        tap_used=buckets.tap_used + 1 if _tap_alive(buckets, now) else buckets.tap_used,
    )


def refund(buckets: Buckets, charged_at: datetime) -> Buckets:
    """The channel put the message off: nothing was sent. Only a bucket that has not been filled since gives back."""
    message = buckets.message_at is not None and buckets.message_at <= charged_at
    tap = buckets.tap_at is not None and buckets.tap_at <= charged_at
    return replace(
        buckets,
        message_used=max(buckets.message_used - 1, 0) if message else buckets.message_used,
        tap_used=max(buckets.tap_used - 1, 0) if tap else buckets.tap_used,
    )


def exhaust(buckets: Buckets, charged_at: datetime) -> Buckets:
    """WeChat says it is empty: believed, unless the subscriber has written since the message went out."""
    message = buckets.message_at is not None and buckets.message_at <= charged_at
    tap = buckets.tap_at is not None and buckets.tap_at <= charged_at
    return replace(
        buckets,
        message_used=MESSAGE_COUNT if message else buckets.message_used,
        tap_used=TAP_COUNT if tap else buckets.tap_used,
    )


def left(buckets: Buckets, now: datetime) -> tuple[int, int, datetime | None]:
    """(left, of, until) as a person reads it: what the next few sends can count on."""
    counts: list[tuple[int, int, datetime]] = []
    if _message_alive(buckets, now) and buckets.message_at is not None:
        counts.append((MESSAGE_COUNT - buckets.message_used, MESSAGE_COUNT, buckets.message_at + MESSAGE_WINDOW))
    if _tap_alive(buckets, now) and buckets.tap_at is not None:
        counts.append((TAP_COUNT - buckets.tap_used, TAP_COUNT, buckets.tap_at + TAP_WINDOW))
    if not counts:
        return 0, MESSAGE_COUNT, None
    count, most, until = min(counts)
    return max(count, 0), most, until


def _message_alive(buckets: Buckets, now: datetime) -> bool:
    return buckets.message_at is not None and now < buckets.message_at + MESSAGE_WINDOW - _MARGIN


def _tap_alive(buckets: Buckets, now: datetime) -> bool:
    # the bucket is alive up to its last moment: while it may still count, it is counted
    return buckets.tap_at is not None and now < buckets.tap_at + TAP_WINDOW
