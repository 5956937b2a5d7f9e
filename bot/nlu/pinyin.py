"""Characters by their sound: toneless pinyin, with the initials and finals folded that southern speakers do not tell apart."""

import functools
import os
import random
import re
import unicodedata
from typing import Dict, List, Mapping, Sequence, Tuple

# phrases, of which nothing here reads one: 45 MB. The package looks when it is imported.
os.environ.setdefault("PYPINYIN_NO_PHRASES", "1")

from pypinyin.constants import PINYIN_DICT  # noqa: E402

_INITIAL = re.compile(r"([zcs])h")
_ENDING = re.compile(r"ng(?![aeiouv])")


@functools.lru_cache(maxsize=16384)
def syllable(character: str) -> str:
    """Toneless pinyin of one character in its first reading; empty for what is no hanzi.

    One reading for one character, whatever the word: a typing error by sound must meet the right character, and a reading that
    depends on its neighbours would not.
    """
    readings = PINYIN_DICT.get(ord(character)) if len(character) == 1 else None
    if not readings:
        return ""
    first = unicodedata.normalize("NFD", readings.split(",")[0]).replace("u\u0308", "v")
    return "".join(part for part in first if "a" <= part <= "z")


@functools.lru_cache(maxsize=16384)
def folded(sound: str) -> str:
    """Pinyin, of one syllable or typed out in a row, with zh, ch, sh as z, c, s and -ng as -n."""
    return _ENDING.sub("n", _INITIAL.sub(r"\1", sound))


def homophones(frequencies: Mapping[str, int], per_sound: int = 8) -> Mapping[str, Sequence[str]]:
    """For each sound the commonest characters, from a word list with frequencies."""
    by_sound: Dict[str, List[Tuple[int, str]]] = {}
    for word, frequency in frequencies.items():
        if len(word) == 1 and frequency > 0 and syllable(word):
            by_sound.setdefault(syllable(word), []).append((frequency, word))
    return {sound: [word for _, word in sorted(found, reverse=True)[:per_sound]] for sound, found in by_sound.items()}


def misheard(text: str, share: float, sounds: Mapping[str, Sequence[str]], chance: random.Random) -> str:
    """`text` with about `share` of its hanzi written as another character of the same sound."""
    written = []
    for character in text:
        others = [other for other in sounds.get(syllable(character), ()) if other != character]
        written.append(chance.choice(others) if others and chance.random() < share else character)
    return "".join(written)
