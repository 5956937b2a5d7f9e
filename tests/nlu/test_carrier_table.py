"""The carrier's test set is well formed: labels, registers, spans. Nothing here trains or runs a model."""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml

HERE = Path(__file__).parent
TABLE = HERE / "carrier.tsv"
CATALOGUE = HERE.parents[1] / "data" / "catalogue" / "carrier.yml"
OUTSIDE = "out_of_scope"
REGISTERS = frozenset(
    "plain old young angry business migrant cantonese_simplified cantonese_traditional traditional"
    " homophone shape mixed story followup code".split()
)
OUTSIDE_REGISTERS = frozenset({"near", "far"})
DAY = r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])"
PERIOD = re.compile(rf"\d{{4}}-(0[1-9]|1[0-2])|{DAY}/{DAY}")
PHONE = re.compile(r"1790000\d{4}")


class Row(NamedTuple):
    line: int
    intent: str
    text: str
    register: str
    entities: list[dict[str, Any]]


@cache
def rows() -> tuple[Row, ...]:
    lines = TABLE.read_text(encoding="utf-8").split("\n")
    assert lines[0].split("\t") == ["intent", "text", "register", "entities"]
    assert lines[-1] == "", "the file ends with a line feed"
    return tuple(_row(number, line) for number, line in enumerate(lines[1:-1], 2))


def _row(number: int, line: str) -> Row:
    intent, text, register, entities = line.split("\t")
    return Row(number, intent, text, register, json.loads(entities))


@cache
def catalogue() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(CATALOGUE.read_text(encoding="utf-8"))
    return loaded


@cache
def intents() -> frozenset[str]:
    return frozenset(name for topic in catalogue()["topics"].values() for name in topic)


def spans() -> Iterator[tuple[Row, dict[str, Any]]]:
    return ((row, entity) for row in rows() for entity in row.entities)


def _value_is_normal(kind: str, value: object, said: str) -> bool:
    match kind:
        case "period":
            return isinstance(value, str) and PERIOD.fullmatch(value) is not None
        case "amount" | "data_volume":
            return type(value) is int and value > 0
        case "phone_number":
            return isinstance(value, str) and PHONE.fullmatch(value) is not None
        case "usage_kind":
            return value in {"data", "voice", "sms"}
        case _:
            return value == said


def test_size() -> None:
    assert len(rows()) >= 1200
    assert sum(row.intent == OUTSIDE for row in rows()) >= 260


def test_every_intent_has_rows_in_many_registers() -> None:
    seen: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for row in rows():
        seen[row.intent][row.register] += 1
    assert seen.keys() == intents() | {OUTSIDE}
    assert {name for name in intents() if seen[name].total() < 20 or len(seen[name]) < 8} == set()


def test_every_register_has_rows() -> None:
    count = Counter(row.register for row in rows())
    assert count.keys() == REGISTERS | OUTSIDE_REGISTERS
    assert {name: n for name, n in count.items() if n < 60} == {}


def test_registers_belong_to_their_side() -> None:
    stray = [row.line for row in rows() if row.register not in (OUTSIDE_REGISTERS if row.intent == OUTSIDE else REGISTERS)]
    assert stray == []


def test_texts_differ_and_are_not_blank() -> None:
    count = Counter(row.text for row in rows())
    assert [text for text, n in count.items() if n > 1] == []
    assert [row.line for row in rows() if not row.text or row.text != row.text.strip()] == []


def test_spans_match_the_text() -> None:
    wrong = [(row.line, e) for row, e in spans() if row.text[e["start"] : e["end"]] != e["text"] or not e["text"]]
    assert wrong == []


def test_spans_do_not_overlap() -> None:
    for row in rows():
        ends = [0, *(e["end"] for e in row.entities)]
        assert all(e["start"] >= end for e, end in zip(row.entities, ends, strict=False)), row.line


def test_entities_are_the_catalogues_with_normal_values() -> None:
    for row, entity in spans():
        assert entity.keys() == {"entity", "value", "text", "start", "end"}, row.line
        assert entity["entity"] in catalogue()["entities"], row.line
        assert _value_is_normal(entity["entity"], entity["value"], entity["text"]), row.line


def test_every_entity_occurs() -> None:
    assert {entity["entity"] for _, entity in spans()} == catalogue()["entities"].keys()


def test_nobodys_phone_number_is_used() -> None:
    digits = re.compile(r"\d{11,}")
    found = {number for row in rows() for number in digits.findall(re.sub(r"(?<=\d)[ -](?=\d)", "", row.text).replace("+86", ""))}
    assert {number for number in found if not PHONE.fullmatch(number)} == set()
