"""The words of identity: small frozen values that cross its seam."""

from dataclasses import dataclass, field
from datetime import datetime


class Seal:
    """What an Access must carry. Only business.identity holds the one that counts."""


_SEAL = Seal()

LEVEL_NOTHING = 0
LEVEL_BOUND = 1
LEVEL_FRESH_CODE = 2


@dataclass(frozen=True)
class LineRef:
    """A bound line as it may be named to its subscriber. `masked` is like 179****0001."""

    line_id: str
    masked: str
    customer_id: str


@dataclass(frozen=True)
class HeldLine:
    """A line as its carrier knows it. `live` is False once it is closed, ported out or given to someone else's keeping."""

    line_id: str
    customer_id: str
    phone: str = field(repr=False)
    masked: str
    birth_year: int | None
    live: bool = True

    @property
    def ref(self) -> LineRef:
        """The part of it that may leave identity."""
        return LineRef(self.line_id, self.masked, self.customer_id)


@dataclass(frozen=True)
class Access:
    """The right to read the figures of `line`, for one purpose in one turn.

    Made by `Identity.access_figures` alone: a source of figures takes nothing else, so no figure is read without proof and an
    audit row. `lines` are all lines bound to this openid, the default first; `level` is what has been proved now (1 or 2).
    """

    account: str
    openid: str
    line: LineRef
    lines: tuple[LineRef, ...]
    level: int
    purpose: str
    turn_id: str
    seal: Seal = field(repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.seal is not _SEAL:
            raise TypeError("an Access is made by Identity.access_figures alone")


@dataclass(frozen=True)
class CodeSent:
    """A one-time code is on its way to `masked`. `repeated` says that this very request had been served before."""

    masked: str
    expires_at: datetime
    repeated: bool


def open_access(
    account: str, openid: str, line: LineRef, lines: tuple[LineRef, ...], level: int, purpose: str, turn_id: str
) -> Access:
    """The one maker of Access. For business.identity's own use: a test forbids its name anywhere else."""
    return Access(account, openid, line, lines, level, purpose, turn_id, _SEAL)
