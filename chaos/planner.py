"""Who says what next: a mixture drawn from a seed, so that a run can be played again."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

_SAYINGS = Path(__file__).with_name("sayings.yml")
# what subscribers do, and how often
MIXTURE: tuple[tuple[str, float], ...] = (
    ("ask", 0.55),
    ("talk", 0.10),
    ("burst", 0.08),
    ("repeated", 0.06),
    ("odd", 0.03),
    ("person", 0.06),
    ("more", 0.05),
    ("leave", 0.03),
    ("picture", 0.02),
    ("tap", 0.02),
)


@dataclass(frozen=True)
class Act:
    """What one subscriber does at once: the bodies of POST /api/say, in order; `repeats`: how often WeChat delivers again."""

    kind: str
    openid: str
    bodies: tuple[Mapping[str, Any], ...]
    repeats: int = 0


class Planner:
    """Draws acts. `openids` speak equally often."""

    def __init__(self, openids: Sequence[str], seed: int, sayings: Mapping[str, Sequence[str]] | None = None) -> None:
        self._openids = tuple(openids)
        self._random = random.Random(seed)  # noqa: S311  a script, no secret
        self._sayings = sayings if sayings is not None else load_sayings()

    def pause_s(self, rate: float) -> float:
        """Seconds to the next message when they come at `rate` a second, by chance."""
        return self._random.expovariate(rate)

    def next_act(self) -> Act:
        """The next act of some subscriber."""
        kind = self._random.choices([name for name, _ in MIXTURE], [weight for _, weight in MIXTURE])[0]
        openid = self._random.choice(self._openids)
        return Act(kind, openid, tuple({"openid": openid, **body} for body in self._bodies(kind)), self._repeats(kind))

    def _bodies(self, kind: str) -> list[Mapping[str, Any]]:
        if kind == "burst":
            return [self._text("asks") for _ in range(self._random.choice((2, 2, 3)))]
        if kind == "picture":
            return [{"kind": "image"}]
        if kind == "tap":
            return [{"kind": "click", "key": self._random.choice(self._sayings["menu"])}]
        names = {"ask": "asks", "repeated": "asks"}
        return [self._text(names.get(kind, kind))]

    def _text(self, name: str) -> Mapping[str, Any]:
        return {"text": self._random.choice(self._sayings[name])}

    def _repeats(self, kind: str) -> int:
        return self._random.choice((1, 2)) if kind == "repeated" else 0


def load_sayings() -> Mapping[str, Sequence[str]]:
    """The sentences by name."""
    table: dict[str, list[str]] = yaml.safe_load(_SAYINGS.read_text(encoding="utf-8"))
    return table
