"""From labelled messages to `Classes`: features, one misheard copy of each message, linear separators, limits by cross-validation.

Out-of-scope messages are no class. They stand on the other side of every separator, and they help to set the limits.
"""

import random
import warnings
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Iterator, List, Optional, Sequence, Tuple

import jieba
import numpy as np
from scipy.optimize import minimize_scalar
from scipy.sparse import csr_matrix, hstack
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import StratifiedKFold
from sklearn.svm import LinearSVC

from bot.nlu.bands import Signals
from bot.nlu.calibration import calibrate
from bot.nlu.classes import Classes
from bot.nlu.errors import TrainingError
from bot.nlu.features import Vector, Vocabulary, learn_vocabulary, views
from bot.nlu.meaning import LEXICAL, PACKAGE, Encoder, Projection, encode_all, learn_projection
from bot.nlu.neighbours import Neighbours, index
from bot.nlu.normalise import normalise
from bot.nlu.pinyin import homophones, misheard
from bot.nlu.products import NO_PRODUCTS, Catalogue
from bot.nlu.values import SHANGHAI, find_values

SEED = 20261122
FOLDS = 5
_TOLERANCE = 0.1
"""liblinear's; a finer one costs four times as long and changes no figure of docs/benchmarks/nlu.md."""

Bags = Tuple[Sequence[str], ...]


@dataclass(frozen=True)
class Recipe:
    """What training may be told; the values were chosen by cross-validation (docs/benchmarks/nlu.md)."""

    in_scope_served: float = 0.95
    accepted_right: float = 0.94
    margin_strength: float = 0.5
    unseen_counts: float = 1.0
    misheard_share: float = 0.25
    least_documents: int = 1
    meaning_dimensions: int = 192


@dataclass(frozen=True)
class Held:
    """Messages kept apart to calibrate on, instead of cross-validation: (text, intent) pairs and out-of-scope texts."""

    messages: Sequence[Tuple[str, str]]
    outside: Sequence[str]


@dataclass(frozen=True)
class _Side:
    """Messages as bags, with a row of `meanings` each (no columns without an encoder)."""

    bags: Sequence[Bags]
    meanings: np.ndarray

    def take(self, places: np.ndarray) -> "_Side":
        return _Side([self.bags[place] for place in places], self.meanings[places])

    def __add__(self, other: "_Side") -> "_Side":
        return _Side([*self.bags, *other.bags], np.vstack([self.meanings, other.meanings]))

    def __len__(self) -> int:
        return len(self.bags)


@dataclass(frozen=True)
class _Corpus:
    """`heard` are misheard copies of the messages `sources` of `written`, whose classes are `labels`; `outside` belongs to none."""

    written: _Side
    heard: _Side
    sources: np.ndarray
    labels: np.ndarray
    outside: _Side

    def part(self, inside: np.ndarray, outside: np.ndarray) -> "_Corpus":
        """With the messages `inside` and `outside` (ascending places) only."""
        kept = np.flatnonzero(np.isin(self.sources, inside))
        sources = np.searchsorted(inside, self.sources[kept])
        return _Corpus(self.written.take(inside), self.heard.take(kept), sources, self.labels[inside], self.outside.take(outside))


@dataclass(frozen=True)
class _Fit:
    vocabulary: Vocabulary
    weights: np.ndarray
    biases: np.ndarray
    neighbours: Neighbours

    def scores(self, messages: _Side) -> np.ndarray:
        """A row for each message: margins, and last its nearness and likeness."""
        if not len(messages):
            return np.zeros((0, len(self.biases) + 2))
        vectors = _vectors(self.vocabulary, messages)
        near = np.array([[self.neighbours.nearness(vector), self.neighbours.likeness(vector)] for vector in vectors]).reshape(-1, 2)
        return np.column_stack([_matrix(vectors, self.vocabulary.size) @ self.weights + self.biases, near])


@dataclass(frozen=True)
class _Workshop:
    """Texts to bags and meanings."""

    segmenter: jieba.Tokenizer
    encoder: Optional[Encoder]
    now: datetime
    products: Catalogue

    def marked(self, texts: Sequence[str]) -> List[str]:
        return [find_values(text, normalise(text), self.now, self.products).marked for text in texts]

    def project(self, marked: Sequence[str], projection: Projection) -> np.ndarray:
        if self.encoder is None or not marked:
            return np.zeros((len(marked), projection.size), dtype=np.float32)
        return projection.project(encode_all(marked, self.encoder))

    def side(self, marked: Sequence[str], projection: Projection) -> _Side:
        return _Side([views(text, self.segmenter) for text in marked], self.project(marked, projection))


def learn(
    messages: Sequence[Tuple[str, str]],
    outside: Sequence[str],
    recipe: Recipe,
    segmenter: jieba.Tokenizer,
    encoder: Optional[Encoder] = None,
    held: Optional[Held] = None,
    products: Catalogue = NO_PRODUCTS,
) -> Classes:
    """Train on (text, intent) pairs; without an encoder the model is lexical, with limits of its own. Raises TrainingError with fewer
    than two intents or an intent with one example."""
    intents = _intents(messages)
    shop = _Workshop(segmenter, encoder, datetime.now(SHANGHAI), products)
    corpus, projection = _corpus(messages, outside, intents, recipe, shop)
    fit = _fit(corpus, len(intents), recipe)
    if held is None:
        smallest = int(np.bincount(corpus.labels).min())
        labels, (inside, without) = corpus.labels, _score_unseen(corpus, len(intents), min(FOLDS, smallest), recipe)
    else:
        labels = np.array([intents.index(intent) for _, intent in held.messages])
        inside = fit.scores(shop.side(shop.marked([text for text, _ in held.messages]), projection))
        without = fit.scores(shop.side(shop.marked(held.outside), projection))
    sharpness = _sharpness(inside[:, : len(intents)], labels)
    calibration = calibrate(
        _signals(inside, sharpness),
        inside[:, : len(intents)].argmax(axis=1) == labels,
        _likely(inside[:, : len(intents)], sharpness)[np.arange(len(labels)), labels],
        _signals(without, sharpness),
        recipe.in_scope_served,
        recipe.accepted_right,
    )
    report = {
        **calibration.report,
        "examples": dict(sorted(Counter(intent for _, intent in messages).items())),
        "out_of_scope_examples": len(outside),
        "sentence_vectors": PACKAGE if encoder else None,
    }
    limits, parts = calibration.limits, (fit.vocabulary, fit.weights, fit.biases, fit.neighbours, projection)
    return Classes(intents, *parts, sharpness=sharpness, affinity=calibration.affinity, limits=limits, report=report)


def _intents(messages: Sequence[Tuple[str, str]]) -> Tuple[str, ...]:
    counts = Counter(intent for _, intent in messages)
    if len(counts) < 2:
        raise TrainingError(f"A classifier needs at least two intents with examples, found {len(counts)}.")
    lonely = sorted(intent for intent, count in counts.items() if count < 2)
    if lonely:
        raise TrainingError(f"Each intent needs at least two examples; one only has: {', '.join(lonely)}.")
    return tuple(sorted(counts))


def _corpus(
    messages: Sequence[Tuple[str, str]], outside: Sequence[str], intents: Sequence[str], recipe: Recipe, shop: _Workshop
) -> Tuple[_Corpus, Projection]:
    sounds = homophones(shop.segmenter.FREQ)
    chance = random.Random(SEED)  # noqa: S311 - noise, no secret
    copies = [misheard(text, recipe.misheard_share, sounds, chance) for text, _ in messages]
    sources = [place for place, (copy, (text, _)) in enumerate(zip(copies, messages, strict=True)) if copy != text]
    written = shop.marked([text for text, _ in messages])
    projection = LEXICAL
    if shop.encoder is not None:
        projection = learn_projection(encode_all(written, shop.encoder), recipe.meaning_dimensions)
    corpus = _Corpus(
        written=shop.side(written, projection),
        heard=shop.side(shop.marked([copies[place] for place in sources]), projection),
        sources=np.array(sources, dtype=np.int64),
        labels=np.array([intents.index(intent) for _, intent in messages]),
        outside=shop.side(shop.marked(outside), projection),
    )
    return corpus, projection


def _vectors(vocabulary: Vocabulary, messages: _Side) -> List[Vector]:
    return [vocabulary.vector(bags, meaning) for bags, meaning in zip(messages.bags, messages.meanings, strict=True)]


def _matrix(vectors: Sequence[Vector], features: int) -> csr_matrix:
    """Strings first, then the sentence vectors."""
    ends = np.cumsum([0] + [len(vector.indices) for vector in vectors])
    weights = np.concatenate([vector.weights for vector in vectors])
    indices = np.concatenate([vector.indices for vector in vectors])
    strings = csr_matrix((weights, indices, ends), shape=(len(vectors), features))
    return hstack([strings, csr_matrix(np.array([vector.meaning for vector in vectors]))]).tocsr()


def _fit(corpus: _Corpus, count: int, recipe: Recipe) -> _Fit:
    everything = corpus.written + corpus.heard + corpus.outside
    vocabulary = learn_vocabulary(everything.bags, recipe.least_documents, recipe.unseen_counts)
    vectors = _vectors(vocabulary, everything)
    matrix = _matrix(vectors, vocabulary.size)
    owners = np.concatenate([corpus.labels, corpus.labels[corpus.sources], np.full(len(corpus.outside), -1)])
    weights = np.zeros((matrix.shape[1], count), dtype=np.float32)
    biases = np.zeros(count, dtype=np.float32)
    with warnings.catch_warnings():
        # A separator that has not quite converged on two thousand short texts ranks them the same.
        warnings.simplefilter("ignore", ConvergenceWarning)
        for owner in range(count):
            model = LinearSVC(C=recipe.margin_strength, tol=_TOLERANCE, random_state=SEED).fit(matrix, owners == owner)
            weights[:, owner] = model.coef_[0]
            biases[owner] = model.intercept_[0]
    written = len(corpus.written)
    neighbours = index(vectors[:written] + vectors[written + len(corpus.heard) :], written, vocabulary.size)
    return _Fit(vocabulary, weights, biases, neighbours)


def _score_unseen(corpus: _Corpus, count: int, folds: int, recipe: Recipe) -> Tuple[np.ndarray, np.ndarray]:
    """`_Fit.scores` of every message by a fit that has seen neither it nor its misheard copy."""
    inside = np.zeros((len(corpus.labels), count + 2))
    outside = np.zeros((len(corpus.outside), count + 2))
    for fold, (train, test) in enumerate(_splits(corpus.labels, folds)):
        held = np.arange(len(corpus.outside)) % folds == fold
        fit = _fit(corpus.part(train, np.flatnonzero(~held)), count, recipe)
        inside[test] = fit.scores(corpus.written.take(test))
        outside[held] = fit.scores(corpus.outside.take(np.flatnonzero(held)))
    return inside, outside


def _splits(labels: np.ndarray, folds: int) -> Iterator[Tuple[np.ndarray, np.ndarray]]:
    return StratifiedKFold(folds, shuffle=True, random_state=SEED).split(np.zeros(len(labels)), labels)


def _likely(margins: np.ndarray, sharpness: float) -> np.ndarray:
    sharpened = margins * sharpness
    powers = np.exp(sharpened - sharpened.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def _sharpness(margins: np.ndarray, labels: np.ndarray) -> float:
    """The factor on the margins that makes unseen messages' probabilities mean what they say (temperature scaling)."""

    def surprise(exponent: float) -> float:
        right = _likely(margins, float(np.exp(exponent)))[np.arange(len(labels)), labels]
        return float(-np.log(right + 1e-12).mean())

    return float(np.exp(minimize_scalar(surprise, bounds=(-3.0, 3.0), method="bounded").x))


def _signals(scores: np.ndarray, sharpness: float) -> List[Signals]:
    if not len(scores):
        return []
    margins = scores[:, :-2]
    likely = _likely(margins, sharpness).max(axis=1)
    return [Signals(*(float(value) for value in row)) for row in np.column_stack([margins.max(axis=1), scores[:, -2:], likely])]
