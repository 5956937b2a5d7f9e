"""What the classifier sees of a message: three views, each a bag of short strings.

Characters as written (runs of 1 to 3), words (1 and 2), and sounds (toneless pinyin, runs of 1 to 3). Each view is a tf-idf vector
of length one. Strings that training never saw have no weight in the classifier, but they count in the length: a message full of
unknown things is far from everything, which is what rejection goes by.
"""

import functools
import logging
import math
import re
from collections import Counter
from dataclasses import dataclass
from typing import List, Mapping, Sequence, Tuple

import jieba
import numpy as np

from bot.nlu.lexicon import read_again
from bot.nlu.pinyin import folded, syllable

VIEWS = ("characters", "words", "sounds")
LONGEST_RUN = 3
SYMBOLS_READ = 160
"""Symbols of one message that features are made of: its beginning and its end."""

_SYMBOL = re.compile(r"<[a-z_]+>|.", re.DOTALL)
_STOPS = re.compile(r"[\s,.;:!~。、，！；：…'\"()\-–—?？]+")
_LATIN = re.compile(r"[a-z]+")


@dataclass(frozen=True)
class Vector:
    """A sparse row: `indices` into the vocabulary, `weights` beside them."""

    indices: np.ndarray
    weights: np.ndarray


@functools.lru_cache(maxsize=1)
def shared_segmenter() -> jieba.Tokenizer:
    """The process's word segmenter. It is our own, not jieba's module-wide one, which may have been given words by somebody else;
    nobody adds words to it, so that all models of a process share its dictionary (60 MB, half a second)."""
    jieba.setLogLevel(logging.WARNING)
    segmenter = jieba.Tokenizer()
    segmenter.initialize()
    return segmenter


def _runs(symbols: Sequence[str], longest: int) -> List[str]:
    runs, ending = list(symbols), list(symbols)
    for length in range(2, longest + 1):
        ending = [before + symbol for before, symbol in zip(ending, symbols[length - 1 :])]
        runs += ending
    return runs


def _symbols(text: str) -> List[str]:
    pieces = _STOPS.sub(" ", text).strip() or text
    symbols: List[str] = _SYMBOL.findall(pieces)
    if len(symbols) > SYMBOLS_READ:
        symbols = symbols[: SYMBOLS_READ // 2] + symbols[-SYMBOLS_READ // 2 :]
    return symbols


def _sounds(symbols: Sequence[str]) -> List[str]:
    """One syllable for a hanzi, one word for a run of Latin letters: liuliang typed out meets 流量."""
    sounds: List[str] = []
    word = ""
    for symbol in (*symbols, " "):
        if len(symbol) == 1 and _LATIN.match(symbol):
            word += symbol
            continue
        if word:
            sounds.append(folded(word))
            word = ""
        if symbol != " ":
            sounds.append(folded(syllable(symbol)) or symbol)
    return sounds


def views(text: str, segmenter: jieba.Tokenizer) -> Tuple[List[str], List[str], List[str]]:
    """The three bags of `values.Found.marked`, in the order of `VIEWS`."""
    symbols = _symbols(text)
    read = _symbols(read_again("".join(symbols)))
    words: List[str] = []
    for piece in re.split(r"(<[a-z_]+>)", "".join(read)):
        words.extend([piece] if piece.startswith("<") else (word for word in segmenter.cut(piece, HMM=False) if word != " "))
    return (
        _runs(["^", *symbols, "$"], LONGEST_RUN),
        _runs([f"{word} " for word in words], 2),
        _runs(["^", *_sounds(read), "$"], LONGEST_RUN),
    )


@dataclass(frozen=True)
class Vocabulary:
    """The known strings of each view with their inverse document frequencies.

    `places[v][string]` is the string's row in the classifier's weights, `rarity[row]` its idf; `unseen[v]` is the idf of a string
    that training never saw, already scaled by how much such strings are to count.
    """

    places: Tuple[Mapping[str, int], ...]
    rarity: np.ndarray
    unseen: Tuple[float, ...]

    @property
    def size(self) -> int:
        return len(self.rarity)

    def vector(self, bags: Sequence[Sequence[str]]) -> Vector:
        indices: List[int] = []
        frequencies: List[float] = []
        lengths: List[float] = []
        ends: List[int] = []
        for places, unseen, bag in zip(self.places, self.unseen, bags, strict=True):
            strange = 0.0
            for string, count in Counter(bag).items():
                frequency = 1.0 if count == 1 else 1.0 + math.log(count)
                place = places.get(string)
                if place is None:
                    strange += frequency * frequency
                else:
                    indices.append(place)
                    frequencies.append(frequency)
            lengths.append(strange * unseen * unseen)
            ends.append(len(indices))
        rows = np.array(indices, dtype=np.int32)
        weights = np.array(frequencies, dtype=np.float32) * self.rarity[rows]
        for start, end, strange in zip((0, *ends), ends, lengths):
            view = weights[start:end]
            view /= math.sqrt(strange + float(view @ view)) or 1.0
        return Vector(rows, weights)


def idf(documents_with: int, documents: int) -> float:
    """Inverse document frequency, smoothed, at least 1."""
    return math.log((1 + documents) / (1 + documents_with)) + 1.0
