"""What is measured: the product's own learner and reader (bot.nlu), on sets that are handed in."""

import resource
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from sklearn.metrics import f1_score, roc_auc_score

from bench.nlu.sets import Clinc, Pairs, held_out, noisy, traditional
from bot.nlu.bands import Ranked
from bot.nlu.features import shared_segmenter
from bot.nlu.learning import Held, Recipe, learn
from bot.nlu.meaning import Encoder
from bot.nlu.model import Reader, Understander
from bot.nlu.values import SHANGHAI

DRAWS = 3
HELD_OUT_CLASSES = 8
NOW = datetime(2026, 11, 22, 20, 0, tzinfo=SHANGHAI)
BINS = 10


@dataclass(frozen=True)
class Trained:
    understander: Understander
    report: Mapping[str, Any]
    cpu_seconds: float

    def read(self, texts: Sequence[str]) -> list[Ranked]:
        return [self.understander.understand(text, NOW).ranked for text in texts]


def train(pairs: Pairs, encoder: Encoder | None, recipe: Recipe = Recipe(), held: Held | None = None) -> Trained:  # noqa: B008
    started = time.process_time()
    learnt = learn(pairs, [], recipe, shared_segmenter(), encoder, held)
    seconds = time.process_time() - started
    return Trained(Understander(Reader(learnt, shared_segmenter(), encoder)), learnt.report, round(seconds, 1))


def accuracy(model: Trained, pairs: Pairs) -> dict[str, float]:
    """Accuracy and macro-F1 of the best reading, and the error of its probability over ten bins."""
    ranked = model.read([text for text, _ in pairs])
    said, read = [intent for _, intent in pairs], [one.ranking[0][0] if one.ranking else "" for one in ranked]
    right = np.array([mine == own for mine, own in zip(read, said, strict=True)])
    sure = np.array([one.ranking[0][1] if one.ranking else 0.0 for one in ranked])
    place = np.minimum((sure * BINS).astype(int), BINS - 1)
    error = sum(abs(float((right - sure)[place == which].sum())) for which in range(BINS)) / len(right)
    f1 = f1_score(said, read, average="macro", labels=sorted(set(said)))
    return {"accuracy": round(float(right.mean()), 4), "macro_f1": round(float(f1), 4), "ece": round(error, 4)}


def smp2017(training: Pairs, test: Pairs, encoder: Encoder | None) -> dict[str, Any]:
    """Settings are the product's own; calibration is by cross-validation on `training`. `test` is looked at once."""
    model = train(training, encoder)
    return {
        "train_cpu_s": model.cpu_seconds,
        "cross_validated": {name: model.report[name] for name in ("cross_validated_accuracy", "calibration_error")},
        "test": accuracy(model, test),
        "homophones_10": accuracy(model, noisy(test, 0.10)),
        "homophones_25": accuracy(model, noisy(test, 0.25)),
        "traditional": accuracy(model, traditional(test)),
        "cpu_ms": latency(model, [text for text, _ in test]),
    }


def latency(model: Trained, texts: Sequence[str]) -> dict[str, float]:
    """CPU milliseconds of one message from text to Understanding, in this thread, each text new to every cache but the characters'."""
    for text in texts[:20]:
        model.understander.understand(text, NOW)
    spent: list[float] = []
    for text in texts:
        started = time.thread_time()
        model.understander.understand(text, NOW)
        spent.append((time.thread_time() - started) * 1000)
    return {name: round(float(np.percentile(spent, share)), 2) for name, share in (("p50", 50), ("p99", 99), ("max", 100))}


def out_of_scope(training: Pairs, test: Pairs, far: Sequence[str], encoder: Encoder | None) -> dict[str, Any]:
    """Classes held out of training are near, short messages between people far; the mean of several draws."""
    draws: dict[str, list[tuple[float, float]]] = {"near": [], "far": []}
    for draw in range(DRAWS):
        away = held_out({intent for _, intent in training}, draw, HELD_OUT_CLASSES)
        model = train([pair for pair in training if pair[1] not in away], encoder)
        inside = _affinities(model, [text for text, intent in test if intent not in away])
        draws["near"].append(_separation(inside, _affinities(model, [text for text, intent in test if intent in away])))
        draws["far"].append(_separation(inside, _affinities(model, far)))
    means = {name: np.mean(found, axis=0) for name, found in draws.items()}
    return {name: {"auroc": round(float(mean[0]), 4), "fpr_at_95": round(float(mean[1]), 4)} for name, mean in means.items()}


def clinc150(parts: Clinc, encoder: Encoder | None) -> dict[str, Any]:
    """Larson 2019, `oos-threshold`: no out-of-scope training; the threshold with the highest accuracy over validation, 100 out-of-scope
    queries included. Calibration, too, sees validation only."""
    model = train(parts.train, encoder, held=Held(parts.validation, parts.outside_validation))
    checked = _scored(model, parts.validation, parts.outside_validation)
    inside, right, outside = _scored(model, parts.test, parts.outside_test)
    limits = np.unique(np.concatenate([checked[0], checked[2]]))
    served = [((checked[0] >= limit) & checked[1]).sum() + (checked[2] < limit).sum() for limit in limits]
    limit = float(limits[int(np.argmax(served))])
    auroc, fpr = _separation(inside, outside)
    at_95 = float(np.quantile(checked[0], 0.05))
    return {
        "train_cpu_s": model.cpu_seconds,
        "accuracy_without_threshold": round(float(right.mean()), 4),
        "in_scope_accuracy": round(float(((inside >= limit) & right).mean()), 4),
        "out_of_scope_recall": round(float((outside < limit).mean()), 4),
        "serving_95_percent_of_validation": {
            "in_scope_accuracy": round(float(((inside >= at_95) & right).mean()), 4),
            "out_of_scope_recall": round(float((outside < at_95).mean()), 4),
        },
        "auroc": round(auroc, 4),
        "fpr_at_95": round(fpr, 4),
    }


def _scored(model: Trained, pairs: Pairs, outside: Sequence[str]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Affinities of in-scope messages, whether each was read right, affinities of the others."""
    ranked = model.read([text for text, _ in pairs])
    right = np.array([bool(one.ranking) and one.ranking[0][0] == intent for one, (_, intent) in zip(ranked, pairs, strict=True)])
    return np.array([_finite(one) for one in ranked]), right, _affinities(model, outside)


def _affinities(model: Trained, texts: Sequence[str]) -> np.ndarray:
    return np.array([_finite(one) for one in model.read(texts)])


def _finite(ranked: Ranked) -> float:
    return max(ranked.affinity, -1e6)


def _separation(inside: np.ndarray, outside: np.ndarray) -> tuple[float, float]:
    """AUROC, and the share of the others let through where 95 % of ours are."""
    ours = np.concatenate([np.ones(len(inside)), np.zeros(len(outside))])
    auroc = float(roc_auc_score(ours, np.concatenate([inside, outside])))
    return auroc, float((outside >= np.quantile(inside, 0.05)).mean())


def resident_mib() -> float:
    """Of this process at its highest."""
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 0)
