"""What the product writes to its logs: one JSON object a line, ids instead of people.

A phone number, a name, a token or what somebody wrote never stands in a log: fields of those names are left out, texts are masked,
and tracebacks come without the values of variables.
"""

import contextlib
import logging
import sys
from collections.abc import MutableMapping
from typing import Any, TextIO, cast

import structlog

from runtime.masking import mask_text

_LEFT_OUT = frozenset({"text", "phone", "name", "token", "secret", "password", "code", "body", "content", "openid"})
_LEFT = "[left out]"


def configure_logging(stream: TextIO | None = None, level: int = logging.INFO) -> None:
    """Called once by the composer of a process, for structlog and for the standard library's loggers."""
    out = _Tolerant(stream or sys.stderr)
    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=False),
        structlog.processors.format_exc_info,
        leave_people_out,
    ]
    structlog.configure(
        processors=[*shared, structlog.processors.JSONRenderer(ensure_ascii=False)],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(cast(TextIO, out)),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(out)
    renderer = structlog.processors.JSONRenderer(ensure_ascii=False)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared, processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer]
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(max(level, logging.WARNING))


class _Tolerant:
    """A log that cannot be written (a full disk) must not end what was being logged."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        try:
            return self._stream.write(text)
        except OSError:
            return 0

    def flush(self) -> None:
        with contextlib.suppress(OSError):
            self._stream.flush()


def leave_people_out(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The last step before a line is written."""
    for key, value in event.items():
        if key in _LEFT_OUT:
            event[key] = _LEFT
        elif isinstance(value, str) and key not in ("timestamp", "level"):
            event[key] = mask_text(value)
    return event
