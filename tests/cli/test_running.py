"""A whole deployment: looked at, backed up while it runs, and living on elsewhere from that backup."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.cli.test_commands import _weiting
from tests.e2e.driver import ROOT, Running, free_base
from tests.runtime.test_metrics import values_of

pytestmark = pytest.mark.slow
PHONE = "17900000001"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    one = Running(tmp_path_factory.mktemp("running") / "a", free_base())
    try:
        one.start()
        done = one.command("sandbox", "load", str(ROOT / "data" / "demo" / "carrier.yml"))
        assert done.returncode == 0, done.stderr
        yield one
    finally:
        one.stop()


def _bind(running: Running, openid: str) -> str:
    running.ask(openid, "查话费")
    running.ask(openid, "同意")
    running.ask(openid, PHONE)
    return running.ask(openid, running.last_code(PHONE))


def test_seen_backed_up_and_living_on_elsewhere(running: Running, tmp_path: Path) -> None:
    assert "179****0001" in _bind(running, "oBACKUP")
    data = ("--data", str(running.data))

    health = requests.get(f"http://127.0.0.1:{running.base}/healthz", timeout=5)
    well = {"ready": True, "database": "ok", "lanes": "running", "bot": "ok", "channels": "ok"}
    assert (health.status_code, health.json()) == (200, well)
    values = values_of(requests.get(f"http://127.0.0.1:{running.base + 1}/metrics", timeout=5).text)
    assert values['weiting_turns_total{outcome="asked"}'] >= 1
    assert values["weiting_cores"] == 1

    doctor = _weiting("doctor", "--json", *data, "--ports", str(running.base))
    lines = [json.loads(line) for line in doctor.stdout.splitlines()]
    assert doctor.returncode == 0, doctor.stdout
    assert {"check": "wechat demo", "level": "ok"}.items() <= next(one for one in lines if one["check"] == "wechat demo").items()

    file = tmp_path / "live.tar.gz"
    assert _weiting("backup", str(file), *data).returncode == 0
    refused = _weiting("restore", str(file), "--replace", *data)
    assert (refused.returncode, refused.stderr.count("\n"), "running" in refused.stderr) == (2, 1, True)
    # what comes after the backup is not in it, and the deployment goes on
    assert "179****0001" in running.ask("oBACKUP", "查话费")

    other = Running(tmp_path / "b", free_base())
    assert _weiting("restore", str(file), "--data", str(other.data)).returncode == 0
    try:
        other.start()
        # bound there, so bound here: hashes, ciphertexts and keys have come along
        assert "179****0001" in other.ask("oBACKUP", "查话费")
    finally:
        assert other.stop() == 0


def test_a_second_deployment_on_the_same_database_is_refused_in_one_sentence(running: Running, tmp_path: Path) -> None:
    database = f"sqlite:///{running.data / 'weiting.db'}"
    base = str(free_base())
    stranger = _weiting("up", "--data", str(tmp_path / "b"), "--ports", base, WEITING_DATABASE_URL=database)
    assert (stranger.returncode, stranger.stderr.count("\n")) == (2, 1)
    assert "keys" in stranger.stderr
    # one with the same keys is another core of a file that takes one
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "keys.json").write_bytes((running.data / "keys.json").read_bytes())
    twin = _weiting("serve", "core", "--data", str(tmp_path / "c"), "--ports", base, WEITING_DATABASE_URL=database)
    assert (twin.returncode, twin.stderr.count("\n")) == (2, 1)
    assert "another core" in twin.stderr
    assert running.ask("oSTILL", "你好")


def test_the_clean_machine_script_explains_itself() -> None:
    script = str(ROOT / "scripts" / "clean_machine.py")
    done = subprocess.run([sys.executable, script, "--help"], capture_output=True, text=True, check=False)
    assert (done.returncode, "--within" in done.stdout) == (0, True)
