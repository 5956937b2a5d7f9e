"""What is measured beside each other: a peer learns from pairs, and its model reads texts."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from bench.nlu.sets import Pairs
from bot.nlu.learning import Held


@dataclass(frozen=True)
class Reading:
    """Of one text, read alone. `ranking`: intents with probabilities, best first; `score`: the higher, the likelier it is in scope;
    `acted`: with its own limits the peer would act on the best of them and not ask back; `cpu_ms`, `wall_ms`: from text to reading."""

    ranking: tuple[tuple[str, float], ...]
    score: float
    acted: bool = True
    cpu_ms: float = 0.0
    wall_ms: float = 0.0

    @property
    def best(self) -> tuple[str, float]:
        return self.ranking[0] if self.ranking else ("", 0.0)


class Model(Protocol):
    """`training`: what making it cost and gave, as it goes into the report."""

    @property
    def training(self) -> Mapping[str, Any]: ...

    def read(self, texts: Sequence[str]) -> list[Reading]:
        """One text after the other, in one thread."""


class Peer(Protocol):
    """`name` is its key in the report."""

    @property
    def name(self) -> str: ...

    def train(self, pairs: Pairs, held: Held | None = None) -> AbstractContextManager[Model]:
        """A model, until the context is left. `held`: kept apart to calibrate on, for a peer that calibrates."""

    def facts(self) -> Mapping[str, Any]:
        """Versions, and what all that was trained so far took."""


class Parrot:
    """A peer that knows what it was taught word for word, and for the rest its commonest intent with what chance would give. `taught` is
    what each of its models saw."""

    name = "parrot"

    def __init__(self) -> None:
        self.taught: list[Pairs] = []

    @contextmanager
    def train(self, pairs: Pairs, held: Held | None = None) -> Iterator["ParrotModel"]:
        self.taught.append(list(pairs))
        yield ParrotModel(dict(pairs), Counter(intent for _, intent in pairs))

    def facts(self) -> Mapping[str, Any]:
        return {"versions": {"parrot": "1"}, "highest_resident_mib": 1}


@dataclass(frozen=True)
class ParrotModel:
    known: Mapping[str, str]
    counts: Counter[str]

    @property
    def training(self) -> Mapping[str, Any]:
        return {"train_cpu_s": 0.0}

    def read(self, texts: Sequence[str]) -> list[Reading]:
        return [self._read(text) for text in texts]

    def _read(self, text: str) -> Reading:
        if text in self.known:
            return Reading(((self.known[text], 1.0),), 1.0, True, 1.0, 2.0)
        ranking = tuple((intent, count / self.counts.total()) for intent, count in self.counts.most_common())
        return Reading(ranking, ranking[0][1], False, 1.0, 2.0)
