"""The classifier as it serves: one-vs-rest separators over one vocabulary and a sentence vector, neighbours, spread, as plain arrays.

A folder holds `model.json` (format, packages, intents, judges, report, vocabulary) and `weights.npz` (arrays only, no pickles).
Loading checks all of it and raises ModelError: a model that is not the one that was trained must never answer.
"""

import hashlib
import importlib.metadata
import json
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

import numpy as np

from bot.nlu import meaning
from bot.nlu.bands import Ranked
from bot.nlu.errors import ModelError
from bot.nlu.features import VIEWS, Vector, Vocabulary
from bot.nlu.homeliness import Homeliness
from bot.nlu.judging import EVIDENCE, SEEN, Judge, Observed
from bot.nlu.meaning import Projection
from bot.nlu.names import ACCEPT
from bot.nlu.neighbours import Neighbours
from bot.nlu.spread import Spread

FORMAT = 6
PACKAGES = ("jieba", "opencc", "pypinyin")
"""What the features are made with: another version may read the same message differently."""

DESCRIPTION_FILE = "model.json"
WEIGHTS_FILE = "weights.npz"
_DESCRIBED = ("packages", "intents", "judge", "early", "report", "unseen", "vocabulary", "words", "weights_sha256")


@dataclass(frozen=True)
class Classes:
    """`weights[row, c]` is the weight of a string in the separator of intent `c`, `meaning_weights` those of the projected sentence vector.

    `projection` has no axes in a lexical model. `early` judges by strings alone, where they leave no doubt; None: nothing is judged early.
    """

    intents: Tuple[str, ...]
    vocabulary: Vocabulary
    weights: np.ndarray
    meaning_weights: np.ndarray
    biases: np.ndarray
    neighbours: Neighbours
    homeliness: Homeliness
    projection: Projection
    spread: Spread
    judge: Judge
    early: Optional[Judge] = None
    report: Mapping[str, Any] = field(default_factory=dict)

    def observe(self, vector: Vector, homeliness: float) -> Observed:
        """Of one message, by its strings: what `add_meaning` adds is zero."""
        evidence = np.zeros((1, len(self.intents), len(EVIDENCE)), dtype=np.float32)
        seen = np.zeros((1, len(SEEN)))
        evidence[0, :, 0] = vector.weights @ self.weights[vector.indices] + self.biases
        evidence[0, :, 1], seen[0, 0] = self.neighbours.by_strings(vector)
        seen[0, 4] = homeliness
        return Observed(evidence, seen)

    def add_meaning(self, observed: Observed, sentences: np.ndarray) -> Observed:
        """The same with what the sentence vectors show, a row for each message."""
        evidence, seen = observed.evidence.copy(), observed.seen.copy()
        projected = self.projection.project(sentences)
        evidence[:, :, 2] = projected @ self.meaning_weights
        for place, (cosines, nearness) in enumerate(self.neighbours.by_meaning(projected)):
            evidence[place, :, 3], seen[place, 1] = cosines, nearness
        away, whole = self.spread.distances(sentences)
        evidence[:, :, 4] = -away
        nearest = away.min(axis=1)
        seen[:, 2], seen[:, 3] = -nearest, whole - nearest
        return Observed(evidence, seen)

    def judge_early(self, observed: Observed) -> Optional[Ranked]:
        """What is to be done where the strings leave no doubt; None where the sentence vector must be asked."""
        if self.early is None:
            return None
        ranked = self.early.judge(self.intents, observed)
        return ranked if ranked.decision == ACCEPT else None

    def rank(self, observed: Observed) -> Ranked:
        """Intents with confidences, best first, and what to do about them."""
        return self.judge.judge(self.intents, observed)


def _arrays(classes: Classes) -> Dict[str, np.ndarray]:
    neighbours, spread, projection = classes.neighbours, classes.spread, classes.projection
    return {
        "rarity": classes.vocabulary.rarity,
        "weights": classes.weights,
        "meaning_weights": classes.meaning_weights,
        "biases": classes.biases,
        "starts": neighbours.starts,
        "documents": neighbours.documents,
        "document_weights": neighbours.weights,
        "firsts": neighbours.firsts,
        "meanings": neighbours.meanings,
        "mean": projection.mean,
        "axes": projection.axes,
        "centre": spread.mean,
        "turns": spread.turns,
        "centres": spread.centres,
    }


def save(classes: Classes, folder: Path) -> None:
    """Write the two files into an existing folder."""
    packages = (*PACKAGES, meaning.PACKAGE) if classes.projection.size else PACKAGES
    np.savez(folder / WEIGHTS_FILE, **{name: np.ascontiguousarray(array) for name, array in _arrays(classes).items()})
    description = {
        "format": FORMAT,
        "packages": {package: importlib.metadata.version(package) for package in packages},
        "intents": list(classes.intents),
        "judge": classes.judge.as_dict(),
        "early": classes.early.as_dict() if classes.early else None,
        "report": dict(classes.report),
        "unseen": list(classes.vocabulary.unseen),
        "vocabulary": [sorted(places, key=lambda string: places[string]) for places in classes.vocabulary.places],
        "words": dict(classes.homeliness.counts),
        "weights_sha256": hashlib.sha256((folder / WEIGHTS_FILE).read_bytes()).hexdigest(),
    }
    (folder / DESCRIPTION_FILE).write_text(json.dumps(description, ensure_ascii=False), encoding="utf-8")


def load(folder: Path) -> Classes:
    """Read what `save` wrote. Raises ModelError, with the reason in one sentence."""
    description = _read_description(folder / DESCRIPTION_FILE)
    _check_packages(description["packages"])
    arrays = _read_arrays(folder / WEIGHTS_FILE, description["weights_sha256"])
    intents = tuple(description["intents"])
    vocabulary = _vocabulary(description, arrays["rarity"])
    _check_arrays(arrays, vocabulary.size, len(intents))
    words: Dict[str, int] = description["words"]
    return Classes(
        intents=intents,
        vocabulary=vocabulary,
        weights=arrays["weights"],
        meaning_weights=arrays["meaning_weights"],
        biases=arrays["biases"],
        neighbours=Neighbours(*(arrays[name] for name in ("starts", "documents", "document_weights", "firsts", "meanings"))),
        homeliness=Homeliness(words, sum(words.values())),
        projection=Projection(arrays["mean"], arrays["axes"]),
        spread=Spread(arrays["centre"], arrays["turns"], arrays["centres"]),
        judge=Judge.from_dict(description["judge"]),
        early=Judge.from_dict(description["early"]) if description["early"] else None,
        report=description["report"],
    )


def _check_arrays(arrays: Mapping[str, np.ndarray], features: int, columns: int) -> None:
    postings, numbers, axes = arrays["documents"].shape, arrays["mean"].shape[0], meaning.numbers(arrays["axes"])
    expected = {"weights": (features, columns), "biases": (columns,), "starts": (features + 1,), "document_weights": postings}
    expected.update(meaning_weights=(axes, columns), firsts=(columns + 1,), centre=(numbers,), turns=(numbers, 2 * numbers))
    expected.update(centres=(columns if numbers else 0, numbers))
    for name, shape in expected.items():
        if arrays[name].shape != shape or not np.isfinite(arrays[name]).all():
            raise ModelError(f"The model's weights do not fit its intents and vocabulary ({name}): train it again.")


def _read_description(path: Path) -> Dict[str, Any]:
    try:
        description = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ModelError(f"There is no trained classifier in {path.parent.name}: {path.name} is missing.") from error
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise ModelError(f"{path.name} of the classifier is cut short or is not JSON: train the model again.") from error
    found = description.get("format") if isinstance(description, dict) else None
    if found != FORMAT:
        raise ModelError(f"The classifier has format {found}, this program reads format {FORMAT}: train the model again.")
    missing = set(_DESCRIBED) - set(description)
    if missing or not description["intents"]:
        raise ModelError(f"{path.name} of the classifier lacks {', '.join(sorted(missing)) or 'its intents'}: train the model again.")
    return description


def _check_packages(trained_with: Mapping[str, str]) -> None:
    for package, version in trained_with.items():
        try:
            here = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError as error:
            raise ModelError(f"The model's features need the package {package} {version}, which is not installed.") from error
        if here != version:
            raise ModelError(f"The model was trained with {package} {version}, installed is {here}: train the model again.")


def _read_arrays(path: Path, sha256: str) -> Dict[str, np.ndarray]:
    try:
        if hashlib.sha256(path.read_bytes()).hexdigest() != sha256:
            raise ModelError(f"{path.name} is not the file that was trained: train the model again.")
        with np.load(path, allow_pickle=False) as stored:
            return {name: stored[name] for name in stored.files}
    except FileNotFoundError as error:
        raise ModelError(f"{path.name} of the classifier is missing: train the model again.") from error
    except (ValueError, OSError, zipfile.BadZipFile) as error:
        raise ModelError(f"{path.name} of the classifier cannot be read: train the model again.") from error


def _vocabulary(description: Mapping[str, Any], rarity: np.ndarray) -> Vocabulary:
    bags: Sequence[Sequence[str]] = description["vocabulary"]
    if len(bags) != len(VIEWS) or sum(len(bag) for bag in bags) != len(rarity):
        raise ModelError("The classifier's vocabulary does not fit its weights: train the model again.")
    places: List[Dict[str, int]] = []
    start = 0
    for bag in bags:
        places.append({string: start + position for position, string in enumerate(bag)})
        start += len(bag)
    return Vocabulary(tuple(places), rarity, tuple(description["unseen"]))
