"""A process of its own that sends through one account's way out until it is told to stop; run by test_processes.py.

`python -m tests.connectors.wechat.one_process BASE DATABASE REDIS PAST_GATE MESSAGES`: prints one JSON object, results counted.
"""

import asyncio
import json
import sys
from collections import Counter

import aiohttp

from connectors.wechat.messages import Text
from connectors.wechat.way_out import WayOut
from runtime.clock import SystemClock
from runtime.database import Database, make_engine
from runtime.logs import configure_logging
from runtime.redis_client import open_redis
from tests.connectors.wechat.platform_double import HELLO, TO, Platform, make_way


async def _one(way: WayOut, *, past_gate: bool) -> str:
    result = await (way.client.send("oA", Text("好")) if past_gate else way.sender.send(TO, HELLO))
    return str(getattr(result, "code", type(result).__name__))


async def _run(base: str, db_url: str, redis_url: str, past_gate: bool, messages: int) -> Counter[str]:
    db, redis, results = Database(make_engine(db_url)), open_redis(redis_url), Counter[str]()
    async with aiohttp.ClientSession() as session:
        way = make_way(Platform(base=base), session, SystemClock(), db=db, redis=redis)
        await way.start()
        for _ in range(messages):
            results.update(await asyncio.gather(*(_one(way, past_gate=past_gate) for _ in range(4))))
        await way.stop()
    await redis.aclose()
    db.close()
    return results


if __name__ == "__main__":
    configure_logging()
    where = sys.argv[1:4]
    sys.stdout.write(json.dumps(asyncio.run(_run(where[0], where[1], where[2], sys.argv[4] == "yes", int(sys.argv[5])))))
