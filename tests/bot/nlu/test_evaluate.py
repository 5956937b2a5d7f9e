"""Measuring a model on a table."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bot.nlu import figures
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
    assert list(read_table(path, INTENTS)) == [Row("query_balance", "查余额"), Row("out_of_scope", "天气", "闲聊")]


def test_a_heading_registers_and_entities(tmp_path: Path) -> None:
    entities = '[{"entity": "amount", "value": 5000, "text": "50块", "start": 1, "end": 4}]'
    path = table(tmp_path, f"intent\ttext\tregister\tentities\nquery_bill\t扣50块\tangry\t{entities}\n".encode())
    assert list(read_table(path, INTENTS)) == [Row("query_bill", "扣50块", "angry", (("amount", 1, 4, "5000"),))]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("query_balance\t查余额\n查余额\n".encode(), "line 2: not intent<TAB>text"),
        (b"query_balance\t \n", "line 1: not intent<TAB>text"),
        ("\n\nquery_blance\t查余额\n".encode(), "line 3: .*'query_blance'"),
        (b"query_balance\tok\tplain\t[\n", "line 1: the fourth column"),
        (b'query_balance\tok\tplain\t[{"entity": 1}]\n', "line 1: the fourth column"),
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


def test_figures_by_register_and_entity(understander: Understander) -> None:
    rows = [
        Row("query_bill", "上个月账单", "plain", (("period", 0, 3, "2026-10"),)),
        Row("query_bill", "查账单", "plain", (("period", 0, 2, "2026-10"),)),  # marked wrongly on purpose
        Row("query_balance", "查餘額", "traditional", ()),
        Row("out_of_scope", "讲个笑话", "far", ()),
    ]
    report = evaluate(understander, rows, NOW)
    assert report["per_register"]["traditional"]["accuracy"] == 1.0
    assert report["entities"]["f1"] == pytest.approx(2 / 3, abs=1e-4)
    assert report["out_of_scope"]["per_register"]["far"]["refused_serving_95_percent"] == 1.0
    assert report["intervals_95"]["accuracy"] == [1.0, 1.0]


def test_the_picture(tmp_path: Path) -> None:
    """In a process of its own: the one of the tests serves, and matplotlib is stood in for while serving."""
    report = {"per_intent": {"query_bill": {"recall": 0.5, "rows": 4}}, "confusions": [["query_bill", "query_balance", 2]]}
    code = "import json, sys; from pathlib import Path; from bot.nlu.picture import draw_confusions; "
    code += "draw_confusions(json.loads(sys.argv[1]), Path(sys.argv[2]))"
    picture = tmp_path / "confusions.png"
    run = [sys.executable, "-W", "ignore", "-c", code, json.dumps(report)]
    root = Path(__file__).resolve().parents[3]
    assert subprocess.run([*run, str(picture)], cwd=root, capture_output=True).returncode == 0  # noqa: S603
    assert picture.read_bytes().startswith(b"\x89PNG")
    failed = subprocess.run([*run, str(tmp_path / "none" / "x.png")], cwd=root, capture_output=True)  # noqa: S603
    assert b"cannot be written" in failed.stderr


def test_plain_figures() -> None:
    assert figures.auroc([1.0, 2.0], [0.0, 1.0]) == 0.875
    assert figures.auroc([1.0], []) is None
    assert figures.refused_while_serving(list(range(100)), [-1.0, 4.0, 6.0, 50.0]) == 0.5
    assert figures.calibration_error([0.95, 0.95], [True, False]) == pytest.approx(0.45)
    low, high = figures.interval([("a", "a")] * 90 + [("a", "b")] * 10, figures.accuracy) or (0, 0)
    assert 0.8 < low < 0.9 < high < 0.98


@pytest.mark.slow
def test_the_command(archive: Path, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    good = table(tmp_path, "query_balance\t查余额\n".encode())
    assert main(["--model", str(archive), str(good)]) == 0
    assert json.loads(capsys.readouterr().out)["accuracy"] == 1.0
    assert main(["--model", str(archive), str(tmp_path / "none.tsv")]) == 2
    assert "none.tsv" in capsys.readouterr().err
    assert main(["--model", str(tmp_path / "none.tar.gz"), str(good)]) == 2
    assert "none.tar.gz" in capsys.readouterr().err
