"""Figures from the tables: what is there is told, what is not is never made up."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from business.carrier import tables
from business.carrier.errors import NoSuchBill, SourceFailed
from business.carrier.model import BillState, PayMode, UsageKind
from business.carrier.sql import SqlCarrierSource
from business.identity.errors import NumberNotServed
from tests.business.carrier.conftest import Open
from tests.business.conftest import World

BOTH_DATABASES = True

GB = 1024**3


async def test_cash_gifts_and_earmarked_money_stand_apart(loaded: World, opened: Open) -> None:
    balance = await loaded.carrier.source.balance(await opened("17900000001"))
    assert (balance.pay_mode, balance.available_fen, balance.frozen_fen) == (PayMode.PREPAID, 3280, 0)
    assert [(one.kind, one.name, one.amount_fen) for one in balance.reserves] == [
        ("gift", "赠费", 850),
        ("earmarked", "宽带专款", 6000),
    ]
    assert (balance.arrears_fen, balance.month_fen, balance.reserves_fen) == (0, 3900, 6850)
    assert balance.source == "carrier.sql"
    assert balance.as_of == loaded.clock.now() - timedelta(hours=2)


async def test_arrears_are_what_issued_bills_still_ask_for(loaded: World, opened: Open) -> None:
    balance = await loaded.carrier.source.balance(await opened("17900000002"))
    assert balance.arrears_fen == 4400 + 7150
    assert (balance.available_fen, balance.frozen_fen, balance.month_fen) == (-800, 2000, None)


async def test_a_negative_balance_is_a_debt_once(loaded: World, opened: Open) -> None:
    balance = await loaded.carrier.source.balance(await opened("17900000003"))
    assert (balance.available_fen, balance.arrears_fen) == (-520, 520)


async def test_a_line_without_a_balance_gets_no_zero(loaded: World, opened: Open) -> None:
    access = await opened("17900000007")
    with pytest.raises(SourceFailed) as failed:
        await loaded.carrier.source.balance(access)
    assert (failed.value.source, failed.value.since) == ("carrier.sql", None)
    assert await loaded.carrier.source.allowances(access) == ()
    points = await loaded.carrier.source.points(access)
    assert (points.is_member, points.available, points.next_expiry) == (False, 0, None)
    with pytest.raises(NoSuchBill):
        await loaded.carrier.source.bill(access, "2026-11")


async def test_a_bill_with_its_items(loaded: World, opened: Open) -> None:
    bill = await loaded.carrier.source.bill(await opened("17900000001"), "2026-10")
    assert (bill.month, bill.state, bill.total_fen, bill.paid_fen, bill.due_fen) == ("2026-10", BillState.SETTLED, 3000, 3000, 0)
    assert (bill.discount_fen, bill.tax_fen) == (400, 334)
    assert bill.by_category == (("plan_fee", 2900), ("data_overage", 500), ("discount", -400))
    assert [(item.name, item.amount_fen, item.quantity, item.unit, item.line) for item in bill.items] == [
        ("前半月", 950, None, None, None),
        ("后半月", 1950, 1, "month", None),
        ("流量", 500, GB, "byte", "179****0001"),
        ("优惠", -400, None, None, None),
    ]
    assert (bill.period_start.isoformat(), bill.period_end.isoformat()) == ("2026-10-01T00:00:00+08:00", "2026-10-31T23:59:59+08:00")
    assert bill.issued_at is not None


async def test_items_need_level_two(loaded: World, opened: Open) -> None:
    bill = await loaded.carrier.source.bill(await opened("17900000001", level=1), "2026-10")
    assert bill.items == ()
    assert (bill.total_fen, sum(fen for _, fen in bill.by_category)) == (3000, 3000)


async def test_running_unpaid_and_empty_bills(loaded: World, opened: Open) -> None:
    source = loaded.carrier.source
    running = await source.bill(await opened("17900000001"), "2026-11")
    assert (running.state, running.total_fen, running.due_fen, running.issued_at) == (BillState.RUNNING, 3900, 0, None)
    owing = await opened("17900000002")
    partly = await source.bill(owing, "2026-09")
    assert (partly.state, partly.paid_fen, partly.due_fen) == (BillState.PARTIALLY_PAID, 3000, 4400)
    assert (await source.bill(owing, "2026-08")).state is BillState.DISPUTED
    zero = await opened("17900000004")
    free = await source.bill(zero, "2026-10")
    assert (free.total_fen, free.due_fen, len(free.items)) == (0, 0, 2)
    assert (await source.bill(zero, "2026-09")).items == ()


@pytest.mark.parametrize(
    "month", ["2026-12", "1999-01", "", "2026-13", "2026-1", "2026-10-01", "'; DROP TABLE carrier_bill; --", "２０２６-10"]
)
async def test_a_month_without_a_bill(loaded: World, opened: Open, month: str) -> None:
    access = await opened("17900000001")
    with pytest.raises(NoSuchBill) as none:
        await loaded.carrier.source.bill(access, month)
    assert none.value.month == month


async def test_a_bill_that_does_not_add_up_is_not_shown(loaded: World, opened: Open) -> None:
    access = await opened("17900000001")
    await loaded.db.write(lambda connection: connection.execute(tables.bill.update().values(total_fen=1)))
    with pytest.raises(SourceFailed):
        await loaded.carrier.source.bill(access, "2026-10")


async def test_buckets_that_are_good_now_in_their_order(loaded: World, opened: Open) -> None:
    buckets = await loaded.carrier.source.allowances(await opened("17900000001"))
    assert [bucket.name for bucket in buckets] == ["先到期", "定向", "后到期", "通话", "短信"]
    over, directed, later, voice, sms = buckets
    assert (over.left, over.over) == (0, 2 * GB)
    assert (directed.total, directed.left, directed.over, directed.used) == (None, None, 0, 5 * GB)
    assert (later.carried_over, later.valid_to.isoformat()) == (2 * GB, "2026-12-31T23:59:59+08:00")
    assert later.left == 20 * GB - round(16.8 * GB)
    assert (voice.kind, voice.left, sms.left) == (UsageKind.VOICE, 5910, 0)


async def test_a_bucket_ends_with_its_last_second(loaded: World, opened: Open) -> None:
    access = await opened("17900000001")
    end = loaded.clock.now().replace(day=30, hour=23, minute=59, second=59)
    loaded.clock.jump((end - loaded.clock.now()).total_seconds() - 1)
    source = SqlCarrierSource(loaded.db, loaded.clock, timedelta(days=99))
    assert "先到期" in {bucket.name for bucket in await source.allowances(access)}
    loaded.clock.jump(1)
    assert {bucket.name for bucket in await source.allowances(access)} == {"后到期"}


async def test_a_member_sees_what_its_group_shares_and_nothing_else(loaded: World, opened: Open) -> None:
    member = await opened("17900000006")
    assert [(one.name, one.shared, one.used) for one in await loaded.carrier.source.allowances(member)] == [("共享", True, 10 * GB)]
    assert (await loaded.carrier.source.balance(member)).available_fen == 100
    payer = await opened("17900000005")
    assert {one.name for one in await loaded.carrier.source.allowances(payer)} == {"共享", "自用"}


async def test_points_count_lots_that_have_not_ended(loaded: World, opened: Open) -> None:
    points = await loaded.carrier.source.points(await opened("17900000001"))
    assert points.available == 180 + 20 + 1000 + 7
    assert points.next_expiry is not None
    assert (points.next_expiry.amount, points.next_expiry.at.date().isoformat()) == (200, "2026-12-31")
    assert points.as_of == loaded.clock.now() - timedelta(hours=1)


async def test_old_figures_are_named_with_their_time_and_not_shown(loaded: World, opened: Open) -> None:
    access, source = await opened("17900000009"), loaded.carrier.source
    since = loaded.clock.now() - timedelta(days=8)
    for asking in (source.balance(access), source.allowances(access), source.points(access), source.bill(access, "2026-11")):
        with pytest.raises(SourceFailed) as failed:
            await asking
        assert failed.value.since == since
    assert (await source.bill(access, "2026-10")).total_fen == 800


async def test_a_broken_database_is_a_failed_source(loaded: World, opened: Open) -> None:
    access = await opened("17900000001")
    await loaded.db.write(lambda connection: connection.execute(text("DROP TABLE carrier_balance")))
    with pytest.raises(SourceFailed):
        await loaded.carrier.source.balance(access)


async def test_a_line_that_left_is_not_served(loaded: World, opened: Open) -> None:
    with pytest.raises(NumberNotServed):
        await opened("17900000008")


async def test_an_access_does_not_outlive_its_customer(loaded: World, opened: Open) -> None:
    access = await opened("17900000001")
    await loaded.db.write(
        lambda connection: connection.execute(
            tables.line.update().where(tables.line.c.line_id == access.line.line_id).values(billing_account_id="owing_1")
        )
    )
    for asking in (loaded.carrier.source.balance(access), loaded.carrier.source.points(access)):
        with pytest.raises(SourceFailed):
            await asking
