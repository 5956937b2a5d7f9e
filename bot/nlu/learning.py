"""From labelled messages to `Classes`: features, one misheard copy of each message, two linear models, limits by cross-validation.

Out-of-scope messages are no class. They stand on the other side of every separator, and they help to set the limits.
"""

import random
import warnings
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Iterator, List, Sequence, Tuple

import jieba
import numpy as np
from scipy.optimize import minimize_scalar
from scipy.sparse import csr_matrix
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.svm import LinearSVC

from bot.nlu.bands import Signals
from bot.nlu.calibration import calibrate
from bot.nlu.classes import Classes
from bot.nlu.errors import TrainingError
from bot.nlu.features import Vector, Vocabulary, learn_vocabulary, views
from bot.nlu.neighbours import Neighbours, index
from bot.nlu.normalise import normalise
from bot.nlu.pinyin import homophones, misheard
from bot.nlu.values import SHANGHAI, find_values

SEED = 20261122
FOLDS = 5

Bags = Tuple[Sequence[str], ...]


@dataclass(frozen=True)
class Recipe:
    """What training may be told; the values were chosen by cross-validation on data/nlu/carrier."""

    in_scope_served: float = 0.95
    accepted_right: float = 0.94
    likelihood_strength: float = 30.0
    margin_strength: float = 1.0
    unseen_counts: float = 1.5
    misheard_share: float = 0.15
    least_documents: int = 1


@dataclass(frozen=True)
class _Corpus:
    """Messages as bags: `heard[i]` is the misheard copy of `written[i]`, both of class `labels[i]`; `outside` belongs to none."""

    written: Sequence[Bags]
    heard: Sequence[Bags]
    labels: np.ndarray
    outside: Sequence[Bags]


@dataclass(frozen=True)
class _Fit:
    vocabulary: Vocabulary
    weights: np.ndarray
    biases: np.ndarray
    neighbours: Neighbours

    def scores(self, messages: Sequence[Bags]) -> np.ndarray:
        """A row for each message: logits, margins, and last its nearness."""
        vectors = [self.vocabulary.vector(bags) for bags in messages]
        linear = _matrix(vectors, self.vocabulary.size) @ self.weights + self.biases
        return np.column_stack([linear, [self.neighbours.nearness(vector) for vector in vectors]])


def learn(messages: Sequence[Tuple[str, str]], outside: Sequence[str], recipe: Recipe, segmenter: jieba.Tokenizer) -> Classes:
    """Train on (text, intent) pairs. Raises TrainingError with fewer than two intents or an intent with one example."""
    counts = Counter(intent for _, intent in messages)
    if len(counts) < 2:
        raise TrainingError(f"A classifier needs at least two intents with examples, found {len(counts)}.")
    lonely = sorted(intent for intent, count in counts.items() if count < 2)
    if lonely:
        raise TrainingError(f"Each intent needs at least two examples; one only has: {', '.join(lonely)}.")
    intents = tuple(sorted(counts))
    corpus = _corpus(messages, outside, intents, recipe, segmenter)
    inside, outside_scores = _score_unseen(corpus, len(intents), min(FOLDS, *counts.values()), recipe)
    sharpness = _sharpness(inside[:, : len(intents)], corpus.labels)
    calibration = calibrate(
        _signals(inside, sharpness),
        inside[:, : len(intents)].argmax(axis=1) == corpus.labels,
        _signals(outside_scores, sharpness),
        recipe.in_scope_served,
        recipe.accepted_right,
    )
    fit = _fit(corpus.written, corpus.heard, corpus.labels, corpus.outside, len(intents), recipe)
    report = {**calibration.report, "examples": dict(sorted(counts.items())), "out_of_scope_examples": len(outside)}
    return Classes(
        intents, fit.vocabulary, fit.weights, fit.biases, fit.neighbours, sharpness, calibration.affinity, calibration.limits, report
    )


def _corpus(
    messages: Sequence[Tuple[str, str]], outside: Sequence[str], intents: Sequence[str], recipe: Recipe, segmenter: jieba.Tokenizer
) -> _Corpus:
    sounds = homophones(segmenter.FREQ)
    chance = random.Random(SEED)  # noqa: S311 - noise, no secret
    now = datetime.now(SHANGHAI)

    def bags(text: str) -> Bags:
        return views(find_values(text, normalise(text), now).marked, segmenter)

    return _Corpus(
        written=[bags(text) for text, _ in messages],
        heard=[bags(misheard(text, recipe.misheard_share, sounds, chance)) for text, _ in messages],
        labels=np.array([intents.index(intent) for _, intent in messages]),
        outside=[bags(text) for text in outside],
    )


def _matrix(vectors: Sequence[Vector], features: int) -> csr_matrix:
    ends = np.cumsum([0] + [len(vector.indices) for vector in vectors])
    weights = np.concatenate([vector.weights for vector in vectors] or [np.zeros(0, dtype=np.float32)])
    indices = np.concatenate([vector.indices for vector in vectors] or [np.zeros(0, dtype=np.int32)])
    return csr_matrix((weights, indices, ends), shape=(len(vectors), features))


def _fit(written: Sequence[Bags], heard: Sequence[Bags], labels: np.ndarray, outside: Sequence[Bags], count: int, recipe: Recipe) -> _Fit:
    documents: List[Bags] = [*written, *heard, *outside]
    vocabulary = learn_vocabulary(documents, recipe.least_documents, recipe.unseen_counts)
    vectors = [vocabulary.vector(bags) for bags in documents]
    matrix = _matrix(vectors, vocabulary.size)
    owners = np.concatenate([labels, labels, np.full(len(outside), -1)])
    weights = np.zeros((vocabulary.size, 2 * count), dtype=np.float32)
    biases = np.zeros(2 * count, dtype=np.float32)
    with warnings.catch_warnings():
        # A separator that has not quite converged on two thousand short texts ranks them the same.
        warnings.simplefilter("ignore", ConvergenceWarning)
        for place, owner in ((place, place % count) for place in range(2 * count)):
            model = _likelihood_model(recipe) if place < count else LinearSVC(C=recipe.margin_strength, random_state=SEED)
            model.fit(matrix, owners == owner)
            weights[:, place] = model.coef_[0]
            biases[place] = model.intercept_[0]
    neighbours = index(vectors[: len(written)] + vectors[len(written) + len(heard) :], len(written), vocabulary.size)
    return _Fit(vocabulary, weights, biases, neighbours)


def _likelihood_model(recipe: Recipe) -> LogisticRegression:
    return LogisticRegression(C=recipe.likelihood_strength, solver="liblinear", dual=True, tol=1e-2, max_iter=300, random_state=SEED)


def _score_unseen(corpus: _Corpus, count: int, folds: int, recipe: Recipe) -> Tuple[np.ndarray, np.ndarray]:
    """`_Fit.scores` of every message by a fit that has seen neither it nor its misheard copy."""
    inside = np.zeros((len(corpus.labels), 2 * count + 1))
    outside = np.zeros((len(corpus.outside), 2 * count + 1))
    for fold, (train, test) in enumerate(_splits(corpus.labels, folds)):
        held = np.arange(len(corpus.outside)) % folds == fold
        fit = _fit(
            [corpus.written[i] for i in train],
            [corpus.heard[i] for i in train],
            corpus.labels[train],
            [bags for bags, is_held in zip(corpus.outside, held, strict=True) if not is_held],
            count,
            recipe,
        )
        inside[test] = fit.scores([corpus.written[i] for i in test])
        if held.any():
            outside[held] = fit.scores([bags for bags, is_held in zip(corpus.outside, held, strict=True) if is_held])
    return inside, outside


def _splits(labels: np.ndarray, folds: int) -> Iterator[Tuple[np.ndarray, np.ndarray]]:
    return StratifiedKFold(folds, shuffle=True, random_state=SEED).split(np.zeros(len(labels)), labels)


def _likely(logits: np.ndarray, sharpness: float) -> np.ndarray:
    sharpened = logits * sharpness
    powers = np.exp(sharpened - sharpened.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def _sharpness(logits: np.ndarray, labels: np.ndarray) -> float:
    """The factor on the logits that makes unseen messages' probabilities mean what they say (temperature scaling)."""

    def surprise(exponent: float) -> float:
        right = _likely(logits, float(np.exp(exponent)))[np.arange(len(labels)), labels]
        return float(-np.log(right + 1e-12).mean())

    return float(np.exp(minimize_scalar(surprise, bounds=(-3.0, 3.0), method="bounded").x))


def _signals(scores: np.ndarray, sharpness: float) -> List[Signals]:
    count = scores.shape[1] // 2
    likely = _likely(scores[:, :count], sharpness).max(axis=1) if len(scores) else []
    return [Signals(float(row[count : 2 * count].max()), float(row[-1]), float(best)) for row, best in zip(scores, likely, strict=True)]
