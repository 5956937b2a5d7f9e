"""The Rasa components, driven as Rasa drives them."""

from dataclasses import replace
from pathlib import Path

import pytest
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu import classes
from bot.nlu.classes import Classes
from bot.nlu.classifier import BandedClassifier, read_out_of_scope
from bot.nlu.errors import ModelError
from bot.nlu.extractor import ValueExtractor
from bot.nlu.model import CLASSIFIER
from bot.nlu.normaliser import Normaliser

CONTEXT = ExecutionContext(GraphSchema({}), node_name="BandedClassifier2")
RESOURCE = Resource("train_BandedClassifier2")
CONFIG = BandedClassifier.get_default_config()
METADATA = {"now": "2026-11-22T20:00:00+08:00"}


@pytest.fixture
def storage(tmp_path: Path, learnt: Classes) -> LocalModelStorage:
    storage = LocalModelStorage(tmp_path)
    with storage.write_to(RESOURCE) as folder:
        classes.save(learnt, folder)
    return storage


def read(storage: LocalModelStorage, text: str, metadata: dict = METADATA) -> dict:
    """The parse data of a message through the whole pipeline."""
    pipeline = [
        Normaliser.create({}, storage, RESOURCE, CONTEXT),
        ValueExtractor.create({}, storage, RESOURCE, CONTEXT),
        BandedClassifier.load(CONFIG, storage, RESOURCE, CONTEXT),
    ]
    messages = [Message({"text": text, "metadata": metadata})]
    for component in pipeline:
        messages = component.process(messages)
    return messages[0].as_dict(only_output_properties=True)


def test_an_accepted_message(storage: LocalModelStorage) -> None:
    parsed = read(storage, "查上個月賬單")
    assert parsed["intent"]["name"] == "query_bill"
    assert parsed["understanding"]["decision"] == "accept"
    assert parsed["understanding"]["intent"] == "query_bill"
    assert parsed["entities"] == [
        {"entity": "period", "value": "2026-10", "text": "上個月", "start": 1, "end": 4, "extractor": "ValueExtractor"}
    ]
    assert parsed["values_only"] is False
    assert parsed["intent_ranking"][0]["name"] == "query_bill"


def test_an_unclear_message_names_its_readings(tmp_path: Path, learnt: Classes) -> None:
    storage = LocalModelStorage(tmp_path)
    with storage.write_to(RESOURCE) as folder:
        limits = replace(learnt.judge.limits, least_affinity=-9.0, accept_from=0.99)
        classes.save(replace(learnt, judge=replace(learnt.judge, limits=limits)), folder)
    parsed = read(storage, "账单余额")
    assert parsed["intent"]["name"] == "unclear"
    assert parsed["understanding"]["decision"] == "clarify"
    assert {one["intent"] for one in parsed["understanding"]["candidates"]} >= {"query_balance", "query_bill"}
    assert parsed["understanding"]["intent"] == parsed["understanding"]["candidates"][0]["intent"]


@pytest.mark.parametrize("text", ["今天天气怎么样", "", "😀"])
def test_a_message_that_is_none_of_ours(storage: LocalModelStorage, text: str) -> None:
    parsed = read(storage, text)
    assert parsed["intent"]["name"] == "out_of_scope"
    assert parsed["understanding"]["intent"] == "out_of_scope"
    assert parsed["understanding"]["candidates"] == []


def test_a_bare_code_is_a_value(storage: LocalModelStorage) -> None:
    parsed = read(storage, "123456")
    assert parsed["values_only"] is True
    assert [(one["entity"], one["value"]) for one in parsed["entities"]] == [("sms_code", "123456")]


def test_the_clock_comes_with_the_message(storage: LocalModelStorage) -> None:
    later = read(storage, "上个月账单", {"now": "2027-02-01T00:30:00+08:00"})
    earlier = read(storage, "上个月账单", {"now": "2027-01-31T16:29:00Z"})
    assert [one["value"] for one in (*later["entities"], *earlier["entities"])] == ["2027-01", "2027-01"]
    with pytest.raises(ValueError, match="yesterday"):
        read(storage, "上个月账单", {"now": "yesterday"})


def test_the_classifier_works_without_the_others(storage: LocalModelStorage) -> None:
    component = BandedClassifier.load(CONFIG, storage, RESOURCE, CONTEXT)
    (message,) = component.process([Message({"text": "上个月账单", "metadata": METADATA})])
    assert message.get("understanding")["entities"][0]["value"] == "2026-10"


def test_trains_and_leaves_out_the_names_of_the_bands(tmp_path: Path, learnt: Classes) -> None:
    storage = LocalModelStorage(tmp_path)
    data = TrainingData(
        [
            *(Message.build(text, "query_balance") for text in ("查余额", "余额多少", "话费剩多少")),
            *(Message.build(text, "greet") for text in ("你好", "您好", "在吗")),
            *(Message.build(text, "out_of_scope") for text in ("天气", "笑话")),
            Message.build("谁知道", "unclear"),
        ]
    )
    assert BandedClassifier.create(CONFIG, storage, RESOURCE, CONTEXT).train(data) == RESOURCE
    with storage.read_from(RESOURCE) as folder:
        assert classes.load(folder).intents == ("greet", "query_balance")


def test_a_model_without_the_classifier_raises(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="not trained with this classifier"):
        BandedClassifier.load(CONFIG, LocalModelStorage(tmp_path), RESOURCE, CONTEXT)


def test_a_broken_model_raises(storage: LocalModelStorage, tmp_path: Path) -> None:
    (tmp_path / RESOURCE.name / classes.WEIGHTS_FILE).write_bytes(b"")
    with pytest.raises(ModelError):
        BandedClassifier.load(CONFIG, storage, RESOURCE, CONTEXT)


def test_an_untrained_classifier_never_answers(tmp_path: Path) -> None:
    component = BandedClassifier.create(CONFIG, LocalModelStorage(tmp_path), RESOURCE, CONTEXT)
    with pytest.raises(ModelError, match="not been trained"):
        component.process([Message({"text": "查余额"})])


def test_rasa_knows_the_components() -> None:
    assert issubclass(BandedClassifier, IntentClassifier)
    assert f"{BandedClassifier.__module__}.{BandedClassifier.__name__}" == CLASSIFIER
    for component in (Normaliser, ValueExtractor, BandedClassifier):
        assert DefaultV1Recipe._from_registry(component.__name__).clazz is component


def test_the_fingerprint_follows_the_out_of_scope_file(tmp_path: Path) -> None:
    file = tmp_path / "outside.txt"
    file.write_text("# none\n天气\n", "utf-8")
    before = BandedClassifier.fingerprint_addon({"out_of_scope": str(file)})
    file.write_text("# a comment changes nothing\n天气\n", "utf-8")
    assert BandedClassifier.fingerprint_addon({"out_of_scope": str(file)}) == before
    file.write_text("天气\n笑话\n", "utf-8")
    assert BandedClassifier.fingerprint_addon({"out_of_scope": str(file)}) != before


def test_an_out_of_scope_file_that_is_missing_is_named() -> None:
    with pytest.raises(InvalidConfigException, match="nowhere.txt"):
        read_out_of_scope("data/thresholds/nowhere.txt")
