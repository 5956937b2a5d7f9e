"""Which of a conversation's events a state keeps.

Three looks back decide it. Rules read the events that still apply (`applied_events`: reverted turns and the happy path of a form are
gone from them). The two-stage fallback counts the last three messages as they came, reverted or not. Policies that learn from
stories see past the turns that rules alone decided (`hide_rule_turn`), so a story can go on after any number of those.

So the last `RAW_TURNS` turns are kept as they came, what lies before them as far as it applies, and of what is older still only what
stories see; then the whole is cut where `APPLIED_TURNS` user turns and as many visible actions as stories look back still follow.
A subscriber whose every message is reverted, or answered by a rule, neither empties the window nor grows it.

A cut lies before an `action_listen` that a user message follows, outside a loop if there is such a place among the
`TURNS_TO_LEAVE_A_LOOP` before, and only where nothing after it reaches back over it.
"""

from typing import List, Optional, Sequence, Set

from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.events import (
    ActionExecuted,
    ActiveLoop,
    DefinePrevUserUtteredFeaturization,
    Event,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker

RAW_TURNS = 4
APPLIED_TURNS = 6
TURNS_TO_LEAVE_A_LOOP = 6

_PLAIN = (UserUttered, DefinePrevUserUtteredFeaturization, ActionExecuted, SlotSet)


def compact(tracker: DialogueStateTracker, raw: List[Event]) -> List[Event]:
    """The same conversation with its older part reduced to what applies, and its oldest to what stories see."""
    applied = _applied(tracker, raw)
    for start in reversed(_boundaries(raw)[: 1 - RAW_TURNS]):
        before = _applied(tracker, raw[:start])
        if _is_prefix(before, applied):
            return _without_hidden_turns(before) + raw[start:]
    return raw


def _without_hidden_turns(applied: List[Event]) -> List[Event]:
    """Drops, before the last APPLIED_TURNS, the turns outside loops that only rules decided; the slots they set stay set."""
    boundaries = _boundaries(applied)[: 1 - APPLIED_TURNS]
    if len(boundaries) < 2:
        return applied
    kept = applied[: boundaries[0] + 1]
    for start, end in zip(boundaries, boundaries[1:]):
        turn = applied[start + 1 : end + 1]
        in_loop = any(isinstance(event, ActiveLoop) for event in kept) and _open_loop(kept)
        kept += turn if in_loop or not _is_hidden(turn) else [event for event in turn if isinstance(event, SlotSet)]
    return _latest_slots(kept) + applied[boundaries[-1] + 1 :]


def _is_hidden(turn: Sequence[Event]) -> bool:
    return all(isinstance(event, _PLAIN) for event in turn) and all(
        event.hide_rule_turn for event in turn if isinstance(event, ActionExecuted)
    )


def _open_loop(events: Sequence[Event]) -> bool:
    last = next(event for event in reversed(events) if isinstance(event, ActiveLoop))
    return last.name is not None


def _latest_slots(events: List[Event]) -> List[Event]:
    """Of the sets of one slot with nothing but sets between them only the last one."""
    kept: List[Event] = []
    later: Set[str] = set()
    for event in reversed(events):
        if not isinstance(event, SlotSet):
            later.clear()
        elif event.key in later:
            continue
        else:
            later.add(event.key)
        kept.append(event)
    return kept[::-1]


def cuts(tracker: DialogueStateTracker, history: List[Event], visible_actions: int) -> List[int]:
    """Where to cut, best first; the later ones are for a state that came out too large.

    visible_actions: how many actions a policy that learns from stories looks back; 0 when there is none.
    """
    boundaries = _boundaries(history)
    applied = _applied(tracker, history)
    clean = [cut for cut in boundaries if _is_prefix(_applied(tracker, history[:cut]), applied)]
    wide = [cut for cut in clean if _is_wide(applied[len(_applied(tracker, history[:cut])) :], visible_actions)]
    near = wide[-1 - TURNS_TO_LEAVE_A_LOOP :]
    outside = [cut for cut in near if tracker_at(tracker, history, cut).active_loop is None]
    preferred = outside[-1:] or near[-1:] or [0]
    return preferred + [cut for cut in boundaries if cut > preferred[0]] + [len(history)]


def tracker_at(tracker: DialogueStateTracker, history: List[Event], cut: int) -> DialogueStateTracker:
    """The conversation as it was at the cut: replayed, because a revert un-sets slots."""
    scratch = tracker.init_copy()
    scratch.events.extend(history[:cut])
    scratch.replay_events()
    return scratch


def last_action(events: Sequence[Event]) -> Optional[str]:
    """The last action that was more than listening."""
    for event in reversed(events):
        if isinstance(event, ActionExecuted) and event.action_name not in (None, ACTION_LISTEN_NAME):
            return event.action_name
    return None


def _boundaries(events: Sequence[Event]) -> List[int]:
    """Indexes of each action_listen that is followed, slots aside, by a user message; oldest first."""
    found = []
    listen: Optional[int] = None
    for index, event in enumerate(events):
        if isinstance(event, ActionExecuted):
            listen = index if event.action_name == ACTION_LISTEN_NAME else None
        elif isinstance(event, UserUttered) and listen is not None:
            found.append(listen)
            listen = None
    return found


def _applied(tracker: DialogueStateTracker, events: Sequence[Event]) -> List[Event]:
    scratch = tracker.init_copy()
    scratch.events.extend(events)
    return scratch.applied_events()


def _is_prefix(before: Sequence[Event], whole: Sequence[Event]) -> bool:
    return len(before) <= len(whole) and all(one is other for one, other in zip(before, whole))


def _is_wide(after: Sequence[Event], visible_actions: int) -> bool:
    turns = sum(isinstance(event, UserUttered) for event in after)
    visible = sum(isinstance(event, ActionExecuted) and not event.hide_rule_turn for event in after)
    return turns >= APPLIED_TURNS and visible >= visible_actions
