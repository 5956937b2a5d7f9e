"""The classifier as it serves: one-vs-rest separators over one vocabulary and a sentence vector, and neighbours, as plain arrays.

A folder holds `model.json` (format, packages, intents, limits, report, vocabulary) and `weights.npz` (arrays only, no pickles).
Loading checks all of it and raises ModelError: a model that is not the one that was trained must never answer.
"""

import hashlib
import importlib.metadata
import json
import zipfile
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Dict, List, Mapping, Sequence, Tuple

import numpy as np

from bot.nlu import meaning
from bot.nlu.bands import Affinity, Limits, Ranked, Signals, decide
from bot.nlu.errors import ModelError
from bot.nlu.features import VIEWS, Vector, Vocabulary
from bot.nlu.meaning import Projection
from bot.nlu.neighbours import Neighbours

FORMAT = 3
PACKAGES = ("jieba", "opencc", "pypinyin")
"""What the features are made with: another version may read the same message differently."""

DESCRIPTION_FILE = "model.json"
WEIGHTS_FILE = "weights.npz"
_DESCRIBED = (
    *("packages", "intents", "sharpness", "affinity", "limits", "inside", "messages", "report", "unseen", "vocabulary"),
    "weights_sha256",
)
_ARRAYS = ("rarity", "weights", "biases", "starts", "documents", "document_weights", "meanings", "mean", "axes")


@dataclass(frozen=True)
class Classes:
    """`weights[row, c]` is the weight of a string in the separator of intent `c`; the last rows are those of the sentence vector.

    `sharpness` makes the softmax of the margins calibrated. `projection` has no axes in a lexical model.
    """

    intents: Tuple[str, ...]
    vocabulary: Vocabulary
    weights: np.ndarray
    biases: np.ndarray
    neighbours: Neighbours
    projection: Projection
    sharpness: float
    affinity: Affinity
    limits: Limits
    report: Mapping[str, Any] = field(default_factory=dict)

    def rank(self, vector: Vector) -> Ranked:
        """Intents with confidences, best first, and what to do about them."""
        scores = vector.weights @ self.weights[vector.indices] + self.biases
        if self.projection.size:
            scores = scores + vector.meaning @ self.weights[self.vocabulary.size :]
        likely = np.exp((scores - scores.max()) * self.sharpness)
        likely /= likely.sum()
        order = np.argsort(-likely)
        nearness, likeness = self.neighbours.nearness(vector), self.neighbours.likeness(vector)
        signals = Signals(float(scores.max()), nearness, likeness, float(likely[order[0]]))
        affinity = self.affinity.score(signals)
        ours = self.affinity.is_ours(affinity)
        return decide([(self.intents[c], float(likely[c]) * ours) for c in order], affinity, self.limits)


def save(classes: Classes, folder: Path) -> None:
    """Write the two files into an existing folder."""
    neighbours = classes.neighbours
    index = (neighbours.starts, neighbours.documents, neighbours.weights, neighbours.meanings)
    arrays = (classes.vocabulary.rarity, classes.weights, classes.biases, *index, classes.projection.mean, classes.projection.axes)
    packages = (*PACKAGES, meaning.PACKAGE) if classes.projection.size else PACKAGES
    np.savez(folder / WEIGHTS_FILE, **{name: np.ascontiguousarray(array) for name, array in zip(_ARRAYS, arrays, strict=True)})
    description = {
        "format": FORMAT,
        "packages": {package: importlib.metadata.version(package) for package in packages},
        "intents": list(classes.intents),
        "sharpness": classes.sharpness,
        "affinity": asdict(classes.affinity),
        "limits": classes.limits.as_dict(),
        "inside": neighbours.inside,
        "messages": neighbours.count,
        "report": dict(classes.report),
        "unseen": list(classes.vocabulary.unseen),
        "vocabulary": [sorted(places, key=lambda string: places[string]) for places in classes.vocabulary.places],
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
    projection = Projection(arrays["mean"], arrays["axes"])
    _check_arrays(arrays, vocabulary.size, len(intents), description["messages"])
    return Classes(
        intents=intents,
        vocabulary=vocabulary,
        weights=arrays["weights"],
        biases=arrays["biases"],
        neighbours=Neighbours(
            *(arrays[name] for name in ("starts", "documents", "document_weights")),
            inside=description["inside"],
            count=description["messages"],
            meanings=arrays["meanings"],
        ),
        projection=projection,
        sharpness=float(description["sharpness"]),
        affinity=Affinity(**{**description["affinity"], "weights": tuple(description["affinity"]["weights"])}),
        limits=Limits(**description["limits"]),
        report=description["report"],
    )


def _check_arrays(arrays: Mapping[str, np.ndarray], features: int, columns: int, messages: int) -> None:
    postings, axes = arrays["documents"].shape, meaning.numbers(arrays["axes"])
    expected = {"weights": (features + axes, columns), "biases": (columns,), "starts": (features + 1,), "document_weights": postings}
    expected.update(meanings=(messages, axes), mean=arrays["axes"].shape[:1])
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
            return {name: stored[name] for name in _ARRAYS}
    except FileNotFoundError as error:
        raise ModelError(f"{path.name} of the classifier is missing: train the model again.") from error
    except (KeyError, ValueError, OSError, zipfile.BadZipFile) as error:
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
