"""One writing for what subscribers write in many, with the way back to the text as sent.

Full width becomes half width (NFKC), traditional becomes simplified, capitals small; control and zero-width characters
go, white space and runs of one character shrink. Every character that is left knows which code points it came from.
"""

import functools
import itertools
import unicodedata
from dataclasses import dataclass
from typing import Iterable, List, Tuple

import opencc

LONGEST = 500
"""Code points looked at. A longer text is read at its beginning and at its end, where the ask stands: a flood of text stays
inside the latency bar."""

KEPT_REPEATS = 2

SPOKEN_DIGITS = "零〇一二三四五六七八九幺"
"""Like figures they may repeat: a phone number read aloud."""


@dataclass(frozen=True)
class Normalised:
    """`text[i]` came from the code points `starts[i]` up to, not including, `ends[i]` of the text as sent."""

    text: str
    starts: Tuple[int, ...]
    ends: Tuple[int, ...]

    def span(self, start: int, end: int) -> Tuple[int, int]:
        """The span as sent of the non-empty `text[start:end]`."""
        return self.starts[start], self.ends[end - 1]


@functools.lru_cache(maxsize=1)
def _simplifier() -> "opencc.OpenCC":
    return opencc.OpenCC("t2s")


def _simplified(text: str) -> str:
    """Traditional to simplified, never changing the length: phrases first, character by character where they disagree."""
    if text.isascii():
        return text
    converted = _simplifier().convert(text)
    if len(converted) == len(text):
        return str(converted)
    return "".join(_simplified_character(character) for character in text)


@functools.lru_cache(maxsize=8192)
def _simplified_character(character: str) -> str:
    converted = str(_simplifier().convert(character))
    return converted if len(converted) == 1 else character


@functools.lru_cache(maxsize=8192)
def _written_plainly(character: str) -> str:
    """What one code point becomes: possibly several characters, a blank, or nothing."""
    category = unicodedata.category(character)
    if character.isspace() or category in ("Zs", "Zl", "Zp"):
        return " "
    if category in ("Cc", "Cf", "Cs", "Co", "Cn") or "\ufe00" <= character <= "\ufe0f":
        return ""
    plain = unicodedata.normalize("NFKC", character).lower()
    return "".join(" " if part.isspace() else part for part in plain)


def _is_one_too_many(written: List[str], character: str) -> bool:
    if character == " ":
        return not written or written[-1] == " "
    if character.isdigit() or character in SPOKEN_DIGITS:
        return False
    return len(written) >= KEPT_REPEATS and all(before == character for before in written[-KEPT_REPEATS:])


def _positions(length: int) -> Iterable[int]:
    if length <= LONGEST:
        return range(length)
    return itertools.chain(range(LONGEST // 2), range(length - LONGEST // 2, length))


def normalise(text: str) -> Normalised:
    """Write `text` plainly. Total: any string, lone surrogates included, gives a result, possibly an empty one."""
    written: List[str] = []
    starts: List[int] = []
    ends: List[int] = []
    for position in _positions(len(text)):
        for plain in _written_plainly(text[position]):
            if _is_one_too_many(written, plain):
                if plain != " ":
                    ends[-1] = position + 1
                continue
            written.append(plain)
            starts.append(position)
            ends.append(position + 1)
    while written and written[-1] == " ":
        written.pop(), starts.pop(), ends.pop()
    return Normalised(_simplified("".join(written)), tuple(starts), tuple(ends))
