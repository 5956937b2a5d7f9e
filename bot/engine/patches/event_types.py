"""Event classes by their type name, looked up instead of searched.

Rasa walks every subclass of Event for each event of an action's answer.
"""

from typing import Dict, Optional, Type

from bot.engine.patches import Undo
from bot.engine.patches.replace import replaced


def cache_event_types() -> Undo:
    """Event.resolve_by_type gives the same class, and asks Rasa for a name it has not met."""
    from rasa.shared.core.events import Event

    stock = Event.resolve_by_type
    known: Dict[str, Type[Event]] = {}

    def resolve(type_name: str, default: Optional[Type[Event]] = None) -> Optional[Type[Event]]:
        found = known.get(type_name)
        if found is None:
            found = stock(type_name, default)
            if found is not None and found is not default:
                known[type_name] = found
        return found

    return replaced(Event, "resolve_by_type", staticmethod(resolve))
