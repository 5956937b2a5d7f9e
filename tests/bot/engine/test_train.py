"""Training: once for the same inputs, and one sentence for data that cannot be trained."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Tuple

import pytest

from bot.engine.errors import TrainingRefused
from bot.engine.fingerprint import fingerprint, is_unchanged, stamp_path, write_stamp
from bot.engine.train import check_config, main

ROOT = Path(__file__).resolve().parents[3]
KIOSK = Path(__file__).parents[1] / "fixtures" / "kiosk"


@pytest.fixture
def inputs(tmp_path: Path) -> Path:
    shutil.copytree(KIOSK, tmp_path / "kiosk")
    return tmp_path / "kiosk"


def train(inputs: Path, out: Path) -> Tuple[int, str, float]:
    command = [sys.executable, "-W", "ignore", "-m", "bot.engine.train", "--industry", "kiosk", "--config", str(inputs / "config.yml")]
    command += ["--domain", str(inputs / "domain.yml"), "--out", str(out)]
    for name in ("nlu.yml", "rules.yml", "stories.yml"):
        command += ["--data", str(inputs / name)]
    began = time.monotonic()
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr, time.monotonic() - began


@pytest.mark.slow
def test_the_second_time_nothing_is_trained_and_rasa_not_imported(inputs: Path, tmp_path: Path) -> None:
    out = tmp_path / "deep" / "kiosk.tar.gz"
    code, said, _ = train(inputs, out)
    assert code == 0, said
    assert "trained" in said
    written = out.stat().st_mtime_ns
    code, said, seconds = train(inputs, out)
    assert (code, "unchanged" in said) == (0, True)
    assert seconds < 2
    assert out.stat().st_mtime_ns == written
    assert [path.name for path in out.parent.iterdir() if path.is_dir()] == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("file", "old", "new", "named"),
    [
        ("rules.yml", "action_query_waiting", "action_unheard_of", "action_unheard_of"),
        ("rules.yml", "intent: goodbye", "intent: farewell", "farewell"),
        ("nlu.yml", "intent: goodbye", "intent: farewell", "farewell"),
        ("domain.yml", "intents:", "intents: [", "domain"),
    ],
)
def test_wrong_data_is_one_sentence_and_leaves_the_old_model(
    inputs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], file: str, old: str, new: str, named: str
) -> None:
    out = tmp_path / "kiosk.tar.gz"
    out.write_bytes(b"the old model")
    path = inputs / file
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    arguments = ["--industry", "kiosk", "--config", str(inputs / "config.yml"), "--domain", str(inputs / "domain.yml"), "--out", str(out)]
    for name in ("nlu.yml", "rules.yml", "stories.yml"):
        arguments += ["--data", str(inputs / name)]
    assert main(arguments) == 1
    errors = capsys.readouterr().err.strip().splitlines()
    assert named in errors[-1]
    assert out.read_bytes() == b"the old model"


def test_any_change_changes_the_fingerprint(inputs: Path, tmp_path: Path) -> None:
    code = tmp_path / "bot"
    (code / "nlu").mkdir(parents=True)
    (code / "nlu" / "part.py").write_text("a = 1")
    before = fingerprint([inputs], code)
    assert fingerprint([inputs], code) == before
    (inputs / "nlu.yml").write_text("version: '3.1'")
    changed = fingerprint([inputs], code)
    (code / "nlu" / "part.py").write_text("a = 2")
    assert len({before, changed, fingerprint([inputs], code)}) == 3


def test_a_stamp_belongs_to_its_archive(tmp_path: Path) -> None:
    archive = tmp_path / "m.tar.gz"
    assert not is_unchanged(archive, "f")
    archive.write_bytes(b"model")
    write_stamp(archive, "f")
    assert is_unchanged(archive, "f")
    assert not is_unchanged(archive, "g")
    archive.write_bytes(b"half a mod")
    assert not is_unchanged(archive, "f")
    stamp_path(archive).write_text("no json")
    assert not is_unchanged(archive, "f")


def test_what_is_not_there_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    missing = str(tmp_path / "nowhere.yml")
    assert main(["--industry", "x", "--config", missing, "--domain", missing, "--data", missing, "--out", str(tmp_path / "m.tar.gz")]) == 1
    assert "nowhere.yml" in capsys.readouterr().err


@pytest.mark.parametrize("content", ["pipeline: [", "- a list", "pipeline:\n- name: DIETClassifier\n", "policies: [{name: TEDPolicy}]"])
def test_a_configuration_that_cannot_learn_here_is_refused(tmp_path: Path, content: str) -> None:
    config = tmp_path / "config.yml"
    config.write_text(content)
    with pytest.raises(TrainingRefused):
        check_config(config)
