"""A tracker's applied events, worked out once for each length of its history.

Rasa walks all events for every question about the last one, several times in a prediction. Events are only ever appended.
"""

from typing import List, Optional, Tuple

from bot.engine.patches import Undo
from bot.engine.patches.replace import replaced


def cache_applied_events() -> Undo:
    """DialogueStateTracker.applied_events gives a list of its own with the same events."""
    from rasa.shared.core.events import Event
    from rasa.shared.core.trackers import DialogueStateTracker

    stock = DialogueStateTracker.applied_events

    def applied(self: DialogueStateTracker) -> List[Event]:
        events = self.events
        if not events:
            return stock(self)
        cached: Optional[Tuple[int, Event, List[Event]]] = self.__dict__.get("_weiting_applied")
        if cached is None or cached[0] != len(events) or cached[1] is not events[-1]:
            cached = (len(events), events[-1], stock(self))
            self.__dict__["_weiting_applied"] = cached
        return list(cached[2])

    return replaced(DialogueStateTracker, "applied_events", applied)
