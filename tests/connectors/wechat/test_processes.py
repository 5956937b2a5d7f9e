"""Real processes over one database and one redis-server, against a platform that refuses every token."""

import asyncio
import json
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.connectors.wechat.platform_double import Platform, most_in_a_minute
from tests.connectors.wechat.processes import NOBODY

pytestmark = pytest.mark.slow  # real servers and processes

ROOT = Path(__file__).resolve().parents[3]


async def _spawn(platform: Platform, database_url: str, redis_url: str, *, past_gate: bool, messages: int) -> Counter[str]:
    words = (platform.base, database_url, redis_url, "yes" if past_gate else "no", str(messages))
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.connectors.wechat.one_process", *words, cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    try:
        out, _ = await child.communicate()
    finally:
        if child.returncode is None:
            child.kill()
    assert child.returncode == 0
    return Counter(json.loads(out))


@pytest.mark.parametrize("redis", ["there", "gone"])
async def test_40001_for_ever_costs_two_token_calls_from_any_number_of_processes(
    platform: Platform, database_url: str, embedded_redis_url: str, redis: str
) -> None:
    platform.errcode, platform.now = 40001, time.monotonic
    url = embedded_redis_url if redis == "there" else NOBODY
    ran = await asyncio.gather(*(_spawn(platform, database_url, url, past_gate=True, messages=15) for _ in range(3)))
    results = sum(ran, Counter[str]())
    assert results.total() == 3 * 15 * 4
    assert set(results) <= {"40001", "token_paced"}
    assert most_in_a_minute(platform.token_at) <= 2
    assert platform.forced == 1


async def test_processes_that_start_at_once_fetch_one_token_and_all_send(
    platform: Platform, database_url: str, embedded_redis_url: str
) -> None:
    platform.now = time.monotonic
    ran = await asyncio.gather(*(_spawn(platform, database_url, embedded_redis_url, past_gate=False, messages=5) for _ in range(3)))
    assert sum(ran, Counter[str]()) == Counter({"Sent": 60})
    assert platform.tokens == 1
