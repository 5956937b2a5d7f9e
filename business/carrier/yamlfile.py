"""A YAML file as plain lists, mappings and texts, with the line where each value stands.

Every scalar stays the text it is (an amount is no float, a month no date); null alone becomes None. Aliases work, but neither loops
nor an alias tower that would fill the memory.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from business.carrier.errors import LoadRefused

Place = tuple[str | int, ...]

_LARGEST_FILE = 32 * 1024 * 1024
_MOST_REPEATED = 50_000
_DEEPEST = 20
# libyaml's parser where PyYAML has it: eight times faster. Its composer overflows the stack on deep nesting, so depth is checked first
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NOTHING = frozenset(("", "~", "null", "Null", "NULL"))


@dataclass
class YamlFile:
    """`data` and, for each place in it, the line it stands on (from 1)."""

    data: Any = None
    lines: dict[Place, int] = field(default_factory=dict)

    def line_of(self, place: Place) -> int:
        """The line of the place, or of the nearest one around it."""
        for length in range(len(place), -1, -1):
            if place[:length] in self.lines:
                return self.lines[place[:length]]
        return 1


def read_yaml(path: Path) -> YamlFile:
    """Raises LoadRefused for a file that cannot be read, is no YAML, or says a key twice."""
    try:
        raw = path.read_bytes()
        text = raw.decode("utf-8-sig")
    except OSError as error:
        raise LoadRefused((f"{path.name} cannot be read: {error.strerror}",)) from error
    except UnicodeDecodeError as error:
        raise LoadRefused((f"{path.name} is not UTF-8 text",)) from error
    if len(raw) > _LARGEST_FILE:
        raise LoadRefused((f"{path.name} is larger than {_LARGEST_FILE // 1024 // 1024} MB; split it",))
    try:
        _check_depth(text)
        root = yaml.compose(text, _LOADER)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise LoadRefused((f"line {line}: not valid YAML ({error.problem or error.context})",)) from error
    except yaml.YAMLError as error:
        raise LoadRefused((f"{path.name} is not valid YAML: it holds a character that YAML forbids",)) from error
    except ValueError as error:
        raise LoadRefused((f"{path.name} holds a character that YAML forbids",)) from error
    file = YamlFile()
    if root is not None:
        file.data = _Reading(file).read(root, ())
    return file


def _check_depth(text: str) -> None:
    depth = 0
    for event in yaml.parse(text, _LOADER):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > _DEEPEST:
                raise LoadRefused((f"line {event.start_mark.line + 1 if event.start_mark else 1}: nested too deeply",))
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


class _Reading:
    def __init__(self, file: YamlFile) -> None:
        self._file = file
        self._seen: set[int] = set()
        self._repeated = 0

    def read(self, node: Node, place: Place) -> Any:
        line = node.start_mark.line + 1
        self._repeated += id(node) in self._seen
        self._seen.add(id(node))
        if self._repeated > _MOST_REPEATED or len(place) > _DEEPEST:
            raise LoadRefused((f"line {line}: too many aliases, or one that holds itself",))
        self._file.lines[place] = line
        if isinstance(node, MappingNode):
            return self._mapping(node, place)
        if isinstance(node, SequenceNode):
            return [self.read(one, (*place, index)) for index, one in enumerate(node.value)]
        return None if isinstance(node, ScalarNode) and node.style is None and node.value in _NOTHING else node.value

    def _mapping(self, node: MappingNode, place: Place) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, ScalarNode):
                raise LoadRefused((f"line {line}: a key must be a word",))
            if key.value in found:
                raise LoadRefused((f"line {line}: {key.value} stands twice",))
            found[key.value] = self.read(value, (*place, key.value))
        return found
