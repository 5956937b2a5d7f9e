"""One training by Rasa of files that are read once. It starts a process's import of Rasa, so only `train` imports it, when it is due."""

import contextlib
import copy
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Dict, Iterator, List, Optional

import rasa.engine.storage.local_model_storage as storage
import rasa.model_training
import rasa.shared.nlu.training_data.training_data as training_data
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, UserUttered
from rasa.shared.core.training_data.structures import StoryGraph
from rasa.shared.importers.importer import E2EImporter, ResponsesSyncImporter, TrainingDataImporter
from rasa.shared.importers.rasa import RasaFileImporter
from rasa.shared.nlu.constants import INTENT, RESPONSE
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.engine.errors import TrainingRefused, first_line


class _Files(RasaFileImporter):
    """Rasa's own, which reads the domain again for the stories."""

    _domain: Optional[Domain] = None

    def get_domain(self) -> Domain:
        if self._domain is None:
            self._domain = super().get_domain()
        return self._domain


class ReadOnce(TrainingDataImporter):
    """An importer whose answers are kept. Rasa's own reads, checks and copies the messages again for each way of asking (whether the
    language is named, whether the domain is wanted too): three times in a training, seconds each with thousands of messages."""

    def __init__(self, importer: TrainingDataImporter) -> None:
        self._importer = importer
        self._domain: Optional[Domain] = None
        self._stories: Optional[StoryGraph] = None
        self._messages: Optional[TrainingData] = None

    def get_domain(self) -> Domain:
        if self._domain is None:
            self._domain = self._importer.get_domain()
        return self._domain

    def get_stories(self, exclusion_percentage: Optional[int] = None) -> StoryGraph:
        if exclusion_percentage is not None:
            return self._importer.get_stories(exclusion_percentage)
        if self._stories is None:
            self._stories = self._importer.get_stories()
        return self._stories

    def get_conversation_tests(self) -> StoryGraph:
        return self._importer.get_conversation_tests()

    def get_config(self) -> Dict[str, Any]:
        config: Dict[str, Any] = self._importer.get_config()
        return config

    def get_config_file_for_auto_config(self) -> Optional[str]:
        return self._importer.get_config_file_for_auto_config()

    def get_nlu_data(self, language: Optional[str] = None) -> TrainingData:
        """The configuration's language, whatever is asked for: there is one."""
        if self._messages is None:
            self._messages = self._importer.get_nlu_data(self.get_config().get("language", "en"))
        return self._messages


class _QuickArchive(storage.TarSafe):  # type: ignore[misc]
    """Weights hardly shrink, however long gzip tries: 1 in place of 7 s for 28 MB, and 5 % more bytes."""

    @classmethod
    def gzopen(cls, name: Any, mode: str = "r", fileobj: Any = None, compresslevel: int = 1, **more: Any) -> Any:
        return super().gzopen(name, mode, fileobj, compresslevel, **more)


def make_archive(config: Path, domain: Path, data: List[Path], folder: Path) -> Path:
    """The model's archive in the folder. Raises TrainingRefused."""
    files = _Files(str(config), str(domain), [str(path) for path in data])
    # as TrainingDataImporter.load_from_config puts them together
    importer = ReadOnce(E2EImporter(ResponsesSyncImporter(ReadOnce(files))))
    try:
        with contextlib.redirect_stdout(sys.stderr), merging_without_copies(), _reading(importer):
            check_names(importer)
            result = rasa.model_training.train(
                str(domain), str(config), [str(path) for path in data], output=str(folder), force_training=True, fixed_model_name="model"
            )
    except TrainingRefused:
        raise
    except (Exception, SystemExit) as error:
        raise TrainingRefused(first_line(error)) from error
    if result.code != 0 or not result.model:
        raise TrainingRefused("Rasa made no model of this data; see what it wrote above.")
    return Path(result.model)


def sanitized(examples: List[Message]) -> List[Message]:
    """Rasa's `TrainingData.sanitize_examples`, which sets every intent anew and so makes every message's fingerprint be reckoned again."""
    for example in examples:
        for name in (INTENT, RESPONSE):
            said = example.get(name)
            if said and said != said.strip():
                example.set(name, said.strip())
    return list(dict.fromkeys(examples))


@contextlib.contextmanager
def merging_without_copies() -> Iterator[None]:
    """Rasa copies each message for each file and each importer that its messages pass. Nobody else holds them here."""
    before = training_data.copy, training_data.TrainingData.sanitize_examples
    training_data.copy = SimpleNamespace(deepcopy=copy.copy, copy=copy.copy)  # type: ignore[attr-defined]
    training_data.TrainingData.sanitize_examples = staticmethod(sanitized)  # type: ignore[assignment]
    try:
        yield
    finally:
        training_data.copy, training_data.TrainingData.sanitize_examples = before[0], staticmethod(before[1])  # type: ignore[attr-defined, assignment]


@contextlib.contextmanager
def _reading(importer: TrainingDataImporter) -> Iterator[None]:
    """Rasa's training takes what was read already, and packs quickly."""
    before = rasa.model_training.TrainingDataImporter, storage.TarSafe
    rasa.model_training.TrainingDataImporter = SimpleNamespace(load_from_config=lambda *_given: importer)  # type: ignore[misc, assignment]
    storage.TarSafe = _QuickArchive
    try:
        yield
    finally:
        rasa.model_training.TrainingDataImporter, storage.TarSafe = before  # type: ignore[misc]


def check_names(importer: TrainingDataImporter) -> None:
    """Rasa only warns of an action or an intent that no domain knows, and then does nothing at run time. Raises TrainingRefused."""
    domain = importer.get_domain()
    actions, intents = set(domain.action_names_or_texts), set(domain.intents)
    for step in importer.get_stories().story_steps:
        for event in step.events:
            if isinstance(event, ActionExecuted) and event.action_name and event.action_name not in actions and event.action_name != "...":
                raise TrainingRefused(f"{step.block_name!r} names the action {event.action_name}, which the domain does not have.")
            if isinstance(event, UserUttered) and event.intent_name and event.intent_name not in intents:
                raise TrainingRefused(f"{step.block_name!r} names the intent {event.intent_name}, which the domain does not have.")
    for intent in importer.get_nlu_data().intents:
        if intent not in intents:
            raise TrainingRefused(f"The training data has the intent {intent}, which the domain does not have.")

