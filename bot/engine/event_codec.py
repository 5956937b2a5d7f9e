"""Rasa's events as short JSON arrays and back: `["u", text, intent, …]`.

One row of CODECS for each kind of event that a later prediction can depend on; what has no row is left out of the state.
"""

from typing import Any, Callable, Dict, List, NamedTuple, Optional, Tuple, Type

from rasa.shared.core.events import (
    ActionExecuted,
    ActionExecutionRejected,
    ActionReverted,
    ActiveLoop,
    AllSlotsReset,
    ConversationPaused,
    ConversationResumed,
    DefinePrevUserUtteredFeaturization,
    EntitiesAdded,
    Event,
    FollowupAction,
    LoopInterrupted,
    Restarted,
    SlotSet,
    UserUtteranceReverted,
    UserUttered,
)

MAX_TEXT = 200
"""Characters kept of an earlier message. Rules read intents; the text is only for actions that look back."""

ENTITY_KEYS = ("entity", "value", "role", "group", "start", "end")


class Codec(NamedTuple):
    """How one kind of event is written: `write` gives what follows its letter, `read` takes that."""

    letter: str
    kind: Type[Event]
    write: Callable[[Any], List[Any]]
    read: Callable[..., Event]


def _write_user(event: UserUttered) -> List[Any]:
    entities = [{key: entity[key] for key in ENTITY_KEYS if entity.get(key) is not None} for entity in event.entities]
    text = event.text[:MAX_TEXT] if event.text else event.text
    confidence = event.intent.get("confidence")
    rounded = None if confidence is None else round(float(confidence), 4)
    return [text, event.intent_name, rounded, entities, event.use_text_for_featurization]


def _read_user(
    text: Optional[str], intent: Optional[str], confidence: Optional[float], entities: List[Dict[str, Any]], use_text: Optional[bool]
) -> UserUttered:
    if not all(isinstance(entity, dict) for entity in entities):
        raise TypeError("an entity is an object")
    named = {"name": intent, "confidence": confidence} if intent or confidence is not None else {}
    return UserUttered(text, named, entities, use_text_for_featurization=use_text, input_channel="turn")


def _read_action(name: Optional[str], hidden: bool = False, text: Optional[str] = None) -> ActionExecuted:
    return ActionExecuted(name, hide_rule_turn=hidden, action_text=text)


def _write_action(event: ActionExecuted) -> List[Any]:
    if event.action_text:
        return [event.action_name, event.hide_rule_turn, event.action_text]
    return [event.action_name, True] if event.hide_rule_turn else [event.action_name]


def _nothing(_event: Event) -> List[Any]:
    return []


CODECS: Tuple[Codec, ...] = (
    Codec("u", UserUttered, _write_user, _read_user),
    Codec("a", ActionExecuted, _write_action, _read_action),
    Codec("s", SlotSet, lambda event: [event.key, event.value], SlotSet),
    Codec("l", ActiveLoop, lambda event: [event.name], ActiveLoop),
    Codec("j", ActionExecutionRejected, lambda event: [event.action_name], ActionExecutionRejected),
    Codec("i", LoopInterrupted, lambda event: [event.is_interrupted], LoopInterrupted),
    Codec("f", DefinePrevUserUtteredFeaturization, lambda event: [event.use_text_for_featurization], DefinePrevUserUtteredFeaturization),
    Codec("e", EntitiesAdded, lambda event: [event.entities], EntitiesAdded),
    Codec("n", FollowupAction, lambda event: [event.action_name], FollowupAction),
    Codec("r", UserUtteranceReverted, _nothing, UserUtteranceReverted),
    Codec("b", ActionReverted, _nothing, ActionReverted),
    Codec("z", AllSlotsReset, _nothing, AllSlotsReset),
    Codec("p", ConversationPaused, _nothing, ConversationPaused),
    Codec("q", ConversationResumed, _nothing, ConversationResumed),
    Codec("x", Restarted, _nothing, Restarted),
)

_BY_KIND = {codec.kind: codec for codec in CODECS}
_BY_LETTER = {codec.letter: codec for codec in CODECS}


def encode_event(event: Event) -> Optional[List[Any]]:
    """None for a kind that is left out of a state (what the bot said, reminders)."""
    codec = _BY_KIND.get(type(event))
    return None if codec is None else [codec.letter, *codec.write(event)]


def decode_event(code: Any) -> Event:
    """Raises KeyError, TypeError or ValueError for what `encode_event` did not make."""
    if not isinstance(code, list) or not code:
        raise TypeError("an event is a list")
    return _BY_LETTER[code[0]].read(*code[1:])
