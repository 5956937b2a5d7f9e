"""Short codes and menu keys: answered without the bot, to whom they belong, with receipts."""

from dataclasses import dataclass

import pytest
from sqlalchemy import text as sql

from tests.business.carrier.conftest import Open
from tests.business.conftest import World

PHONE = "17900000001"


@dataclass(frozen=True)
class Address:
    """Whoever writes."""

    account: str
    openid: str


ME = Address("demo", f"o{PHONE}")


@pytest.mark.parametrize("code", ["CXYE", "cxye", " YE ", "ＣＸＹＥ", "HF。", "query_balance", "查话费", "余额！"])
async def test_balance(loaded: World, opened: Open, code: str) -> None:
    await opened(PHONE)
    answer = await loaded.carrier.short_codes.answer(ME, code, "t1")
    assert answer is not None
    text, receipts = answer
    assert text == (
        "【话费】179****0001 可用余额32.80元，本月已用39.00元，赠费8.50元（11-24到期），宽带专款60.00元（截至11-22 18:00）。"
        '回CXZD查账单，"人工"转客服'
    )
    assert receipts == (
        {
            "source": "carrier.sql",
            "query": "balance",
            "as_of": "2026-11-22T18:00:00+08:00",
            "figures": {"available_fen": 3280, "frozen_fen": 0, "reserves_fen": 6850, "arrears_fen": 0, "month_fen": 3900},
            "proof_level": 2,
            "line": "179****0001",
        },
    )


async def test_allowances_tell_used_left_total_and_validity(loaded: World, opened: Open) -> None:
    await opened(PHONE)
    answer = await loaded.carrier.short_codes.answer(ME, "CXLL", "t1")
    assert answer is not None
    assert answer[0].splitlines() == [
        "【余量】179****0001",
        "先到期：1GB已用完，超出2GB，11-30到期",
        "定向：已用5GB，不限量，11-30到期",
        "后到期：已用16.80GB，剩3.20GB/共20GB（含上月结转2GB），12-31到期",
        "通话：已用2分钟，剩98分钟/共100分钟，11-30到期",
        "短信：已用50条，剩0条/共50条，11-30到期",
        '（截至11-22 20:00）。回"人工"转客服',
    ]
    assert [bucket["left"] for bucket in answer[1][0]["figures"]["buckets"]] == [0, None, 3_435_973_837, 5910, 0]


async def test_a_line_without_allowances_is_told_so(loaded: World, opened: Open) -> None:
    await opened("17900000007")
    answer = await loaded.carrier.short_codes.answer(Address("demo", "o17900000007"), "LL", "t1")
    assert answer is not None
    assert answer[0].startswith("【余量】179****0007 当前套餐没有")


async def test_the_bill_of_this_month_or_else_of_the_last(loaded: World, opened: Open) -> None:
    await opened(PHONE)
    running = await loaded.carrier.short_codes.answer(ME, "CXZD", "t1")
    assert running is not None
    assert running[0].startswith("【账单】179****0001 2026年11月（未出账）：合计39.00元\n月费：39.00元\n（截至11-22 20:00）")
    await opened("17900000002", level=1)
    last = await loaded.carrier.short_codes.answer(Address("demo", "o17900000002"), "CXZD", "t1")
    assert last is not None
    assert last[0].startswith("【账单】179****0002 2026年10月（已出账）：合计71.50元，待付71.50元\n套餐费：71.50元\n")


async def test_points(loaded: World, opened: Open) -> None:
    await opened(PHONE)
    answer = await loaded.carrier.short_codes.answer(ME, "jf", "t1")
    assert answer is not None
    assert answer[0] == '【积分】179****0001 可用1,207分，其中200分12-31到期（截至11-22 19:00）。回"人工"转客服'


@pytest.mark.parametrize("said", ["", "你好", "CXYE CXLL", "查一下话费", "JFHD 5", "0000", "人工", "CXXZ#张三#44", "😀", "C" * 5000])
async def test_anything_else_is_for_the_bot_and_opens_nothing(loaded: World, opened: Open, said: str) -> None:
    await opened(PHONE)
    await loaded.db.write(lambda connection: connection.execute(sql("DELETE FROM identity_audit")))
    assert await loaded.carrier.short_codes.answer(ME, said, "t1") is None
    left = await loaded.db.read(lambda connection: connection.execute(sql("SELECT count(*) FROM identity_audit")).scalar_one())
    assert left == 0


async def test_strangers_and_other_accounts_get_nothing(loaded: World, opened: Open) -> None:
    await opened(PHONE)
    for address in (Address("demo", "oStranger"), Address("other", ME.openid), Address("", "")):
        assert await loaded.carrier.short_codes.answer(address, "CXYE", "t1") is None


async def test_a_source_with_nothing_to_show_answers_nothing(loaded: World, opened: Open) -> None:
    await opened("17900000009")
    for code in ("CXYE", "CXLL", "JF"):
        assert await loaded.carrier.short_codes.answer(Address("demo", "o17900000009"), code, "t1") is None
    await opened("17900000003")
    assert await loaded.carrier.short_codes.answer(Address("demo", "o17900000003"), "CXZD", "t1") is None
