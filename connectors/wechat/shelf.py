"""Where all processes of an account find its token, and who of them may fetch another: one value, one lock.

The value holds the token with its end, in one piece, encrypted under the deployment's key. The lock carries its owner's mark and ends by
itself; only its owner releases it or writes under it, so that one who slept past its end changes nothing. Redis is asked first; while it is
away the same lies in the database. What is lost costs one call: stable_token gives the same token again.
"""

import base64
import binascii
import json
import secrets
import time
from dataclasses import dataclass, field
from typing import Any, Protocol

from redis.asyncio import Redis
from redis.exceptions import RedisError

from connectors.wechat.cells import Cell, State
from runtime.clock import Clock
from runtime.errors import StorageFault
from runtime.keys import Keyring

LOCK_S = 15.0
"""Longer than a fetch may take with its time-outs."""
LONGEST_LIFE_S = 7200.0
_AWAY_S = 1.0
_ASIDE_S = 60.0

# KEYS: value, lock. ARGV: mark, value, milliseconds. Written by the lock's owner, or when Redis was emptied meanwhile.
_KEEP = """
local owner = redis.call('get', KEYS[2])
if owner == ARGV[1] or (not owner and redis.call('exists', KEYS[1]) == 0) then
  redis.call('set', KEYS[1], ARGV[2], 'PX', ARGV[3])
  return 1
end
return 0
"""
_UNLOCK = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0"


@dataclass(frozen=True)
class Token:
    """An access token and when it ends, seconds since 1970. It is not shown by repr: what is printed may be logged."""

    value: str = field(repr=False)
    ends_at: float

    def left_s(self, now: float) -> float:
        """0.0 when it has ended, or was written by a clock that has been put back since."""
        left = self.ends_at - now
        return left if 0 < left <= LONGEST_LIFE_S + _ASIDE_S else 0.0


class Shelf(Protocol):
    """Raises StorageFault when it is away."""

    async def read(self) -> Token | None:
        """The token that was kept last."""

    async def lock(self) -> str | None:
        """The mark of whoever may fetch now; None while it is another."""

    async def keep(self, token: Token, mark: str) -> None:
        """Puts it there, if the lock is still the mark's."""

    async def unlock(self, mark: str) -> None:
        """Lets another fetch, if the lock is still the mark's."""


@dataclass(frozen=True)
class Wrapping:
    """How a token looks where it lies. What was written for another account, platform or key is none."""

    keyring: Keyring
    app_id: str
    api_base: str

    def wrap(self, token: Token) -> bytes:
        body = {"app_id": self.app_id, "api_base": self.api_base, "token": token.value, "ends_at": token.ends_at}
        return base64.b64encode(self.keyring.encrypt(json.dumps(body)))

    def unwrap(self, blob: bytes | str | None) -> Token | None:
        if not blob:
            return None
        try:
            body: dict[str, Any] = json.loads(self.keyring.decrypt(base64.b64decode(blob, validate=True)))
            token = Token(str(body["token"]), float(body["ends_at"]))
        except (StorageFault, ValueError, binascii.Error, KeyError, TypeError):
            return None
        return token if (body.get("app_id"), body.get("api_base")) == (self.app_id, self.api_base) else None


class LocalShelf:
    """For a process that is alone: it remembers itself, and its own lock is enough."""

    async def read(self) -> Token | None:
        return None

    async def lock(self) -> str | None:
        return "alone"

    async def keep(self, token: Token, mark: str) -> None:
        """Nothing: the holder has it."""

    async def unlock(self, mark: str) -> None:
        """Nothing."""


class RedisShelf:
    """Two keys of a Redis."""

    def __init__(self, redis: Redis, wrapping: Wrapping, clock: Clock, lock_s: float = LOCK_S) -> None:
        self._redis = redis
        self._wrapping = wrapping
        self._clock = clock
        self._lock_ms = int(lock_s * 1000)
        self._value_key = f"weiting:wechat:{wrapping.app_id}:token"
        self._lock_key = f"{self._value_key}:lock"
        self._away_until = 0.0

    async def read(self) -> Token | None:
        return self._wrapping.unwrap(await self._ask("get", self._value_key))

    async def lock(self) -> str | None:
        mark = secrets.token_hex(16)
        return mark if await self._ask("set", self._lock_key, mark, nx=True, px=self._lock_ms) else None

    async def keep(self, token: Token, mark: str) -> None:
        life_ms = max(int(token.left_s(self._clock.now().timestamp()) * 1000), 1)
        await self._ask("eval", _KEEP, 2, self._value_key, self._lock_key, mark, self._wrapping.wrap(token), life_ms)

    async def unlock(self, mark: str) -> None:
        await self._ask("eval", _UNLOCK, 1, self._lock_key, mark)

    async def _ask(self, command: str, *args: Any, **options: Any) -> Any:
        if time.monotonic() < self._away_until:
            raise StorageFault("Redis is away")
        try:
            return await getattr(self._redis, command)(*args, **options)
        except (RedisError, OSError) as error:
            self._away_until = time.monotonic() + _AWAY_S
            name = type(error).__name__
        raise StorageFault(f"Redis does not do what is asked ({name})")


class CellShelf:
    """The same in a state of the database."""

    def __init__(self, cell: Cell, wrapping: Wrapping, clock: Clock, lock_s: float = LOCK_S) -> None:
        self._cell = cell
        self._wrapping = wrapping
        self._clock = clock
        self._lock_s = lock_s

    async def read(self) -> Token | None:
        blob = (await self._cell.read()).get("token")
        return self._wrapping.unwrap(blob) if isinstance(blob, str) else None

    async def lock(self) -> str | None:
        mark, now = secrets.token_hex(16), self._clock.now().timestamp()

        def take(state: State) -> tuple[State, str | None]:
            ends = state.get("lock_ends")
            if state.get("owner") and isinstance(ends, int | float) and 0 < ends - now <= self._lock_s:
                return state, None
            return state | {"owner": mark, "lock_ends": now + self._lock_s}, mark

        return await self._cell.change(take)

    async def keep(self, token: Token, mark: str) -> None:
        blob = self._wrapping.wrap(token).decode()
        await self._cell.change(lambda state: (state | {"token": blob} if state.get("owner") == mark else state, None))

    async def unlock(self, mark: str) -> None:
        await self._cell.change(lambda state: (state | {"owner": "", "lock_ends": 0.0} if state.get("owner") == mark else state, None))


class FirstShelf:
    """Redis while it answers, else the database. A lock is released where it was taken."""

    def __init__(self, first: Shelf, second: Shelf) -> None:
        self._shelves = (first, second)
        self._taken: dict[str, Shelf] = {}

    async def read(self) -> Token | None:
        try:
            return await self._shelves[0].read()
        except StorageFault:
            return await self._shelves[1].read()

    async def lock(self) -> str | None:
        for shelf in self._shelves:
            try:
                mark = await shelf.lock()
            except StorageFault:
                if shelf is self._shelves[-1]:
                    raise
                continue
            if mark is not None:
                self._taken[mark] = shelf
            return mark
        return None

    async def keep(self, token: Token, mark: str) -> None:
        await self._taken[mark].keep(token, mark)

    async def unlock(self, mark: str) -> None:
        await self._taken.pop(mark).unlock(mark)
