"""Understanding of one message, without Rasa: the same steps that the graph components take.

The graph components and the command lines both build an `Understanding` here.
"""

import json
import tarfile
import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Dict, Iterable, List, Optional, Sequence, Tuple

import jieba

from bot.nlu import classes
from bot.nlu.asks import Ask, asks_of
from bot.nlu.bands import Ranked
from bot.nlu.classes import Classes
from bot.nlu.clauses import clauses_of
from bot.nlu.errors import ModelError
from bot.nlu.features import shared_segmenter, views
from bot.nlu.homeliness import single_words
from bot.nlu.judging import CLAUSES_ASKED_BELOW, Observed, joined
from bot.nlu.meaning import Encoder, encode_all, encode_within, shared_encoder, spoken
from bot.nlu.names import CLARIFY, OUT_OF_SCOPE, REJECT, STEERING, UNCLEAR
from bot.nlu.normalise import normalise
from bot.nlu.products import NO_PRODUCTS, PRODUCTS_FILE, Catalogue, shared_catalogue
from bot.nlu.several import several, without_refused
from bot.nlu.values import Found, Value, find_values

EXTRACTOR = "bot.nlu.extractor.ValueExtractor"
CLASSIFIER = "bot.nlu.classifier.BandedClassifier"
"""How a model archive names the component whose folder holds the classifier."""

_WARMED = 1000
"""The commonest words of training, whose tokens the encoder has met before the first message comes (`tokenwise`)."""


@dataclass(frozen=True)
class Understanding:
    """What one message means. `ranking`: intents with probabilities, best first; `values_only`: it says nothing but values;
    `also`: what else is asked, in order."""

    text: str
    ranked: Ranked
    values: Sequence[Value]
    values_only: bool
    also: Tuple[Tuple[str, float], ...] = ()
    asks: Tuple[Ask, ...] = ()

    @property
    def best(self) -> Tuple[str, float]:
        return self.ranked.ranking[0] if self.ranked.ranking else (OUT_OF_SCOPE, 0.0)

    def rule_intent(self) -> str:
        """The name that Rasa's rules are written on."""
        return {REJECT: OUT_OF_SCOPE, CLARIFY: UNCLEAR}.get(self.ranked.decision, self.best[0])

    def door(self) -> Dict[str, Any]:
        """The object of design §8 and of README.md."""
        return {
            "text": self.text,
            "intent": OUT_OF_SCOPE if self.ranked.decision == REJECT else self.best[0],
            "confidence": round(self.best[1], 4),
            "decision": self.ranked.decision,
            "candidates": [{"intent": intent, "confidence": round(likely, 4)} for intent, likely in self.ranked.candidates()],
            "also": [{"intent": intent, "confidence": round(likely, 4)} for intent, likely in self.also],
            "entities": [value.as_dict() for value in self.values],
        }


@dataclass(frozen=True)
class Reader:
    """A classifier with what its features need: the segmenter and, unless it is lexical, the sentence encoder."""

    classes: Classes
    segmenter: jieba.Tokenizer
    encoder: Optional[Encoder] = None

    @classmethod
    def load(cls, folder: Path) -> "Reader":
        """From the classifier's folder. Raises ModelError."""
        reader = cls.over(classes.load(folder))
        if reader.encoder is not None:
            counts = reader.classes.homeliness.counts
            # the first subscribers must not wait for it
            encode_all(sorted(counts, key=lambda word: -counts[word])[:_WARMED], reader.encoder)
        return reader

    @classmethod
    def over(cls, learnt: Classes) -> "Reader":
        """With the process's shared segmenter and encoder. Raises ModelError when the encoder is needed and missing."""
        if not learnt.projection.size:
            return cls(learnt, shared_segmenter())
        return cls(learnt, shared_segmenter(), shared_encoder())

    def rank(self, marked: str) -> Ranked:
        """The decision on a normalised text in which values stand as `<entity>`. What holds no letter, digit or mark is rejected unread;
        of a long message that leaves doubt the last clauses are read too."""
        if not any(character.isalnum() for character in marked):
            return Ranked(REJECT, ())
        observed = self._observe(marked)
        if self.encoder is None:
            return self.classes.rank(observed)
        whole = self.classes.judge_early(observed)
        if whole is not None:
            return whole
        observed = self.classes.add_meaning(observed, self.encoder.encode([spoken(marked)]))
        whole = self.classes.rank(observed)
        clauses = clauses_of(marked) if whole.ranking[0][1] < CLAUSES_ASKED_BELOW else []
        if not clauses:
            return whole
        parts = joined([self._observe(clause) for clause in clauses])
        within = encode_within(self.encoder, spoken(marked), [spoken(clause) for clause in clauses])
        return self.classes.rank(joined([observed, self.classes.add_meaning(parts, within)]))

    def _observe(self, marked: str) -> Observed:
        bags = views(marked, self.segmenter)
        return self.classes.observe(self.classes.vocabulary.vector(bags), self.classes.homeliness.of(single_words(bags[1]), self.segmenter))

    def read(self, found: Found) -> Tuple[Ask, ...]:
        """What is asked, in order, each with the values said with it; one ask in most messages."""
        meant = without_refused(found.marked)
        return asks_of(found, several(meant, self.rank(meant), self.rank, self.segmenter.lcut, STEERING))


@dataclass(frozen=True)
class Understander:
    """A model archive's understanding, for the command lines and for measuring: no Rasa is started."""

    reader: Reader
    products: Catalogue = NO_PRODUCTS

    @classmethod
    def load(cls, archive: Path) -> "Understander":
        """From a `.tar.gz` that Rasa wrote. Raises ModelError when it is none, or was trained without our classifier."""
        with tempfile.TemporaryDirectory() as folder:
            metadata = _unpack_classifier(archive, Path(folder))
            return cls(Reader.load(Path(folder)), shared_catalogue(_products_file(metadata)))

    def understand(self, text: str, now: datetime) -> Understanding:
        """Total: any string gives an Understanding. `now` is aware; it anchors 上个月 and the like."""
        found = find_values(text, normalise(text), now, self.products)
        return understood(text, found, self.reader.read(found))


def understood(text: str, found: Found, asks: Tuple[Ask, ...]) -> Understanding:
    """The first ask is what the message means; the others are asked also."""
    first, *others = asks
    also = tuple(ask.ranked.ranking[0] for ask in others)
    return Understanding(text, first.ranked, found.values, found.values_only, also, asks if others else ())


def _unpack_classifier(archive: Path, folder: Path) -> Dict[str, Any]:
    """The two files of the classifier, written into `folder`; gives the archive's metadata."""
    try:
        with tarfile.open(archive, "r:gz") as tar:
            metadata: Dict[str, Any] = json.loads(_member(tar, "metadata.json"))
            resource = _classifier_resource(metadata)
            for name in (classes.DESCRIPTION_FILE, classes.WEIGHTS_FILE):
                (folder / name).write_bytes(_member(tar, f"components/{resource}/{name}"))
    except FileNotFoundError as error:
        raise ModelError(f"There is no model {archive.name}: train one first.") from error
    except (tarfile.TarError, EOFError, OSError, ValueError) as error:
        raise ModelError(f"{archive.name} is not a model archive or is cut short.") from error
    return metadata


def _member(tar: tarfile.TarFile, path: str) -> bytes:
    names: List[str] = [path, f"./{path}"]
    for name in names:
        try:
            stored = tar.extractfile(name)
        except KeyError:
            continue
        if stored is not None:
            return stored.read()
    raise ModelError(f"The model archive has no {path}: it was not trained with this classifier.")


def _nodes(metadata: Dict[str, Any]) -> Iterable[Dict[str, Any]]:
    return (metadata.get("predict_schema", {}).get("nodes", {}) if isinstance(metadata, dict) else {}).values()


def _products_file(metadata: Dict[str, Any]) -> Optional[str]:
    """What the archive's extractor reads; none in a pipeline without it."""
    for node in _nodes(metadata):
        if node.get("uses") == EXTRACTOR:
            path = (node.get("config") or {}).get("products", PRODUCTS_FILE)
            return str(path) if path else None
    return None


def _classifier_resource(metadata: Dict[str, Any]) -> str:
    for node in _nodes(metadata):
        if node.get("uses") == CLASSIFIER and node.get("resource"):
            return str(node["resource"]["name"])
    raise ModelError("The model archive was trained without this product's classifier.")
