"""How many customer-service messages an account may still send to one subscriber.

5 within 48 h after each message of the subscriber; 3 within one minute after a menu tap, a follow or a scan; a new grant
fills its bucket up, it does not add (developers.weixin.qq.com/doc/service/en/api/customer/message/api_sendcustommessage.html).
WeChat's pages differ on how the two meet, so both readings can be played:

- `separate`: two allowances side by side. A send takes from the one that ends sooner. Message, then tap: 8 in all.
- `shared`: one count of what was sent. A send takes one from every live allowance. Message, then tap: 5 in all; but a tap
  when the 5 are used up opens 3 more for its minute.
"""

from dataclasses import dataclass, field

from sandbox.errors import PlatformRefusal

HOURS_48_S = 48 * 3600.0
MINUTE_S = 60.0


@dataclass
class Bucket:
    """One allowance: `size` messages within `lasts_s` seconds after the grant. `until` is in seconds since 1970."""

    size: int
    lasts_s: float
    left: int = 0
    until: float = 0.0

    def grant(self, now: float) -> None:
        self.left = self.size
        self.until = now + self.lasts_s

    def is_live(self, now: float) -> bool:
        return now < self.until

    def left_at(self, now: float) -> int:
        return self.left if self.is_live(now) else 0


@dataclass
class Purse:
    """The two buckets of one subscriber of one account."""

    message: Bucket = field(default_factory=lambda: Bucket(5, HOURS_48_S))
    event: Bucket = field(default_factory=lambda: Bucket(3, MINUTE_S))

    def charge(self, now: float, reading: str) -> None:
        """Takes one message out.

        Raises:
            PlatformRefusal: 45015 when no allowance is open, 45047 when what is open is used up.
        """
        live = [bucket for bucket in (self.event, self.message) if bucket.is_live(now)]
        if not live:
            raise PlatformRefusal(45015)
        filled = [bucket for bucket in live if bucket.left > 0]
        if not filled:
            raise PlatformRefusal(45047)
        spent = filled if reading == "shared" else [min(filled, key=lambda bucket: bucket.until)]
        for bucket in spent:
            bucket.left -= 1

    def left(self, now: float, reading: str) -> int:
        """Messages that can be sent at this moment."""
        lefts = (self.message.left_at(now), self.event.left_at(now))
        return max(lefts) if reading == "shared" else sum(lefts)

    def close(self) -> None:
        """Takes every allowance away, as when the subscriber leaves the account."""
        self.message.until = self.event.until = 0.0
