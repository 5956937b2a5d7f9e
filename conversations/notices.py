"""The core's own words to a subscriber, from texts/zh.yml. No sentence stands in the code."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from runtime.errors import SettingsError

_FILE = Path(__file__).with_name("texts") / "zh.yml"
_EDGES = " \t\n。，,.!！?？~～…"


@dataclass(frozen=True)
class Texts:
    """Notices by name, the words that leave a queue, and how kinds that cannot be read are shown."""

    notices: Mapping[str, str]
    leave_words: frozenset[str]
    kinds: Mapping[str, str]
    handed_over: Mapping[str, str]

    def say(self, name: str, **values: object) -> str:
        """The notice with its values. Raises KeyError for a name or a value that is not there: a fault of ours."""
        return self.notices[name].format(**values).strip()

    def kind(self, kind: str) -> str:
        """How a message of that kind is shown where a text would be, such as [图片]."""
        return self.kinds.get(kind, self.kinds["other"])

    def opening(self, reason: str) -> str:
        """What is said before the position, by the reason a person was asked for."""
        return self.handed_over.get(reason, self.handed_over["asked"])

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
        )
    except (OSError, yaml.YAMLError, KeyError, TypeError, ValueError) as error:
        raise SettingsError(path.name, f"cannot be read as notices ({error}); restore it") from error
