"""What every source of figures must do; the fake that other parts test with, and the tables."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection

from business.carrier import tables
from business.carrier.errors import NoSuchBill, SourceFailed
from business.carrier.fakes import FakeCarrierSource
from business.carrier.load import load_file
from business.carrier.model import Balance, Bill, BillItem, BillState, Bucket, PayMode, Plan, PlanItem, Points, UsageKind
from business.carrier.moments import month_bounds
from business.carrier.ports import CarrierSource
from business.carrier.receipts import plan_receipt
from business.identity.fakes import FakeIdentity
from business.identity.ports import Identity
from runtime.clock import SHANGHAI, FakeClock
from tests.business.conftest import World, open_world
from tests.servers import ON_SERVER, MakeDatabase

SUBSCRIPTIONS = (
    "[{plan: ring, from: 2026-01-01}, {plan: p, from: 2026-02-01, contract_until: 2027-02-01},"
    " {plan: p, from: 2025-01-01, to: 2026-02-01, state: ended}, {plan: ring, from: 2025-01-01, to: 2025-02-01}]"
)
PHONES = {"demo": "17900000001", "other": "17900000002"}
FILE = """
plans:
  - {id: p, name: 套餐, monthly_fee: %(fen)d, overage: {rule: block}}
  - {id: ring, name: 彩铃, kind: addon, monthly_fee: 5, overage: {rule: block}}
customers:
  - id: c
    name: 甲
    points: {lots: [{id: a, earned: %(fen)d}]}
    accounts:
      - id: a
        pay_mode: prepaid
        balances: [{amount: %(fen)d}]
        lines: [{number: %(phone)s, usage: [{kind: sms, name: 短信, total: %(fen)d}], subscriptions: %(plans)s}]
        bills: [{month: 2026-10, items: [{category: plan_fee, name: 月费, amount: %(fen)d}]}]
bindings: [{openid: oTEST, number: %(phone)s}]
"""


@dataclass(frozen=True)
class Stage:
    """A source, its identity, and the way to break it. Both accounts know a subscriber oTEST with other figures."""

    source: CarrierSource
    identity: Identity
    break_it: Callable[[], Awaitable[None]]


async def _fake() -> Stage:
    clock = FakeClock()
    identity, source = FakeIdentity(clock), FakeCarrierSource()
    first, last = month_bounds("2026-10")
    start, end = month_bounds("2026-11")
    now = clock.now()
    for amount, (account, phone) in enumerate(PHONES.items(), 1):
        identity.add_line(account, phone)
        line = await identity.bind(account, "oTEST", phone)
        key = (account, line.line_id)
        fen = amount * 100
        source.balances[key] = Balance(PayMode.PREPAID, fen, 0, (), 0, None, "fake", now)
        item = BillItem("plan_fee", "月费", fen, None, None, None)
        source.bills[(*key, "2026-10")] = Bill(
            "2026-10", BillState.SETTLED, fen, fen, 0, 0, (("plan_fee", fen),), (item,), first, last, None, "fake", now
        )
        source.buckets[key] = (Bucket(UsageKind.SMS, "general", "短信", amount, 0, 0, False, start, end, "fake", now),)
        source.points_of[key] = Points(True, amount, None, "fake", now)
        main = PlanItem("套餐", "main", fen, _day("2026-02-01"), None, _day("2027-02-01"))
        source.plans[key] = Plan((main, PlanItem("彩铃", "addon", 500, _day("2026-01-01"), None, None)), "fake", now)

    async def break_it() -> None:
        source.failing = SourceFailed("fake", None)

    return Stage(source, identity, break_it)


def _day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


async def _sql(world: World, path: Path) -> Stage:
    for amount, (account, phone) in enumerate(PHONES.items(), 1):
        path.write_text(FILE % {"fen": amount, "phone": phone, "plans": SUBSCRIPTIONS}, encoding="utf-8")
        await load_file(world.db, world.keyring, account, path, world.clock)

    async def break_it() -> None:
        await world.db.write(_drop_everything)

    return Stage(world.carrier.source, world.carrier.identity, break_it)


def _drop_everything(connection: Connection) -> None:
    bills, points = (tables.bill_item, tables.bill), (tables.points_ledger, tables.points_account)
    for table in (tables.subscription, *bills, tables.balance, tables.usage_bucket, *points):
        table.drop(connection)


@pytest.fixture(params=["fake", "sqlite", ON_SERVER])
async def stage(request: pytest.FixtureRequest, make_database: MakeDatabase, tmp_path: Path) -> AsyncIterator[Stage]:
    if request.param == "fake":
        yield await _fake()
        return
    world = open_world(make_database(request.param))
    yield await _sql(world, tmp_path / "f.yml")
    world.db.close()


async def test_each_account_reads_its_own_figures(stage: Stage) -> None:
    for amount, account in enumerate(PHONES, 1):
        access = await stage.identity.access_figures(account, "oTEST", 1, "p", "t")
        assert (await stage.source.balance(access)).available_fen == amount * 100
        assert (await stage.source.bill(access, "2026-10")).total_fen == amount * 100
        assert [bucket.total for bucket in await stage.source.allowances(access)] == [amount]
        assert (await stage.source.points(access)).available == amount
        assert (await stage.source.plan(access)).items[0].monthly_fee_fen == amount * 100


async def test_an_access_of_one_account_opens_nothing_of_another(stage: Stage) -> None:
    """Even one whose account was changed after it was made."""
    access = await stage.identity.access_figures("demo", "oTEST", 1, "p", "t")
    strange = replace(access, account="other")
    for asking in (stage.source.balance(strange), stage.source.points(strange), stage.source.plan(strange)):
        with pytest.raises(SourceFailed):
            await asking


async def test_items_open_with_level_two(stage: Stage) -> None:
    access = await stage.identity.access_figures("demo", "oTEST", 1, "p", "t")
    bill = await stage.source.bill(access, "2026-10")
    assert (bill.items, bill.by_category) == ((), (("plan_fee", 100),))
    raised = replace(access, level=2)
    assert [item.name for item in (await stage.source.bill(raised, "2026-10")).items] == ["月费"]


async def test_the_main_plan_comes_first_and_what_has_ended_not_at_all(stage: Stage) -> None:
    access = await stage.identity.access_figures("demo", "oTEST", 1, "p", "t")
    plan = await stage.source.plan(access)
    assert [(item.name, item.contract_until is not None) for item in plan.items] == [("套餐", True), ("彩铃", False)]
    figures = plan_receipt(access, plan).to_dict()["figures"]
    assert figures["plans"][0]["monthly_fee_fen"] == 100


async def test_no_bill_of_that_month(stage: Stage) -> None:
    access = await stage.identity.access_figures("demo", "oTEST", 1, "p", "t")
    with pytest.raises(NoSuchBill) as none:
        await stage.source.bill(access, "2025-01")
    assert none.value.month == "2025-01"


async def test_a_source_that_is_down_says_so(stage: Stage) -> None:
    access = await stage.identity.access_figures("demo", "oTEST", 1, "p", "t")
    await stage.break_it()
    source = stage.source
    figures = source.balance(access), source.bill(access, "2026-10"), source.allowances(access), source.points(access)
    for asking in (*figures, source.plan(access)):
        with pytest.raises(SourceFailed) as failed:
            await asking
        assert failed.value.source
