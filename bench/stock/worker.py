"""One stock Rasa model: `worker.py train` makes it, `worker.py serve MODEL` reads with it. In bench/stock/.venv; imports nothing of ours.

`train` takes one JSON object on stdin, {"pairs": [[text, intent], …], "model": FILE, "seed": N, "epochs": N}, and writes one on stdout
(`Trained`). `serve` writes {"start_s": …} when it is ready, then for each line {"texts": […]} one line {"readings": […], "resident_mib": …}
(`Reading`) until stdin ends. Everything that Rasa and TensorFlow say goes to stderr.
"""

import argparse
import asyncio
import importlib.metadata
import json
import logging
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol, TextIO

Pairs = Sequence[tuple[str, str]]

FALLBACK = "nlu_fallback"
"""The intent that Rasa's FallbackClassifier puts before the others."""

PACKAGES = ("rasa", "tensorflow", "numpy", "scikit-learn", "jieba")
ENVIRONMENT = {
    "CUDA_VISIBLE_DEVICES": "-1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "RASA_TELEMETRY_ENABLED": "false",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "TF_CPP_MIN_LOG_LEVEL": "2",
    "TF_INTER_OP_PARALLELISM_THREADS": "1",
    "TF_INTRA_OP_PARALLELISM_THREADS": "1",
}
"""One thread of each kind, as ours has; the last two are read by Rasa itself."""


@dataclass(frozen=True)
class Trained:
    """CPU time is of the whole process, TensorFlow's threads included; memory is the process's highest."""

    train_cpu_s: float
    train_wall_s: float
    model_kib: float
    highest_resident_mib: int
    versions: dict[str, str]


@dataclass(frozen=True)
class Reading:
    """Of one text, read alone. `ranking`: intents with confidences, best first, as DIET gave them; `fallback`: FallbackClassifier put its
    own before them."""

    ranking: list[tuple[str, float]]
    fallback: bool
    cpu_ms: float
    wall_ms: float


Parse = Callable[[str], dict[str, Any]]


class Engine(Protocol):
    """What is measured: Rasa, or in tests something that answers at once."""

    def prepare(self) -> dict[str, str]:
        """Loads all that is loaded once, before any clock runs; gives the versions that matter for the figures."""

    def train(self, pairs: Pairs, model: Path, seed: int, epochs: int) -> None:
        """Writes `model`."""

    def load(self, model: Path) -> Parse:
        """Text to Rasa's parse data."""


class Rasa:
    """Rasa 3.6 as `rasa init` sets it up, with jieba for a tokenizer."""

    def prepare(self) -> dict[str, str]:
        import rasa.engine.recipes.default_components  # noqa: F401  # all components and TensorFlow
        from rasa.utils.log_utils import configure_structlog
        from rasa.utils.tensorflow.environment import setup_tf_environment

        setup_tf_environment()
        configure_structlog(logging.WARNING)  # as `rasa run` does; alone, structlog writes a line for each message
        return {"python": platform.python_version(), **{name: importlib.metadata.version(name) for name in PACKAGES}}

    def train(self, pairs: Pairs, model: Path, seed: int, epochs: int) -> None:
        from rasa.model_training import train_nlu

        Path("config.yml").write_text(config(seed, epochs), "utf-8")
        Path("nlu.json").write_text(examples(pairs), "utf-8")
        made = train_nlu("config.yml", "nlu.json", str(model.parent), model.name)
        if not made:
            raise SystemExit("Rasa made no model.")

    def load(self, model: Path) -> Parse:
        from rasa.core.agent import Agent

        agent = Agent.load(str(model))
        loop = asyncio.new_event_loop()

        def parse(text: str) -> dict[str, Any]:
            found: dict[str, Any] = loop.run_until_complete(agent.parse_message(text))
            return found

        return parse


def config(seed: int, epochs: int) -> str:
    """The pipeline that `rasa init` writes, with JiebaTokenizer; without EntitySynonymMapper and ResponseSelector, which have nothing to do
    here. JSON is YAML."""
    pipeline = [
        {"name": "JiebaTokenizer"},
        {"name": "RegexFeaturizer"},
        {"name": "LexicalSyntacticFeaturizer"},
        {"name": "CountVectorsFeaturizer"},
        {"name": "CountVectorsFeaturizer", "analyzer": "char_wb", "min_ngram": 1, "max_ngram": 4},
        {"name": "DIETClassifier", "epochs": epochs, "random_seed": seed},
        {"name": "FallbackClassifier", "threshold": 0.3, "ambiguity_threshold": 0.1},
    ]
    return json.dumps({"recipe": "default.v1", "assistant_id": "stock", "language": "zh", "pipeline": pipeline})


def examples(pairs: Pairs) -> str:
    """Training data in Rasa's JSON format: in its YAML, brackets in a message would be read as entities."""
    return json.dumps({"rasa_nlu_data": {"common_examples": [{"text": text, "intent": intent, "entities": []} for text, intent in pairs]}})


def train(engine: Engine, job: dict[str, Any]) -> Trained:
    model, versions = Path(job["model"]).resolve(), engine.prepare()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)  # Rasa keeps a cache of trained components where it stands, and a cached training costs nothing
        cpu, wall = time.process_time(), time.perf_counter()
        engine.train([(text, intent) for text, intent in job["pairs"]], model, job["seed"], job["epochs"])
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
        os.chdir(model.parent)
    return Trained(round(cpu, 1), round(wall, 1), round(model.stat().st_size / 1024, 1), _mib("VmHWM"), versions)


def read(parse: Parse, text: str) -> Reading:
    cpu, wall = time.process_time(), time.perf_counter()
    found = parse(text)
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    ranking = [(one["name"], float(one["confidence"])) for one in found.get("intent_ranking", []) if one["name"]]
    own = [one for one in ranking if one[0] != FALLBACK]
    return Reading(own, len(own) < len(ranking), round(cpu * 1000, 3), round(wall * 1000, 3))


def serve(engine: Engine, model: Path, lines: TextIO, answers: TextIO) -> None:
    began = time.perf_counter()
    engine.prepare()
    parse = engine.load(model)
    _say(answers, {"start_s": round(time.perf_counter() - began, 1)})
    for line in lines:
        readings = [asdict(read(parse, text)) for text in json.loads(line)["texts"]]
        _say(answers, {"readings": readings, "resident_mib": _mib("VmRSS")})


def _mib(which: str) -> int:
    """VmRSS, resident now, or VmHWM, at its highest; getrusage's highest would count the process that started this one."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(f"{which}:"):
            return round(int(line.split()[1]) / 1024)
    return 0


def _say(answers: TextIO, what: dict[str, Any]) -> None:
    answers.write(json.dumps(what, ensure_ascii=False) + "\n")
    answers.flush()


def main(engine: Engine) -> None:
    parser = argparse.ArgumentParser(description="One stock Rasa model.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("train")
    commands.add_parser("serve").add_argument("model", type=Path)
    options = parser.parse_args()
    os.environ.update(ENVIRONMENT)
    # what Rasa prints must not stand between the answers
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    sys.stdin.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    if options.command == "train":
        _say(answers, asdict(train(engine, json.load(sys.stdin))))
    else:
        serve(engine, options.model, sys.stdin, answers)


if __name__ == "__main__":
    main(Rasa())
