"""Sanic's signals where nobody listens to them."""

from collections.abc import Iterator
from enum import Enum
from typing import Any

from sanic.signals import SignalRouter

_REQUESTS = "http."


class QuietSignals(SignalRouter):
    """Sanic sends eight signals for each request and searches each time for who listens: 0.16 ms of CPU a request (measured), nothing
    for an app that has no listeners. Sanic's own remedy (TOUCHUP) rewrites its classes for the whole process, by one app's listeners."""

    def __init__(self) -> None:
        super().__init__()
        self._quiet = False

    def finalize(self, do_compile: bool = True, do_optimize: bool = False) -> Any:
        """As Sanic's; from here on it is known who listens."""
        found = super().finalize(do_compile, do_optimize)
        self._quiet = not any(name.startswith(_REQUESTS) for name in self.name_index)
        return found

    def dispatch(self, event: str | Enum, *, inline: bool = False, **named: Any) -> Any:
        """As Sanic's; what is sent for each request goes nowhere where none of it is listened to."""
        if inline and self._quiet and self.finalized:
            name = event.value if isinstance(event, Enum) else event
            if name.startswith(_REQUESTS):
                return _NOTHING
        return super().dispatch(event, inline=inline, **named)


class _Nothing:
    """To be awaited: done at once."""

    def __await__(self) -> Iterator[None]:
        return iter(())


_NOTHING = _Nothing()
