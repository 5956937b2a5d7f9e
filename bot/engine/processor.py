"""Rasa's message processor with a clock beside it: what was understood and what became of each action is noted on the turn."""

import time
from pathlib import Path
from typing import Any, Dict, Optional

from rasa.core.actions.action import Action
from rasa.core.channels.channel import OutputChannel, UserMessage
from rasa.core.lock_store import InMemoryLockStore
from rasa.core.nlg import NaturalLanguageGenerator, TemplatedNaturalLanguageGenerator
from rasa.core.policies.policy import PolicyPrediction
from rasa.core.processor import MessageProcessor
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

from bot.engine.actions import WatchedAction
from bot.engine.box import BOX


class TurnProcessor(MessageProcessor):
    """Used inside a turn only; nothing of a conversation is kept on it."""

    async def parse_message(
        self, message: UserMessage, tracker: Optional[DialogueStateTracker] = None, only_output_properties: bool = True
    ) -> Dict[str, Any]:
        """Understands the message (Rasa's own), and leaves the result and its time on the turn's box."""
        since = time.perf_counter()
        parsed = await super().parse_message(message, tracker, only_output_properties)
        box = BOX.get()
        if box is not None:
            box.parsed = parsed
            box.spend("understand", since)
        return parsed

    async def _run_action(
        self,
        action: Action,
        tracker: DialogueStateTracker,
        output_channel: OutputChannel,
        nlg: NaturalLanguageGenerator,
        prediction: PolicyPrediction,
    ) -> bool:
        return await super()._run_action(WatchedAction(action), tracker, output_channel, nlg, prediction)


def load_processor(model: Path, store: TrackerStore, endpoint: Optional[EndpointConfig]) -> TurnProcessor:
    """What Rasa's Agent assembles, without its fail-safe store: that one answers a fault with an empty conversation.

    Raises Rasa's own exceptions when the archive cannot be read or one of its components cannot be loaded.
    """
    nlg = TemplatedNaturalLanguageGenerator({})
    processor = TurnProcessor(
        model_path=str(model), tracker_store=store, lock_store=InMemoryLockStore(), generator=nlg, action_endpoint=endpoint
    )
    store.domain = processor.domain
    nlg.responses = processor.domain.responses
    return processor
