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


@dataclass(frozen=True)
class Observed:
    """`evidence[i, c, k]`: kind `k` of `EVIDENCE` for intent `c` of message `i`; `seen[i]` in the order of `SEEN`."""

    evidence: np.ndarray
    seen: np.ndarray

    def take(self, places: np.ndarray) -> "Observed":
        return Observed(self.evidence[places], self.seen[places])


@dataclass(frozen=True)
class Judge:
    """`fusion`: the weight of each kind of evidence; zero for those that are not read."""

    fusion: Tuple[float, ...]
    affinity: Affinity
    limits: Limits

    def judge(self, intents: Sequence[str], observed: Observed) -> Ranked:
        """Of one message: intents with confidences, best first, and what to do about them."""
        logits = fused(observed.evidence, self.fusion)
        likely = softmax(logits)
        affinity = self.affinity.score(signals(logits, observed))
        ours = float(self.affinity.is_ours(affinity)[0])
        order = np.argsort(-likely[0])
        return decide([(intents[c], float(likely[0, c]) * ours) for c in order], float(affinity[0]), self.limits)

    def as_dict(self) -> Dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> "Judge":
        affinity = stored["affinity"]
        return cls(
            tuple(stored["fusion"]),
            Affinity(tuple(affinity["weights"]), affinity["bias"], affinity["estimated"]),
            Limits(**stored["limits"]),
        )


def fused(evidence: np.ndarray, fusion: Sequence[float]) -> np.ndarray:
    """Log-odds of every intent: a row for each message."""
    logits: np.ndarray = evidence @ np.array(fusion, dtype=evidence.dtype)
    return logits


def softmax(logits: np.ndarray) -> np.ndarray:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    likely: np.ndarray = powers / powers.sum(axis=1, keepdims=True)
    return likely


def signals(logits: np.ndarray, observed: Observed) -> np.ndarray:
    """In the order of `SIGNALS`."""
    best = logits.argmax(axis=1)
    highest = logits.max(axis=1)
    certain = np.clip(softmax(logits).max(axis=1), _SHARPEST, 1.0 - _SHARPEST)
    energy = highest + np.log(np.exp(logits - highest[:, None]).sum(axis=1))
    margin = (observed.evidence[:, :, 0] + observed.evidence[:, :, 2]).max(axis=1)
    parts = observed.evidence[np.arange(len(best)), best][:, [0, 2]]
    return np.column_stack([energy, np.log(certain / (1.0 - certain)), margin, parts, observed.seen])
