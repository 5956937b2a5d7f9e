"""Rasa component: the plain writing of a message and the way back to the text as sent (`normalise`)."""

from typing import Any, Dict, List

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.names import NORMALISED
from bot.nlu.normalise import Normalised, normalise


def normalised_text(message: Message) -> Normalised:
    """What the component left on the message, or the same made now for a pipeline without it."""
    stored = message.get(NORMALISED)
    return stored if isinstance(stored, Normalised) else normalise(message.get(TEXT) or "")


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class Normaliser(GraphComponent):
    """Comes first in the pipeline."""

    @classmethod
    def create(
        cls, config: Dict[str, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext
    ) -> "Normaliser":
        return cls()

    def process(self, messages: List[Message]) -> List[Message]:
        for message in messages:
            message.set(NORMALISED, normalise(message.get(TEXT) or ""))
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Training data stays as it was written: the classifier makes noisy copies of it before it normalises."""
        return training_data
