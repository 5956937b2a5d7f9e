"""WeChat's interface and the SMS gateway, as the product meets them."""

import asyncio
import json
from typing import Any

import aiohttp
import pytest

from tests.sandbox.callback import APP_ID, CallbackServer
from tests.sandbox.conftest import SECRET, SMS_TOKEN, Script

SEND = "/cgi-bin/message/custom/send?access_token="


async def test_stable_token_repeats_itself(script: Script) -> None:
    assert await script.token() == await script.token()


REFUSED_TOKENS: list[tuple[dict[str, Any], int]] = [
    ({"grant_type": "password"}, 40002),
    ({"appid": "wxnobody"}, 40013),
    ({"appid": ""}, 41002),
    ({"secret": "wrong"}, 40125),
    ({"secret": "错"}, 40125),
    ({"secret": None}, 41004),
]


async def test_stable_token_refuses(script: Script) -> None:
    for change, code in REFUSED_TOKENS:
        body = {"grant_type": "client_credential", "appid": APP_ID, "secret": SECRET, **change}
        status, answer = await script.post("/cgi-bin/stable_token", body)
        assert (status, answer["errcode"]) == (200, code), change
    assert SECRET not in json.dumps((await script.get("/api/api-calls"))[1])


async def test_a_message_is_shown_with_its_latency(script: Script) -> None:
    await script.say(text="在吗")
    assert await script.send("您好，\n我是小林 😀") == 0
    line = (await script.lines())[-1]
    assert (line["n"], line["from"], line["kind"], line["text"]) == (2, "account", "custom", "您好，\n我是小林 😀")
    assert line["speaker"] == "演示营业厅"
    assert isinstance(line["latency_ms"], int)


REFUSED_SENDS = [
    (b"", 44002),
    (b"{", 47001),
    (b"[1]", 47001),
    (b'"text"', 47001),
    (b"\xff\xfe{}", 47001),
    (b"[" * 100_000, 47001),
    (json.dumps({"touser": "oZhang", "msgtype": "text", "text": {"content": "你好"}}).encode(), 40033),
    (b'{"touser":"oNobody","msgtype":"text","text":{"content":"x"}}', 40003),
    (b'{"touser":"<o>","msgtype":"text","text":{"content":"x"}}', 40003),
    (b'{"touser":["oZhang"],"msgtype":"text","text":{"content":"x"}}', 40003),
    (b'{"msgtype":"text","text":{"content":"x"}}', 40003),
    (b'{"touser":"oZhang","msgtype":"text","text":{"content":""}}', 44004),
    (b'{"touser":"oZhang","msgtype":"text","text":"x"}', 44004),
    (b'{"touser":"oZhang","msgtype":"Text","Text":{"content":"x"}}', 40008),
    (b'{"touser":"oZhang","msgtype":["text"],"text":{"content":"x"}}', 40008),
    (b'{"touser":"oZhang","msgtype":"image","image":{"media_id":""}}', 40007),
    (b'{"touser":"oZhang","msgtype":"text","text":{"content":"x"},"customservice":{"kf_account":"nobody"}}', 65401),
]


async def test_send_refuses_in_wechats_words(script: Script) -> None:
    await script.say(text="在吗")
    address = SEND + await script.token()
    for raw, code in REFUSED_SENDS:
        status, answer = await script.post(address, raw=raw)
        assert (status, answer["errcode"]) == (200, code), raw[:80]
    assert len(await script.lines()) == 1


async def test_an_escape_of_an_ascii_character_or_of_a_backslash_is_fine(script: Script) -> None:
    await script.say(text="在吗")
    for raw, shown in ((rb'"a\u003cb"', "a<b"), (rb'"\\u4e2d"', "\\u4e2d")):
        body = b'{"touser":"oZhang","msgtype":"text","text":{"content":' + raw + b"}}"
        assert (await script.post(SEND + await script.token(), raw=body))[1]["errcode"] == 0
        assert (await script.lines())[-1]["text"] == shown


async def test_the_limit_is_2048_bytes_not_characters(script: Script) -> None:
    await script.say(text="在吗")
    assert await script.send("中" * 682 + "ab") == 0
    assert await script.send("中" * 682 + "abc") == 45002


async def test_the_purse_through_the_door(script: Script) -> None:
    assert await script.send("太早") == 45015
    await script.say(text="在吗")
    assert [await script.send(str(n)) for n in range(6)] == [0, 0, 0, 0, 0, 45047]
    await script.say(text="还在")
    await script.post("/api/clock", {"advance_s": 48 * 3600})
    assert await script.send("太晚") == 45015


@pytest.mark.parametrize(("reading", "sent"), [("separate", 8), ("shared", 5)])
async def test_both_readings_through_the_door(script: Script, reading: str, sent: int) -> None:
    await script.post("/api/faults", {"purse_reading": reading})
    await script.say(text="在吗")
    await script.say(kind="click", key="K")
    assert (await script.get("/api/chat/oZhang"))[1]["purse"]["left"] == sent
    assert [await script.send(str(n)) for n in range(9)].count(0) == sent


async def test_who_left_is_not_written_to(script: Script) -> None:
    await script.say(text="在吗")
    await script.say(kind="unsubscribe")
    assert await script.send("等等") == 43004
    assert await script.typing() == 43004


async def test_a_subscription_account_may_not(script: Script) -> None:
    body = {"grant_type": "client_credential", "appid": "wxother", "secret": SECRET}
    token = (await script.post("/cgi-bin/stable_token", body))[1]["access_token"]
    await script.post("/api/say", {"account": "other", "openid": "oZhang", "text": "在吗"})
    assert await script.send("您好", token=token) == 48001


async def test_the_token_is_checked_before_the_body(script: Script) -> None:
    assert await script.send("x", token="A" * 100) == 40001
    assert (await script.post("/cgi-bin/message/custom/send", {}))[1]["errcode"] == 41001
    token = await script.token()
    await script.post("/api/clock", {"advance_s": 7201})
    assert await script.send("x", token=token) == 42001


async def test_typing_lives_15_s_and_ends_with_a_message(script: Script) -> None:
    assert await script.typing() == 45080
    await script.say(text="在吗")
    assert await script.typing("typing") == 45072
    assert await script.typing() == 0
    assert (await script.get("/api/chat/oZhang"))[1]["typing"] is True
    assert await script.typing() == 45081
    await script.send("您好")
    assert (await script.get("/api/chat/oZhang"))[1]["typing"] is False
    assert await script.typing() == 0
    await script.post("/api/clock", {"advance_s": 15})
    assert (await script.get("/api/chat/oZhang"))[1]["typing"] is False
    assert await script.typing() == 0
    assert await script.typing("CancelTyping") == 0
    await script.post("/api/clock", {"advance_s": 31})
    assert await script.typing() == 45080


async def test_other_kinds_and_a_named_agent(script: Script) -> None:
    await script.say(text="满意吗")
    entries = [{"id": "1", "content": "满意"}, {"id": "2", "content": "不满意"}]
    menu: dict[str, Any] = {"head_content": "满意吗", "list": entries, "tail_content": "谢谢"}
    kf = {"kf_account": "xiaolin@gh_demo"}
    added = {**kf, "nickname": "小林"}
    assert (await script.post("/customservice/kfaccount/add?access_token=" + await script.token(), added))[1]["errcode"] == 0
    body: dict[str, Any] = {"touser": "oZhang", "msgtype": "msgmenu", "msgmenu": menu, "customservice": kf}
    assert (await script.post(SEND + await script.token(), body))[1]["errcode"] == 0
    line = (await script.lines())[-1]
    assert (line["text"], line["speaker"]) == ("满意吗\n满意\n不满意\n谢谢", "小林")
    assert line["choices"] == entries
    lists: list[Any] = [{"list": []}, {"list": [1]}, {"list": "x"}, None]
    for broken in lists:
        body = {"touser": "oZhang", "msgtype": "msgmenu", "msgmenu": broken}
        assert (await script.post(SEND + await script.token(), body))[1]["errcode"] == 47001


async def test_get_and_unknown_addresses(script: Script) -> None:
    assert (await script.get("/cgi-bin/message/custom/send"))[1]["errcode"] == 43002
    assert (await script.post("/cgi-bin/menu/fly", {}))[1]["errcode"] == 40066


async def test_an_ordered_error_and_its_end(script: Script) -> None:
    await script.say(text="在吗")
    await script.post("/api/faults", {"path": "custom/send", "errcode": -1, "count": 2})
    assert [await script.send("x") for _ in range(3)] == [-1, -1, 0]
    await script.post("/api/faults", {"token": "refused"})
    assert [await script.send("x") for _ in range(3)] == [40001] * 3
    await script.post("/api/faults", {"clear": True})
    assert await script.send("x") == 0
    assert [call["fault"] for call in (await script.get("/api/api-calls"))[1]["calls"] if call["fault"]][0] == "errcode -1"


async def test_a_fault_for_one_subscriber_only(script: Script) -> None:
    await script.say(text="在吗")
    await script.say(openid="oLi", text="在吗")
    await script.post("/api/faults", {"path": "custom/send", "errcode": 45047, "openid": "oLi", "count": -1})
    assert await script.send("x") == 0
    assert await script.send("x", "oLi") == 45047


@pytest.mark.parametrize(("drop", "shown"), [(True, 2), ("after", 2), ("before", 1)])
async def test_a_cut_connection_leaves_the_outcome_unknown(script: Script, drop: object, shown: int) -> None:
    await script.say(text="在吗")
    token = await script.token()
    await script.post("/api/faults", {"path": "custom/send", "drop": drop})
    with pytest.raises(aiohttp.ClientError):
        await script.send("到了吗", token=token)
    assert len(await script.lines()) == shown
    call = (await script.get("/api/api-calls"))[1]["calls"][-1]
    assert call["errcode"] is None
    assert await script.send("再来") == 0


async def test_a_slow_answer(script: Script) -> None:
    await script.say(text="在吗")
    await script.post("/api/faults", {"path": "custom/send", "delay_ms": 60})
    assert await script.send("慢") == 0
    assert (await script.get("/api/api-calls"))[1]["calls"][-1]["ms"] >= 60


async def test_who_hangs_up_does_not_undo_the_call(script: Script) -> None:
    await script.say(text="在吗")
    token = await script.token()
    await script.post("/api/faults", {"path": "custom/send", "delay_ms": 100})
    sending = asyncio.create_task(script.send("等不及", token=token))
    async with asyncio.timeout(5):
        while (await script.get("/api/faults"))[1]["faults"]:
            await asyncio.sleep(0.005)
    sending.cancel()
    assert [line["text"] for line in await script.lines(after=1, wait_s=5)] == ["等不及"]


async def test_calls_are_logged_without_token_and_secret(script: Script, callback: CallbackServer) -> None:
    await script.say(text="在吗")
    token = await script.token()
    await script.send("您好", token=token)
    calls = (await script.get("/api/api-calls", openid="oZhang"))[1]["calls"]
    assert [(call["path"], call["account"], call["errcode"]) for call in calls] == [("/cgi-bin/message/custom/send", "demo", 0)]
    assert calls[0]["body"]["text"]["content"] == "您好"
    assert calls[0]["size"] > 50
    everything = json.dumps((await script.get("/api/api-calls"))[1])
    assert token not in everything
    assert SECRET not in everything


class TestSms:
    async def send(self, script: Script, body: Any, token: str = SMS_TOKEN) -> tuple[int, Any]:
        return await script.post("/sms/send", body, headers={"Authorization": f"Bearer {token}"})

    async def test_a_code_comes_to_its_phone_once(self, script: Script) -> None:
        body = {"phone": "17900000001", "text": "【微厅】验证码 482913，5 分钟内有效。", "key": "k1"}
        assert await self.send(script, body) == (200, {"sms_id": "sms_1", "repeated": False})
        assert await self.send(script, body) == (200, {"sms_id": "sms_1", "repeated": True})
        messages = (await script.get("/api/sms/17900000001"))[1]["messages"]
        assert [(sms["text"], sms["code"]) for sms in messages] == [(body["text"], "482913")]
        assert (await script.get("/api/sms/17900000002"))[1]["messages"] == []

    async def test_the_chat_of_its_owner_and_of_who_typed_the_number_see_it(self, script: Script) -> None:
        await self.send(script, {"phone": "17900000001", "text": "验证码 123456", "key": "k"})
        await script.say(openid="oNew", text="我的号码是17900000001")
        assert [len((await script.get(f"/api/chat/{who}"))[1]["sms"]) for who in ("oZhang", "oLi", "oNew")] == [1, 0, 1]

    async def test_refusals(self, script: Script) -> None:
        good = {"phone": "17900000001", "text": "x", "key": "k"}
        assert (await self.send(script, good, "wrong"))[0] == 401
        assert (await self.send(script, good, "错"))[0] == 401
        changes: list[dict[str, Any]] = [{"phone": "+86 179"}, {"phone": 17900000001}, {"text": ""}, {"key": None}]
        for bad in (*({**good, **change} for change in changes), []):
            assert (await self.send(script, bad))[0] == 400
        await self.send(script, good)
        assert (await self.send(script, {**good, "text": "y"}))[0] == 409
