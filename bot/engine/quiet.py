"""What a bot process writes: warnings and faults, on stderr. Rasa logs subscribers' words in its debug lines."""

import logging
import sys
import warnings
from typing import Any


def keep_quiet(level: int = logging.WARNING) -> None:
    """Configures logging and structlog (which, left alone, prints every debug line to stdout)."""
    import structlog

    logging.basicConfig(level=level, stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s %(message)s", force=True)
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    warnings.simplefilter("ignore")
    # Some of Rasa's dependencies put the filters back while they are imported.
    warnings.showwarning = _drop


def _drop(*_arguments: Any, **_options: Any) -> None:
    """A warning nobody reads."""
