"""What a bot process writes: warnings and faults, on stderr. Rasa logs subscribers' words in its debug lines."""

import logging
import sys
import warnings


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
