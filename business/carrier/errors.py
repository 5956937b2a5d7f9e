"""What a carrier's source of figures may say instead of figures.

    runtime.errors.Refusal
    ├── NoSuchBill       there is no bill of that month
    └── LoadRefused      a file of subscribers has mistakes; nothing of it was loaded
    runtime.errors.SourceFault
    └── SourceFailed     the source did not answer, contradicts itself or is stale: no figure is shown
"""

from datetime import datetime

from runtime.errors import Refusal, SourceFault


class NoSuchBill(Refusal):
    """There is no bill of `month` ("YYYY-MM", or what was asked for when it is no month)."""

    code = "no_such_bill"

    def __init__(self, month: str) -> None:
        self.month = month
        super().__init__(f"no bill of {month}")


class LoadRefused(Refusal):
    """`problems` are sentences, each with the line of the file and the key; they never repeat a value, which may be private."""

    code = "load_refused"

    def __init__(self, problems: tuple[str, ...]) -> None:
        self.problems = problems
        super().__init__("; ".join(problems))


class SourceFailed(SourceFault):
    """`source` has nothing to show. `since` is the moment of its last good figure, None when there never was one."""

    def __init__(self, source: str, since: datetime | None, reason: str = "failed") -> None:
        self.source = source
        self.since = since
        self.reason = reason
        super().__init__(f"{source}: {reason}")
