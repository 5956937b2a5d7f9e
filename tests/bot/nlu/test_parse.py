"""Lines in, as many JSON lines out."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bot.nlu.model import Understander
from bot.nlu.parse import main, parse_lines
from tests.bot.nlu.conftest import NOW

ROOT = Path(__file__).resolve().parents[3]
KEYS = ["text", "intent", "confidence", "decision", "candidates", "also", "entities"]

NOBODY_PLANNED = [
    "",
    "   ",
    "\u3000",
    "😀",
    "查余额" * 1000,
    "1" * 3000,
    "上个月到" * 750,
    "\x00",
    "查\x00余\x07额",
    "\u2028\u2029\x85\x0b\x0c",
    "<script>alert(1)</script>",
    "<![CDATA[余额]]>",
    "17900000001",
    "<phone_number>",
    "／affirm",
    "/affirm",
    '{"text": "x"}',
    "\u202e额余查",
    "a" * 3000,
    "👨‍👩‍👧‍👦" * 300,
    "ﷺ" * 200,
]


def parse(understander: Understander, raw: bytes) -> list:
    out = io.BytesIO()
    parse_lines(understander, io.BytesIO(raw), out, NOW)
    return [json.loads(line) for line in out.getvalue().decode("utf-8").split("\n")[:-1]]


def test_the_object_of_the_door(understander: Understander) -> None:
    (read,) = parse(understander, "帮我查上個月的账单\n".encode())
    assert list(read) == KEYS
    assert read["intent"] == "query_bill"
    assert read["decision"] in ("accept", "clarify")
    assert read["entities"] == [{"entity": "period", "value": "2026-10", "text": "上個月", "start": 3, "end": 6}]


@pytest.mark.parametrize("text", NOBODY_PLANNED)
def test_one_line_for_whatever_comes(understander: Understander, text: str) -> None:
    (read,) = parse(understander, text.encode() + b"\n")
    assert list(read) == KEYS
    assert read["text"] == text
    assert read["decision"] in ("accept", "clarify", "reject")
    assert (len(read["candidates"]) in (2, 3)) == (read["decision"] == "clarify")
    assert (read["intent"] == "out_of_scope") == (read["decision"] == "reject")
    assert 0.0 <= read["confidence"] <= 1.0
    assert all(text[entity["start"] : entity["end"]] == entity["text"] for entity in read["entities"])


@pytest.mark.parametrize("text", ["", "   ", "😀", "\x00", "<phone_number>"])
def test_nothing_said_is_rejected(understander: Understander, text: str) -> None:
    assert parse(understander, text.encode() + b"\n")[0]["decision"] == "reject"


def test_a_lone_surrogate_and_bytes_that_are_no_text(understander: Understander) -> None:
    read = parse(understander, b"\xed\xa0\x80\n\xff\xfe\xfa\n")
    assert [one["decision"] for one in read] == ["reject", "reject"]
    assert understander.understand("\ud83d查余额", NOW).best[0] == "query_balance"


def test_lines_are_counted_by_line_feeds(understander: Understander) -> None:
    assert [one["text"] for one in parse(understander, "查余额\r\n\n转人工".encode())] == ["查余额", "", "转人工"]


@pytest.mark.slow
def test_the_command_answers_line_by_line(archive: Path) -> None:
    command = [sys.executable, "-m", "bot.nlu.parse", "--model", str(archive), "--now", "2026-01-05T08:00:00+08:00"]
    buffered = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT, env=buffered) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write("上个月账单\n".encode())
        process.stdin.flush()
        read = json.loads(process.stdout.readline())  # before the input has ended
        process.stdin.close()
        assert process.wait(timeout=30) == 0
    assert read["entities"][0]["value"] == "2025-12"


def test_a_model_that_is_none(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    assert main(["--model", str(tmp_path / "nowhere.tar.gz")]) == 2
    assert "nowhere.tar.gz" in capsys.readouterr().err
    (tmp_path / "text.tar.gz").write_text("no archive")
    assert main(["--model", str(tmp_path / "text.tar.gz")]) == 2
    assert capsys.readouterr().err.count("\n") == 1
