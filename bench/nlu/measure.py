"""What is measured of a peer, on sets that are handed in. The figures are computed here for every peer alike."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from sklearn.metrics import f1_score, roc_auc_score

from bench.nlu.peers import Peer, Reading
from bench.nlu.sets import Clinc, Pairs, held_out, noisy, texts_of, traditional
from bot.nlu.learning import Held

HELD_OUT_CLASSES = 8
BINS = 10
WARMING = 20
"""Messages read before any is timed."""

OUTSIDE = ("auroc", "fpr_at_95", "acted")
"""Figures of a draw; the last is the share that the peer acts on by its own limits."""

_PERCENTILES = (("p50", 50), ("p99", 99), ("max", 100))


def smp2017(peer: Peer, training: Pairs, test: Pairs) -> dict[str, Any]:
    """Settings are the peer's own; `test` is looked at once. Latency is of the clean test set, each message new to the model."""
    with peer.train(training) as model:
        model.read(texts_of(training)[:WARMING])
        readings = model.read(texts_of(test))
        variants = {"homophones_10": noisy(test, 0.10), "homophones_25": noisy(test, 0.25), "traditional": traditional(test)}
        return {
            **model.training,
            "test": accuracy(readings, test),
            "acted": acted(readings, test),
            **{name: accuracy(model.read(texts_of(pairs)), pairs) for name, pairs in variants.items()},
            "cpu_ms": percentiles([one.cpu_ms for one in readings]),
            "wall_ms": percentiles([one.wall_ms for one in readings]),
        }


def accuracy(readings: Sequence[Reading], pairs: Pairs) -> dict[str, float]:
    """Accuracy and macro-F1 of the best reading, and the error of its probability over ten bins."""
    said, read, right = [intent for _, intent in pairs], [one.best[0] for one in readings], _right(readings, pairs)
    f1 = f1_score(said, read, average="macro", labels=sorted(set(said)))
    error = calibration_error(right, np.array([one.best[1] for one in readings]))
    return {"accuracy": round(float(right.mean()), 4), "macro_f1": round(float(f1), 4), "ece": round(error, 4)}


def acted(readings: Sequence[Reading], pairs: Pairs) -> dict[str, float]:
    """Share of messages that the peer acts on by its own limits, and how many of these it read right."""
    chosen, right = np.array([one.acted for one in readings]), _right(readings, pairs)
    return {"share": round(float(chosen.mean()), 4), "right": round(float(right[chosen].mean()), 4) if chosen.any() else 0.0}


def calibration_error(right: np.ndarray, sure: np.ndarray) -> float:
    """Expected calibration error: of each tenth of `sure`, the distance of its mean from the share that is right, by its number."""
    place = np.minimum((sure * BINS).astype(int), BINS - 1)
    return sum(abs(float((right - sure)[place == which].sum())) for which in range(BINS)) / len(right)


def percentiles(spent: Sequence[float]) -> dict[str, float]:
    return {name: round(float(np.percentile(spent, share)), 2) for name, share in _PERCENTILES}


def out_of_scope(peer: Peer, training: Pairs, test: Pairs, far: Sequence[str], draws: int) -> dict[str, Any]:
    """Classes held out of training are near, short messages between people far. Draw `n` is the same for every peer."""
    found = []
    for draw in range(draws):
        away = held_out({intent for _, intent in training}, draw, HELD_OUT_CLASSES)
        with peer.train([pair for pair in training if pair[1] not in away]) as model:
            inside = scores(model.read([text for text, intent in test if intent not in away]))
            outside = {"near": model.read([text for text, intent in test if intent in away]), "far": model.read(far)}
        found.append({which: {**separation(inside, scores(read)), "acted": _acted(read)} for which, read in outside.items()})
    return {"far_messages": len(far), "held_out_classes": HELD_OUT_CLASSES, **mean_over(found), "draws": found}


def mean_over(draws: Sequence[Mapping[str, Mapping[str, float]]]) -> dict[str, dict[str, float]]:
    def mean(which: str, figure: str) -> float:
        return round(float(np.mean([draw[which][figure] for draw in draws])), 4)

    return {which: {figure: mean(which, figure) for figure in OUTSIDE} for which in ("near", "far")}


def clinc150(peer: Peer, parts: Clinc) -> dict[str, Any]:
    """Larson 2019, `oos-threshold`: no out-of-scope training; the threshold by validation with its 100 out-of-scope queries. What a peer
    calibrates, it calibrates on validation only, too."""
    with peer.train(parts.train, Held(parts.validation, parts.outside_validation)) as model:
        checked, outside_checked = model.read(texts_of(parts.validation)), scores(model.read(parts.outside_validation))
        readings, outside = model.read(texts_of(parts.test)), scores(model.read(parts.outside_test))
    right, inside, inside_checked = _right(readings, parts.test), scores(readings), scores(checked)
    limit = best_limit(inside_checked, _right(checked, parts.validation), outside_checked)
    return {
        **model.training,
        "accuracy_without_threshold": round(float(right.mean()), 4),
        **served(inside, right, outside, limit),
        "serving_95_percent_of_validation": served(inside, right, outside, float(np.quantile(inside_checked, 0.05))),
        **separation(inside, outside),
    }


def best_limit(inside: np.ndarray, right: np.ndarray, outside: np.ndarray) -> float:
    """The lowest score at which most messages end well: one in scope at or above it and read right, one out of scope below it."""
    limits = np.unique(np.concatenate([inside, outside]))
    well = [((inside >= limit) & right).sum() + (outside < limit).sum() for limit in limits]
    return float(limits[int(np.argmax(well))])


def served(inside: np.ndarray, right: np.ndarray, outside: np.ndarray, limit: float) -> dict[str, float]:
    return {
        "in_scope_accuracy": round(float(((inside >= limit) & right).mean()), 4),
        "out_of_scope_recall": round(float((outside < limit).mean()), 4),
    }


def separation(inside: np.ndarray, outside: np.ndarray) -> dict[str, float]:
    """AUROC, and the share of the others let through where 95 % of ours are."""
    ours = np.concatenate([np.ones(len(inside)), np.zeros(len(outside))])
    auroc = float(roc_auc_score(ours, np.concatenate([inside, outside])))
    return {"auroc": round(auroc, 4), "fpr_at_95": round(float((outside >= np.quantile(inside, 0.05)).mean()), 4)}


def scores(readings: Sequence[Reading]) -> np.ndarray:
    return np.array([one.score for one in readings])


def _acted(readings: Sequence[Reading]) -> float:
    return round(float(np.mean([one.acted for one in readings])), 4)


def _right(readings: Sequence[Reading], pairs: Pairs) -> np.ndarray:
    return np.array([one.best[0] == intent for one, (_, intent) in zip(readings, pairs, strict=True)])
