"""A tracker store that lives as long as the request."""

from typing import Iterable, Optional

from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.conversation import Dialogue
from rasa.shared.core.trackers import DialogueStateTracker

from bot.engine.box import BOX


class RequestTrackerStore(TrackerStore):
    """Reads the tracker from the turn's box and leaves it there; keeps nothing."""

    async def retrieve(self, sender_id: str) -> Optional[DialogueStateTracker]:
        """None for a conversation without a past: Rasa then starts its session."""
        box = BOX.get()
        if box is None or box.events is None:
            return None
        # As Rasa's own stores do it: the tracker's values come from the events that still apply, not from all of them.
        tracker = self.init_tracker(sender_id)
        tracker.recreate_from_dialogue(Dialogue(sender_id, box.events))
        return tracker

    async def save(self, tracker: DialogueStateTracker) -> None:
        """The tracker at the end of the turn."""
        box = BOX.get()
        if box is not None:
            box.tracker = tracker

    async def keys(self) -> Iterable[str]:
        """None: there is nobody here between two turns."""
        return []
