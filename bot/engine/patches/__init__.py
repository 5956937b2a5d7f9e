"""What is changed in Rasa while it serves. Each module holds one patch, proved equal by its comparison test.

A patch is a function that changes Rasa's classes and returns the function that changes them back. It serves only: training runs
an unpatched Rasa. All are pinned to one version, because each relies on how that version's methods fit together.
"""

from typing import Callable, List, Tuple

from bot.engine.errors import WrongRasa

PINNED = "3.6.21"

Undo = Callable[[], None]
Patch = Callable[[], Undo]


def registry() -> Tuple[Tuple[str, Patch], ...]:
    """Name and patch, in the order they are applied."""
    from bot.engine.patches.applied_events import cache_applied_events
    from bot.engine.patches.debug_lines import skip_debug_lines
    from bot.engine.patches.event_types import cache_event_types
    from bot.engine.patches.graph_plan import plan_graph
    from bot.engine.patches.past_states import carry_past_states
    from bot.engine.patches.rule_index import index_rules
    from bot.engine.patches.schema_check import cache_schema_check

    return (
        ("schema_check", cache_schema_check),
        ("event_types", cache_event_types),
        ("graph_plan", plan_graph),
        ("debug_lines", skip_debug_lines),
        ("applied_events", cache_applied_events),
        ("past_states", carry_past_states),
        ("rule_index", index_rules),
    )


def check_version() -> None:
    """Raises WrongRasa unless the installed Rasa is the pinned one."""
    from rasa.version import __version__

    if __version__ != PINNED:
        raise WrongRasa(f"The patches are proved against Rasa {PINNED}; this is {__version__}.")


def apply_all() -> Undo:
    """Applies every patch; returns what takes them back. Raises WrongRasa."""
    check_version()
    undos: List[Undo] = [patch() for _, patch in registry()]

    def undo() -> None:
        for one in reversed(undos):
            one()

    return undo
