"""What a subscriber agreed to be sent, topic by topic: kept as the channel tells it.

A topic is a message template. One consent is good for one message (WeChat: "one-time subscription"), so `left` counts them.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from conversations.model import Address

ANSWERS = ("granted", "refused", "allowed", "withdrawn", "used", "failed")
"""granted: once more · refused: not this time · allowed, withdrawn: switched on or off in the channel's settings · used, failed: a
message went out, or did not."""

_MOST = 1_000


@dataclass(frozen=True, slots=True)
class Consent:
    """How it stands. `standing` is the last of granted, refused, allowed and withdrawn."""

    address: Address
    topic: str
    standing: str
    left: int
    changed_at: datetime


def after(before: Consent | None, address: Address, topic: str, answer: str, now: datetime) -> Consent:
    """How it stands after one more answer."""
    row = before or Consent(address, topic, "", 0, now)
    if answer == "granted":
        return replace(row, standing=answer, left=min(row.left + 1, _MOST), changed_at=now)
    if answer == "withdrawn":
        return replace(row, standing=answer, left=0, changed_at=now)
    if answer in ("refused", "allowed"):
        return replace(row, standing=answer, changed_at=now)
    return replace(row, left=max(row.left - 1, 0), changed_at=now) if answer == "used" else row
