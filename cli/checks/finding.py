"""One line of the doctor's."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """`bad` keeps the deployment from working or loses something; `warn` is worth knowing."""

    OK = "ok"
    WARN = "warn"
    BAD = "bad"


@dataclass(frozen=True)
class Finding:
    """What was looked at, how it is, and what to do about it (empty when it is well)."""

    check: str
    level: Level
    said: str
    mend: str = ""


def ok(check: str, said: str) -> Finding:
    return Finding(check, Level.OK, said)


def warn(check: str, said: str, mend: str) -> Finding:
    return Finding(check, Level.WARN, said, mend)


def bad(check: str, said: str, mend: str) -> Finding:
    return Finding(check, Level.BAD, said, mend)
