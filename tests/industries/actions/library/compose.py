"""Puts the library's actions together with its books."""

from pathlib import Path

from actions.industry import Industry
from actions.library.loans import QueryLoans, RequestLibrarian
from business.library.loans import LoanFile
from runtime.ground import Ground


def compose(ground: Ground, bot_folder: Path) -> Industry:
    """The books lie beside the code."""
    books = LoanFile(bot_folder.parents[1] / "business" / "library" / "loans.yml", ground.clock)
    return Industry("library", [QueryLoans(books), RequestLibrarian()])
