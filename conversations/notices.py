"""The core's own words to a subscriber, from texts/zh.yml. No sentence stands in the code."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from conversations import bubbles
from conversations.rows import Rating
from runtime.errors import SettingsError

_FILE = Path(__file__).with_name("texts") / "zh.yml"
_EDGES = " \t\n。，,.!！?？~～…"


@dataclass(frozen=True)
class RatingTexts:
    """How a rating is asked for: the question, the three choices in the order of `rows.Rating`, the closing line, and what may be typed
    for each choice."""

    question: str
    labels: tuple[str, ...]
    tail: str
    words: tuple[frozenset[str], ...]

    def number_of(self, normal: str) -> int | None:
        """Which choice a normalised text is, from 1."""
        return next((number for number, words in enumerate(self.words, start=1) if normal in words), None)


@dataclass(frozen=True)
class Texts:
    """Notices by name, the words that leave a queue, and how kinds that cannot be read are shown."""

    notices: Mapping[str, str]
    leave_words: frozenset[str]
    kinds: Mapping[str, str]
    handed_over: Mapping[str, str]
    fetch_words: frozenset[str]
    rating: RatingTexts

    def say(self, name: str, **values: object) -> str:
        """The notice with its values. Raises KeyError for a name or a value that is not there: a fault of ours."""
        return self.notices[name].format(**values).strip()

    def kind(self, kind: str) -> str:
        """How a message of that kind is shown where a text would be, such as [图片]."""
        return self.kinds.get(kind, self.kinds["other"])

    def unreadable(self, kind: str, *, empty: bool = False) -> str:
        """What the bot says to something it cannot read: that a person can."""
        name = "ask_again" if empty else f"unreadable_{kind}"
        return self.say(name if name in self.notices else "unreadable", kind=self.kind(kind))

    def opening(self, reason: str) -> str:
        """What is said before the position, by the reason a person was asked for."""
        return self.handed_over.get(reason, self.handed_over["asked"])

    def fetches(self, text: str) -> bool:
        """Whether a text typed after a notice that more is to come means no more than "let me have it"."""
        return normalise(text) in self.fetch_words

    @property
    def hint_bytes(self) -> int:
        """How much of a reply the hint that more follows takes."""
        return bubbles.size(self.say("more_follows")) + bubbles.size(bubbles.JOINER)

    def leaves(self, text: str) -> bool:
        """Whether a text typed in the queue means leaving it."""
        return normalise(text) in self.leave_words


def normalise(text: str) -> str:
    """Width, case and edges taken away, for comparing whole messages."""
    return unicodedata.normalize("NFKC", text).strip(_EDGES).casefold()


def load_texts(path: Path = _FILE) -> Texts:
    """Raises SettingsError when the file lacks something."""
    try:
        table: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
        return Texts(
            notices=dict(table["notices"]),
            leave_words=frozenset(normalise(str(word)) for word in table["leave_words"]),
            kinds=dict(table["kinds"]),
            handed_over=dict(table["handed_over"]),
            fetch_words=frozenset(normalise(str(word)) for word in table["fetch_words"]),
            rating=_rating_of(table["rating"]),
        )
    except (OSError, yaml.YAMLError, KeyError, TypeError, ValueError) as error:
        raise SettingsError(path.name, f"cannot be read as notices ({error}); restore it") from error


def _rating_of(table: Mapping[str, Any]) -> RatingTexts:
    choices = [table["choices"][rating] for rating in Rating]
    labels = tuple(str(choice["label"]).strip() for choice in choices)
    # who sees numbered lines types the number
    words = tuple(
        frozenset(normalise(str(word)) for word in (number, label, *choice["words"]))
        for number, (label, choice) in enumerate(zip(labels, choices, strict=True), start=1)
    )
    # an empty line is what parts the question from the notice before it
    question, tail = (" ".join(str(table[name]).split()) for name in ("question", "tail"))
    return RatingTexts(question, labels, tail, words)
