"""The full loop: what a subscriber does, to the callback and back on the phone."""

import asyncio
import time

import pytest
from wechatpy.utils import WeChatSigner

from sandbox.delivery import FAULT_NOTICE
from tests.sandbox.callback import TOKEN, CallbackServer, Received, silence
from tests.sandbox.conftest import Script, StartScript


def signed(*parts: str) -> str:
    signer = WeChatSigner()
    signer.add_data(*parts)
    return str(signer.signature)


async def test_safe_mode_is_signed_encrypted_and_bare(script: Script, callback: CallbackServer) -> None:
    await script.say(text="查话费 😀 ]]> <b>")
    one = callback.received[0]
    assert one.message.content == "查话费 😀 ]]> <b>"
    assert one.message.source == one.query["openid"] == "oZhang"
    assert one.query["signature"] == signed(TOKEN, one.query["timestamp"], one.query["nonce"])
    assert one.query["encrypt_type"] == "aes"
    assert "oZhang" not in one.body
    assert one.body.startswith("<xml><ToUserName><![CDATA[gh_demo]]></ToUserName><Encrypt>")


async def test_plain_mode_has_no_envelope(start: StartScript, callback: CallbackServer) -> None:
    callback.answer = lambda one: one.plain("好的")
    script = await start(mode="plain")
    answer = await script.say(text="你好")
    assert answer["outcome"] == "passive"
    assert callback.received[0].message.content == "你好"
    assert "encrypt_type" not in callback.received[0].query
    assert "msg_signature" not in callback.received[0].query


@pytest.mark.parametrize("form", ["plain", "sealed"])
async def test_compatible_mode_sends_both_and_takes_either(start: StartScript, callback: CallbackServer, form: str) -> None:
    callback.answer = lambda one: getattr(one, form)("好的")
    script = await start(mode="compatible")
    answer = await script.say(text="你好")
    assert answer["reply"]["text"] == "好的"
    body = callback.received[0].body
    assert "<Content><![CDATA[你好]]></Content>" in body
    assert "<Encrypt>" in body


async def test_a_passive_reply_is_shown_once_and_costs_nothing(script: Script, callback: CallbackServer) -> None:
    callback.answer = lambda one: one.sealed("余额 32.80 元\n第二行")
    answer = await script.say(text="查话费")
    assert answer["outcome"] == "passive"
    lines = await script.lines()
    assert [(line["n"], line["from"], line["kind"]) for line in lines] == [(1, "subscriber", "say"), (2, "account", "passive")]
    assert lines[1]["text"] == "余额 32.80 元\n第二行"
    assert lines[1]["latency_ms"] >= 0
    assert (await script.get("/api/chat/oZhang"))[1]["purse"]["left"] == 5


@pytest.mark.parametrize("body", ["success", ""])
async def test_an_acknowledgement_shows_nothing(script: Script, callback: CallbackServer, body: str) -> None:
    callback.answer = lambda _one: body
    answer = await script.say(text="在吗")
    assert (answer["outcome"], answer["attempts"]) == ("ack", 1)
    assert len(await script.lines()) == 1


async def test_silence_is_repeated_with_the_same_msg_id_and_a_new_nonce(start: StartScript, callback: CallbackServer) -> None:
    script = await start(callback_timeout_s=0.2)
    callback.answer = silence
    answer = await script.say(text="慢")
    assert (answer["outcome"], answer["attempts"]) == ("unanswered", 3)
    assert answer["reply"]["text"] == FAULT_NOTICE
    assert {one.message.id for one in callback.received} == {answer["msg_id"]}
    assert len({one.query["nonce"] for one in callback.received}) == 3


@pytest.mark.slow
async def test_four_deliveries_when_set_so(start: StartScript, callback: CallbackServer) -> None:
    script = await start(callback_timeout_s=0.05)
    await script.post("/api/faults", {"deliveries": 4})
    callback.answer = silence
    assert (await script.say(text="慢"))["attempts"] == 4


async def test_the_repeat_can_be_answered(start: StartScript, callback: CallbackServer) -> None:
    script = await start(callback_timeout_s=0.4)

    async def second(one: Received) -> str:
        return await silence(one) if len(callback.received) == 1 else one.sealed("第二次答复")

    callback.answer = second
    answer = await script.say(text="慢")
    assert (answer["outcome"], answer["attempts"], answer["reply"]["text"]) == ("passive", 2, "第二次答复")
    outcomes = [one["outcome"] for one in (await script.get("/api/deliveries"))[1]["deliveries"]]
    assert outcomes == ["unanswered", "passive"]


@pytest.mark.slow
async def test_a_callback_that_is_down_is_tried_about_as_often_as_the_limit(start: StartScript) -> None:
    script = await start(callback_url="http://127.0.0.1:9/nobody", callback_timeout_s=0.05)
    began = time.monotonic()
    answer = await script.say(text="有人吗")
    assert (answer["outcome"], answer["attempts"]) == ("unanswered", 3)
    assert time.monotonic() - began >= 0.1


async def test_nonsense_shows_the_fault_notice_without_a_repeat(script: Script, callback: CallbackServer) -> None:
    nonsense = ['{"a": 1}', "<xml></xml>", "<xml><Encrypt>AAAA</Encrypt></xml>", "<html>oops</html>", "Internal error", "<xml><ToUserName>"]
    texts = iter(nonsense)
    callback.answer = lambda _one: next(texts)
    for body in nonsense:
        answer = await script.say(text="坏")
        assert (answer["outcome"], answer["attempts"]) == ("malformed", 1), body
        line = (await script.lines())[-1]
        assert (line["from"], line["kind"], line["text"]) == ("platform", "notice", FAULT_NOTICE)


async def test_an_http_error_is_nonsense_too(script: Script, callback: CallbackServer) -> None:
    callback.status = 403
    answer = await script.say(text="拒绝")
    assert (answer["outcome"], answer["detail"]) == ("malformed", "the callback answered HTTP 403")


async def test_a_reply_under_another_app_id_is_refused(script: Script, callback: CallbackServer) -> None:
    callback.answer = lambda one: one.sealed("假的", app_id="wxsomebodyelse")
    assert (await script.say(text="你好"))["outcome"] == "malformed"


async def test_msg_ids_are_unique_and_rise(script: Script) -> None:
    ids = [(await script.say(text=str(n), wait=False))["msg_id"] for n in range(20)]
    assert ids == sorted(set(ids))
    assert ids[-1] < 2**63


async def test_events_have_no_msg_id_and_fill_the_other_bucket(script: Script, callback: CallbackServer) -> None:
    answer = await script.say(kind="click", key="CXHF", name="查话费")
    assert answer["msg_id"] is None
    message = callback.received[0].message
    assert (message.event, message.key) == ("click", "CXHF")
    purse = (await script.get("/api/chat/oZhang"))[1]["purse"]
    assert (purse["message"]["left"], purse["event"]["left"]) == (0, 3)


async def test_a_tap_in_a_menu_message_is_a_text_that_counts_as_a_tap(script: Script, callback: CallbackServer) -> None:
    await script.say(text="满意", menu_id="101")
    assert (callback.received[0].message.content, callback.received[0].message._data["bizmsgmenuid"]) == ("满意", "101")
    purse = (await script.get("/api/chat/oZhang"))[1]["purse"]
    assert (purse["message"]["left"], purse["event"]["left"]) == (0, 3)


async def test_leaving_is_told_and_shows_no_answer(script: Script, callback: CallbackServer) -> None:
    callback.answer = lambda one: one.sealed("再见")
    await script.say(text="你好")
    answer = await script.say(kind="unsubscribe")
    assert answer["outcome"] == "undelivered"
    assert callback.received[-1].message.event == "unsubscribe"
    assert (await script.lines())[-1]["kind"] == "event"
    status, refused = await script.post("/api/say", {"openid": "oZhang", "text": "还在吗"})
    assert (status, refused["error"]["code"]) == (409, "not_following")
    assert (await script.say(kind="subscribe"))["outcome"] == "passive"


async def test_repeats_by_order_lose_every_answer_but_the_last(script: Script, callback: CallbackServer) -> None:
    callback.answer = lambda one: one.sealed(f"第 {len(callback.received)} 次")
    await script.post("/api/faults", {"repeat": 2})
    answer = await script.say(text="重复")
    assert (answer["attempts"], answer["reply"]["text"]) == (3, "第 3 次")
    assert len({one.message.id for one in callback.received}) == 1
    assert [line["kind"] for line in await script.lines()] == ["say", "passive"]
    assert (await script.say(text="平常"))["attempts"] == 1


@pytest.mark.parametrize(("drop", "arrived"), [("before", 1), ("after", 2)])
async def test_a_message_or_its_answer_can_get_lost_on_the_way(
    script: Script, callback: CallbackServer, drop: str, arrived: int
) -> None:
    callback.answer = lambda one: one.sealed("好的")
    await script.post("/api/faults", {"path": "callback", "drop": drop})
    answer = await script.say(text="重复")
    assert (answer["attempts"], answer["reply"]["text"], len(callback.received)) == (2, "好的", arrived)


async def test_the_callback_is_made_sure_of(script: Script, callback: CallbackServer) -> None:
    assert (await script.post("/api/verify", {}))[1] == {"account": "demo", "verified": True, "detail": None}
    callback.echo = lambda echo: f'"{echo}"'
    assert (await script.post("/api/verify", {}))[1]["detail"] == "the callback did not return echostr as it came"
    callback.status = 403
    assert (await script.post("/api/verify", {}))[1]["detail"] == "the callback answered HTTP 403"


async def test_stopping_drops_what_is_under_way(start: StartScript, callback: CallbackServer) -> None:
    callback.answer = silence
    script = await start(callback_timeout_s=30)
    await script.say(text="慢", wait=False)
    async with asyncio.timeout(1):
        while not callback.received:
            await asyncio.sleep(0.01)
        await script.sandbox.stop()
