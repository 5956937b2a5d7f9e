"""Measuring a model on a table."""

import json
from pathlib import Path

import pytest

from bot.nlu.errors import TableError
from bot.nlu.evaluate import Row, evaluate, main, read_table
from bot.nlu.model import Understander
from tests.bot.nlu.conftest import NOW

INTENTS = ("query_balance", "query_bill")


def table(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "table.tsv"
    path.write_bytes(content)
    return path


def test_reads_rows(tmp_path: Path) -> None:
    path = table(tmp_path, "\ufeffquery_balance\t查余额\r\n\nout_of_scope\t天气\t闲聊\n".encode())
    assert list(read_table(path, INTENTS)) == [Row("query_balance", "查余额"), Row("out_of_scope", "天气")]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("query_balance\t查余额\n查余额\n".encode(), "line 2: not intent<TAB>text"),
        (b"query_balance\t \n", "line 1: not intent<TAB>text"),
        ("\n\nquery_blance\t查余额\n".encode(), "line 3: .*'query_blance'"),
        (b"query_balance\tok\nquery_bill\t\xff\n", "line 2: not UTF-8"),
    ],
)
def test_names_the_wrong_line(tmp_path: Path, content: bytes, says: str) -> None:
    with pytest.raises(TableError, match=says):
        list(read_table(table(tmp_path, content), INTENTS))


def test_figures(understander: Understander) -> None:
    rows = [
        Row("query_balance", "查余额"),
        Row("query_balance", "余额还有多少"),
        Row("query_bill", "查账单"),
        Row("query_bill", "转人工"),  # labelled wrongly on purpose
        Row("out_of_scope", "今天天气怎么样"),
    ]
    report = evaluate(understander, rows, NOW)
    assert report["rows"] == 5
    assert report["accuracy"] == 0.75
    assert report["per_intent"]["query_balance"] == {"precision": 1.0, "recall": 1.0, "f1": 1.0, "rows": 2}
    assert report["per_intent"]["query_bill"] == {"precision": 1.0, "recall": 0.5, "f1": 0.6667, "rows": 2}
    assert report["macro_f1"] == pytest.approx((1 + 2 / 3) / 2, abs=1e-4)
    assert sum(report["decisions"]["in_scope"].values()) == 4
    assert report["decisions"]["out_of_scope"]["reject"] == 1


def test_an_empty_table_has_no_figures(understander: Understander) -> None:
    report = evaluate(understander, [], NOW)
    assert report["rows"] == 0
    assert report["accuracy"] is None


@pytest.mark.slow
def test_the_command(archive: Path, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    good = table(tmp_path, "query_balance\t查余额\n".encode())
    assert main(["--model", str(archive), str(good)]) == 0
    assert json.loads(capsys.readouterr().out)["accuracy"] == 1.0
    assert main(["--model", str(archive), str(tmp_path / "none.tsv")]) == 2
    assert "none.tsv" in capsys.readouterr().err
    assert main(["--model", str(tmp_path / "none.tar.gz"), str(good)]) == 2
    assert "none.tar.gz" in capsys.readouterr().err
