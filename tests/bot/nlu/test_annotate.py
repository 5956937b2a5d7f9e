"""Marks in training files, written by the rules."""

from pathlib import Path

import pytest

from bot.nlu.annotate import annotate, annotated, main

FILE = "version: '3.1'\r\nnlu:\n# 上个月: a comment\n- intent: query_bill\n  examples: |\n    - 查上个月账单\n    - [7日](period)包\n"


@pytest.mark.parametrize(
    ("line", "marked"),
    [
        ("查上个月账单", "查[上个月](period)账单"),
        ("查[上个]月(period)", "查[上个]月(period)"),
        ("[8月](period)9月", "[8月9月](period)"),
        ("[7日](period)包", "7日包"),
        ("[北京](place)[昨天](period)", "[北京](place)[昨天](period)"),
        ("绑定17900000001", "绑定[17900000001](phone_number)"),
        ("余额", "余额"),
    ],
)
def test_a_line(line: str, marked: str) -> None:
    assert annotated(line) == marked


def test_the_rest_of_a_file_stays(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    path = tmp_path / "billing.yml"
    path.write_bytes(FILE.encode())
    assert main(["--check", str(path)]) == 1
    assert path.read_bytes().decode() == FILE
    assert main([str(path)]) == 0
    assert path.read_bytes().decode() == FILE.replace("查上个月", "查[上个月](period)").replace("[7日](period)", "7日")
    assert capsys.readouterr().out.count("→") == 4
    assert main(["--check", str(path)]) == 0
    assert annotate(path.read_bytes().decode()) == path.read_bytes().decode()
