"""Training messages as one table of counted strings, so that every fit of cross-validation is arithmetic on arrays.

For training only: serving counts one message's strings in `features.Vocabulary.vector`, to the same numbers.
"""

from collections import Counter
from dataclasses import dataclass
from typing import Dict, List, Sequence, Tuple

import numpy as np
from scipy.sparse import csr_matrix

from bot.nlu.features import VIEWS, Vocabulary, idf
from bot.nlu.homeliness import single_words

Bags = Sequence[Sequence[str]]

_COMMON = 0.1
"""Share of messages from which a string is too common for the index of neighbours."""


@dataclass(frozen=True)
class Strings:
    """`counts`: a row for each message, 1 + log(count) in the column of each string; `names` and `views` of the columns; `words`: the
    single words of each message."""

    counts: csr_matrix
    names: Sequence[str]
    views: np.ndarray
    words: Sequence[Sequence[str]]


@dataclass(frozen=True)
class Weighing:
    """What a string counts, learnt from some rows: `scale` by column, of those unseen too; `known`: the columns that the rows hold."""

    scale: np.ndarray
    known: np.ndarray
    unseen: float

    def vectors(self, strings: Strings, rows: np.ndarray) -> csr_matrix:
        """Each view of a message at length one, strings unseen counted in the length and then left out."""
        counts = strings.counts[rows]
        places = np.repeat(np.arange(len(rows)), np.diff(counts.indptr)) * len(VIEWS) + strings.views[counts.indices]
        weights = counts.data * self.scale[counts.indices]
        lengths = np.sqrt(np.bincount(places, weights=weights**2, minlength=len(rows) * len(VIEWS)))
        weights = np.where(self.known[counts.indices], weights / np.maximum(lengths, 1e-9)[places], 0.0).astype(np.float32)
        vectors = csr_matrix((weights, counts.indices, counts.indptr), shape=counts.shape)
        vectors.eliminate_zeros()
        return vectors

    def vocabulary(self, strings: Strings) -> Tuple[Vocabulary, np.ndarray]:
        """For serving, with the columns it keeps in its own order: by view, then by string."""
        kept = np.flatnonzero(self.known)
        order = np.array(sorted(kept, key=lambda column: (strings.views[column], strings.names[column])), dtype=np.int64)
        places: List[Dict[str, int]] = [{} for _ in VIEWS]
        for row, column in enumerate(order):
            places[strings.views[column]][strings.names[column]] = row
        rarity = self.scale[order].astype(np.float32)
        return Vocabulary(tuple(places), rarity, (self.unseen,) * len(VIEWS)), order


def uncommon(vectors: csr_matrix) -> csr_matrix:
    """Without the strings that too many of the messages hold: they tell none of them apart, and an index of neighbours would spend
    its time on them."""
    held = np.bincount(vectors.indices, minlength=vectors.shape[1])
    kept = (held <= max(vectors.shape[0] * _COMMON, 1.0))[vectors.indices]
    pruned = csr_matrix((np.where(kept, vectors.data, 0.0).astype(np.float32), vectors.indices, vectors.indptr), shape=vectors.shape)
    pruned.eliminate_zeros()
    return pruned


def count_strings(messages: Sequence[Bags]) -> Strings:
    """`messages`: the bags of `features.views`."""
    columns: Dict[Tuple[int, str], int] = {}
    indices: List[int] = []
    counts: List[int] = []
    ends = [0]
    for bags in messages:
        for view, bag in enumerate(bags):
            for string, count in Counter(bag).items():
                indices.append(columns.setdefault((view, string), len(columns)))
                counts.append(count)
        ends.append(len(indices))
    table = csr_matrix(
        (1.0 + np.log(np.array(counts, dtype=np.float64)), np.array(indices, dtype=np.int32), np.array(ends)),
        shape=(len(messages), len(columns)),
    )
    views = np.array([view for view, _ in columns], dtype=np.int64)
    return Strings(table, [name for _, name in columns], views, [single_words(bags[1]) for bags in messages])


def weigh(strings: Strings, rows: np.ndarray, least: int, unseen_counts: float) -> Weighing:
    """Inverse document frequencies over `rows`; strings in fewer than `least` of them are unseen."""
    found = np.bincount(strings.counts[rows].indices, minlength=strings.counts.shape[1])
    known = found >= least
    unseen = idf(0, len(rows)) * unseen_counts
    return Weighing(np.where(known, np.log((1 + len(rows)) / (1 + found)) + 1.0, unseen), known, unseen)
