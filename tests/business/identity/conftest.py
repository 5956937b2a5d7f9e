"""One stage for every identity: in memory, and over each database with the carrier's own directory."""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import select

from business.carrier.load import load_file
from business.identity.fakes import FakeIdentity
from business.identity.ports import Identity
from business.identity.records import AuditRow
from business.identity.tables import audit
from business.sms.fakes import FakeSms
from runtime.clock import FakeClock
from tests.business.conftest import World, open_world
from tests.servers import ON_SERVER, MakeDatabase

MINE, OTHER = "17900000001", "17900000002"
AddLine = Callable[..., Awaitable[None]]


@dataclass(frozen=True)
class Stage:
    """An identity and what a test needs around it."""

    identity: Identity
    sms: FakeSms
    clock: FakeClock
    add_line: AddLine
    audit: Callable[[], Awaitable[list[AuditRow]]]

    async def bind(self, account: str, openid: str, phone: str, key: str = "bind") -> str:
        """Through consent and code, as a subscriber does; answers the line's id."""
        await self.identity.record_consent(account, openid, f"{key}:consent")
        await self.identity.send_code(account, openid, phone, f"{key}:send")
        line = await self.identity.check_code(account, openid, phone, self.sms.code_for(phone), f"{key}:check")
        return line.line_id


def _fake() -> Stage:
    clock = FakeClock()
    identity = FakeIdentity(clock)

    async def add_line(account: str, phone: str, customer_id: str = "", birth_year: int = 1990) -> None:
        identity.add_line(account, phone, customer_id, birth_year)

    async def read_audit() -> list[AuditRow]:
        return list(identity.audit)

    return Stage(identity, identity.sms, clock, add_line, read_audit)


def _sql(world: World, folder: Path) -> Stage:
    async def add_line(account: str, phone: str, customer_id: str = "", birth_year: int = 1990) -> None:
        file = folder / "line.yml"
        name = customer_id or f"cust_{phone[-5:]}"
        file.write_text(
            f"customers: [{{id: {name}, name: 某人, birth_year: {birth_year},"
            f" accounts: [{{id: a_{phone[-5:]}, pay_mode: prepaid, lines: [{{number: {phone}}}]}}]}}]"
        )
        await load_file(world.db, world.keyring, account, file, world.clock)

    async def read_audit() -> list[AuditRow]:
        rows = await world.db.read(lambda connection: connection.execute(select(audit).order_by(audit.c.audit_id)).all())
        return [AuditRow(**row._mapping) for row in rows]

    return Stage(world.carrier.identity, world.sms, world.clock, add_line, read_audit)


@pytest.fixture(params=["memory", "sqlite", ON_SERVER])
def stage(request: pytest.FixtureRequest, make_database: MakeDatabase, tmp_path: Path) -> Iterator[Stage]:
    if request.param == "memory":
        yield _fake()
        return
    world = open_world(make_database(request.param))
    yield _sql(world, tmp_path)
    world.db.close()


@pytest.fixture
async def ready(stage: Stage) -> Stage:
    """Two lines of two customers, and consent of one openid."""
    await stage.add_line("demo", MINE)
    await stage.add_line("demo", OTHER)
    await stage.identity.record_consent("demo", "oA", "t0")
    return stage
