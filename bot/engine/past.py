"""What a tracker's events tell of this turn and of the ones before it."""

from typing import Collection, List, Tuple

from rasa.shared.core.events import ActionExecuted, ActiveLoop, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker


def left_something(tracker: DialogueStateTracker, leftovers: Collection[str]) -> bool:
    """Whether this turn set one of these slots or closed a form. What an earlier, broken turn left on the stack is not taken up."""
    for event in reversed(tracker.events):
        if isinstance(event, UserUttered):
            return False
        if isinstance(event, ActiveLoop) or (isinstance(event, SlotSet) and event.key in leftovers):
            return True
    return False


def led_this_turn(tracker: DialogueStateTracker, policy: str) -> bool:
    """Whether a step of this turn was the policy's: no rule then knows how the turn ends."""
    for event in reversed(tracker.events):
        if isinstance(event, UserUttered):
            return False
        if isinstance(event, ActionExecuted) and policy in (event.policy or ""):
            return True
    return False


def earlier_turns(tracker: DialogueStateTracker, limit: int) -> List[Tuple[str, ...]]:
    """The actions of the last `limit` turns before the present one, newest turn first."""
    turns: List[Tuple[str, ...]] = []
    names: List[str] = []
    seen_current = False
    for event in reversed(tracker.events):
        if isinstance(event, UserUttered):
            if seen_current:
                turns.append(tuple(names))
            seen_current, names = True, []
            if len(turns) == limit:
                break
        elif isinstance(event, ActionExecuted) and event.action_name:
            names.append(event.action_name)
    return turns
