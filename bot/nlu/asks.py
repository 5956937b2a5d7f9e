"""Each ask of a message with the values that were said with it (查9月账单顺便看看流量: the month is the bill's)."""

import re
from dataclasses import dataclass
from typing import Any, Dict, List, Sequence, Tuple

from bot.nlu.bands import Ranked
from bot.nlu.normalise import normalise
from bot.nlu.several import Part, refused
from bot.nlu.values import Found, Value

_MARK = re.compile(r"<[a-z_]+>")
"""A value in `Found.marked`; a subscriber's own angle brackets are not in it."""


@dataclass(frozen=True)
class Ask:
    """What one part of a message asks. `text` is that part, its values written as `<entity>`; `values` may hold impossible ones."""

    ranked: Ranked
    text: str
    values: Tuple[Value, ...] = ()

    def as_dict(self) -> Dict[str, Any]:
        return {"intent": self.ranked.ranking[0][0], "text": self.text, "values": [value.as_dict() for value in self.values]}


def asks_of(found: Found, parts: Sequence[Part]) -> Tuple[Ask, ...]:
    """A value belongs to the part it stands in; what stands between two parts, to the one after it. In a row of nouns (1790…的话费和流量)
    what was said before the first holds for all that have none of its kind."""
    if len(parts) < 2:
        return tuple(Ask(part.ranked, found.marked, found.values) for part in parts)
    texts = _texts(found, parts)
    placed = _placed(found)
    asks: List[Ask] = []
    after = -1
    for part, text in zip(parts, texts, strict=True):
        end = part.end if part is not parts[-1] else len(found.marked)
        own = [value for place, value in placed if after <= place < end]
        own += [value for value in found.values if value not in found.marks and normalise(value.text).text in text]
        if part.shares and asks:
            kinds = {value.entity for value in own}
            own += [value for value in asks[-1].values if value in found.marks and value.entity not in kinds]
        asks.append(Ask(part.ranked, text, tuple(own)))
        after = end
    return tuple(asks)


def _texts(found: Found, parts: Sequence[Part]) -> List[str]:
    start, end = refused(found.marked)
    meant = found.marked[:start] + found.marked[end:]
    return [meant[part.start : part.end].strip() for part in parts]


def _placed(found: Found) -> List[Tuple[int, Value]]:
    """The marked values by where they stand in the text without what it takes back."""
    start, end = refused(found.marked)
    placed = []
    for match, value in zip(_MARK.finditer(found.marked), found.marks, strict=True):
        if value is not None and not start <= match.start() < end:
            placed.append((match.start() - (end - start if match.start() >= end else 0), value))
    return placed
