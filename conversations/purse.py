"""The WeChat purse: how many customer-service messages may still be sent, and until when.

Facts (reference: api_sendcustommessage of developers.weixin.qq.com): 5 messages within 48 hours after a message of the
subscriber; 3 within one minute after a menu tap, a follow or a scan. Official pages differ on how the two meet: two allowances
side by side, or one count under two limits. A send is charged to every bucket that is alive and allowed while one of them has
something left: exact under the second reading, careful under the first. docs/decisions/0002 says more.
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
    """Both buckets of one conversation: when each was filled, and what was taken since. `fill` numbers the fillings. A conversation
    over a channel that has no such limits is not `limited`: nothing below holds anything back."""

    message_at: datetime | None = None
    message_used: int = 0
    tap_at: datetime | None = None
    tap_used: int = 0
    fill: int = 0
    limited: bool = True


def refill(buckets: Buckets, kind: str, at: datetime, *, on_its_way: int = 0) -> Buckets:
    """After "message", "tap", "none", or "unlimited" where nobody counts. A fill replaces what was left: the quota does not add up.
    What is on its way while the subscriber writes may reach WeChat after the message did: the new filling pays for it, too."""
    if kind == "message":
        return replace(buckets, message_at=at, message_used=on_its_way, fill=buckets.fill + 1)
    if kind == "tap":
        return replace(buckets, tap_at=at, tap_used=on_its_way, fill=buckets.fill + 1)
    return replace(buckets, limited=False) if kind == "unlimited" else buckets


def look(buckets: Buckets, now: datetime, *, kept: int = 0) -> Purse:
    """Whether one message may leave now. `kept` messages of the 48-hour bucket stay for the agent."""
    if not buckets.limited:
        return Purse.OPEN
    message, tap = _message_left(buckets, now), _tap_left(buckets, now)
    if message is None and tap is None:
        return Purse.CLOSED
    if (message or 0) <= 0 and (tap or 0) <= 0:
        return Purse.EMPTY
    if kept and message is not None and message <= kept:
        # a tap's own bucket does not help: under the second reading the send is taken from both
        return Purse.KEPT
    return Purse.OPEN


def charge(buckets: Buckets, now: datetime) -> Buckets:
    """One message leaves: every live bucket pays, as far as it can."""
    message, tap = _message_left(buckets, now), _tap_left(buckets, now)
    return replace(
        buckets,
        message_used=buckets.message_used + 1 if message else buckets.message_used,
        tap_used=buckets.tap_used + 1 if tap else buckets.tap_used,
    )


def refund(buckets: Buckets, fill: int, charged_at: datetime) -> Buckets:
    """The channel put off a message that was charged then, under that filling: nothing was sent. What has been filled since gives
    nothing back, nor does a charge that a tap's bucket may have paid."""
    if buckets.fill != fill or (buckets.tap_at is not None and charged_at < buckets.tap_at + TAP_WINDOW):
        return buckets
    return replace(buckets, message_used=max(buckets.message_used - 1, 0))


def exhaust(buckets: Buckets, fill: int) -> Buckets:
    """WeChat says it is empty: believed, unless the subscriber has written since the message went out."""
    if buckets.fill != fill:
        return buckets
    return replace(buckets, message_used=MESSAGE_COUNT, tap_used=TAP_COUNT)


def left(buckets: Buckets, now: datetime) -> tuple[int, int, datetime | None]:
    """(left, of, until) as a person reads it: the 48-hour bucket unless only the other still gives."""
    message, tap = _message_left(buckets, now) or 0, _tap_left(buckets, now) or 0
    if tap > 0 and message <= 0 and buckets.tap_at is not None:
        return tap, TAP_COUNT, buckets.tap_at + TAP_WINDOW
    alive = _message_left(buckets, now) is not None and buckets.message_at is not None
    return max(message, 0), MESSAGE_COUNT, buckets.message_at + MESSAGE_WINDOW if alive and buckets.message_at else None


def _message_left(buckets: Buckets, now: datetime) -> int | None:
    if buckets.message_at is None or now >= buckets.message_at + MESSAGE_WINDOW - _MARGIN:
        return None
    return MESSAGE_COUNT - buckets.message_used


def _tap_left(buckets: Buckets, now: datetime) -> int | None:
    if buckets.tap_at is None or now >= buckets.tap_at + TAP_WINDOW - _MARGIN:
        return None
    return TAP_COUNT - buckets.tap_used
