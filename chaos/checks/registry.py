"""The checks of a run: those whose findings must be none, and those whose findings are listed."""

from collections.abc import Callable

from chaos.checks.both import find_both
from chaos.checks.lost import find_lost, find_not_taken, find_passive_unseen
from chaos.checks.order import find_order_excused, find_out_of_order
from chaos.checks.purse import find_wrong_purse
from chaos.checks.stuck import find_stuck
from chaos.checks.twice import find_twice
from chaos.checks.unknown import find_unknown
from chaos.evidence import Evidence, Finding

Check = Callable[[Evidence], list[Finding]]

MUST_BE_NONE: tuple[tuple[str, Check], ...] = (
    ("lost", find_lost),
    ("twice", find_twice),
    ("out_of_order", find_out_of_order),
    ("both", find_both),
    ("stuck", find_stuck),
    ("wrong_purse", find_wrong_purse),
)
LISTED: tuple[tuple[str, Check], ...] = (
    ("unknown", find_unknown),
    ("not_taken", find_not_taken),
    ("passive_unseen", find_passive_unseen),
    ("order_excused", find_order_excused),
)
