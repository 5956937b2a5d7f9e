"""WeChat's own desk: a chat is handed over, answered by its agents, and given back."""

from typing import Any

import pytest

from tests.sandbox.callback import CallbackServer, Received
from tests.sandbox.conftest import Script

LIN, WANG = "lin@demo", "wang@demo"


def hand_over(to: str = "") -> Any:
    """Answers every message with the hand-over, and events with success."""

    def answer(one: Received) -> str:
        if one.message.type == "event":
            return "success"
        inside = f"<TransInfo><KfAccount><![CDATA[{to}]]></KfAccount></TransInfo>" if to else ""
        return one.sealed_xml(f"<MsgType><![CDATA[transfer_customer_service]]></MsgType>{inside}")

    return answer


def events(callback: CallbackServer) -> list[tuple[str, str]]:
    """Name and agent of each event of the desk."""
    found = [one.message._data for one in callback.received if one.message.type == "event" or "Event" in one.message._data]
    return [(one["Event"], one.get("KfAccount") or f"{one.get('FromKfAccount')}>{one.get('ToKfAccount')}") for one in found]


async def do(script: Script, what: str, kf_account: str = LIN, **more: Any) -> tuple[int, Any]:
    return await script.post("/api/kf", {"do": what, "kf_account": kf_account, **more})


async def settle(script: Script, count: int, callback: CallbackServer) -> None:
    """Until so many deliveries have ended: events of the desk are on their own way."""
    for _ in range(400):
        if len((await script.get("/api/deliveries"))[1]["deliveries"]) >= count:
            return
    raise AssertionError(f"only {len(callback.received)} deliveries")


@pytest.fixture
async def served(script: Script, callback: CallbackServer) -> Script:
    """oZhang is with Lin."""
    callback.answer = hand_over()
    await do(script, "online", nickname="小林")
    assert (await script.say(text="转人工"))["outcome"] == "transfer"
    await settle(script, 2, callback)
    return script


async def test_a_session_begins_and_is_told(served: Script, callback: CallbackServer) -> None:
    assert events(callback) == [("kf_create_session", LIN)]
    assert (await served.get("/api/chat/oZhang"))[1]["kf"] == {"session": LIN, "waiting": False}
    assert (await served.lines())[1]["text"] == "已转接至微信客服"


async def test_in_the_session_the_callback_hears_no_messages(served: Script, callback: CallbackServer) -> None:
    before = len(callback.received)
    answer = await served.say(text="你好")
    assert (answer["outcome"], answer["attempts"]) == ("kf", 0)
    await served.say(kind="image")
    assert len(callback.received) == before
    await served.say(kind="click", key="K")
    assert len(callback.received) == before + 1
    assert (await served.get("/api/chat/oZhang"))[1]["purse"]["message"]["left"] == 5


async def test_the_agent_is_read_with_name(served: Script) -> None:
    assert (await do(served, "say", openid="oZhang", text="您好，我是小林"))[0] == 200
    line = (await served.lines())[-1]
    assert (line["kind"], line["speaker"], line["kf_account"], line["text"]) == ("kf", "小林", LIN, "您好，我是小林")
    assert (await do(served, "say", WANG, openid="oZhang", text="我也在"))[1]["error"]["code"] == "65414"
    assert (await do(served, "say", openid="oLi", text="您好"))[1]["error"]["code"] == "65413"


async def test_the_agent_closes_and_the_callback_hears_again(served: Script, callback: CallbackServer) -> None:
    assert (await do(served, "close", openid="oZhang"))[0] == 200
    await settle(served, 3, callback)
    assert events(callback)[-1] == ("kf_close_session", LIN)
    callback.answer = lambda one: one.sealed("又是我")
    assert (await served.say(text="还在吗"))["reply"]["text"] == "又是我"


async def test_the_account_closes_by_call(served: Script, callback: CallbackServer) -> None:
    path = "/customservice/kfsession/close"
    assert (await served.call(path, {"kf_account": "nobody@demo", "openid": "oZhang"}))["errcode"] == 65401
    await do(served, "online", WANG)
    assert (await served.call(path, {"kf_account": WANG, "openid": "oZhang"}))["errcode"] == 65414
    assert (await served.call(path, {"kf_account": LIN, "openid": "oNobody"}))["errcode"] == 40003
    assert (await served.call(path, {"kf_account": LIN, "openid": "oZhang"}))["errcode"] == 0
    assert (await served.call(path, {"kf_account": LIN, "openid": "oZhang"}))["errcode"] == 65413
    await settle(served, 3, callback)
    assert events(callback)[-1] == ("kf_close_session", LIN)


async def test_after_30_minutes_it_is_over_by_itself(served: Script, callback: CallbackServer) -> None:
    await served.post("/api/clock", {"advance_s": 1799})
    assert (await served.say(text="快到了"))["outcome"] == "kf"
    await served.post("/api/clock", {"advance_s": 1})
    await settle(served, 3, callback)
    assert events(callback)[-1] == ("kf_close_session", LIN)
    assert (await served.say(text="到了"))["outcome"] == "transfer"


async def test_a_switch_is_told_with_both(served: Script, callback: CallbackServer) -> None:
    assert (await do(served, "switch", openid="oZhang", to="nobody@demo"))[1]["error"]["code"] == "65401"
    await do(served, "online", WANG)
    assert (await do(served, "switch", openid="oZhang", to=WANG))[0] == 200
    await settle(served, 3, callback)
    assert events(callback)[-1] == ("kf_switch_session", f"{LIN}>{WANG}")
    session = await served.call("/customservice/kfsession/getsession", openid="oZhang")
    assert session["kf_account"] == WANG


async def test_who_waits_still_reaches_the_callback(script: Script, callback: CallbackServer) -> None:
    callback.answer = hand_over()
    await script.say(text="转人工")
    assert (await script.get("/api/kf"))[1]["waiting"] == ["oZhang"]
    assert (await script.call("/customservice/kfsession/getwaitcase"))["waitcaselist"][0]["openid"] == "oZhang"
    callback.answer = lambda one: one.sealed("请稍候")
    assert (await script.say(text="还要多久"))["reply"]["text"] == "请稍候"
    await do(script, "online")
    assert (await script.say(text="在吗"))["outcome"] == "kf"


async def test_a_named_agent_is_waited_for(script: Script, callback: CallbackServer) -> None:
    callback.answer = hand_over(WANG)
    await do(script, "online", LIN)
    await script.say(text="找小王")
    assert (await script.get("/api/kf"))[1]["waiting"] == ["oZhang"]
    await do(script, "online", WANG)
    await settle(script, 2, callback)
    assert events(callback) == [("kf_create_session", WANG)]


async def test_an_agent_has_ten_at_most_and_the_freest_is_first(script: Script, callback: CallbackServer) -> None:
    callback.answer = hand_over()
    await do(script, "online", LIN)
    for n in range(11):
        await script.say(openid=f"oMany{n}", text="转人工")
    seen = (await script.get("/api/kf"))[1]
    assert (len(seen["agents"][0]["chats"]), seen["waiting"]) == (10, ["oMany10"])
    await do(script, "online", WANG)
    await script.say(openid="oMany11", text="转人工")
    assert (await script.get("/api/kf"))[1]["agents"][1]["chats"] == ["oMany10", "oMany11"]


async def test_sessions_by_call_and_their_refusals(script: Script, callback: CallbackServer) -> None:
    path = "/customservice/kfsession/create"
    assert (await script.call(path, {"kf_account": LIN, "openid": "oZhang"}))["errcode"] == 65401
    await script.call("/customservice/kfaccount/add", {"kf_account": LIN, "nickname": "小林"})
    assert (await script.call(path, {"kf_account": LIN, "openid": "oZhang"}))["errcode"] == 65402
    await do(script, "bind", LIN)
    assert (await script.call(path, {"kf_account": LIN, "openid": "oZhang"}))["errcode"] == 65415
    await do(script, "online", LIN)
    assert [(await script.call(path, {"kf_account": LIN, "openid": "oZhang"}))["errcode"] for _ in range(2)] == [0, 0]
    await do(script, "online", WANG)
    assert (await script.call(path, {"kf_account": WANG, "openid": "oZhang"}))["errcode"] == 65414
    await settle(script, 1, callback)
    assert events(callback) == [("kf_create_session", LIN)]


async def test_who_leaves_ends_the_session(served: Script, callback: CallbackServer) -> None:
    await served.say(kind="unsubscribe")
    await settle(served, 4, callback)
    assert ("kf_close_session", LIN) in events(callback)
    assert (await served.get("/api/kf"))[1]["agents"][0]["chats"] == []


async def test_what_was_said_can_be_read_afterwards(served: Script) -> None:
    await served.say(text="宽带怎么装")
    await do(served, "say", openid="oZhang", text="我帮您预约")
    await do(served, "close", openid="oZhang")
    now = int(served.world.clock.seconds())
    path, span = "/customservice/msgrecord/getmsglist", {"starttime": now - 3600, "endtime": now + 60}
    page = await served.call(path, {**span, "msgid": 1, "number": 3})
    assert [(one["opercode"], one["text"]) for one in page["recordlist"]] == [(1001, ""), (2003, "宽带怎么装"), (2002, "我帮您预约")]
    assert {one["worker"] for one in page["recordlist"]} == {LIN}
    rest = await served.call(path, {**span, "msgid": page["msgid"], "number": 3})
    assert [one["opercode"] for one in rest["recordlist"]] == [1004]
    for wrong in ({"endtime": now + 90_000}, {"endtime": now - 7200}, {"number": 10_001}, {"msgid": 0}, {"starttime": "x"}):
        assert (await served.call(path, {**span, "msgid": 1, "number": 3, **wrong}))["errcode"] == 61451


async def test_deeds_the_door_refuses(script: Script) -> None:
    for body in ({}, {"do": "dance", "kf_account": LIN}, {"do": "say"}, {"do": "say", "kf_account": 5}):
        assert (await script.post("/api/kf", body))[0] == 400, body
    assert (await do(script, "say", openid="oNobody", text="x"))[0] == 404
    assert (await do(script, "online", "no at sign"))[1]["error"]["code"] == "65404"
