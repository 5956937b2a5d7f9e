"""Redis: wake-ups only, so that nothing of this is ever bad for a message; but answers would wait for the sweep."""

import asyncio
from collections.abc import Iterable, Iterator

from redis import Redis
from redis.exceptions import RedisError

from cli.checks.finding import Finding, bad, ok, warn
from cli.deployment import Deployment
from cli.redis_server import plan_redis
from runtime.errors import SettingsError

_WITHIN_S = 2.0
_MEND = "see that it runs, that redis_url is right and that its user may publish; until then answers may come up to 5 s late"


async def check_redis(deployment: Deployment) -> Iterable[Finding]:
    """Reachable, and takes what we say."""
    return await asyncio.to_thread(lambda: list(_redis(deployment)))


def _redis(deployment: Deployment) -> Iterator[Finding]:
    url = deployment.settings.redis_url
    if url is None:
        yield _own()
        return
    try:
        with Redis.from_url(url, socket_timeout=_WITHIN_S, socket_connect_timeout=_WITHIN_S) as client:
            client.ping()
            client.publish("weiting:doctor", "{}")
            yield ok("redis", "answers and takes wake-ups")
            yield from _writes(client)
    except (RedisError, OSError, ValueError) as error:
        yield bad("redis", f"it does not do what is asked ({str(error).partition(chr(10))[0]})", _MEND)


def _writes(client: Redis) -> Iterator[Finding]:
    try:
        client.set("weiting:doctor", "1", ex=5)
    except RedisError as error:
        yield warn("redis", f"it refuses writes ({str(error).partition(chr(10))[0]})", "see its memory and its disk; wake-ups need neither")


def _own() -> Finding:
    try:
        plan = plan_redis()
    except SettingsError as error:
        return bad("redis", str(error), "install redis-server or set redis_url")
    plan.folder.rmdir()
    return ok("redis", f"`weiting up` starts its own ({plan.argv[0]})")
