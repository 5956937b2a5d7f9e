"""Accept, clarify, reject: what is done with the classifier's scores, and how the limits are set.

Two scores go in. The *margin* of the best one-vs-rest separator says whether the message is like anything we do; the calibrated
*probability* says which of our things it is. Limits come from cross-validation on the training data and are stored with the model:

- reject below `least_margin`: set so that the declared share of in-scope messages stays above it;
- accept from `accept_from`: the lowest probability from which the declared share of accepted messages is right, out-of-scope
  messages counted as wrong;
- between them clarify, with two or three candidates.
"""

from dataclasses import asdict, dataclass
from typing import Dict, List, Mapping, Sequence, Tuple

import numpy as np

from bot.nlu.names import ACCEPT, CLARIFY, REJECT

THIRD_FROM = 0.1
"""Probability from which a third candidate is worth a subscriber's reading."""

HIGHEST_ACCEPT = 0.9
"""However poor the cross-validation, a message this sure is acted on; a topic with few examples would otherwise only ask."""


@dataclass(frozen=True)
class Limits:
    """See the module. `in_scope_served` and `accepted_right` are what was asked for; the shares below are what cross-validation gave."""

    least_margin: float
    accept_from: float
    in_scope_served: float
    accepted_right: float

    def as_dict(self) -> Dict[str, float]:
        return asdict(self)


@dataclass(frozen=True)
class Ranked:
    """Decision over a ranking of (intent, probability), best first."""

    decision: str
    ranking: Tuple[Tuple[str, float], ...]

    def candidates(self) -> Tuple[Tuple[str, float], ...]:
        """Two or three readings to offer; none unless the decision is clarify."""
        if self.decision != CLARIFY:
            return ()
        third = len(self.ranking) > 2 and self.ranking[2][1] >= THIRD_FROM
        return self.ranking[: 3 if third else 2]


def decide(ranking: Sequence[Tuple[str, float]], margin: float, limits: Limits) -> Ranked:
    """`ranking`: intents with probabilities, best first; `margin`: of the best separator."""
    if not ranking or margin < limits.least_margin:
        return Ranked(REJECT, tuple(ranking))
    if ranking[0][1] >= limits.accept_from or len(ranking) < 2:
        return Ranked(ACCEPT, tuple(ranking))
    return Ranked(CLARIFY, tuple(ranking))


def set_limits(
    served: float, right: float, inside: Mapping[str, np.ndarray], outside: Mapping[str, np.ndarray]
) -> Limits:
    """Limits from out-of-fold scores.

    `inside` has `margin`, `probability` (of the best class) and `correct` for each training message, scored by a model that had
    not seen it; `outside` has `margin` and `probability` for each out-of-scope message, possibly none.
    """
    least_margin = float(np.quantile(inside["margin"], 1.0 - served))
    kept = inside["margin"] >= least_margin
    leaked = outside["margin"] >= least_margin
    probability = np.concatenate([inside["probability"][kept], outside["probability"][leaked]])
    correct = np.concatenate([inside["correct"][kept], np.zeros(int(leaked.sum()), dtype=bool)])
    order = np.argsort(-probability)
    shares = np.cumsum(correct[order]) / np.arange(1, len(order) + 1)
    good = np.flatnonzero(shares >= right)
    accept_from = float(probability[order][good[-1]]) if len(good) else HIGHEST_ACCEPT
    return Limits(least_margin, min(accept_from, HIGHEST_ACCEPT), served, right)


def shares(limits: Limits, margins: np.ndarray, probabilities: np.ndarray) -> Dict[str, float]:
    """Share of messages in each band, for the report kept with the model."""
    if not len(margins):
        return {}
    rejected = margins < limits.least_margin
    accepted = ~rejected & (probabilities >= limits.accept_from)
    bands: List[Tuple[str, np.ndarray]] = [(ACCEPT, accepted), (CLARIFY, ~rejected & ~accepted), (REJECT, rejected)]
    return {name: round(float(chosen.mean()), 4) for name, chosen in bands}
