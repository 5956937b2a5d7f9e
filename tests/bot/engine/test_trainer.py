"""Training reads its files once, and reads in them what Rasa reads."""

import json
import tarfile
from pathlib import Path
from typing import List, Optional

import rasa.engine.storage.local_model_storage as storage
import rasa.shared.nlu.training_data.training_data as training_data
from rasa.model_training import TrainingDataImporter
from rasa.shared.core.training_data.structures import StoryGraph
from rasa.shared.importers.importer import E2EImporter, ResponsesSyncImporter
from rasa.shared.importers.rasa import RasaFileImporter
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.engine.trainer import ReadOnce, make_archive, merging_without_copies

KIOSK = Path(__file__).parents[1] / "fixtures" / "kiosk"
CONFIG, DOMAIN = str(KIOSK / "config.yml"), str(KIOSK / "domain.yml")
DATA = [str(KIOSK / name) for name in ("nlu.yml", "rules.yml", "stories.yml")]


class Counting(RasaFileImporter):
    """Rasa's own, with the languages it was asked for."""

    def __init__(self) -> None:
        super().__init__(CONFIG, DOMAIN, DATA)
        self.asked: List[Optional[str]] = []

    def get_nlu_data(self, language: Optional[str] = "en") -> TrainingData:
        self.asked.append(language)
        return super().get_nlu_data(language)

    def get_stories(self, exclusion_percentage: Optional[int] = None) -> StoryGraph:
        self.asked.append("stories")
        return super().get_stories(exclusion_percentage)


def test_messages_stories_and_domain_are_read_once_and_are_those_that_rasa_reads() -> None:
    counting = Counting()
    ours = ReadOnce(E2EImporter(ResponsesSyncImporter(ReadOnce(counting))))
    theirs = TrainingDataImporter.load_from_config(CONFIG, DOMAIN, DATA)
    for language in ("en", "zh", None):
        assert ours.get_nlu_data(language).fingerprint() == theirs.get_nlu_data(language or "en").fingerprint()
    assert ours.get_domain().fingerprint() == theirs.get_domain().fingerprint()
    assert ours.get_stories().fingerprint() == theirs.get_stories().fingerprint()
    assert ours.get_config() == theirs.get_config()
    assert sorted(map(str, counting.asked)) == ["stories", "zh"]


def test_messages_that_are_not_copied_are_the_same_messages(tmp_path: Path) -> None:
    spaced = tmp_path / "more.yml"
    spaced.write_text('version: "3.1"\nnlu:\n- intent: " greet "\n  examples: |\n    - 早\n    - 早\n    - 你好呀\n', encoding="utf-8")
    data = [*DATA, str(spaced)]
    theirs = TrainingDataImporter.load_from_config(CONFIG, DOMAIN, data).get_nlu_data()
    with merging_without_copies():
        ours = TrainingDataImporter.load_from_config(CONFIG, DOMAIN, data).get_nlu_data()
    assert [one.fingerprint() for one in ours.training_examples] == [one.fingerprint() for one in theirs.training_examples]
    assert ours.fingerprint() == theirs.fingerprint()
    assert "greet" in ours.intents
    assert " greet " not in ours.intents


def test_an_archive_is_whole_and_rasa_is_left_as_it_was(tmp_path: Path) -> None:
    before = TrainingDataImporter, storage.TarSafe, training_data.copy, TrainingData.sanitize_examples
    archive = make_archive(Path(CONFIG), Path(DOMAIN), [Path(path) for path in DATA], tmp_path)
    import rasa.model_training

    assert (rasa.model_training.TrainingDataImporter, storage.TarSafe, training_data.copy, TrainingData.sanitize_examples) == before
    with tarfile.open(archive) as tar:
        metadata = json.load(tar.extractfile("metadata.json"))  # type: ignore[arg-type]
    assert metadata["rasa_open_source_version"] == "3.6.21"
