"""The command line against a platform that runs in the test's own loop."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from cli.main import main
from tests.connectors.wechat.account.platform import Platform, running

ACCOUNT = """
[[account]]
key = "{key}"
industry = "carrier"
app_id = "wx1"
secret = "SECRET-OF-THE-APP"
token = "t"
encoding_aes_key = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
api_base = "{base}"
"""
MENU = """
[[account.menu]]
name = "查询"
entries = [{ name = "话费", intent = "query_balance" }, { name = "流量", text = "查流量" }]
[[account.menu]]
name = "人工"
intent = "request_human"
"""


@dataclass(frozen=True)
class Said:
    """What a command ended with and printed."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Weiting = Callable[..., Awaitable[Said]]


@pytest.fixture
async def platform() -> AsyncIterator[Platform]:
    async with running(Platform()) as one:
        yield one


@pytest.fixture
def weiting(platform: Platform, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Weiting:
    """`await weiting("wechat", …, toml=…)`: the command with settings of its own."""

    async def call(*argv: str, toml: str | None = None) -> Said:
        config = tmp_path / "weiting.toml"
        config.write_text(ACCOUNT.format(key="shop", base=platform.base) + MENU if toml is None else toml, encoding="utf-8")
        given = [*argv[:1], "--config", str(config), "--data", str(tmp_path / "data"), *argv[1:]]
        code = await asyncio.to_thread(_run, given)
        out, err = capsys.readouterr()
        assert "SECRET-OF-THE-APP" not in out + err
        assert "TOKEN-" not in out + err
        assert "Traceback" not in err
        return Said(code, out, err)

    return call


def _run(argv: list[str]) -> int:
    try:
        return main(argv)
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else 0
