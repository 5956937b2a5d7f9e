"""How near a message is to what training saw: cosines to the nearest training messages, over an inverted index of plain arrays.

Of each intent the nearest message speaks for it; the nearest few of all, less the nearest that are out of scope, tell whether the
message is any of ours.
"""

from dataclasses import dataclass
from typing import List, Sequence, Tuple

import numpy as np

from bot.nlu.features import VIEWS, Vector

NEAREST_INSIDE = 3
NEAREST_OUTSIDE = 2


@dataclass(frozen=True)
class Neighbours:
    """`documents[starts[f]:starts[f + 1]]` hold feature `f`, with `weights` beside them. The messages of intent `c` are
    `firsts[c]` up to `firsts[c + 1]`; those from the last of `firsts` on are out of scope."""

    starts: np.ndarray
    documents: np.ndarray
    weights: np.ndarray
    firsts: np.ndarray
    meanings: np.ndarray
    """A row for each message: the first numbers of its projected sentence vector over the whole's length; no columns in a lexical
    model."""

    @property
    def count(self) -> int:
        return int(self.meanings.shape[0])

    def by_strings(self, vector: Vector) -> Tuple[np.ndarray, float]:
        """Cosine to the nearest message of each intent, and the nearness to ours less the others'."""
        first = self.starts[vector.indices]
        lengths = self.starts[vector.indices + 1] - first
        total = int(lengths.sum())
        if not total:
            return self.nearest(np.zeros(self.count, dtype=np.float32))
        ends = np.cumsum(lengths)
        places = np.arange(total) + np.repeat(first - (ends - lengths), lengths)
        products = self.weights[places] * np.repeat(vector.weights, lengths)
        return self.nearest(np.bincount(self.documents[places], weights=products, minlength=self.count) / len(VIEWS))

    def by_meaning(self, projected: np.ndarray) -> List[Tuple[np.ndarray, float]]:
        """The same of projected sentence vectors, a row for each message."""
        cosines = self.meanings @ shortened(projected, self.meanings.shape[1]).T
        return [self.nearest(np.ascontiguousarray(cosines[:, place])) for place in range(len(projected))]

    def nearest(self, cosines: np.ndarray) -> Tuple[np.ndarray, float]:
        """From cosines to every training message."""
        inside = int(self.firsts[-1])
        others = _mean_of_nearest(cosines[inside:], NEAREST_OUTSIDE)
        return np.maximum.reduceat(cosines[:inside], self.firsts[:-1]), _mean_of_nearest(cosines[:inside], NEAREST_INSIDE) - others


def _mean_of_nearest(cosines: np.ndarray, nearest: int) -> float:
    if len(cosines) <= nearest:
        return float(cosines.mean()) if len(cosines) else 0.0
    return float(np.partition(cosines, len(cosines) - nearest)[-nearest:].mean())


def shortened(projected: np.ndarray, size: int) -> np.ndarray:
    """The first numbers of projected vectors over their whole length, so that products are cosines and what is left out only dampens."""
    lengths = np.maximum(np.linalg.norm(projected, axis=1, keepdims=True), 1e-9)
    short: np.ndarray = (projected[:, :size] / lengths).astype(np.float32)
    return short


def index(vectors: Sequence[Vector], firsts: Sequence[int], features: int, meanings: np.ndarray) -> Neighbours:
    """The index over training messages' vectors, in the order of `Neighbours.firsts`."""
    places = np.concatenate([vector.indices for vector in vectors])
    weights = np.concatenate([vector.weights for vector in vectors])
    documents = np.repeat(np.arange(len(vectors), dtype=np.int32), [len(vector.indices) for vector in vectors])
    order = np.argsort(places, kind="stable")
    starts = np.concatenate([[0], np.cumsum(np.bincount(places, minlength=features))]).astype(np.int32)
    return Neighbours(starts, documents[order], weights[order], np.array(firsts, dtype=np.int32), meanings)
