"""Rules by the action and intent they begin to be compared with.

Rasa compares every rule with the present state at each prediction. A rule whose last state names another previous action, or another
intent, can never match; only the others are handed to Rasa's own comparison.
"""

from typing import Any, Dict, List, Optional, Set, Tuple

from bot.engine.patches import Undo
from bot.engine.patches.replace import replaced

Key = Tuple[Optional[str], Optional[str]]


class RuleIndex:
    """One lookup of a RulePolicy. None stands for what a rule leaves open."""

    def __init__(self, lookup: Dict[str, str], state_of: Any) -> None:
        self.lookup = lookup
        self._keys: Dict[Key, List[str]] = {}
        for rule in lookup:
            last = state_of(rule)[-1]
            self._keys.setdefault((_named(last, "prev_action", "action_name"), _named(last, "user", "intent")), []).append(rule)

    def candidates(self, state: Dict[str, Any]) -> Set[str]:
        """Every rule that Rasa's comparison of the last state could let pass, and some that it will not."""
        action, intent = _named(state, "prev_action", "action_name"), _named(state, "user", "intent")
        found: Set[str] = set()
        for key in {(action, intent), (action, None), (None, intent), (None, None)}:
            found.update(self._keys.get(key, ()))
        return found


def _named(state: Dict[str, Any], part: str, name: str) -> Optional[str]:
    from rasa.shared.core.constants import SHOULD_NOT_BE_SET

    value = (state.get(part) or {}).get(name)
    return value if value and isinstance(value, str) and value != SHOULD_NOT_BE_SET else None


def index_rules() -> Undo:
    """RulePolicy._get_possible_keys gives the same set."""
    from rasa.core.policies.rule_policy import RulePolicy

    stock = RulePolicy._get_possible_keys

    def possible(self: RulePolicy, lookup: Dict[str, str], states: List[Dict[str, Any]]) -> Set[str]:
        if not states or not states[-1].get("prev_action"):
            # At a conversation's start Rasa lets every rule pass that begins there, whatever its intent.
            return stock(self, lookup, states)
        indexes: Dict[int, RuleIndex] = self.__dict__.setdefault("_weiting_rule_indexes", {})
        index = indexes.get(id(lookup))
        if index is None:
            index = indexes[id(lookup)] = RuleIndex(lookup, self._rule_key_to_state)
        keys = index.candidates(states[-1])
        for turn, state in enumerate(reversed(states)):
            if not keys:
                break
            keys = {key for key in keys if self._is_rule_applicable(key, turn, state)}
        return keys

    return replaced(RulePolicy, "_get_possible_keys", possible)
