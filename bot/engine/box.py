"""What one turn carries along while Rasa runs it: put in a context variable, so that turns side by side never meet."""

import time
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Dict, List, Optional

from rasa.shared.core.events import Event
from rasa.shared.core.trackers import DialogueStateTracker


@dataclass
class TurnBox:
    """Mutable, lives as long as its turn.

    events: what the tracker starts from, None for a conversation that has never been.
    actions_url: the action server of the core that asks; empty for the process's own.
    tracker: the tracker at the turn's end, put here by the store.
    outcomes: action name → ok | refused | failed, in order of their first call.
    seconds: where the time went: understand, action.
    """

    events: Optional[List[Event]] = None
    actions_url: str = ""
    tracker: Optional[DialogueStateTracker] = None
    parsed: Optional[Dict[str, Any]] = None
    outcomes: Dict[str, str] = field(default_factory=dict)
    seconds: Dict[str, float] = field(default_factory=lambda: {"understand": 0.0, "action": 0.0})
    started: float = field(default_factory=time.perf_counter)

    def spend(self, part: str, since: float) -> None:
        """Adds what has passed since `since` (perf_counter seconds) to `part`."""
        self.seconds[part] += time.perf_counter() - since


BOX: "ContextVar[Optional[TurnBox]]" = ContextVar("weiting_turn", default=None)
