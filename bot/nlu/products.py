"""Names of products in normalised text (`product` of data/catalogue).

They come from a catalogue file; each name and alias is found as written or as it sounds (畅想五十九 is no more than a slip of the
thumb away), by one pass of an Aho-Corasick automaton over syllables.
"""

import functools
import re
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Dict, Iterator, List, Mapping, Optional, Sequence, Tuple

import yaml

from bot.nlu.errors import CatalogueError
from bot.nlu.normalise import normalise
from bot.nlu.pinyin import folded, syllable
from bot.nlu.product_names import find_by_price, plans_by_price, written_ways

PRODUCTS_FILE = "data/catalogue/products.yml"
"""Where the names lie unless the pipeline says otherwise."""

REPOSITORY = Path(__file__).resolve().parents[2]

SOUND_FROM = 3
"""Characters from which a name is found by its sound; two syllables sound like too many other words."""

_NUMERAL = re.compile(r"[\d零一二三四五六七八九十百千万两]")
_BRANDED = re.compile(r"(?P<brand>[\u4e00-\u9fff]{2})(?P<price>\d{1,3})(?!\d)(?:元?套餐)?")


@dataclass
class _Node:
    following: Dict[str, int] = field(default_factory=dict)
    fallback: int = 0
    ends: List[Tuple[str, str]] = field(default_factory=list)


class Catalogue:
    """Finds (start, end, code). `names`: what is said → the product's code; build once, it never changes."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self._nodes = [_Node()]
        for name, code in names.items():
            plain = normalise(name).text
            if plain:
                self._add(plain, code)
        self._link()
        self._plans = plans_by_price(names)
        self._brands = _brands(names)

    def find(self, text: str) -> Iterator[Tuple[int, int, str]]:
        """Every name in the text, longest first at the same place, overlaps included."""
        found: List[Tuple[int, int, str]] = []
        node = 0
        for position, character in enumerate(text):
            sound = _sound(character)
            while node and sound not in self._nodes[node].following:
                node = self._nodes[node].fallback
            node = self._nodes[node].following.get(sound, 0)
            for name, code in self._nodes[node].ends:
                start = position + 1 - len(name)
                if self._counts(text, start, name):
                    found.append((start, position + 1, code))
        found += self._misspelt(text)
        found.sort(key=lambda one: (one[0] - one[1], one[0]))
        return iter([*found, *find_by_price(text, self._plans)])

    def _misspelt(self, text: str) -> Iterator[Tuple[int, int, str]]:
        """畅亨39: one of the two characters before a plan's price is right."""
        for match in _BRANDED.finditer(text):
            for (brand, price), code in self._brands.items():
                said = match.group("brand")
                if price == match.group("price") and said != brand and (said[0] == brand[0] or said[1] == brand[1]):
                    yield match.start(), match.end(), code

    @staticmethod
    def _counts(text: str, start: int, name: str) -> bool:
        """As written, or by sound where it is long enough; figures are not cut out of longer ones."""
        end = start + len(name)
        if start and _NUMERAL.match(name) and _NUMERAL.match(text, start - 1):
            return False
        if end < len(text) and _NUMERAL.match(name[-1]) and _NUMERAL.match(text, end):
            return False
        if _NUMERAL.match(name) and any(said != meant for said, meant in zip(text[start:end], name) if _NUMERAL.match(meant)):
            return False  # 把套餐 sounds like 八套餐
        return text[start:end] == name or len(name) >= SOUND_FROM

    def _add(self, name: str, code: str) -> None:
        node = 0
        for character in name:
            sound = _sound(character)
            if sound not in self._nodes[node].following:
                self._nodes[node].following[sound] = len(self._nodes)
                self._nodes.append(_Node())
            node = self._nodes[node].following[sound]
        self._nodes[node].ends.append((name, code))

    def _link(self) -> None:
        queue = deque(self._nodes[0].following.values())
        while queue:
            node = self._nodes[queue.popleft()]
            for sound, child in node.following.items():
                fallback = node.fallback
                while fallback and sound not in self._nodes[fallback].following:
                    fallback = self._nodes[fallback].fallback
                target = self._nodes[fallback].following.get(sound, 0)
                self._nodes[child].fallback = target if target != child else 0
                self._nodes[child].ends += self._nodes[self._nodes[child].fallback].ends
                queue.append(child)


def _sound(character: str) -> str:
    return folded(syllable(character)) or character


def _brands(names: Mapping[str, str]) -> Mapping[Tuple[str, str], str]:
    matches = ((_BRANDED.fullmatch(name), code) for name, code in names.items())
    return {(match.group("brand"), match.group("price")): code for match, code in matches if match}


NO_PRODUCTS = Catalogue({})


def read_catalogue(path: Path) -> Catalogue:
    """`products: [{code, name, aliases}]`. Raises CatalogueError naming the entry that is wrong."""
    try:
        entries = (yaml.safe_load(path.read_text("utf-8")) or {}).get("products") or []
    except (OSError, UnicodeDecodeError, yaml.YAMLError, AttributeError) as error:
        raise CatalogueError(f"The products' file {path.name} cannot be read.") from error
    names: Dict[str, str] = {}
    for number, entry in enumerate(entries, start=1):
        for name in _names(entry, f"{path.name}, product {number}"):
            names.setdefault(name, str(entry["code"]))
    return Catalogue(names)


@functools.lru_cache(maxsize=8)
def shared_catalogue(path: Optional[str]) -> Catalogue:
    """Of a file named from the repository's root; the empty one without a path."""
    return read_catalogue(REPOSITORY / path) if path else NO_PRODUCTS


def _names(entry: Any, where: str) -> Sequence[str]:
    if not isinstance(entry, dict) or not entry.get("code") or not entry.get("name"):
        raise CatalogueError(f"{where} has no code and name.")
    name = str(entry["name"])
    return [*(str(alias) for alias in entry.get("aliases") or []), *filter(None, written_ways(name))]
