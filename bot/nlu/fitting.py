"""One fit: separators, neighbours, spread and word counts of some of the training messages, and what they show of the others."""

import warnings
from dataclasses import dataclass
from typing import Tuple

import numpy as np
from scipy.sparse import csr_matrix, hstack
from sklearn.exceptions import ConvergenceWarning
from sklearn.svm import LinearSVC

from bot.nlu.corpus import Strings, Weighing, uncommon, weigh
from bot.nlu.features import VIEWS, shared_segmenter
from bot.nlu.homeliness import Homeliness, learn_homeliness
from bot.nlu.judging import EVIDENCE, SEEN, Observed
from bot.nlu.neighbours import NEAREST_INSIDE, NEAREST_OUTSIDE, shortened
from bot.nlu.spread import NO_SPREAD, Spread, learn_spread

_BLOCK = 512
_TOLERANCE = 0.1
"""liblinear's; a finer one costs four times as long and changes no figure of docs/benchmarks/nlu.md."""


@dataclass(frozen=True)
class Strengths:
    """How hard the separators try, how rare a string may be, how much an unseen one counts, numbers of a vector that neighbours keep."""

    margin: float
    least_documents: int
    unseen_counts: float
    near_dimensions: int
    seed: int


@dataclass(frozen=True)
class Material:
    """All messages of a training: `strings` and `vectors` (sentence vectors, no columns without an encoder) hold a row for each, and
    `projected` the same turned (`meaning.Projection`). `owners`: each one's intent, -1 for out of scope; `copies`: which are misheard."""

    strings: Strings
    vectors: np.ndarray
    projected: np.ndarray
    owners: np.ndarray
    copies: np.ndarray
    count: int


@dataclass(frozen=True)
class Fit:
    """Learnt from the rows `examples` (in scope, as written, by intent) and `others` (out of scope)."""

    weighing: Weighing
    weights: np.ndarray
    meaning_weights: np.ndarray
    biases: np.ndarray
    examples: np.ndarray
    others: np.ndarray
    firsts: np.ndarray
    spread: Spread
    homeliness: Homeliness


def fit(material: Material, rows: np.ndarray, strengths: Strengths) -> Fit:
    """`rows`: of messages, copies and out-of-scope messages; every intent has one at least."""
    owners = material.owners[rows]
    weighing = weigh(material.strings, rows, strengths.least_documents, strengths.unseen_counts)
    known = np.flatnonzero(weighing.known)
    matrix = hstack([weighing.vectors(material.strings, rows)[:, known], csr_matrix(material.projected[rows])]).tocsr()
    found, biases = _separate(matrix, owners, material.count, strengths)
    weights = np.zeros((len(weighing.known), material.count), dtype=np.float32)
    weights[known] = found[: len(known)]
    written = rows[(owners >= 0) & ~material.copies[rows]]
    examples = written[np.argsort(material.owners[written], kind="stable")]
    labels = material.owners[examples]
    return Fit(
        weighing,
        weights,
        found[len(known) :],
        biases,
        examples,
        rows[owners < 0],
        np.searchsorted(labels, np.arange(material.count + 1)),
        learn_spread(material.vectors[examples], labels, material.count) if material.vectors.shape[1] else NO_SPREAD,
        learn_homeliness(material.strings.words[row] for row in examples),
    )


def _separate(matrix: csr_matrix, owners: np.ndarray, count: int, strengths: Strengths) -> Tuple[np.ndarray, np.ndarray]:
    """A column of weights for each intent against all other messages, and the biases. In one call, which copies the matrix once."""
    with warnings.catch_warnings():
        # A separator that has not quite converged on two thousand short texts ranks them the same.
        warnings.simplefilter("ignore", ConvergenceWarning)
        model = LinearSVC(C=strengths.margin, tol=_TOLERANCE, random_state=strengths.seed).fit(matrix.astype(np.float64), owners)
    weights, biases = model.coef_, model.intercept_
    if len(model.classes_) == 2:  # one separator for two classes
        weights, biases = np.vstack([-weights, weights]), np.concatenate([-biases, biases])
    return weights[-count:].T.astype(np.float32), biases[-count:].astype(np.float32)


def observe(material: Material, fitted: Fit, rows: np.ndarray, strengths: Strengths) -> Observed:
    """What the fit shows of messages it has not seen: the numbers that `classes.Classes` gives one message at a time."""
    evidence = np.zeros((len(rows), material.count, len(EVIDENCE)), dtype=np.float32)
    seen = np.zeros((len(rows), len(SEEN)))
    vectors = fitted.weighing.vectors(material.strings, rows)
    evidence[:, :, 0] = vectors @ fitted.weights + fitted.biases
    known = uncommon(fitted.weighing.vectors(material.strings, np.concatenate([fitted.examples, fitted.others]))).T.tocsc()
    for start in range(0, len(rows), _BLOCK):
        block = slice(start, start + _BLOCK)
        cosines = (vectors[block] @ known).toarray() / len(VIEWS)
        inside, outside = cosines[:, : len(fitted.examples)], cosines[:, len(fitted.examples) :]
        evidence[block, :, 1], seen[block, 0] = _nearest(inside, outside, fitted.firsts)
    segmenter = shared_segmenter()
    seen[:, 4] = [fitted.homeliness.of(material.strings.words[row], segmenter) for row in rows]
    if material.vectors.shape[1]:
        _observe_meaning(material, fitted, rows, strengths, evidence, seen)
    return Observed(evidence, seen)


def _observe_meaning(
    material: Material, fitted: Fit, rows: np.ndarray, strengths: Strengths, evidence: np.ndarray, seen: np.ndarray
) -> None:
    projected = material.projected[rows]
    evidence[:, :, 2] = projected @ fitted.meaning_weights
    size = strengths.near_dimensions
    short = shortened(projected, size)
    inside, outside = (short @ shortened(material.projected[part], size).T for part in (fitted.examples, fitted.others))
    evidence[:, :, 3], seen[:, 1] = _nearest(inside, outside, fitted.firsts)
    away, whole = fitted.spread.distances(material.vectors[rows])
    evidence[:, :, 4] = -away
    seen[:, 2] = -away.min(axis=1)
    seen[:, 3] = whole - away.min(axis=1)


def _nearest(inside: np.ndarray, outside: np.ndarray, firsts: np.ndarray) -> Tuple[np.ndarray, np.ndarray]:
    """As `neighbours.Neighbours.nearest`, a row for each message."""
    away = _mean_of_nearest(outside, NEAREST_OUTSIDE)
    return np.maximum.reduceat(inside, firsts[:-1], axis=1), _mean_of_nearest(inside, NEAREST_INSIDE) - away


def _mean_of_nearest(cosines: np.ndarray, nearest: int) -> np.ndarray:
    columns = cosines.shape[1]
    if not columns:
        return np.zeros(len(cosines))
    means: np.ndarray = np.partition(cosines, columns - min(nearest, columns), axis=1)[:, -nearest:].mean(axis=1)
    return means
