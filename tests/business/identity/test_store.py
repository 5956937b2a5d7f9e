"""What only the database's identity can get wrong: what lies on the disk, what a crash leaves, who may open a door."""

import ast
from pathlib import Path

import pytest
from sqlalchemy import Connection, insert
from sqlalchemy.exc import IntegrityError

from business.carrier.load import load_file
from business.identity import tables
from business.identity.errors import CodeWrong
from business.identity.records import SendState
from business.identity.sql import SqlStore
from business.identity.steps import mark_sent
from business.identity.types import Access, LineRef, Seal
from runtime.errors import StorageFault
from tests.business.conftest import World

ROOT = Path(__file__).resolve().parents[3]
PHONE = "17900000001"
FILE = f"""
customers:
  - id: c1
    name: 欧阳无双
    accounts: [{{id: a1, pay_mode: prepaid, balances: [{{amount: 1}}], lines: [{{number: {PHONE}}}]}}]
people: [{{openid: oTEST_a, name: 无双, phone: {PHONE}}}]
bindings: [{{openid: oTEST_bound, number: {PHONE}}}]
"""


@pytest.fixture
async def loaded(world: World, tmp_path: Path) -> World:
    file = tmp_path / "one.yml"
    file.write_text(FILE)
    await load_file(world.db, world.keyring, "demo", file, world.clock)
    await world.carrier.identity.record_consent("demo", "oA", "c")
    return world


async def test_no_number_name_or_code_lies_on_the_disk(loaded: World, tmp_path: Path) -> None:
    identity = loaded.carrier.identity
    await identity.send_code("demo", "oA", PHONE, "t1")
    code = loaded.sms.code_for(PHONE)
    await identity.check_code("demo", "oA", PHONE, code, "t2")
    await identity.access_figures("demo", "oA", 2, "query_bill", "t3")
    await loaded.carrier.short_codes.answer(LineOf("demo", "oA"), "YE", "t4")
    raw = b"".join(path.read_bytes() for path in tmp_path.glob("weiting-1.db*"))
    assert b"179****0001" in raw
    for secret in (PHONE, PHONE[3:], "欧阳无双", "无双"):
        assert secret.encode() not in raw
    assert code not in await loaded.db.read(_fields)


def _fields(connection: Connection) -> set[str]:
    kept = (tables.code, tables.code_try, tables.audit, tables.binding)
    return {str(value) for table in kept for row in connection.execute(table.select()) for value in row}


class LineOf:
    """An address."""

    def __init__(self, account: str, openid: str) -> None:
        self.account, self.openid = account, openid


async def test_a_crash_between_storing_and_sending_sends_a_new_code_once(loaded: World) -> None:
    identity, store = loaded.carrier.identity, SqlStore(loaded.db)
    await identity.send_code("demo", "oA", PHONE, "t1")
    first = loaded.sms.code_for(PHONE)
    # as the database was when the process died before it could say that the message went out
    await loaded.db.write(lambda connection: connection.execute(tables.code.update().values(state="stored")))
    assert not (await identity.send_code("demo", "oA", PHONE, "t1")).repeated
    assert len({message.key for message in loaded.sms.sent}) == 2
    second = loaded.sms.code_for(PHONE)
    if first != second:
        with pytest.raises(CodeWrong):
            await identity.check_code("demo", "oA", PHONE, first, "t2")
    await store.write(lambda unit: mark_sent(unit, "t1", "demo", "oA", SendState.VOID))
    await identity.check_code("demo", "oA", PHONE, second, "t3")


async def test_the_database_itself_refuses_two_defaults_and_two_equal_bindings(loaded: World) -> None:
    row = {
        "account": "demo",
        "openid": "oTEST_bound",
        "customer_id": "c1",
        "verified_by": "agent",
        "bound_at": loaded.clock.now(),
    }
    line = (await loaded.carrier.identity.lines("demo", "oTEST_bound"))[0]
    second_default = insert(tables.binding).values(row | {"binding_id": "b1", "line_id": "line_x", "is_default": True})
    same_line = insert(tables.binding).values(row | {"binding_id": "b2", "line_id": line.line_id, "is_default": False})
    with pytest.raises((IntegrityError, StorageFault)):
        await loaded.db.write(lambda connection: connection.execute(second_default))
    with pytest.raises((IntegrityError, StorageFault)):
        await loaded.db.write(lambda connection: connection.execute(same_line))


def test_nobody_makes_an_access_but_identity() -> None:
    line = LineRef("l", "m", "c")
    with pytest.raises(TypeError):
        Access("demo", "oA", line, (line,), 2, "p", "t", Seal())
    with pytest.raises(TypeError):
        Access("demo", "oA", line, (line,), 2, "p", "t", None)  # type: ignore[arg-type]


def test_the_maker_of_access_is_named_in_identity_alone() -> None:
    named = set()
    for part in ("actions", "business", "cli", "connectors", "conversations", "desk", "runtime", "staff"):
        for path in (ROOT / part).rglob("*.py"):
            if "open_access" not in (source := path.read_text(encoding="utf-8")) and "_SEAL" not in source:
                continue
            names = {node.id for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name)}
            if names & {"open_access", "_SEAL"}:
                named.add(path.relative_to(ROOT).as_posix())
    assert named == {"business/identity/service.py", "business/identity/types.py"}
