"""Plays a conversation through a stock Rasa and through the engine, and writes down what each did, in one shape.

A turn is written as what it said, the intent understood, every slot after it and every event it added. Left out of the events is
what no bot can repeat: times, message ids, and the model's id in the metadata.
"""

import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, Iterable, List, Optional, Sequence

import yaml
from rasa.core.agent import Agent
from rasa.core.channels.channel import CollectingOutputChannel, UserMessage
from rasa.shared.core.constants import SESSION_START_METADATA_SLOT
from rasa.shared.core.events import Event, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

from bot.engine.bot import Bot
from bot.engine.request import TurnRequest
from bot.engine.state import write_state

NOW = "2026-11-22T20:00:00+08:00"
UNREPEATABLE = ("timestamp", "message_id", "model_id", "assistant_id", "turn_id")


@dataclass(frozen=True)
class Turn:
    """What one message led to."""

    said: List[str]
    intent: Optional[str]
    slots: Dict[str, Any]
    events: List[Dict[str, Any]]


def read_conversations(path: Path) -> List[List[str]]:
    """One list of messages for each conversation."""
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def invent_conversation(messages: Sequence[str], turns: int, seed: int) -> List[str]:
    """A long one: the same seed gives the same conversation."""
    pick = random.Random(seed)
    return [pick.choice(messages) for _ in range(turns)]


async def play_stock(model: Path, endpoint: EndpointConfig, texts: Iterable[str]) -> List[Turn]:
    """Rasa's own agent with Rasa's own in-memory tracker store."""
    agent = Agent.load(str(model), action_endpoint=endpoint)
    return await play_agent(agent, texts)


async def play_agent(agent: Agent, texts: Iterable[str], sender: str = "demo:o1") -> List[Turn]:
    """On an agent that is loaded already."""
    turns = []
    for number, text in enumerate(texts):
        channel = CollectingOutputChannel()
        before = await agent.tracker_store.retrieve(sender)
        seen = len(before.events) if before else 0
        message = UserMessage(text, channel, sender, input_channel="turn", metadata=_metadata(number))
        message.text = text
        said = await agent.handle_message(message)
        tracker = await agent.tracker_store.retrieve(sender)
        assert tracker is not None
        turns.append(_written(said or [], tracker, seen))
    return turns


async def play_engine(bot: Bot, texts: Iterable[str]) -> List[Turn]:
    """Turn by turn through the engine; nothing but the state goes from one to the next."""
    turns, state = [], None
    for number, text in enumerate(texts):
        request = TurnRequest(f"t{number}", "demo", bot.industry, "o1", NOW, 1, state, text)
        box, said = await bot.run(request)
        assert box.tracker is not None
        state = write_state(box.tracker, NOW, bot.visible_actions)
        seen = len(box.events) if box.events is not None else 0
        turns.append(_written(said.replies, box.tracker, seen))
    return turns


def _metadata(number: int) -> Dict[str, str]:
    return {"account": "demo", "openid": "o1", "turn_id": f"t{number}", "now": NOW}


def _written(said: List[Dict[str, Any]], tracker: DialogueStateTracker, seen: int) -> Turn:
    texts = []
    for message in said:
        lines = [message["text"]] if message.get("text") else []
        lines += [f"{number}. {button['title']}" for number, button in enumerate(message.get("buttons") or [], 1)]
        if lines:
            texts.append("\n".join(lines))
    events = list(tracker.events)[seen:]
    heard = [event for event in events if isinstance(event, UserUttered)]
    return Turn(
        said=texts,
        intent=heard[-1].intent_name if heard else None,
        slots={name: slot.value for name, slot in tracker.slots.items() if name != SESSION_START_METADATA_SLOT},
        events=[_repeatable(event) for event in events if not _is_session_metadata(event)],
    )


def _is_session_metadata(event: Event) -> bool:
    return getattr(event, "key", None) == SESSION_START_METADATA_SLOT


def _repeatable(value: Any) -> Any:
    if isinstance(value, Event):
        value = value.as_dict()
    if isinstance(value, dict):
        return {key: _repeatable(inner) for key, inner in value.items() if key not in UNREPEATABLE}
    if isinstance(value, (list, tuple)):
        return [_repeatable(inner) for inner in value]
    return value
