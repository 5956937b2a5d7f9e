"""Loyalty points."""

from dataclasses import replace

from tests.actions.carrier.desk import ACCOUNT, OPENID, PHONE, CarrierDesk

KEY = (ACCOUNT, "line_00001")


async def test_points_and_what_ends_next(desk: CarrierDesk) -> None:
    await desk.identity.bind(ACCOUNT, OPENID, PHONE)
    called = await desk.call("action_query_points")
    assert "可用1,280分，其中300分12-31到期（截至11-22 08:05）" in called.texts[0]
    assert called.receipts[0]["figures"]["available"] == 1280


async def test_points_that_do_not_end(desk: CarrierDesk) -> None:
    await desk.identity.bind(ACCOUNT, OPENID, PHONE)
    desk.source.points_of[KEY] = replace(desk.source.points_of[KEY], next_expiry=None, available=0)
    assert "可用0分，近期没有到期的" in (await desk.call("action_query_points")).texts[0]


async def test_who_has_no_points_account_is_told_so(desk: CarrierDesk) -> None:
    await desk.identity.bind(ACCOUNT, OPENID, PHONE)
    desk.source.points_of[KEY] = replace(desk.source.points_of[KEY], is_member=False)
    assert (await desk.call("action_query_points")).said == ["utter_no_points_account"]
