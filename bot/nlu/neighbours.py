"""How near a message is to what training saw: cosines to the nearest training messages, over an inverted index of plain arrays."""

from dataclasses import dataclass
from typing import Sequence

import numpy as np

from bot.nlu.features import VIEWS, Vector

NEAREST_INSIDE = 3
NEAREST_OUTSIDE = 2


@dataclass(frozen=True)
class Neighbours:
    """`documents[starts[f]:starts[f + 1]]` hold feature `f`, with `weights` beside them. The first `inside` documents are in scope."""

    starts: np.ndarray
    documents: np.ndarray
    weights: np.ndarray
    inside: int
    count: int
    meanings: np.ndarray
    """A row for each document: its sentence vector over its length, the last number (`meaning.Projection`) left out of products; no
    columns in a lexical model."""

    def likeness(self, vector: Vector) -> float:
        """As `nearness`, of sentence vectors; 0 in a lexical model."""
        length = float(np.linalg.norm(vector.meaning))
        if not length:
            return 0.0
        cosines = self.meanings @ (vector.meaning / length)
        return _mean_of_nearest(cosines[: self.inside], NEAREST_INSIDE) - _mean_of_nearest(cosines[self.inside :], NEAREST_OUTSIDE)

    def nearness(self, vector: Vector) -> float:
        """Mean cosine to the nearest in-scope messages less that to the nearest out-of-scope ones, -1 to 1."""
        first = self.starts[vector.indices]
        lengths = self.starts[vector.indices + 1] - first
        total = int(lengths.sum())
        if not total:
            return 0.0
        ends = np.cumsum(lengths)
        places = np.arange(total) + np.repeat(first - (ends - lengths), lengths)
        cosines = np.bincount(
            self.documents[places], weights=self.weights[places] * np.repeat(vector.weights, lengths), minlength=self.count
        ) / len(VIEWS)
        return _mean_of_nearest(cosines[: self.inside], NEAREST_INSIDE) - _mean_of_nearest(cosines[self.inside :], NEAREST_OUTSIDE)


def _mean_of_nearest(cosines: np.ndarray, nearest: int) -> float:
    if len(cosines) <= nearest:
        return float(cosines.mean()) if len(cosines) else 0.0
    return float(np.partition(cosines, len(cosines) - nearest)[-nearest:].mean())


def index(vectors: Sequence[Vector], inside: int, features: int) -> Neighbours:
    """The index over training messages' vectors, in-scope ones first."""
    places = np.concatenate([vector.indices for vector in vectors])
    weights = np.concatenate([vector.weights for vector in vectors])
    documents = np.repeat(np.arange(len(vectors), dtype=np.int32), [len(vector.indices) for vector in vectors])
    order = np.argsort(places, kind="stable")
    starts = np.concatenate([[0], np.cumsum(np.bincount(places, minlength=features))]).astype(np.int32)
    meanings = np.array([vector.meaning for vector in vectors], dtype=np.float32).reshape(len(vectors), -1)
    meanings /= np.maximum(np.linalg.norm(meanings, axis=1, keepdims=True), 1e-9)
    meanings[:, -1:] = 0.0
    return Neighbours(starts, documents[order], weights[order], inside, len(vectors), meanings)
