"""What the training files hold, and that the development table is apart from them."""

import re
from datetime import datetime
from pathlib import Path

import yaml

from bot.nlu.classifier import read_out_of_scope
from bot.nlu.normalise import normalise
from bot.nlu.values import SHANGHAI, find_values

ROOT = Path(__file__).resolve().parents[3]
TOPICS = sorted((ROOT / "data" / "nlu" / "carrier").glob("*.yml"))
THRESHOLDS = "data/thresholds/carrier.txt"
ANNOTATED = re.compile(r"\[([^\]]+)\]\(([a-z_]+)\)")
LEAST_EXAMPLES = 60


def examples() -> list:
    """(topic, intent, line as written) of every training message."""
    found = []
    for path in TOPICS:
        for block in yaml.safe_load(path.read_text("utf-8"))["nlu"]:
            lines = [line[2:] for line in block["examples"].splitlines()]
            found.extend((path.stem, block["intent"], line) for line in lines)
    return found


def plain(line: str) -> str:
    return ANNOTATED.sub(r"\1", line)


def test_intents_stand_in_the_topic_the_catalogue_says() -> None:
    catalogue = yaml.safe_load((ROOT / "data" / "catalogue" / "carrier.yml").read_text("utf-8"))["topics"]
    for topic, intent, _ in examples():
        assert intent in catalogue[topic]


def test_every_intent_has_enough_to_learn_from() -> None:
    said: dict = {}
    for _, intent, line in examples():
        said.setdefault(intent, set()).add(plain(line))
    assert {intent: len(texts) for intent, texts in said.items() if len(texts) < LEAST_EXAMPLES} == {}


def test_nothing_is_said_twice() -> None:
    texts = [normalise(plain(line)).text for _, _, line in examples()] + [normalise(line).text for line in read_out_of_scope(THRESHOLDS)]
    # Case and script are written plainly before training, so variants of them are the same message and are kept on purpose.
    exact = [plain(line) for _, _, line in examples()] + read_out_of_scope(THRESHOLDS)
    assert sorted(text for text in set(exact) if exact.count(text) > 1) == []
    assert len(set(texts)) > 0.97 * len(texts)


FIRST_KINDS = ("period", "phone_number", "sms_code")
"""Marked in the data by hand; the other kinds are found by rules and names only."""


def test_annotations_are_what_the_rules_find() -> None:
    now = datetime(2026, 11, 22, 20, 0, tzinfo=SHANGHAI)
    for _, _, line in examples():
        text = plain(line)
        values = find_values(text, normalise(text), now).values
        found = [(value.text, value.entity) for value in values if value.entity in FIRST_KINDS]
        assert found == [match.groups() for match in ANNOTATED.finditer(line) if match.groups()[1] in FIRST_KINDS], line


def test_the_development_table_was_not_trained_on() -> None:
    taught = {normalise(plain(line)).text for _, _, line in examples()} | {normalise(line).text for line in read_out_of_scope(THRESHOLDS)}
    rows = (Path(__file__).parent / "dev.tsv").read_text("utf-8").splitlines()
    seen = [row for row in rows if normalise(row.split("\t")[1]).text in taught]
    assert seen == []


def test_out_of_scope_lines_skip_comments() -> None:
    lines = read_out_of_scope(THRESHOLDS)
    assert len(lines) >= 300
    assert not any(line.startswith("#") or not line.strip() for line in lines)
    assert read_out_of_scope(None) == []
