"""What is left of a plan."""

from dataclasses import replace

from business.carrier.fakes import SOURCE
from business.carrier.model import Bucket, UsageKind
from tests.actions.carrier.desk import ACCOUNT, GB, OPENID, PHONE, CarrierDesk, at

KEY = (ACCOUNT, "line_00001")


async def test_one_bucket_is_one_sentence(desk: CarrierDesk) -> None:
    await desk.identity.bind(ACCOUNT, OPENID, PHONE)
    desk.source.buckets[KEY] = desk.source.buckets[KEY][:1]
    called = await desk.call("action_query_allowance")
    assert called.texts == [
        "【余量】179****0001 通用流量：已用16.80GB，剩3.20GB/共20GB，11-30到期（截至11-22 08:05）。回“话费”查余额，“人工”转客服"
    ]


async def test_every_bucket_has_a_line_with_what_is_special_about_it(desk: CarrierDesk) -> None:
    await desk.identity.bind(ACCOUNT, OPENID, PHONE)
    called = await desk.call("action_query_allowance")
    assert len(called.texts) == 1
    assert called.texts[0].splitlines()[1:4] == [
        "通用流量：已用16.80GB，剩3.20GB/共20GB，11-30到期",
        "视频定向流量：不限量，已用5GB，11-30到期",
        "国内通话：已用21分钟，剩79分钟/共100分钟，含上月结转10分钟，共享，11-30到期",
    ]
    assert len(called.receipts[0]["figures"]["buckets"]) == 3
    assert len(called.texts[0].encode()) <= 600


async def test_a_bucket_beyond_its_total_is_not_said_to_be_negative(desk: CarrierDesk) -> None:
    await desk.identity.bind(ACCOUNT, OPENID, PHONE)
    desk.source.buckets[KEY] = (replace(desk.source.buckets[KEY][0], used=21 * GB),)
    assert "已用完，超出1GB（共20GB）" in (await desk.call("action_query_allowance")).texts[0]


async def test_messages_are_counted_and_another_year_is_named(desk: CarrierDesk) -> None:
    await desk.identity.bind(ACCOUNT, OPENID, PHONE)
    sms = Bucket(UsageKind.SMS, "general", "短信", 100, 1, 0, False, at(11, 1), at(2, 1, year=2027), SOURCE, at(11, 22, 8, 5))
    desk.source.buckets[KEY] = (sms,)
    assert "短信：已用1条，剩99条/共100条，2027-01-31到期" in (await desk.call("action_query_allowance")).texts[0]


async def test_no_bucket_is_said_and_not_guessed(desk: CarrierDesk) -> None:
    await desk.identity.bind(ACCOUNT, OPENID, PHONE)
    desk.source.buckets[KEY] = ()
    called = await desk.call("action_query_allowance")
    assert called.said == ["utter_no_allowance"]


async def test_the_oldest_figure_dates_the_answer(desk: CarrierDesk) -> None:
    await desk.identity.bind(ACCOUNT, OPENID, PHONE)
    first, *others = desk.source.buckets[KEY]
    desk.source.buckets[KEY] = (replace(first, as_of=at(11, 21, 23, 0)), *others)
    assert "截至11-21 23:00" in (await desk.call("action_query_allowance")).texts[0]
