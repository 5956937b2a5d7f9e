"""How the sentence vectors of an intent's messages lie: a centre each, one spread for all (linear discriminant analysis).

Two distances tell what a message is: to the nearest centre, measured by how messages of one intent differ among themselves, and from
all messages together, measured by how all differ. What is far from every centre, or farther from its centre than from the whole, is
none of ours (Mahalanobis and relative Mahalanobis distance: Lee et al. 2018; Ren et al. 2021).
"""

from dataclasses import dataclass
from typing import Tuple

import numpy as np

_RIDGE = 0.005
"""Added to the variances of unit vectors, so that a direction in which training hardly differs does not decide; by development data."""


@dataclass(frozen=True)
class Spread:
    """`turns` holds two square matrices side by side: the one in which an intent's messages are round, and the one in which all are.
    `centres`: a row for each intent, turned by the first. Without columns in a lexical model."""

    mean: np.ndarray
    turns: np.ndarray
    centres: np.ndarray

    def distances(self, vectors: np.ndarray) -> Tuple[np.ndarray, np.ndarray]:
        """Of a row for each message: to every centre (a column for each intent), and from all."""
        turned = (vectors - self.mean) @ self.turns
        size = self.turns.shape[0]
        own, whole = turned[:, :size], turned[:, size:]
        squares = (own**2).sum(axis=1)[:, None] - 2.0 * own @ self.centres.T + (self.centres**2).sum(axis=1)[None]
        return np.sqrt(np.maximum(squares, 0.0)), np.sqrt((whole**2).sum(axis=1))


NO_SPREAD = Spread(*(np.zeros(shape, dtype=np.float32) for shape in ((0,), (0, 0), (0, 0))))


def learn_spread(vectors: np.ndarray, labels: np.ndarray, count: int) -> Spread:
    """From in-scope messages' vectors and their intents 0 … `count` - 1, each with at least one message."""
    mean = vectors.mean(axis=0)
    away = (vectors - mean).astype(np.float64)
    centres = np.stack([away[labels == owner].mean(axis=0) for owner in range(count)])
    among = away - centres[labels]
    turns = np.hstack([_rounding(among), _rounding(away)])
    return Spread(mean.astype(np.float32), turns.astype(np.float32), (centres @ turns[:, : len(mean)]).astype(np.float32))


def _rounding(rows: np.ndarray) -> np.ndarray:
    """The matrix that makes the rows' covariance the unit matrix."""
    covariance = rows.T @ rows / len(rows) + _RIDGE * np.eye(rows.shape[1])
    turned: np.ndarray = np.linalg.inv(np.linalg.cholesky(covariance)).T
    return turned
