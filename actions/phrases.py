"""Parts of sentences, from the same YAML files as the bot's responses.

An action names a response for a whole message. Where a message has a line per bucket or per bill, its lines are made of parts: responses
whose names begin with `utter_part_` (pieces) and `utter_label_` (what an intent is called).
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from runtime.errors import SettingsError


class Phrases:
    """Templates by name, as in bot/INDUSTRY/domain/TOPIC.yml."""

    def __init__(self, templates: Mapping[str, str]) -> None:
        self._templates = dict(templates)

    @classmethod
    def load(cls, domain_folder: Path) -> "Phrases":
        """Reads every response's first text. Raises SettingsError when the folder holds none."""
        templates: dict[str, str] = {}
        for path in sorted(domain_folder.glob("*.yml")):
            responses = (yaml.safe_load(path.read_text(encoding="utf-8")) or {}).get("responses") or {}
            templates.update({name: variants[0]["text"] for name, variants in responses.items() if variants and "text" in variants[0]})
        if not templates:
            raise SettingsError(str(domain_folder), "holds no responses; is this the domain folder of an industry?")
        return cls(templates)

    def part(self, name: str, /, **values: Any) -> str:
        """The text of `utter_part_NAME`. Raises KeyError for a name or value that is missing: that is a defect, not a refusal."""
        return self.text(f"utter_part_{name}", **values)

    def text(self, response: str, /, **values: Any) -> str:
        """A whole response as the bot would say it, for what answers without the bot (short codes while it is down)."""
        return self._templates[response].format(**values)

    def label(self, intent: str) -> str | None:
        """What an intent is called towards a subscriber; None when it is nothing to choose."""
        return self._templates.get(f"utter_label_{intent}")

    def join(self, parts: Iterable[str], joint: str = "comma") -> str:
        """Parts in a row, empty ones left out, between them `utter_part_joint_JOINT`."""
        return self.part(f"joint_{joint}").join(part for part in parts if part)
