"""The development set by register is well formed: labels, sizes, spans, values. Nothing here trains or runs a model."""

import datetime
import json
import re
from collections import Counter
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml

HERE = Path(__file__).parent
CATALOGUE = HERE.parents[2] / "data" / "catalogue"
OUTSIDE = "out_of_scope"
OUTSIDE_REGISTERS = {"near", "far"}
LEAST_BY_REGISTER = {"story": 150, "business": 110, "followup": 90, "near": 130, "far": 130} | dict.fromkeys(
    "plain old young angry migrant cantonese_simplified cantonese_traditional traditional homophone shape mixed code".split(), 55
)


class Row(NamedTuple):
    intent: str
    text: str
    register: str
    entities: "list[dict[str, Any]]"


@lru_cache(maxsize=None)
def rows() -> "tuple[Row, ...]":
    header, *lines, end = (HERE / "dev_registers.tsv").read_text(encoding="utf-8").split("\n")
    assert (header, end) == ("intent\ttext\tregister\tentities", "")
    cells = (line.split("\t") for line in lines)
    return tuple(Row(intent, text, register, json.loads(entities)) for intent, text, register, entities in cells)


@lru_cache(maxsize=None)
def catalogue(name: str) -> "dict[str, Any]":
    loaded: "dict[str, Any]" = yaml.safe_load((CATALOGUE / name).read_text(encoding="utf-8"))
    return loaded


def _is_period(value: object) -> bool:
    """A month, or two days of the calendar in order."""
    if not isinstance(value, str):
        return False
    try:
        if re.fullmatch(r"\d{4}-\d\d", value):
            return bool(datetime.date.fromisoformat(f"{value}-01"))
        first, last = map(datetime.date.fromisoformat, value.split("/"))
    except ValueError:
        return False
    return first <= last


def _is_normal(kind: str, value: object, said: str) -> bool:
    if kind == "period":
        return _is_period(value)
    if kind in {"amount", "data_volume"}:
        return type(value) is int and value > 0
    if kind == "phone_number":
        digits = re.sub(r"\D", "", said)[-11:]
        return value == digits and re.fullmatch(r"1790000\d{4}", digits) is not None
    if kind == "usage_kind":
        return value in {"data", "voice", "sms"}
    if kind == "product":
        return value in {product["code"] for product in catalogue("products.yml")["products"]}
    return kind == "place" and value == said


def test_every_intent_has_rows() -> None:
    intents = {name for topic in catalogue("carrier.yml")["topics"].values() for name in topic}
    count = Counter(row.intent for row in rows())
    assert count.keys() == intents | {OUTSIDE}
    assert {name: n for name, n in count.items() if n < (260 if name == OUTSIDE else 25)} == {}


def test_every_register_has_rows() -> None:
    count = Counter(row.register for row in rows())
    assert count.keys() == LEAST_BY_REGISTER.keys()
    assert {name: n for name, n in count.items() if n < LEAST_BY_REGISTER[name]} == {}


def test_registers_belong_to_their_side() -> None:
    assert [row for row in rows() if (row.intent == OUTSIDE) != (row.register in OUTSIDE_REGISTERS)] == []


def test_texts_differ_and_are_trimmed() -> None:
    assert [text for text, n in Counter(row.text for row in rows()).items() if n > 1] == []
    assert [row.text for row in rows() if not row.text or row.text != row.text.strip()] == []


def test_stories_are_as_long_as_stories() -> None:
    assert [row.text for row in rows() if row.register == "story" and not 30 <= len(row.text) <= 150] == []


def test_spans_are_in_order_and_hold_their_text() -> None:
    for row in rows():
        end = 0
        for entity in row.entities:
            assert entity.keys() == {"entity", "value", "text", "start", "end"}, row.text
            assert end <= entity["start"] < entity["end"], row.text
            assert row.text[entity["start"] : entity["end"]] == entity["text"], row.text
            end = entity["end"]


def test_values_are_normal() -> None:
    spans = [(row.text, entity) for row in rows() for entity in row.entities]
    assert [(text, e) for text, e in spans if not _is_normal(e["entity"], e["value"], e["text"])] == []
    assert {entity["entity"] for _, entity in spans} == catalogue("carrier.yml")["entities"].keys()


def test_many_rows_carry_entities() -> None:
    assert sum(bool(row.entities) for row in rows()) >= 350


def test_nobodys_phone_number_is_used() -> None:
    for row in rows():
        rest = row.text
        for entity in reversed(row.entities):
            if entity["entity"] == "phone_number":
                rest = f"{rest[: entity['start']]}#{rest[entity['end'] :]}"
        assert re.search(r"\d(?:[ -]?\d){9,}", rest) is None, row.text
