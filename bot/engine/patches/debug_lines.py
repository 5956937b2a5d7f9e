"""What Rasa copies and formats for debug lines that nobody reads.

`copy.deepcopy` of trackers' states and events, and `format_tracker_states`, are made before the logger looks at its level. The modules
below use `copy` for values of debug lines only, or get a `copy` of theirs whose deepcopy still copies where it matters.
"""

import copy
import types
from typing import Any, List

from bot.engine.patches import Undo
from bot.engine.patches.replace import replaced


class _NoCopy(types.ModuleType):
    """Stands for the module `copy` where deepcopy is called for debug lines alone."""

    copy = staticmethod(copy.copy)

    @staticmethod
    def deepcopy(value: Any) -> Any:
        return value


def skip_debug_lines() -> Undo:
    """Nothing but the debug lines themselves can differ."""
    import rasa.core.actions.forms as forms
    import rasa.core.policies.memoization as memoization
    import rasa.core.policies.rule_policy as rule_policy
    import rasa.core.processor as processor
    from rasa.core.policies.policy import Policy

    def nothing(states: List[Any]) -> str:
        return ""

    uncopied = _NoCopy("copy")
    undos = [
        replaced(processor, "copy", uncopied),
        replaced(forms, "copy", uncopied),
        replaced(rule_policy, "copy", uncopied),
        replaced(memoization, "copy", uncopied),
        replaced(Policy, "format_tracker_states", staticmethod(nothing)),
    ]

    def undo() -> None:
        for one in reversed(undos):
            one()

    return undo
