"""A tracker's past states, carried on instead of replayed.

Rasa replays the whole history for each policy, twice for rules, at every prediction of a turn; between two predictions a few events
are added. A walk keeps the replayed tracker and the states before each action so far, and goes on from there. When history was
reverted, the applied events no longer begin with those walked, and the walk starts anew.

A state is kept once its action is in the history: by then the user message before it has its final featurization. Readers change the
states they get, so they get copies.
"""

from typing import Any, Dict, List, Optional, Tuple

from bot.engine.patches import Undo
from bot.engine.patches.replace import replaced


class Walk:
    """How far one way of reading a tracker has come. The flags are those of Domain.states_for_tracker_history."""

    def __init__(
        self, tracker: Any, omit_unset_slots: bool, ignore_rule_only_turns: bool, rule_only_data: Optional[Dict[str, Any]]
    ) -> None:
        self._tracker = tracker.init_copy()
        self._omit = omit_unset_slots
        self._ignore = ignore_rule_only_turns
        self._rule_only = rule_only_data
        self._walked: List[Any] = []
        self._states: List[Dict[str, Any]] = []
        self._last_action: Optional[Dict[str, str]] = None
        self._hidden = False

    def follows(self, applied: List[Any]) -> bool:
        """Whether the applied events begin with the walked ones."""
        return len(self._walked) <= len(applied) and all(one is other for one, other in zip(self._walked, applied))

    def states(self, applied: List[Any], domain: Any) -> List[Dict[str, Any]]:
        """The states of a tracker with these applied events, the present one last."""
        from rasa.shared.core.events import ActionExecuted

        for event in applied[len(self._walked) :]:
            if isinstance(event, ActionExecuted):
                state, self._last_action, self._hidden = self._look(domain, event.hide_rule_turn)
                if state is not None:
                    self._states.append(state)
            self._tracker.update(event)
            self._walked.append(event)
        present, _, _ = self._look(domain, False)
        found = self._states if present is None else [*self._states, present]
        return [_copied(state) for state in found]

    def _look(self, domain: Any, hide: bool) -> Tuple[Optional[Dict[str, Any]], Optional[Dict[str, str]], bool]:
        """One round of Domain.states_for_tracker_history: the state (None for a hidden turn), and what the next round needs."""
        last_action, hidden = self._last_action, self._hidden
        tracker = self._tracker
        if self._ignore:
            if not hidden:
                last_action = domain._get_prev_action_sub_state(tracker)
            if not tracker.followup_action and tracker.latest_action_name != tracker.active_loop_name:
                hidden = hide
            if hidden:
                return None, last_action, hidden
        state = domain.get_active_state(tracker, omit_unset_slots=self._omit)
        if self._ignore:
            domain._remove_rule_only_features(state, self._rule_only)
            if self._states:
                domain._substitute_rule_only_user_input(state, self._states[-1])
            if last_action:
                state["prev_action"] = last_action
        return domain._clean_state(state), last_action, hidden


def _copied(state: Dict[str, Any]) -> Dict[str, Any]:
    return {name: dict(part) if isinstance(part, dict) else part for name, part in state.items()}


def carry_past_states() -> Undo:
    """DialogueStateTracker.past_states gives equal states in the same order."""
    from rasa.shared.core.domain import Domain, State
    from rasa.shared.core.trackers import DialogueStateTracker

    def past_states(
        self: DialogueStateTracker,
        domain: Domain,
        omit_unset_slots: bool = False,
        ignore_rule_only_turns: bool = False,
        rule_only_data: Optional[Dict[str, Any]] = None,
    ) -> List[State]:
        walks: Dict[Any, Walk] = self.__dict__.setdefault("_weiting_walks", {})
        key = (id(domain), omit_unset_slots, ignore_rule_only_turns, repr(rule_only_data) if ignore_rule_only_turns else None)
        applied = self.applied_events()
        walk = walks.get(key)
        if walk is None or not walk.follows(applied):
            walk = walks[key] = Walk(self, omit_unset_slots, ignore_rule_only_turns, rule_only_data)
        return walk.states(applied, domain)

    return replaced(DialogueStateTracker, "past_states", past_states)
