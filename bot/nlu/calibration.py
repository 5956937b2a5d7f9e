"""From what a model saw of messages it had not been trained on to a `Judge`, and the report kept with the model."""

from dataclasses import dataclass
from typing import Any, Dict, Optional, Sequence, Tuple

import numpy as np
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from bot.nlu import bands
from bot.nlu.bands import NO_ORDERS, Affinity, Limits, Orders, Scored
from bot.nlu.judging import EVIDENCE, OF_STRINGS, SIGNALS, Judge, Observed, fused, signals, softmax

HEARD_COUNTS = 0.3
"""What a misheard copy counts beside its message in fitting the sum of evidence: sentence vectors understand no homophones."""

EARLY_RIGHT = 0.995
"""Share of messages judged by their strings alone that must be right (`Judged.early_limit`)."""

_SHARES = {"margin": 1.0, "nearness": 1.0, "typicality": 1.0, "contrast": 1.0, "homeliness": 0.3}
"""What a signal counts, over its spread in scope, where no out-of-scope message is known; by held-out classes of development data."""

_FEWEST_EARLY = 200
"""Out-of-scope messages needed before anything is judged early."""


@dataclass(frozen=True)
class Unseen:
    """What was observed of messages by a model that had not seen them. `labels` are the intents of `inside`; `heard` are misheard
    copies with the intents `heard_labels`; `outside` may be empty."""

    inside: Observed
    labels: np.ndarray
    heard: Observed
    heard_labels: np.ndarray
    outside: Observed


def calibrate(
    unseen: Unseen, kinds: Sequence[int], served: float, right: float, orders: Orders = NO_ORDERS
) -> Tuple[Judge, Dict[str, Any]]:
    """A judge over the kinds of evidence named, and its report."""
    fusion = _fit_fusion(unseen, kinds)
    inside, outside = fused(unseen.inside.evidence, fusion), fused(unseen.outside.evidence, fusion)
    affinity = _fit_affinity(signals(inside, unseen.inside), signals(outside, unseen.outside) if len(outside) else None)
    within, without = _scored(affinity, inside, unseen.inside, unseen.labels), _scored(affinity, outside, unseen.outside, None)
    own = softmax(inside)[np.arange(len(unseen.labels)), unseen.labels]
    limits = bands.set_limits(served, right, within, without, own, orders)
    report = {
        "cross_validated_accuracy": round(float(within.correct.mean()), 4),
        "out_of_scope_auroc": _auroc(within.affinity, without.affinity),
        "calibration_error": round(_calibration_error(within, without), 4),
        "in_scope": bands.shares(limits, within),
        "out_of_scope": bands.shares(limits, without),
    }
    return Judge(fusion, affinity, limits), report


def early_judge(unseen: Unseen, kinds: Sequence[int], judge: Judge) -> Optional[Tuple[Judge, float]]:
    """A judge of strings alone that speaks only where it is as good as sure, and the share of in-scope messages that it settles; None
    without enough out-of-scope messages to know what sure is."""
    if len(unseen.outside.seen) < _FEWEST_EARLY:
        return None
    blind = Unseen(*(_without_meaning(part) if isinstance(part, Observed) else part for part in vars(unseen).values()))
    early, _ = calibrate(blind, kinds, 0.95, EARLY_RIGHT)
    inside, outside = fused(blind.inside.evidence, early.fusion), fused(blind.outside.evidence, early.fusion)
    within = _scored(early.affinity, inside, blind.inside, unseen.labels)
    without = _scored(early.affinity, outside, blind.outside, None)
    agreed = inside.argmax(axis=1) == fused(unseen.inside.evidence, judge.fusion).argmax(axis=1)
    limit = _certain_from(Scored(within.affinity, within.confidence, within.correct | agreed, within.best), without)
    limits = Limits(early.limits.least_affinity, limit, early.limits.candidate_from, early.limits.in_scope_served, EARLY_RIGHT)
    settled = (within.affinity >= limits.least_affinity) & (within.confidence >= limit)
    return Judge(early.fusion, early.affinity, limits), round(float(settled.mean()), 4)


def _without_meaning(observed: Observed) -> Observed:
    """As strings alone show it."""
    evidence, seen = observed.evidence.copy(), observed.seen.copy()
    evidence[:, :, len(OF_STRINGS) :] = 0.0
    seen[:, 1:4] = 0.0
    return Observed(evidence, seen)


def _certain_from(within: Scored, without: Scored) -> float:
    """The lowest confidence from which `EARLY_RIGHT` of all messages are right, out-of-scope ones weighted as expected."""
    confidence = np.concatenate([within.confidence, without.confidence])
    right = np.concatenate([within.correct, without.correct]).astype(float)
    weight = np.ones(len(confidence))
    weight[len(within.correct) :] = bands.weight_outside(len(within.correct), len(without.correct))
    order = np.argsort(-confidence)
    shares = np.cumsum((right * weight)[order]) / np.cumsum(weight[order])
    good = np.flatnonzero(shares >= EARLY_RIGHT)
    return float(confidence[order][good[-1]]) if len(good) else 1.0


def _fit_fusion(unseen: Unseen, kinds: Sequence[int]) -> Tuple[float, ...]:
    """The weights that make the softmax of the sum mean what it says: least surprise at what unseen messages were."""
    evidence = np.concatenate([unseen.inside.evidence, unseen.heard.evidence])[:, :, list(kinds)].astype(np.float64)
    labels = np.concatenate([unseen.labels, unseen.heard_labels])
    weight = np.concatenate([np.ones(len(unseen.labels)), np.full(len(unseen.heard_labels), HEARD_COUNTS)])
    weight /= weight.sum()
    rows = np.arange(len(labels))
    own = evidence[rows, labels]

    def surprise(fusion: np.ndarray) -> Tuple[float, np.ndarray]:
        likely = softmax(evidence @ fusion)
        expected = np.einsum("nc,nck->nk", likely, evidence)
        loss = -(weight * np.log(likely[rows, labels] + 1e-12)).sum() + 1e-4 * float(fusion @ fusion)
        return float(loss), (weight[:, None] * (expected - own)).sum(axis=0) + 2e-4 * fusion

    start = np.ones(len(kinds))
    found = minimize(surprise, start, jac=True, method="L-BFGS-B", bounds=[(0.0, None)] * len(kinds)).x
    whole = np.zeros(len(EVIDENCE))
    whole[list(kinds)] = found
    return tuple(float(value) for value in whole)


def _fit_affinity(inside: np.ndarray, outside: Optional[np.ndarray]) -> Affinity:
    spread = inside.std(axis=0)
    scale = np.where(spread > 1e-6, 1.0 / np.maximum(spread, 1e-6), 0.0)
    if outside is None:
        counts = np.array([_SHARES.get(name, 0.0) for name in SIGNALS]) * scale
        return Affinity(tuple(float(value) for value in counts), -float(counts @ inside.mean(axis=0)), estimated=False)
    rows = np.concatenate([inside, outside])
    ours = np.arange(len(rows)) < len(inside)
    weight = np.where(ours, 1.0, bands.weight_outside(len(inside), len(outside)))
    fitted = LogisticRegression(C=10.0, max_iter=1000).fit(rows * scale, ours, weight)
    return Affinity(tuple(float(value) for value in fitted.coef_[0] * scale), float(fitted.intercept_[0]), estimated=True)


def _scored(affinity: Affinity, logits: np.ndarray, observed: Observed, labels: Optional[np.ndarray]) -> Scored:
    """`labels`: None for messages out of scope, of which no reading is right."""
    if not len(logits):
        return Scored(np.zeros(0), np.zeros(0), np.zeros(0, dtype=bool), np.zeros(0, dtype=np.int64))
    scores = affinity.score(signals(logits, observed))
    best = logits.argmax(axis=1)
    correct = best == labels if labels is not None else np.zeros(len(logits), dtype=bool)
    return Scored(scores, affinity.is_ours(scores) * softmax(logits).max(axis=1), correct, best)


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
