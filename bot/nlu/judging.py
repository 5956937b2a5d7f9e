"""From what is seen of a message to a decision: five kinds of evidence for each intent are summed into log-odds, and what they come to,
with what was seen of the message as a whole, tells whether it is any of ours.

The weights of the sum are fitted on messages that the model had not seen (`calibration`). All arrays hold a row for each message, so
that training and serving go through the same lines.
"""

from dataclasses import asdict, dataclass
from typing import Any, Dict, Mapping, Sequence, Tuple

import numpy as np

from bot.nlu.bands import Affinity, Limits, Ranked, decide

EVIDENCE = ("separator_strings", "nearest_strings", "separator_meaning", "nearest_meaning", "typicality")
"""Of each intent: what its one-vs-rest separator says of the strings and of the sentence vector, the cosines to its nearest training
message by either, and how typical the vector is of it (`spread`)."""

OF_STRINGS = (0, 1)
"""The kinds of evidence that need no sentence vector."""

SEEN = ("nearness", "likeness", "typicality", "contrast", "homeliness")
"""Of the whole message: nearness to our messages by strings and by meaning (`neighbours`), distance to the nearest centre and how much
nearer that is than the whole (`spread`, both negative when far), and how commonly its words are said here (`homeliness`)."""

SIGNALS = ("energy", "certainty", "margin", "strings_margin", "meaning_margin", *SEEN)
"""What `Affinity` weighs: the log of the sum over intents of exp(log-odds), the log-odds of the best among ours, the highest
separator, what the best intent's says of the strings and of the vector, and what was seen."""

_SHARPEST = 1e-3

_CLAUSES_COUNT = 0.3
"""What the clauses of a story count beside its whole; by development data (docs/benchmarks/nlu.md)."""

CLAUSES_ASKED_BELOW = 0.9
"""A whole that is this sure needs no clauses."""

_CLAUSES_SURE = 0.3
"""The sum of the clauses' weights from which they count in full."""


@dataclass(frozen=True)
class Observed:
    """`evidence[i, c, k]`: kind `k` of `EVIDENCE` for intent `c` of message `i`; `seen[i]` in the order of `SEEN`."""

    evidence: np.ndarray
    seen: np.ndarray

    def take(self, places: np.ndarray) -> "Observed":
        return Observed(self.evidence[places], self.seen[places])


def joined(parts: Sequence[Observed]) -> Observed:
    """One below the other."""
    return Observed(np.concatenate([part.evidence for part in parts]), np.concatenate([part.seen for part in parts]))


@dataclass(frozen=True)
class Judge:
    """`fusion`: the weight of each kind of evidence; zero for those that are not read."""

    fusion: Tuple[float, ...]
    affinity: Affinity
    limits: Limits

    def judge(self, intents: Sequence[str], observed: Observed) -> Ranked:
        """Of one message, and its clauses if there are further rows: intents with confidences, best first, and what to do about them."""
        logits = fused(observed.evidence, self.fusion)
        affinity = self.affinity.score(signals(logits, observed))
        ours = self.affinity.is_ours(affinity)
        likely = _with_clauses(softmax(logits), ours) * ours[0]
        order = np.argsort(-likely)
        ranking = [(intents[c], sure) for c, sure in zip(order.tolist(), likely[order].tolist(), strict=True)]
        return decide(ranking, float(affinity[0]), self.limits)

    def as_dict(self) -> Dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> "Judge":
        affinity = stored["affinity"]
        return cls(
            tuple(stored["fusion"]),
            Affinity(tuple(affinity["weights"]), affinity["bias"], affinity["estimated"]),
            Limits(**{**stored["limits"], "orders": tuple(stored["limits"]["orders"])}),
        )


def fused(evidence: np.ndarray, fusion: Sequence[float]) -> np.ndarray:
    """Log-odds of every intent: a row for each message."""
    logits: np.ndarray = evidence @ np.array(fusion, dtype=evidence.dtype)
    return logits


def softmax(logits: np.ndarray) -> np.ndarray:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    likely: np.ndarray = powers / powers.sum(axis=1, keepdims=True)
    return likely


def _with_clauses(likely: np.ndarray, ours: np.ndarray) -> np.ndarray:
    """The message's probabilities with those of its clauses (the rows after the first), each as far as it is ours and sure, the last
    one twice."""
    if len(likely) == 1:
        return np.asarray(likely[0])
    weights = ours[1:] * likely[1:].max(axis=1)
    weights[-1] *= 2.0
    share = _CLAUSES_COUNT * min(float(weights.sum()) / _CLAUSES_SURE, 1.0)
    mixed: np.ndarray = (1.0 - share) * likely[0] + share * (weights @ likely[1:]) / max(float(weights.sum()), 1e-9)
    return mixed


def signals(logits: np.ndarray, observed: Observed) -> np.ndarray:
    """In the order of `SIGNALS`."""
    best = logits.argmax(axis=1)
    highest = logits.max(axis=1)
    certain = np.clip(softmax(logits).max(axis=1), _SHARPEST, 1.0 - _SHARPEST)
    energy = highest + np.log(np.exp(logits - highest[:, None]).sum(axis=1))
    margin = (observed.evidence[:, :, 0] + observed.evidence[:, :, 2]).max(axis=1)
    parts = observed.evidence[np.arange(len(best)), best][:, [0, 2]]
    return np.column_stack([energy, np.log(certain / (1.0 - certain)), margin, parts, observed.seen])
