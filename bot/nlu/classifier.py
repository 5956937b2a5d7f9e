"""Rasa component: the intent of a message in three bands, and the `understanding` object.

Accepted, `intent` is the intent. Near readings make it `unclear`, nothing near makes it `out_of_scope`; parse_data["understanding"]
holds the door's object with the candidates (README.md). `load` raises ModelError on anything but the model that was trained.
"""

import hashlib
import logging
from pathlib import Path
from typing import Any, Dict, List, Optional, Tuple

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu import classes
from bot.nlu.classes import Classes
from bot.nlu.errors import ModelError
from bot.nlu.extractor import found_values
from bot.nlu.features import shared_segmenter
from bot.nlu.meaning import PACKAGE, Encoder, is_installed, shared_encoder
from bot.nlu.model import Reader, understood
from bot.nlu.names import ASKS, OUT_OF_SCOPE, UNCLEAR, UNDERSTANDING
from bot.nlu.products import PRODUCTS_FILE, shared_catalogue

logger = logging.getLogger(__name__)

RANKING_LENGTH = 10
REPOSITORY = Path(__file__).resolve().parents[2]


def read_out_of_scope(path: Optional[str]) -> List[str]:
    """Lines of the out-of-scope file (`#` begins a comment); none without a path. Paths count from the repository's root."""
    if not path:
        return []
    file = REPOSITORY / path
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError as error:
        raise InvalidConfigException(f"The classifier's out_of_scope file {path} does not exist.") from error
    return [line for line in lines if line.strip() and not line.startswith("#")]


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class BandedClassifier(GraphComponent, IntentClassifier):
    """Comes last in the pipeline."""

    def __init__(self, config: Dict[str, Any], model_storage: ModelStorage, resource: Resource, reader: Optional[Reader] = None) -> None:
        self._config = config
        self._model_storage = model_storage
        self._resource = resource
        self._reader = reader

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        limits = {"in_scope_served": 0.95, "accepted_right": 0.94, "orders": [], "orders_right": 0.98}
        return {"out_of_scope": None, **limits, "sentence_vectors": True, "products": PRODUCTS_FILE}

    @staticmethod
    def required_packages() -> List[str]:
        return ["jieba", "numpy", "opencc", "pypinyin"]

    @classmethod
    def fingerprint_addon(cls, config: Dict[str, Any]) -> Optional[str]:
        """What Rasa's cache of trained components would not notice: the out-of-scope file, the code that features are made by,
        and whether sentence vectors can be had."""
        digest = hashlib.sha256("\n".join(read_out_of_scope(config.get("out_of_scope"))).encode())
        digest.update(str(is_installed()).encode())
        for source in sorted(Path(__file__).parent.glob("*.py")):
            digest.update(source.read_bytes())
        return digest.hexdigest()

    @classmethod
    def create(
        cls, config: Dict[str, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext
    ) -> "BandedClassifier":
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> "BandedClassifier":
        try:
            with model_storage.read_from(resource) as folder:
                return cls(config, model_storage, resource, Reader.load(folder))
        except ValueError as error:
            raise ModelError(f"The model has no {resource.name}: it was not trained with this classifier.") from error

    def train(self, training_data: TrainingData) -> Resource:
        from bot.nlu.learning import Recipe, learn  # scikit-learn is needed for training only

        recipe = Recipe(
            in_scope_served=self._config["in_scope_served"],
            accepted_right=self._config["accepted_right"],
            orders=tuple(self._config["orders"]),
            orders_right=self._config["orders_right"],
        )
        outside = read_out_of_scope(self._config["out_of_scope"])
        products = shared_catalogue(self._config["products"])
        learnt = learn(_labelled(training_data), outside, recipe, shared_segmenter(), self._encoder, products=products)
        self._reader = Reader.over(learnt)
        self._persist(learnt)
        return self._resource

    def _encoder(self) -> Optional[Encoder]:
        if not self._config["sentence_vectors"]:
            return None
        if not is_installed():
            logger.warning("%s is not installed: the model reads words, characters and sounds only, with limits of its own.", PACKAGE)
            return None
        return shared_encoder()

    def _persist(self, learnt: Classes) -> None:
        with self._model_storage.write_to(self._resource) as folder:
            classes.save(learnt, folder)

    def process(self, messages: List[Message]) -> List[Message]:
        for message in messages:
            self._read(message)
        return messages

    def _read(self, message: Message) -> None:
        if self._reader is None:
            raise ModelError("The classifier has not been trained.")
        found = found_values(message)
        meant = understood(message.get(TEXT) or "", found, self._reader.read(found))
        ranking = [{"name": intent, "confidence": likely} for intent, likely in meant.ranked.ranking[:RANKING_LENGTH]]
        message.set(INTENT, {"name": meant.rule_intent(), "confidence": meant.best[1]}, add_to_output=True)
        message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
        message.set(UNDERSTANDING, meant.door(), add_to_output=True)
        message.set(ASKS, [ask.as_dict() for ask in meant.asks], add_to_output=True)


def _labelled(training_data: TrainingData) -> List[Tuple[str, str]]:
    """(text, intent) pairs; the two names of the bands are no intents, whoever wrote examples for them."""
    pairs = [(example.get(TEXT), example.get(INTENT)) for example in training_data.intent_examples]
    return [(text, intent) for text, intent in pairs if text and intent not in (None, OUT_OF_SCOPE, UNCLEAR)]
