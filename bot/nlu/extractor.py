"""Rasa component: values said in a message (`values`), as entities with offsets into the text as sent.

Days are counted from `metadata["now"]` of the message (ISO 8601 with zone); without it, from the machine's clock.
"""

from datetime import datetime
from typing import Any, Dict, List, Optional

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import ENTITIES, METADATA, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.nlu.names import CORRECTS, FOUND, IMPOSSIBLE, VALUES_ONLY
from bot.nlu.normaliser import normalised_text
from bot.nlu.products import NO_PRODUCTS, PRODUCTS_FILE, Catalogue, shared_catalogue
from bot.nlu.values import SHANGHAI, Found, find_values


def clock_of(metadata: Optional[Dict[str, Any]]) -> datetime:
    """The turn's moment, aware. One that cannot be read is a fault of the caller: ValueError."""
    said = (metadata or {}).get("now")
    if said is None:
        return datetime.now(SHANGHAI)
    moment = datetime.fromisoformat(str(said).replace("Z", "+00:00"))
    return moment if moment.tzinfo else moment.replace(tzinfo=SHANGHAI)


def found_values(message: Message, products: Catalogue = NO_PRODUCTS) -> Found:
    """What the extractor left on the message, or the same found now for a pipeline without it."""
    stored = message.get(FOUND)
    if isinstance(stored, Found):
        return stored
    return find_values(message.get(TEXT) or "", normalised_text(message), clock_of(message.get(METADATA)), products)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class ValueExtractor(GraphComponent, EntityExtractorMixin):
    """Comes between the normaliser and the classifier. `products` names the file of products' names, from the repository's root."""

    def __init__(self, products: Catalogue) -> None:
        self._products = products

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        return {"products": PRODUCTS_FILE}

    @classmethod
    def create(
        cls, config: Dict[str, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext
    ) -> "ValueExtractor":
        return cls(shared_catalogue(config.get("products", PRODUCTS_FILE)))

    def process(self, messages: List[Message]) -> List[Message]:
        for message in messages:
            found = found_values(message, self._products)
            message.set(FOUND, found)
            message.set(VALUES_ONLY, found.values_only, add_to_output=True)
            message.set(IMPOSSIBLE, [value.as_dict() for value in found.impossible], add_to_output=True)
            message.set(CORRECTS, found.corrects, add_to_output=True)
            entities = [{**value.as_dict(), "extractor": self.name} for value in found.values]
            message.set(ENTITIES, message.get(ENTITIES, []) + entities, add_to_output=True)
        return messages
