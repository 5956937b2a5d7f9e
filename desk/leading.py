"""One process's claim to lead the router: taken, renewed, lost, left."""

import contextlib

from sqlalchemy import Connection

from desk import events, lease
from desk.errors import LeaseLost
from runtime.clock import Clock
from runtime.database import Database
from runtime.errors import Fault
from runtime.ids import new_id

_RENEWALS = 6


class Leading:
    """`token` is the fencing token while this process believes to lead. `lease_s`: how long a silent leader stays one."""

    def __init__(self, db: Database, clock: Clock, lease_s: float) -> None:
        self._db = db
        self._clock = clock
        self._lease_s = lease_s
        self._name = new_id("r")
        self._seen: tuple[lease.LeaseRow, float] | None = None
        self._renewed_at = 0.0
        self.token: int | None = None

    def led(self) -> int:
        """The token. Raises LeaseLost for one who does not lead."""
        if self.token is None:
            raise LeaseLost
        return self.token

    async def keep(self) -> bool:
        """Whether this process leads on; renews the claim a few times a lease."""
        token, mono = self.token, self._clock.monotonic()
        if token is None:
            return False
        if mono - self._renewed_at < self._lease_s / _RENEWALS:
            return True
        if not await self._db.write(lambda connection: lease.renew_lease(connection, token)):
            self.token = None
            return False
        self._renewed_at = mono
        return True

    async def take(self) -> bool:
        """Leads from now on when nobody does, or when whoever did has been silent for the length of the lease."""
        row = await self._db.read(lease.read_lease)
        if row is not None and not self._ran_out(row):
            return False
        self.token = await self._db.write(lambda connection: self._take(connection, row))
        self._seen = None
        self._renewed_at = self._clock.monotonic()
        return self.token is not None

    async def leave(self) -> None:
        """Lets the next one lead at once."""
        token, self.token = self.token, None
        if token is not None:
            with contextlib.suppress(Fault):
                await self._db.write(lambda connection: lease.leave_lease(connection, token))

    def _take(self, connection: Connection, row: lease.LeaseRow | None) -> int | None:
        token = lease.take_lease(connection, self._name, row)
        if token is not None:
            # what the core said while nobody led is lost: all pages look again
            events.append_event(connection, events.RESYNC, "", self._clock.now())
        return token

    def _ran_out(self, row: lease.LeaseRow) -> bool:
        now = self._clock.monotonic()
        if self._seen is None or self._seen[0] != row:
            self._seen = (row, now)
        return row.holder == "" or now - self._seen[1] >= self._lease_s
