"""Accept, clarify, reject: what is done with a message, and how the limits are set.

`Affinity` weighs the signals of a message (`judging.SIGNALS`) into how likely it is any of our business; that times the probability of
the best intent among ours is the confidence. Limits come from cross-validation on the training data and are stored with the model:

- reject below `least_affinity`: set so that the declared share of in-scope messages stays above it;
- accept from `accept_from`: the lowest confidence from which the declared share of accepted messages is right. Out-of-scope
  messages count as wrong, weighted to be the share of all messages that is expected of them;
- intents that are orders (`Orders`: money moves, or a line stops working) are accepted from a stricter limit, `order_from`: the lowest
  confidence from which the stricter share of what is read as any of them is right;
- between them clarify, with two or three candidates: those in the conformal set, in which the right intent of an unseen in-scope
  message lies with the probability `CANDIDATES_RIGHT`.
"""

import math
from dataclasses import asdict, dataclass
from typing import Any, Dict, Mapping, Sequence, Tuple

import numpy as np

from bot.nlu.names import ACCEPT, CLARIFY, REJECT

CANDIDATES_RIGHT = 0.95
"""Share of in-scope messages whose own intent is in the conformal set."""

MOST_OFFERED = 3

HIGHEST_ACCEPT = 0.9
"""However poor the cross-validation, a message this sure is acted on, an order too; a topic with few examples would otherwise only
ask. Of what is read as an order from here on .981 is right, from the ordinary limit .963 (development data)."""

OUT_OF_SCOPE_EXPECTED = 0.1
"""Share of messages that are none of our business. The list of them for training is longer, and nearer, than what really comes."""


@dataclass(frozen=True)
class Affinity:
    """A linear score over a message's signals. `estimated`: there were out-of-scope messages to fit it on, so it is a log-odds of being
    ours; otherwise it only ranks, and every message is taken for ours until it is rejected."""

    weights: Tuple[float, ...]
    bias: float
    estimated: bool

    def score(self, signals: np.ndarray) -> np.ndarray:
        """Of a row for each message."""
        scores: np.ndarray = signals @ np.array(self.weights) + self.bias
        return scores

    def is_ours(self, scores: np.ndarray) -> np.ndarray:
        if not self.estimated:
            return np.ones_like(scores)
        likely: np.ndarray = 1.0 / (1.0 + np.exp(-np.maximum(scores, -500.0)))
        return likely


@dataclass(frozen=True)
class Limits:
    """See the module. `candidate_from`: probability among ours from which an intent is in the conformal set. `in_scope_served` and
    `accepted_right` are what was asked for."""

    least_affinity: float
    accept_from: float
    candidate_from: float
    in_scope_served: float
    accepted_right: float
    orders: Tuple[str, ...] = ()
    order_from: float = 0.0

    def as_dict(self) -> Dict[str, Any]:
        return asdict(self)

    def accepts(self, intent: str, confidence: float) -> bool:
        """Whether a reading is acted on."""
        return confidence >= (self.order_from if intent in self.orders else self.accept_from)


@dataclass(frozen=True)
class Ranked:
    """Decision over a ranking of (intent, confidence), best first. `affinity`: the score that was held against the limit."""

    decision: str
    ranking: Tuple[Tuple[str, float], ...]
    affinity: float = -math.inf
    offered: int = 0

    def candidates(self) -> Tuple[Tuple[str, float], ...]:
        """Two or three readings to offer; none unless the decision is clarify."""
        return self.ranking[: self.offered]


def decide(ranking: Sequence[Tuple[str, float]], affinity: float, limits: Limits) -> Ranked:
    """`ranking`: intents with confidences, best first; `affinity`: the score of `Affinity`."""
    if not ranking or affinity < limits.least_affinity:
        return Ranked(REJECT, tuple(ranking), affinity)
    if limits.accepts(*ranking[0]):
        return Ranked(ACCEPT, tuple(ranking), affinity)
    ours = sum(likely for _, likely in ranking)
    in_set = sum(likely >= limits.candidate_from * ours for _, likely in ranking)
    return Ranked(CLARIFY, tuple(ranking), affinity, min(max(in_set, 2), MOST_OFFERED))


@dataclass(frozen=True)
class Scored:
    """Out-of-fold results of many messages: affinity scores, confidences, whether the best intent was right, and which one it was."""

    affinity: np.ndarray
    confidence: np.ndarray
    correct: np.ndarray
    best: np.ndarray


@dataclass(frozen=True)
class Orders:
    """Intents of which a share `right` of those acted on must be right; `places` are their numbers in the model's order."""

    intents: Tuple[str, ...] = ()
    places: Tuple[int, ...] = ()
    right: float = 0.0


NO_ORDERS = Orders()


def set_limits(served: float, right: float, inside: Scored, outside: Scored, own: np.ndarray, orders: Orders = NO_ORDERS) -> Limits:
    """Limits from messages scored by a model that had not seen them; `outside` may be empty. `own[i]`: probability of the own intent
    of in-scope message `i` among ours."""
    least = float(np.quantile(inside.affinity, 1.0 - served))
    kept, leaked = inside.affinity >= least, outside.affinity >= least
    confidence = np.concatenate([inside.confidence[kept], outside.confidence[leaked]])
    correct = np.concatenate([inside.correct[kept], np.zeros(int(leaked.sum()), dtype=bool)])
    weight = np.ones(len(confidence))
    weight[int(kept.sum()) :] = weight_outside(len(kept), len(leaked))
    accept_from = min(_right_from(right, confidence, correct, weight), HIGHEST_ACCEPT)
    ordered = np.isin(np.concatenate([inside.best[kept], outside.best[leaked]]), orders.places)
    order_from = min(_right_from(orders.right, confidence[ordered], correct[ordered], weight[ordered]), HIGHEST_ACCEPT)
    rank = max(int((len(own) + 1) * (1.0 - CANDIDATES_RIGHT)) - 1, 0)
    candidate_from = float(np.sort(own)[rank]) if len(own) else 0.0
    order_from = max(order_from, accept_from) if orders.intents else 0.0
    return Limits(least, accept_from, candidate_from, served, right, orders.intents, order_from)


def _right_from(right: float, confidence: np.ndarray, correct: np.ndarray, weight: np.ndarray) -> float:
    """The lowest confidence from which that share is right; 1 when there is none."""
    order = np.argsort(-confidence)
    shares_right = np.cumsum((correct * weight)[order]) / np.cumsum(weight[order])
    good = np.flatnonzero(shares_right >= right)
    return float(confidence[order][good[-1]]) if len(good) else 1.0


def weight_outside(inside: int, outside: int) -> float:
    """What one out-of-scope message counts beside one in-scope message."""
    return OUT_OF_SCOPE_EXPECTED / (1.0 - OUT_OF_SCOPE_EXPECTED) * inside / outside if outside else 0.0


def shares(limits: Limits, scored: Scored) -> Mapping[str, float]:
    """Share of messages in each band, for the report kept with the model."""
    if not len(scored.affinity):
        return {}
    rejected = scored.affinity < limits.least_affinity
    accepted = ~rejected & (scored.confidence >= limits.accept_from)  # orders among them by the ordinary limit
    bands = ((ACCEPT, accepted), (CLARIFY, ~rejected & ~accepted), (REJECT, rejected))
    return {name: round(float(chosen.mean()), 4) for name, chosen in bands}
