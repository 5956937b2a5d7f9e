"""The server: started, refused, stopped; and the page it serves."""

import asyncio
import dataclasses
import json
import os
import re
import signal
import sys
from pathlib import Path

import aiohttp
import pytest

import sandbox
from sandbox.app import start_sandbox
from sandbox.config import SandboxConfig
from sandbox.errors import ConfigError
from tests.sandbox.conftest import Script, config_json

STATIC = Path(sandbox.__file__).parent / "static"


async def run_main(config: Path) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "sandbox", "--config", str(config), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )


async def test_a_taken_port_is_one_sentence(config: SandboxConfig) -> None:
    first = await start_sandbox(config)
    with pytest.raises(ConfigError, match=f"cannot listen on 127.0.0.1:{first.port}"):
        await start_sandbox(dataclasses.replace(config, port=first.port))
    await first.stop()
    second = await start_sandbox(dataclasses.replace(config, port=first.port))
    await second.stop()


async def test_the_page_is_served_with_its_policy(script: Script) -> None:
    async with aiohttp.ClientSession() as http, http.get(script.sandbox.url + "/") as answer:
        page = await answer.text()
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'self'")
        for address in re.findall(r'(?:src|href)="([^"]+)"', page):
            async with http.get(f"{script.sandbox.url}/{address}") as part:
                assert part.status == 200, address


@pytest.mark.parametrize("path", sorted(STATIC.rglob("*.*")), ids=lambda path: str(path.relative_to(STATIC)))
def test_the_page_reads_no_markup_and_loads_nothing_from_elsewhere(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function", source)
    assert not re.search(r"""(?:src|href|url|import|from)\s*[=(]?\s*["']?\s*(?:https?:)?//""", source)
    assert len(source.splitlines()) < 300


@pytest.mark.slow
async def test_the_process_says_ready_and_ends_on_sigterm(tmp_path: Path) -> None:
    path = tmp_path / "sandbox.json"
    path.write_text(json.dumps(config_json()))
    process = await run_main(path)
    assert process.stdout
    ready = json.loads(await process.stdout.readline())
    async with aiohttp.ClientSession() as http, http.get(ready["url"] + "/api/people") as answer:
        assert answer.status == 200
    os.kill(process.pid, signal.SIGTERM)
    _, errors = await process.communicate()
    assert (process.returncode, errors) == (0, b"")


@pytest.mark.slow
async def test_the_process_refuses_in_one_sentence(tmp_path: Path) -> None:
    process = await run_main(tmp_path / "none.json")
    output, errors = await process.communicate()
    assert (process.returncode, output) == (2, b"")
    assert errors.decode().count("\n") == 1
