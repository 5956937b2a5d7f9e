"""From labelled messages to `Classes`: one or two misheard copies of each message, one fit on all, judges by cross-validation.

Out-of-scope messages are no class. They stand on the other side of every separator, and they help to set the limits.
"""

import random
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple

import jieba
import numpy as np
from sklearn.model_selection import StratifiedKFold

from bot.nlu.bands import Orders
from bot.nlu.beside import AT_ONCE, beside
from bot.nlu.calibration import Unseen, calibrate, early_judge
from bot.nlu.classes import Classes
from bot.nlu.corpus import Strings, count_strings, uncommon
from bot.nlu.errors import TrainingError
from bot.nlu.features import Vector, views
from bot.nlu.fitting import Fit, Material, Strengths, fit, observe
from bot.nlu.judging import EVIDENCE, OF_STRINGS, Judge, Observed, joined
from bot.nlu.meaning import LEXICAL, PACKAGE, Encoder, Projection, alike, encode_batches, in_order, learn_projection
from bot.nlu.neighbours import index, shortened
from bot.nlu.normalise import normalise
from bot.nlu.pinyin import homophones, misheard
from bot.nlu.products import NO_PRODUCTS, Catalogue
from bot.nlu.values import SHANGHAI, find_values

SEED = 20261122
FOLDS = 4
_FEWEST_BESIDE = 2000
"""Messages from which a process for each fold is worth its start."""


@dataclass(frozen=True)
class Recipe:
    """What training may be told; the values were chosen by cross-validation (docs/benchmarks/nlu.md)."""

    in_scope_served: float = 0.95
    accepted_right: float = 0.94
    orders: Tuple[str, ...] = ()
    orders_right: float = 0.98
    margin_strength: float = 0.5
    unseen_counts: float = 1.0
    misheard_share: float = 0.25
    misheard_copies: int = 2
    most_misheard: int = 4000
    least_documents: int = 2
    meaning_dimensions: int = 192
    near_dimensions: int = 64

    def strengths(self) -> Strengths:
        return Strengths(self.margin_strength, self.least_documents, self.unseen_counts, self.near_dimensions, SEED)


@dataclass(frozen=True)
class Held:
    """Messages kept apart to calibrate on, instead of cross-validation: (text, intent) pairs and out-of-scope texts."""

    messages: Sequence[Tuple[str, str]]
    outside: Sequence[str]


@dataclass(frozen=True)
class _Rows:
    """Where each kind of message lies in the material; `sources`: the message that each copy in `heard` was made of."""

    written: np.ndarray
    heard: np.ndarray
    sources: np.ndarray
    outside: np.ndarray
    held: np.ndarray
    held_outside: np.ndarray


def no_encoder() -> Optional[Encoder]:
    """For a lexical model."""
    return None


def learn(
    messages: Sequence[Tuple[str, str]],
    outside: Sequence[str],
    recipe: Recipe,
    segmenter: jieba.Tokenizer,
    encoder: Callable[[], Optional[Encoder]] = no_encoder,
    held: Optional[Held] = None,
    products: Catalogue = NO_PRODUCTS,
) -> Classes:
    """Train on (text, intent) pairs; without an encoder the model is lexical, with limits of its own. `encoder` is asked for it once, in
    time: it takes a second to load. Raises TrainingError with fewer than two intents or an intent with one example."""
    intents = _intents(messages)
    material, rows, projection = _material(messages, outside, held or Held((), ()), intents, recipe, segmenter, encoder, products)
    meant = projection.size > 0
    if held:
        fitted = _fit_whole(material, rows, recipe)
        unseen = _held_unseen(material, rows, fitted, recipe)
    else:
        fitted, unseen = _cross_validated(material, rows, recipe)
    kinds = tuple(range(len(EVIDENCE))) if meant else OF_STRINGS
    judge, report = calibrate(unseen, kinds, recipe.in_scope_served, recipe.accepted_right, _orders(intents, recipe))
    early = early_judge(unseen, OF_STRINGS, judge) if meant else None
    report.update(
        settled_by_strings=early[1] if early else None,
        examples=dict(sorted(Counter(intent for _, intent in messages).items())),
        out_of_scope_examples=len(outside),
        sentence_vectors=PACKAGE if meant else None,
    )
    return _classes(intents, material, fitted, projection, recipe, judge, early[0] if early else None, report)


def _intents(messages: Sequence[Tuple[str, str]]) -> Tuple[str, ...]:
    counts = Counter(intent for _, intent in messages)
    if len(counts) < 2:
        raise TrainingError(f"A classifier needs at least two intents with examples, found {len(counts)}.")
    lonely = sorted(intent for intent, count in counts.items() if count < 2)
    if lonely:
        raise TrainingError(f"Each intent needs at least two examples; one only has: {', '.join(lonely)}.")
    return tuple(sorted(counts))


def _orders(intents: Sequence[str], recipe: Recipe) -> Orders:
    unknown = sorted(set(recipe.orders) - set(intents))
    if unknown:
        raise TrainingError(f"Orders must be intents with examples: {', '.join(unknown)}.")
    return Orders(recipe.orders, tuple(intents.index(intent) for intent in recipe.orders), recipe.orders_right)


def _material(
    messages: Sequence[Tuple[str, str]], outside: Sequence[str], held: Held, intents: Sequence[str], recipe: Recipe,
    segmenter: jieba.Tokenizer, asked: Callable[[], Optional[Encoder]], products: Catalogue,
) -> Tuple[Material, _Rows, Projection]:
    """Messages first, then their copies, out-of-scope messages, and those held apart."""
    copies, sources = _misheard(messages, recipe, segmenter)
    parts = ([text for text, _ in messages], copies, list(outside), [text for text, _ in held.messages], list(held.outside))
    marked, encoder = _marked([text for part in parts for text in part], products, asked)
    ends = np.cumsum([0, *(len(part) for part in parts)])
    places = [np.arange(first, last) for first, last in zip(ends, ends[1:])]
    own = [intents.index(intent) for _, intent in messages]
    owners = [*own, *(own[source] for source in sources), *[-1] * len(outside)]
    owners += [intents.index(intent) for _, intent in held.messages] + [-1] * len(held.outside)
    strings, vectors = _features(marked, segmenter, encoder)
    projection = learn_projection(vectors[places[0]], recipe.meaning_dimensions) if encoder else LEXICAL
    material = Material(
        strings=strings,
        vectors=vectors,
        projected=projection.project(vectors) if projection.size else vectors,
        owners=np.array(owners),
        copies=np.isin(np.arange(len(marked)), places[1]),
        count=len(intents),
    )
    return material, _Rows(places[0], places[1], np.array(sources, dtype=np.int64), *places[2:]), projection


def _marked(
    texts: Sequence[str], products: Catalogue, asked: Callable[[], Optional[Encoder]]
) -> Tuple[List[str], Optional[Encoder]]:
    """The texts with marks in place of their values, and the encoder, which loads meanwhile."""
    now = datetime.now(SHANGHAI)
    ends = np.linspace(0, len(texts), AT_ONCE + 1).astype(int)

    def mark(number: int) -> List[str]:
        return [find_values(text, normalise(text), now, products).marked for text in texts[ends[number] : ends[number + 1]]]

    with beside(mark, range(AT_ONCE), small=len(texts) < _FEWEST_BESIDE) as waited:
        encoder = asked()
        return [text for part in waited() for text in part], encoder


def _features(marked: Sequence[str], segmenter: jieba.Tokenizer, encoder: Optional[Encoder]) -> Tuple[Strings, np.ndarray]:
    """Counted strings, and beside them sentence vectors (no columns without an encoder)."""

    def count() -> Strings:
        return count_strings([views(text, segmenter) for text in marked])

    if encoder is None:
        return count(), np.zeros((len(marked), 0), dtype=np.float32)
    batches = alike(marked)

    def encode(number: int, by: Encoder = encoder) -> List[np.ndarray]:
        return encode_batches(marked, batches[number::AT_ONCE], by)

    with beside(encode, range(AT_ONCE), small=len(marked) < _FEWEST_BESIDE) as waited:
        strings, parts = count(), waited()
    return strings, in_order(batches, [parts[place % AT_ONCE][place // AT_ONCE] for place in range(len(batches))])


def _misheard(messages: Sequence[Tuple[str, str]], recipe: Recipe, segmenter: jieba.Tokenizer) -> Tuple[List[str], List[int]]:
    """Copies of messages with some characters written as others of the same sound, and which message each is of. Which are copied and how
    is each message's own: a sentence more leaves the copies of the others as they are."""
    sounds = homophones(segmenter.FREQ)
    copies: List[str] = []
    sources: List[int] = []
    for number in range(recipe.misheard_copies):
        dice = [random.Random(f"{SEED} {number} {text}") for text, _ in messages]  # noqa: S311 - noise, no secret
        turns = [one.random() for one in dice]
        # a large set has enough with one copy of some, a small one is heard twice
        for place in sorted(sorted(range(len(messages)), key=turns.__getitem__)[: recipe.most_misheard - len(copies)]):
            copy = misheard(messages[place][0], recipe.misheard_share, sounds, dice[place])
            if copy != messages[place][0]:
                copies.append(copy)
                sources.append(place)
    return copies, sources


def _fit_whole(material: Material, rows: _Rows, recipe: Recipe) -> Fit:
    return fit(material, np.concatenate([rows.written, rows.heard, rows.outside]), recipe.strengths())


def _cross_validated(material: Material, rows: _Rows, recipe: Recipe) -> Tuple[Fit, Unseen]:
    """The fit of all, and every message as a fit shows it that has seen neither it nor its misheard copy."""
    labels = material.owners[rows.written]
    folds = min(FOLDS, int(np.bincount(labels).min()))
    splits = StratifiedKFold(folds, shuffle=True, random_state=SEED).split(np.zeros(len(labels)), labels)
    turn = np.zeros(len(material.owners), dtype=np.int64)
    for fold, (_, test) in enumerate(splits):
        turn[rows.written[test]] = fold
    turn[rows.heard] = turn[rows.written[rows.sources]]
    turn[rows.outside] = np.arange(len(rows.outside)) % folds
    everything = np.concatenate([rows.written, rows.heard, rows.outside])

    def held_out(fold: int) -> Tuple[np.ndarray, Observed]:
        test = everything[turn[everything] == fold]
        fitted = fit(material, everything[turn[everything] != fold], recipe.strengths())
        return test, observe(material, fitted, test, recipe.strengths())

    with beside(held_out, range(folds), small=len(everything) < _FEWEST_BESIDE) as waited:
        whole = _fit_whole(material, rows, recipe)
        found = waited()
    together = joined([observed for _, observed in found]).take(np.argsort(np.concatenate([test for test, _ in found])))
    # `everything` is in the order of the rows, which begin with those that were cross-validated
    return whole, Unseen(
        together.take(rows.written), labels, together.take(rows.heard), material.owners[rows.heard], together.take(rows.outside)
    )


def _held_unseen(material: Material, rows: _Rows, fitted: Fit, recipe: Recipe) -> Unseen:
    inside, outside, none = (
        observe(material, fitted, part, recipe.strengths()) for part in (rows.held, rows.held_outside, rows.held[:0])
    )
    return Unseen(inside, material.owners[rows.held], none, material.owners[rows.held[:0]], outside)


def _classes(
    intents: Tuple[str, ...], material: Material, fitted: Fit, projection: Projection, recipe: Recipe, judge: Judge,
    early: Optional[Judge], report: Dict[str, Any],
) -> Classes:
    vocabulary, kept = fitted.weighing.vocabulary(material.strings)
    known = np.concatenate([fitted.examples, fitted.others])
    vectors = uncommon(fitted.weighing.vectors(material.strings, known))[:, kept].tocsr()
    split = [Vector(*part) for part in zip(np.split(vectors.indices, vectors.indptr[1:-1]), np.split(vectors.data, vectors.indptr[1:-1]))]
    near = shortened(material.projected[known], recipe.near_dimensions)
    return Classes(
        intents=intents,
        vocabulary=vocabulary,
        weights=np.ascontiguousarray(fitted.weights[kept]),
        meaning_weights=fitted.meaning_weights,
        biases=fitted.biases,
        neighbours=index(split, [int(first) for first in fitted.firsts], vocabulary.size, near),
        homeliness=fitted.homeliness,
        projection=projection,
        spread=fitted.spread,
        judge=judge,
        early=early,
        report=report,
    )
