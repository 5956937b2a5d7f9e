"""The names of data/catalogue/places.yml, loaded when the first message asks for them."""

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import Dict, FrozenSet, List, Mapping, Optional, Tuple

import yaml

PLACES_FILE = Path(__file__).resolve().parents[2] / "data/catalogue/places.yml"

SHORTEST = 2
_ABROAD = ("regions", "countries", "cities_abroad", "english")


@dataclass(frozen=True)
class Gazetteer:
    """`by_first`: names by their first character, longest first. `in_context`: those that are other words too. `latin`: of other
    alphabets. `abroad`: where a subscriber roams."""

    by_first: Mapping[str, Tuple[str, ...]]
    in_context: FrozenSet[str]
    latin: FrozenSet[str]
    abroad: FrozenSet[str]

    def is_abroad(self, place: str) -> bool:
        """Whether a place as it was said is one where a subscriber roams, Hong Kong, Macau and Taiwan among them."""
        return any(place.startswith(name) for name in self.abroad)

    def at(self, text: str, position: int) -> Optional[str]:
        """The longest name that begins at `position`."""
        for name in self.by_first.get(text[position], ()):
            if text.startswith(name, position):
                return name
        return None


@functools.lru_cache(maxsize=1)
def shared_gazetteer() -> Gazetteer:
    content = yaml.safe_load(PLACES_FILE.read_text("utf-8"))
    anywhere = [name for names in content["anywhere"].values() for name in names.split()]
    in_context = [name for names in content["in_context"].values() for name in names.split()]
    latin = frozenset(name for name in anywhere if name.isascii())
    grouped: Dict[str, List[str]] = {}
    for name in {*anywhere, *in_context} - latin:
        if len(name) >= SHORTEST:
            grouped.setdefault(name[0], []).append(name)
    by_first = {first: tuple(sorted(names, key=lambda name: (-len(name), name))) for first, names in grouped.items()}
    home = frozenset(content["english_at_home"].split())
    abroad = frozenset(name for kind in _ABROAD for name in content["anywhere"][kind].split()) - home
    return Gazetteer(by_first, frozenset(in_context), latin, abroad)
