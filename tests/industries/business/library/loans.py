"""Who has which book: a file of the library's own, by account and openid."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import yaml

from runtime.clock import Clock


@dataclass(frozen=True)
class Loans:
    """The titles on loan to one reader."""

    titles: tuple[str, ...]
    as_of: datetime


class LoanFile:
    """Reads the file at each question: it is small and changes by hand."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self._path = path
        self._clock = clock

    def loans(self, account: str, openid: str) -> Loans:
        """An openid nobody knows has none."""
        books = yaml.safe_load(self._path.read_text(encoding="utf-8"))
        return Loans(tuple(books.get(account, {}).get(openid, ())), self._clock.now())
