"""From out-of-fold signals to an `Affinity`, `Limits` and the report kept with the model."""

from dataclasses import dataclass
from typing import Any, Mapping, Sequence

import numpy as np
from sklearn.linear_model import LogisticRegression

from bot.nlu import bands
from bot.nlu.bands import Affinity, Limits, Scored, Signals


@dataclass(frozen=True)
class Calibration:
    """What cross-validation gave."""

    affinity: Affinity
    limits: Limits
    report: Mapping[str, Any]


def calibrate(inside: Sequence[Signals], correct: np.ndarray, outside: Sequence[Signals], served: float, right: float) -> Calibration:
    """`correct[i]`: the best intent of in-scope message `i` was its own. `outside` may be empty."""
    affinity = _affinity(inside, outside)
    within = _scored(affinity, inside, correct)
    without = _scored(affinity, outside, np.zeros(len(outside), dtype=bool))
    limits = bands.set_limits(served, right, within, without)
    report = {
        "cross_validated_accuracy": round(float(correct.mean()), 4),
        "calibration_error": round(_calibration_error(within, without), 4),
        "in_scope": bands.shares(limits, within),
        "out_of_scope": bands.shares(limits, without),
    }
    return Calibration(affinity, limits, report)


def _affinity(inside: Sequence[Signals], outside: Sequence[Signals]) -> Affinity:
    rows = np.array([signals.row() for signals in [*inside, *outside]])
    if not outside:
        spread = rows.std(axis=0)
        return Affinity((float(1.0 / (spread[0] or 1.0)), float(1.0 / (spread[1] or 1.0)), 0.0), 0.0, estimated=False)
    ours = np.arange(len(rows)) < len(inside)
    weight = np.where(ours, 1.0, bands.weight_outside(len(inside), len(outside)))
    fitted = LogisticRegression(C=10.0).fit(rows, ours, weight)
    return Affinity(tuple(float(value) for value in fitted.coef_[0]), float(fitted.intercept_[0]), estimated=True)


def _scored(affinity: Affinity, messages: Sequence[Signals], correct: np.ndarray) -> Scored:
    scores = np.array([affinity.score(signals) for signals in messages])
    confidences = np.array([affinity.is_ours(score) * signals.probability for score, signals in zip(scores, messages, strict=True)])
    return Scored(scores, confidences, correct)


def _calibration_error(inside: Scored, outside: Scored, bins: int = 10) -> float:
    """Expected calibration error of the confidence, out-of-scope messages weighted as expected and counted as wrong."""
    confidence = np.concatenate([inside.confidence, outside.confidence])
    correct = np.concatenate([inside.correct, outside.correct])
    weight = np.ones(len(confidence))
    weight[len(inside.correct) :] = bands.weight_outside(len(inside.correct), len(outside.correct))
    place = np.minimum((confidence * bins).astype(int), bins - 1)
    gaps = [abs(float(((correct - confidence) * weight)[place == which].sum())) for which in range(bins)]
    return sum(gaps) / float(weight.sum())
