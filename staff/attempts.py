"""How often somebody may try to sign in."""

from collections import OrderedDict

from runtime.clock import Clock
from staff.errors import TooManyAttempts

_MOST_KEYS = 10_000


class Attempts:
    """Failed sign-ins of the last while, in the memory of this process, by any key (login with address, address alone).

    A try is counted before it is judged, so that many at once cannot slip through, and given back when it succeeds.
    """

    def __init__(self, clock: Clock, window_s: float) -> None:
        self._clock = clock
        self._window_s = window_s
        self._tries: OrderedDict[str, list[float]] = OrderedDict()

    def begin(self, key: str, most: int) -> None:
        """Counts a try. Raises TooManyAttempts, without counting, when `most` already stand in the window."""
        now = self._clock.monotonic()
        tries = [moment for moment in self._tries.get(key, []) if now - moment < self._window_s]
        if len(tries) >= most:
            raise TooManyAttempts
        tries.append(now)
        self._tries[key] = tries
        self._tries.move_to_end(key)
        while len(self._tries) > _MOST_KEYS:
            self._tries.popitem(last=False)

    def succeeded(self, key: str) -> None:
        """Gives the latest try back."""
        tries = self._tries.get(key)
        if tries:
            tries.pop()
