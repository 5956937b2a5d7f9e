"""One account's way out, put together: token, calls, quotas, gate and sender, and what looks after them in the background."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import aiohttp
import structlog
from redis.asyncio import Redis

from connectors.wechat.calls import Calls, CallSettings
from connectors.wechat.cells import Cells, DatabaseCells, MemoryCells
from connectors.wechat.client import CustomerServiceClient
from connectors.wechat.gate import Gate
from connectors.wechat.media import MediaDownloads, MediaPlace
from connectors.wechat.quota import LIMITS, Quota
from connectors.wechat.sender import CustomerServiceSender
from connectors.wechat.shelf import CellShelf, FirstShelf, LocalShelf, RedisShelf, Shelf, Wrapping
from connectors.wechat.token import TokenHolder, TokenSettings
from runtime.clock import Clock
from runtime.database import Database
from runtime.errors import StorageFault
from runtime.keys import Keyring
from runtime.metrics import Family, Sample
from runtime.settings import AccountSettings

_log = structlog.get_logger(__name__)
_TEND_EVERY_S = 1.0
_WRITE_EVERY = 5

CALLS_STATE, STOP_STATE, PACE_STATE, TOKEN_STATE = "calls", "stop", "pace", "token"  # noqa: S105 (names of states)


@dataclass(frozen=True)
class Shared:
    """What the processes of a deployment share. Without a database a process is alone."""

    db: Database | None = None
    keyring: Keyring | None = None
    redis: Redis | None = None


class WayOut:
    """Made for each account by the connector."""

    def __init__(
        self, account: AccountSettings, session: aiohttp.ClientSession, clock: Clock, shared: Shared, counts: Counter[str],
        settings: CallSettings | None = None,
    ) -> None:  # fmt: skip
        cells: Cells = MemoryCells() if shared.db is None else DatabaseCells(shared.db)
        self._account = account.key
        self._counts = counts
        self._tending: asyncio.Task[None] | None = None
        self.quota = Quota(cells.cell(account.key, CALLS_STATE), clock)
        self.gate = Gate(cells.cell(account.key, STOP_STATE), clock, account.key, counts)
        calls = Calls(settings or CallSettings(account.api_base), session, self.quota)
        self.token = TokenHolder(
            TokenSettings(account.key, account.app_id, account.secret), calls, make_shelf(account, shared, cells, clock),
            cells.cell(account.key, PACE_STATE), clock, counts,
        )  # fmt: skip
        self.client = CustomerServiceClient(calls, self.token, counts)
        self.sender = CustomerServiceSender(
            self.client, self.gate, can_push=account.kind == "service", desk=account.desk, counts=counts
        )
        place = MediaPlace(account.api_base, account.media_hosts)
        self.downloads = MediaDownloads(place, session, self.token.current, self.token.replace, count=self.quota.count)

    async def start(self) -> None:
        """Whether the account was stopped is known when this returns."""
        await self.gate.look()
        self._tending = asyncio.create_task(self._tend_on())

    async def stop(self) -> None:
        """Writes down what was counted and ends what is under way."""
        if self._tending is not None:
            self._tending.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._tending
        await self.token.close()
        await self._write_down()

    async def _tend_on(self) -> None:
        turn = 0
        while True:
            await asyncio.sleep(_TEND_EVERY_S)
            try:
                await self.gate.look()
                self.token.tend()
                turn += 1
                if turn % _WRITE_EVERY == 0:
                    await self._write_down()
            except Exception:
                self._counts["way_out_fault"] += 1
                _log.exception("way_out_fault", account=self._account)

    async def _write_down(self) -> None:
        try:
            await self.quota.write_down()
        except StorageFault:
            # what was counted is kept for the next time
            self._counts["quota_not_written"] += 1


def make_shelf(account: AccountSettings, shared: Shared, cells: Cells, clock: Clock) -> Shelf:
    """Where the account's token lies, by what the process has."""
    if shared.keyring is None:
        return LocalShelf()
    wrapping = Wrapping(shared.keyring, account.app_id, account.api_base)
    in_database = CellShelf(cells.cell(account.key, TOKEN_STATE), wrapping, clock)
    return in_database if shared.redis is None else FirstShelf(RedisShelf(shared.redis, wrapping, clock), in_database)


def families_of(ways: Mapping[str, WayOut]) -> list[Family]:
    """What Prometheus reads of all accounts."""
    made = tuple(
        Sample(times, (("account", key), ("call", call))) for key, way in ways.items() for call, times in sorted(way.quota.today().items())
    )
    limits = tuple(Sample(most, (("call", call),)) for call, most in LIMITS.items())
    stops = tuple(
        Sample(1, (("account", key), ("code", stop.code))) for key, way in ways.items() if (stop := way.gate.stopped()) is not None
    )
    return [
        Family("weiting_wechat_calls_today", "gauge", "Calls to WeChat since midnight (Beijing), of all processes.", made),
        Family("weiting_wechat_calls_allowed", "gauge", "WeChat's usual limit of them a day.", limits),
        Family("weiting_wechat_stopped", "gauge", "1 while the account sends nothing, by the errcode that stopped it.", stops),
    ]
