"""From out-of-fold signals to an `Affinity`, `Limits` and the report kept with the model."""

from dataclasses import dataclass
from typing import Any, Mapping, Optional, Sequence

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from bot.nlu import bands
from bot.nlu.bands import Affinity, Limits, Scored, Signals


@dataclass(frozen=True)
class Calibration:
    """What cross-validation gave."""

    affinity: Affinity
    limits: Limits
    report: Mapping[str, Any]


def calibrate(
    inside: Sequence[Signals], correct: np.ndarray, own: np.ndarray, outside: Sequence[Signals], served: float, right: float
) -> Calibration:
    """`correct[i]`: the best intent of in-scope message `i` was its own; `own[i]`: the probability of its own among ours. `outside` may
    be empty."""
    affinity = _affinity(inside, outside)
    within = _scored(affinity, inside, correct)
    without = _scored(affinity, outside, np.zeros(len(outside), dtype=bool))
    limits = bands.set_limits(served, right, within, without, own)
    report = {
        "cross_validated_accuracy": round(float(correct.mean()), 4),
        "out_of_scope_auroc": _auroc(within.affinity, without.affinity),
        "calibration_error": round(_calibration_error(within, without), 4),
        "in_scope": bands.shares(limits, within),
        "out_of_scope": bands.shares(limits, without),
    }
    return Calibration(affinity, limits, report)


def _affinity(inside: Sequence[Signals], outside: Sequence[Signals]) -> Affinity:
    rows = np.array([signals.row() for signals in [*inside, *outside]])
    if not outside:
        margin, nearness, likeness = (float(1.0 / spread) if spread else 0.0 for spread in rows.std(axis=0)[:3])
        return Affinity((margin, nearness, likeness, 0.0), 0.0, estimated=False)
    ours = np.arange(len(rows)) < len(inside)
    weight = np.where(ours, 1.0, bands.weight_outside(len(inside), len(outside)))
    fitted = LogisticRegression(C=10.0).fit(rows, ours, weight)
    return Affinity(tuple(float(value) for value in fitted.coef_[0]), float(fitted.intercept_[0]), estimated=True)


def _scored(affinity: Affinity, messages: Sequence[Signals], correct: np.ndarray) -> Scored:
    scores = np.array([affinity.score(signals) for signals in messages])
    confidences = np.array([affinity.is_ours(score) * signals.probability for score, signals in zip(scores, messages, strict=True)])
    return Scored(scores, confidences, correct)


def _auroc(inside: np.ndarray, outside: np.ndarray) -> Optional[float]:
    """Probability that an in-scope message scores above an out-of-scope one."""
    if not len(outside):
        return None
    ours = np.concatenate([np.ones(len(inside)), np.zeros(len(outside))])
    return round(float(roc_auc_score(ours, np.concatenate([inside, outside]))), 4)


def _calibration_error(inside: Scored, outside: Scored, bins: int = 10) -> float:
    """Expected calibration error of the confidence, out-of-scope messages weighted as expected and counted as wrong."""
    confidence = np.concatenate([inside.confidence, outside.confidence])
    correct = np.concatenate([inside.correct, outside.correct])
    weight = np.ones(len(confidence))
    weight[len(inside.correct) :] = bands.weight_outside(len(inside.correct), len(outside.correct))
    place = np.minimum((confidence * bins).astype(int), bins - 1)
    gaps = [abs(float(((correct - confidence) * weight)[place == which].sum())) for which in range(bins)]
    return sum(gaps) / float(weight.sum())
