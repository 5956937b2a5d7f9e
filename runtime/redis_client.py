"""A Redis that is asked while somebody waits: impatient, and without retries of the driver's own."""

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

PATIENCE_S = 0.5


def open_redis(url: str) -> Redis:
    """A pool of its own; closed by whoever opened it (`await client.aclose()`)."""
    once = Retry(NoBackoff(), 0)
    return Redis.from_url(url, retry=once, socket_timeout=PATIENCE_S, socket_connect_timeout=PATIENCE_S)
