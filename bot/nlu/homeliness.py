"""Whether a message's words are words that subscribers use: how much commoner each is in training than in Chinese at large.

Known or not, 流量 is at home here and 葡萄 is not: the ratio tells apart what the classifier has never seen (a likelihood ratio over
words, against the frequencies of the segmenter's dictionary).
"""

import math
from dataclasses import dataclass
from typing import Iterable, Mapping, Sequence

import jieba

_SMOOTHING = 0.1
_UNSEEN_KINDS = 50_000
"""Kinds of words that training might have held."""


@dataclass(frozen=True)
class Homeliness:
    """`counts`: of each word in the training messages; `total`: of all words in them."""

    counts: Mapping[str, int]
    total: int

    def of(self, words: Sequence[str], segmenter: jieba.Tokenizer) -> float:
        """Mean logarithm of the ratio over a message's words; 0 without words."""
        if not words:
            return 0.0
        here, everywhere = math.log(self.total + _SMOOTHING * _UNSEEN_KINDS), math.log(segmenter.total)
        ratios = (
            math.log(self.counts.get(word, 0) + _SMOOTHING) - here - math.log(segmenter.FREQ.get(word) or 1) + everywhere for word in words
        )
        return sum(ratios) / len(words)


def single_words(bag: Iterable[str]) -> Sequence[str]:
    """The words of the word view (`features.views`), without the pairs."""
    return [string[:-1] for string in bag if string.count(" ") == 1]


def learn_homeliness(messages: Iterable[Sequence[str]]) -> Homeliness:
    """From training messages, each a list of words."""
    counts: dict = {}
    for words in messages:
        for word in words:
            counts[word] = counts.get(word, 0) + 1
    return Homeliness(counts, sum(counts.values()))
