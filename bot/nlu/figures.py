"""Figures of an evaluation: accuracy, F1, AUROC, bands, calibration, bootstrap intervals. Plain numpy: no scikit-learn is needed."""

from collections import Counter
from typing import Any, Callable, Dict, Iterable, List, Optional, Sequence, Tuple

import numpy as np

RESAMPLES = 1000
SEED = 20261122
BINS = 10


def share(part: float, whole: int) -> Optional[float]:
    return round(part / whole, 4) if whole else None


def per_class(pairs: Sequence[Tuple[str, str]]) -> Dict[str, Dict[str, Any]]:
    """Precision, recall, F1 and rows of each class that has rows; `pairs` are (said, read)."""
    said, read = Counter(pair[0] for pair in pairs), Counter(pair[1] for pair in pairs)
    right = Counter(pair[0] for pair in pairs if pair[0] == pair[1])
    return {
        name: {
            "precision": share(right[name], read[name]) or 0.0,
            "recall": round(right[name] / rows, 4),
            "f1": round(2 * right[name] / (rows + read[name]), 4),
            "rows": rows,
        }
        for name, rows in sorted(said.items())
    }


def macro_f1(pairs: Sequence[Tuple[str, str]]) -> Optional[float]:
    scores = per_class(pairs)
    return share(sum(one["f1"] for one in scores.values()), len(scores))


def accuracy(pairs: Sequence[Tuple[str, str]]) -> Optional[float]:
    return share(sum(said == read for said, read in pairs), len(pairs))


def auroc(inside: Sequence[float], outside: Sequence[float]) -> Optional[float]:
    """Probability that an in-scope message scores above an out-of-scope one; ties count half."""
    if not len(inside) or not len(outside):
        return None
    ours, others = np.sort(np.array(inside)), np.array(outside)
    below = np.searchsorted(ours, others, side="left") + np.searchsorted(ours, others, side="right")
    return round(float(1.0 - below.sum() / (2.0 * len(ours) * len(others))), 4)


def refused_while_serving(inside: Sequence[float], outside: Sequence[float], served: float = 0.95) -> Optional[float]:
    """Share of out-of-scope messages below the score that `served` of the in-scope ones reach."""
    if not len(inside) or not len(outside):
        return None
    return round(float((np.array(outside) < np.quantile(np.array(inside), 1.0 - served)).mean()), 4)


def calibration_error(confidences: Sequence[float], correct: Sequence[bool]) -> Optional[float]:
    """Expected gap between how sure and how right, over ten bins."""
    if not len(confidences):
        return None
    sure, right = np.array(confidences), np.array(correct, dtype=float)
    place = np.minimum((sure * BINS).astype(int), BINS - 1)
    return round(float(sum(abs((right - sure)[place == which].sum()) for which in range(BINS)) / len(sure)), 4)


def interval(items: Sequence[Any], figure: Callable[[List[Any]], Optional[float]], resamples: int = RESAMPLES) -> Optional[List[float]]:
    """The middle 95 % of the figure over rows drawn again with replacement."""
    if not items:
        return None
    chance = np.random.default_rng(SEED)
    drawn = (chance.integers(0, len(items), len(items)) for _ in range(resamples))
    values = [value for places in drawn if (value := figure([items[place] for place in places])) is not None]
    return [round(float(edge), 4) for edge in np.percentile(values, [2.5, 97.5])] if values else None


Span = Tuple[str, int, int, str]


def entity_f1(rows: Iterable[Tuple[Sequence[Span], Sequence[Span]]]) -> Dict[str, Any]:
    """Of (said, found) spans row by row; right is what agrees in kind, place and value."""
    said: "Counter[str]" = Counter()
    found: "Counter[str]" = Counter()
    right: "Counter[str]" = Counter()
    for mine, read in rows:
        said.update(span[0] for span in mine)
        found.update(span[0] for span in read)
        right.update(span[0] for span in set(mine) & set(read))
    kinds = {
        kind: {
            "precision": share(right[kind], found[kind]) or 0.0,
            "recall": share(right[kind], said[kind]) or 0.0,
            "f1": round(2 * right[kind] / (said[kind] + found[kind]), 4),
            "said": said[kind],
        }
        for kind in sorted(said | found)
    }
    total = sum(said.values()) + sum(found.values())
    return {"f1": share(2 * sum(right.values()), total), "per_entity": kinds}
