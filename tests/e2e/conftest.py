"""One deployment for the whole folder: the demo carrier, a second account of it, one with WeChat's own desk, one that may not send, a
plugged-in industry, an account per vector."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.driver import ROOT, Running, free_base

VECTORS: dict[str, Any] = json.loads((ROOT / "tests/connectors/wechat/vectors/wechat.json").read_text())
PLUGGED_IN = ROOT / "tests" / "industries"
ACCOUNT = """
[[account]]
key = "{key}"
name = "{name}"
industry = "{industry}"
app_id = "{app_id}"
secret = "secret-of-{key}"
token = "{token}"
encoding_aes_key = "{aes}"
mode = "{mode}"
timestamp_window_s = {window}
api_base = "sandbox"
{more}
"""
MENU = """
[[account.menu]]
name = "人工"
intent = "request_human"
[[account.menu]]
name = "问话费"
text = "查话费"
"""
KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"


def write_config(path: Path) -> Path:
    """A weiting.toml with everything the tests of this folder need."""
    demo = {"key": "demo", "name": "微厅演示营业厅", "industry": "carrier", "app_id": "wxdemo0000000000aa", "token": "weitingdemo"}
    other = demo | {"key": "other", "name": "另一家营业厅", "app_id": "wxother000000000aa"}
    plain = demo | {"key": "plain", "app_id": "wxplain000000000aa", "mode": "plain"}
    library = demo | {"key": "library", "name": "图书馆", "industry": "library", "app_id": "wxlibrary0000000aa"}
    native = demo | {"key": "native", "app_id": "wxnative00000000aa", "more": 'desk = "wechat"'}
    quiet = demo | {"key": "quiet", "app_id": "wxquiet000000000aa", "more": 'kind = "subscription"'}
    accounts: list[dict[str, Any]] = [demo | {"more": MENU}, other, plain, library, native, quiet, *vector_accounts()]
    tables = [ACCOUNT.format(**({"aes": KEY, "mode": "safe", "window": 300, "more": ""} | one)) for one in accounts]
    path.write_text(f'industry_paths = ["{PLUGGED_IN}"]\n' + "".join(tables), encoding="utf-8")
    return path


def vector_accounts() -> list[dict[str, Any]]:
    """A vector is years old: its account takes any timestamp."""
    shared = {"industry": "carrier", "window": 0}
    ciphers = [
        shared | {"key": f"v{index}", "name": one["id"], "app_id": one["receive_id"], "token": one["token"], "aes": one["encoding_aes_key"]}
        for index, one in enumerate(VECTORS["encrypted"])
    ]
    signatures = [
        shared | {"key": f"s{index}", "name": one["id"], "app_id": f"wxsign{index}", "token": one["token"], "mode": "plain"}
        for index, one in enumerate(VECTORS["plain_signature"])
    ]
    return ciphers + signatures


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("deployment")
    one = Running(folder / "data", free_base(), write_config(folder / "weiting.toml"))
    try:
        one.start()
        done = one.command("sandbox", "load", str(ROOT / "data" / "demo" / "carrier.yml"))
        assert done.returncode == 0, done.stderr
        yield one
    finally:
        one.stop()


@pytest.fixture(scope="session")
def agent_token(running: Running) -> str:
    return str(running.add_staff("lin", "--name", "小林", "--account", "demo", "--account", "other")["token"])
