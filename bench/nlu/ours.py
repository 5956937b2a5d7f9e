"""The product's own learner and reader (bot.nlu), as it serves."""

import importlib.metadata
import os
import platform
import resource
import tarfile
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from bench.nlu.peers import Reading
from bench.nlu.sets import Pairs
from bot.nlu import classes
from bot.nlu.features import shared_segmenter
from bot.nlu.learning import Held, Recipe, learn
from bot.nlu.meaning import PACKAGE, Encoder
from bot.nlu.model import Reader, Understander
from bot.nlu.names import ACCEPT
from bot.nlu.values import SHANGHAI

PACKAGES = ("numpy", "scipy", "scikit-learn", "jieba", "opencc", "pypinyin", PACKAGE)
NOW = datetime(2026, 11, 22, 20, 0, tzinfo=SHANGHAI)
_LEAST = -1e6
"""In place of minus infinity, of which no curve can be drawn."""


@dataclass(frozen=True)
class OurModel:
    understander: Understander
    training: Mapping[str, Any]

    def read(self, texts: Sequence[str]) -> list[Reading]:
        return [self._read(text) for text in texts]

    def _read(self, text: str) -> Reading:
        cpu, wall = time.thread_time(), time.perf_counter()
        ranked = self.understander.understand(text, NOW).ranked
        cpu, wall = time.thread_time() - cpu, time.perf_counter() - wall
        score = max(ranked.affinity, _LEAST)
        return Reading(tuple(ranked.ranking), score, ranked.decision == ACCEPT, cpu * 1000, wall * 1000)


@dataclass(frozen=True)
class Ours:
    """`encoder`: none for a lexical model."""

    encoder: Encoder | None
    recipe: Recipe = field(default_factory=Recipe)
    name: str = "ours"

    @contextmanager
    def train(self, pairs: Pairs, held: Held | None = None) -> Iterator[OurModel]:
        cpu, wall = _cpu_s(), time.perf_counter()
        learnt = learn(pairs, [], self.recipe, shared_segmenter(), lambda: self.encoder, held)
        cpu, wall = _cpu_s() - cpu, time.perf_counter() - wall
        training: dict[str, Any] = {"train_cpu_s": round(cpu, 1), "train_wall_s": round(wall, 1), "model_kib": _kib(learnt)}
        if held is None:
            training["cross_validated"] = {name: learnt.report[name] for name in ("cross_validated_accuracy", "calibration_error")}
        yield OurModel(Understander(Reader(learnt, shared_segmenter(), self.encoder)), training)

    def facts(self) -> Mapping[str, Any]:
        """Memory is this process's at its highest, all models and the sets themselves included."""
        versions = {"python": platform.python_version(), **{name: importlib.metadata.version(name) for name in PACKAGES}}
        return {"versions": versions, "highest_resident_mib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)}


def _kib(learnt: classes.Classes) -> float:
    """As it is archived; without the encoder's weights, which come with its package."""
    with tempfile.TemporaryDirectory() as folder:
        model, archive = Path(folder) / "model", Path(folder) / "model.tar.gz"
        model.mkdir()
        classes.save(learnt, model)
        with tarfile.open(archive, "w:gz") as tar:
            tar.add(model, "model")
        return round(archive.stat().st_size / 1024, 1)


def _cpu_s() -> float:
    """Of this process and of those it forked and has waited for: folds are fitted there."""
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system
