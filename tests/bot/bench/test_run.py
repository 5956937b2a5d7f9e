"""The command line, from the folder to JSON and table."""

import json
from pathlib import Path
from typing import Any, Dict, Tuple

import pytest

from bench.nlu.run import main

Output = pytest.CaptureFixture[str]


def run(capsys: Output, worker: Tuple[str, ...], *argv: str) -> Dict[str, Any]:
    assert main(["--lexical", *argv], worker) == 0
    found: Dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_stock_rasa_beside_ours(folder: Path, worker: Tuple[str, ...], capsys: Output) -> None:
    table = folder / "report.md"
    found = run(capsys, worker, "--data", str(folder), "--stock", "--draws", "2", "--report", str(table))
    assert list(found["smp2017"]) == ["ours", "stock"]
    assert found["smp2017"]["ours"]["test"]["accuracy"] > found["smp2017"]["stock"]["test"]["accuracy"] == 0.1
    assert {name: len(one["draws"]) for name, one in found["out_of_scope"].items()} == {"ours": 2, "stock": 1}
    assert list(found["clinc150"]) == ["ours"], "DIET takes hours for it: only when asked"
    assert found["peers"]["stock"]["versions"] == {"parrot": "1"}
    assert found["sentence_vectors"] is False
    written = table.read_text("utf-8")
    assert "| | ours | stock Rasa (jieba, DIET) |" in written
    assert str(folder) not in written
    assert found["command"] == "python -m bench.nlu --lexical --data FOLDER --stock --draws 2 --report FILE.md"


def test_clinc_for_stock_rasa_when_asked(folder: Path, worker: Tuple[str, ...], capsys: Output) -> None:
    found = run(capsys, worker, "--data", str(folder), "--stock-clinc", "--only", "clinc150")
    assert list(found["clinc150"]) == ["ours", "stock"]
    assert "smp2017" not in found


def test_ours_alone(folder: Path, capsys: Output) -> None:
    found = run(capsys, ("/nonexistent",), "--data", str(folder), "--only", "smp2017")
    assert list(found["smp2017"]) == list(found["peers"]) == ["ours"]


@pytest.mark.parametrize("asked", ["--stock", "--stock-clinc"])
def test_without_the_environment_it_ends_before_it_begins(asked: str, tmp_path: Path, capsys: Output) -> None:
    assert main(["--data", str(tmp_path / "no data either"), asked], (str(tmp_path / "python"), "worker.py")) == 2
    output = capsys.readouterr()
    assert output.err == "The environment of stock Rasa is not here: make it with `make bench-stock-setup` (2.5 GB).\n"
    assert output.out == ""


def test_a_folder_without_the_sets_is_named(folder: Path, worker: Tuple[str, ...], capsys: Output) -> None:
    (folder / "nus_sms" / "sms_zh.txt").unlink()
    (folder / "nus_sms").rmdir()
    with pytest.raises(SystemExit) as stopped:
        main(["--data", str(folder)], worker)
    assert stopped.value.code == 2
    assert "holds no nus_sms" in capsys.readouterr().err
    assert main(["--lexical", "--data", str(folder), "--only", "smp2017"], worker) == 0, "which does not read it"


def test_what_was_measured_outlives_a_worker_that_fails(folder: Path, worker: Tuple[str, ...], capsys: Output) -> None:
    test = folder / "smp2017" / "test.tsv"
    test.write_text(test.read_text("utf-8") + "噎\tweather\n", "utf-8")
    assert main(["--lexical", "--data", str(folder), "--only", "smp2017", "--stock"], worker) == 1
    found = json.loads(capsys.readouterr().out)
    assert found["smp2017"]["ours"]["test"]["accuracy"] > 0.5
    assert "choked on a message" in found["smp2017"]["stock"]["failed"]


def test_no_draws_are_refused(folder: Path, worker: Tuple[str, ...], capsys: Output) -> None:
    with pytest.raises(SystemExit):
        main(["--data", str(folder), "--draws", "0"], worker)
    assert "0 is no number of draws" in capsys.readouterr().err
