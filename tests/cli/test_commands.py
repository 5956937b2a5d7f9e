"""The command line: one sentence for what is wrong, and the exit code that says whose fault it is."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.driver import ROOT, free_base

pytestmark = pytest.mark.slow


def _weiting(*argv: str, **env: str) -> "subprocess.CompletedProcess[str]":
    kept = {name: value for name, value in os.environ.items() if not name.startswith("WEITING_")}
    return subprocess.run(
        [sys.executable, "-m", "cli.main", *argv],
        cwd=ROOT, env=kept | {"PYTHONPATH": str(ROOT)} | env, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


@pytest.mark.parametrize("argv", [[], ["up"], ["train"], ["nlu"], ["nlu", "parse"], ["staff", "add"], ["sandbox", "load"], ["serve"]])
def test_every_command_explains_itself(argv: list[str]) -> None:
    done = _weiting(*argv, "--help")
    assert done.returncode == 0
    assert "Usage: weiting" in done.stdout


def test_a_wrong_setting_is_one_sentence_and_exit_2(tmp_path: Path) -> None:
    config = tmp_path / "weiting.toml"
    config.write_text((ROOT / "weiting.toml").read_text().replace("token =", "tokn ="))
    done = _weiting("up", "--config", str(config), "--data", str(tmp_path / "d"))
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "account.tokn" in done.stderr


def test_a_missing_file_is_one_sentence_and_exit_2(tmp_path: Path) -> None:
    done = _weiting("up", "--config", str(tmp_path / "nowhere.toml"))
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)


def test_a_taken_port_is_one_sentence_and_exit_2(tmp_path: Path) -> None:
    base = free_base()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", base + 3))
        taken.listen()
        done = _weiting("up", "--data", str(tmp_path), "--ports", str(base))
    assert done.returncode == 2
    assert str(base + 3) in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_moment_that_is_none_is_exit_2(tmp_path: Path) -> None:
    done = _weiting("up", "--data", str(tmp_path), "--ports", str(free_base()), "--now", "tomorrow")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)


def test_staff_are_added_reset_and_disabled(tmp_path: Path) -> None:
    def staff(*argv: str) -> "subprocess.CompletedProcess[str]":
        return _weiting("staff", *argv, "--data", str(tmp_path))

    added = json.loads(staff("add", "lin", "--name", "小林", "--token").stdout)
    assert added["password"]
    assert added["token"]
    assert json.loads(staff("reset", "lin").stdout)["password"] != added["password"]
    again = staff("add", "lin")
    assert (again.returncode, again.stderr.count("\n")) == (2, 1)
    assert staff("disable", "nobody").returncode == 2
    assert staff("add", "x", "--account", "nowhere").returncode == 2
    assert staff("add", "y", "--role", "king").returncode == 2
    assert staff("disable", "lin").returncode == 0
    assert json.loads(staff("list").stdout)["disabled"] is True


def test_loading_a_broken_file_names_it_and_changes_nothing(tmp_path: Path) -> None:
    broken = tmp_path / "x.yml"
    broken.write_text("customers: [1, 2")
    done = _weiting("sandbox", "load", str(broken), "--data", str(tmp_path / "d"))
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
