"""The worker's job format, both ends of it, with a parrot in Rasa's place; and what it hands to Rasa, read by Rasa."""

import json
import sys
from pathlib import Path
from typing import Tuple

import pytest

from bench.nlu.stock import StockFailed, StockMissing, StockRasa
from bench.stock.worker import config, examples

PAIRS = [("查余额", "balance"), ("余额多少", "balance"), ("查账单", "bill")]


def test_trains_in_one_process_and_reads_in_another(worker: Tuple[str, ...]) -> None:
    stock = StockRasa(worker)
    with stock.train(PAIRS) as model:
        known, unknown = model.read(["查账单", "今天天气"])
        assert len(model.read([])) == 0
        assert model.training["model_kib"] > 0
        assert model.training["train_cpu_s"] >= 0
    assert known.ranking == (("bill", 0.9),)
    assert (known.score, known.acted) == (0.9, True)
    assert known.wall_ms > 0
    # the name that the fallback puts before DIET's is no reading; what it was put before is
    assert unknown.ranking == (("balance", 0.5),)
    assert (unknown.score, unknown.acted) == (0.5, False)
    facts = stock.facts()
    assert facts["versions"] == {"parrot": "1"}
    assert facts["serving_resident_mib"] > 0
    assert facts["highest_resident_mib"] > 0


def test_a_model_is_gone_when_its_context_is_left(worker: Tuple[str, ...]) -> None:
    with StockRasa(worker).train(PAIRS) as model:
        pass
    with pytest.raises(ValueError, match="closed"):
        model.read(["查账单"])


def test_nothing_was_trained(worker: Tuple[str, ...]) -> None:
    assert StockRasa(worker).facts() == {}


def test_a_worker_that_dies_is_quoted(worker: Tuple[str, ...]) -> None:
    with pytest.raises(StockFailed, match="choked on a message"), StockRasa(worker).train(PAIRS) as model:
        model.read(["查账单", "噎"])


def test_a_worker_that_is_dead_already_is_quoted(worker: Tuple[str, ...]) -> None:
    with StockRasa(worker).train(PAIRS) as model:
        for _ in range(2):
            with pytest.raises(StockFailed, match="choked on a message"):
                model.read(["噎"])


def test_a_training_that_fails_is_quoted() -> None:
    stock = StockRasa((sys.executable, "-c", "raise SystemExit('no such component')"))
    with pytest.raises(StockFailed, match="no such component"), stock.train(PAIRS):
        pass


def test_without_its_environment_it_names_the_command(tmp_path: Path) -> None:
    with pytest.raises(StockMissing, match="make bench-stock-setup"):
        StockRasa((str(tmp_path / "python"), "worker.py"))


def test_rasa_reads_the_examples_word_for_word(tmp_path: Path) -> None:
    from rasa.shared.nlu.training_data.loading import load_data

    said = [("把[一](number)首歌{3}放给我", "music"), ("# 什么", "chat"), ('- "引号"：', "chat")]
    (tmp_path / "nlu.json").write_text(examples(said), "utf-8")
    read = load_data(str(tmp_path / "nlu.json"))
    assert [(one.get("text"), one.get("intent")) for one in read.training_examples] == said
    assert not read.entity_examples


def test_rasa_makes_its_graph_of_the_pipeline() -> None:
    from rasa.engine.recipes.default_recipe import DefaultV1Recipe
    from rasa.shared.data import TrainingType

    graph = DefaultV1Recipe().graph_config_for_recipe(json.loads(config(seed=7, epochs=100)), {}, TrainingType.NLU)
    nodes = graph.train_schema.nodes
    assert {"run_JiebaTokenizer0", "run_CountVectorsFeaturizer4", "train_DIETClassifier5"} <= set(nodes)
    assert nodes["train_DIETClassifier5"].config["epochs"] == 100
    assert nodes["train_DIETClassifier5"].config["random_seed"] == 7
    assert "run_FallbackClassifier6" in graph.predict_schema.nodes
