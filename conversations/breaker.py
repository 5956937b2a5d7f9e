"""A circuit breaker: after so many failures in a row nobody is asked for a while, then one is, and its luck decides."""

from dataclasses import dataclass


@dataclass
class Breaker:
    """Times are the monotonic clock's seconds."""

    failures: int
    open_s: float
    _failed: int = 0
    _open_until: float = 0.0
    _probing_until: float = 0.0

    def allows(self, mono: float) -> bool:
        """Whether to ask now. While it is half open, one asks and the others do not."""
        if self._failed < self.failures:
            return True
        if mono < self._open_until or mono < self._probing_until:
            return False
        self._probing_until = mono + self.open_s
        return True

    def succeeded(self) -> None:
        """Closed again."""
        self._failed = 0
        self._probing_until = 0.0

    def failed(self, mono: float) -> None:
        """One more; at the limit it opens."""
        self._failed += 1
        self._probing_until = 0.0
        if self._failed >= self.failures:
            self._open_until = mono + self.open_s

    @property
    def is_open(self) -> bool:
        """Whether the last calls failed; for the metric."""
        return self._failed >= self.failures
