"""How often one visitor and one address may call: token buckets in this process. Several cores allow as many times more."""

from collections import OrderedDict
from collections.abc import Sequence
from ipaddress import IPv6Address, ip_address

from connectors.webchat.errors import TooMany
from connectors.webchat.settings import Rate
from runtime.clock import Clock

_REMEMBERED = 50_000
_NETWORK = 64


class Limit:
    """One rate for many keys. The keys used longest ago are forgotten first: by then their buckets are full again."""

    def __init__(self, rate: Rate, clock: Clock) -> None:
        self._rate = rate
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, key: str) -> None:
        """Raises TooMany, with the seconds until there is room."""
        now = self._clock.monotonic()
        left, at = self._buckets.pop(key, (self._rate.burst, now))
        left = min(self._rate.burst, left + (now - at) * self._rate.per_s)
        self._buckets[key] = (max(left - 1, 0.0) if left >= 1 else left, now)
        while len(self._buckets) > _REMEMBERED:
            self._buckets.popitem(last=False)
        if left < 1:
            raise TooMany((1 - left) / self._rate.per_s)


def find_caller(peer: str, forwarded: Sequence[str], trusted: Sequence[str]) -> str:
    """Whose call it is: who is connected, or, where that is a proxy of ours, the last in X-Forwarded-For that is none.

    What stands further left was written by whoever called, and proves nothing. An IPv6 caller is its network: /64 is what one line gets.
    """
    caller = peer
    for one in reversed([part.strip() for header in forwarded for part in header.split(",")]):
        if caller not in trusted:
            break
        try:
            caller = str(ip_address(one))
        except ValueError:
            break
    return _network(caller)


def _network(caller: str) -> str:
    try:
        address = ip_address(caller)
    except ValueError:
        return caller
    if not isinstance(address, IPv6Address):
        return caller
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(IPv6Address(int(address) >> _NETWORK << _NETWORK))
