"""A short run against a real deployment: the harness itself works, and a killed core costs nothing."""

import json
from pathlib import Path

import pytest

from chaos.__main__ import main

pytestmark = pytest.mark.slow


def test_a_killed_core_loses_nothing_and_says_nothing_twice(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = tmp_path / "report.json"
    options = ["--seconds", "25", "--rate", "5", "--subscribers", "40", "--agents", "2", "--faults", "core_kill", "--report", str(report)]
    assert main(options) == 0
    found = json.loads(report.read_text())
    assert found["figures"] == dict.fromkeys(("lost", "twice", "out_of_order", "both", "stuck", "wrong_purse"), 0)
    assert found["volume"]["turns"] == found["volume"]["messages stored"] > 50
    assert [one["fault"] for one in found["recovery"]] == ["core_kill"]
    assert "passed" in capsys.readouterr().out
