"""Everything a subscriber can do, as the product's callback meets it."""

import json
from typing import Any

import aiohttp
import pytest

from sandbox.samples import sample
from tests.sandbox.callback import CallbackServer
from tests.sandbox.conftest import Script, StartScript


async def test_a_voice_with_words_without_and_with_empty_ones(script: Script, callback: CallbackServer) -> None:
    await script.say(kind="voice", recognition="查流量", seconds=5)
    await script.say(kind="voice", recognition="")
    await script.say(kind="voice")
    raw = [one.message._data for one in callback.received]
    assert [one.get("Recognition", "none") for one in raw] == ["查流量", None, "none"]
    assert [one["Format"] for one in raw] == ["amr"] * 3
    lines = await script.lines()
    assert [line["data"]["seconds"] for line in lines] == [5, 2, 2]
    assert (lines[0]["text"], lines[2]["text"]) == ("[语音] 查流量", "[语音]")


async def test_a_file_in_a_form(script: Script, callback: CallbackServer) -> None:
    form = aiohttp.FormData({"openid": "oZhang", "kind": "image", "wait": "true"})
    form.add_field("media", b"\xff\xd8\xffmine", filename="a.jpg")
    async with aiohttp.ClientSession() as http, http.post(script.sandbox.url + "/api/say", data=form) as answer:
        assert (await answer.json())["outcome"] == "ack"
    async with script.fetch(callback.received[0].message.image) as picture:
        assert await picture.read() == b"\xff\xd8\xffmine"


async def test_files_wechat_would_not_send(script: Script) -> None:
    for body in ({"content": "not base64!"}, {"content": ""}, {"content": "AAAA"}, {"content": 5}):
        status, answer = await script.post("/api/say", {"openid": "oZhang", "kind": "image", **body})
        assert (status, answer["error"]["code"]) == (400, "bad_request"), body
    assert await script.lines() == []


EVENTS: list[tuple[dict[str, Any], str, dict[str, Any]]] = [
    ({"kind": "view", "key": "https://example.com/"}, "VIEW", {"EventKey": "https://example.com/"}),
    ({"kind": "enter_location", "latitude": 31.2, "longitude": 121.5}, "LOCATION", {"Latitude": "31.2", "Longitude": "121.5"}),
    (
        {"kind": "scancode_waitmsg", "key": "K", "result": "https://x"},
        "scancode_waitmsg",
        {"ScanCodeInfo": {"ScanType": "qrcode", "ScanResult": "https://x"}},
    ),
    ({"kind": "templatesendjobfinish", "msgid": 2**53 + 1}, "TEMPLATESENDJOBFINISH", {"MsgID": str(2**53 + 1), "Status": "success"}),
    ({"kind": "masssendjobfinish", "msgid": 7, "total": 100, "sent": 75}, "MASSSENDJOBFINISH", {"TotalCount": "100", "SentCount": "75"}),
    (
        {"kind": "subscribe_msg_popup_event", "template_id": "T", "status": "reject"},
        "subscribe_msg_popup_event",
        {"SubscribeMsgPopupEvent": {"List": {"TemplateId": "T", "SubscribeStatusString": "reject", "PopupScene": "2"}}},
    ),
    ({"kind": "subscribe_msg_change_event"}, "subscribe_msg_change_event", {}),
    ({"kind": "subscribe_msg_sent_event", "errcode": 43101}, "subscribe_msg_sent_event", {}),
    ({"kind": "event", "event": "naming_verify_fail", "fields": {"At": {"A": "]]>"}}}, "naming_verify_fail", {"At": {"A": "]]>"}}),
]


@pytest.mark.parametrize(("body", "name", "fields"), EVENTS, ids=[name for _, name, _ in EVENTS])
async def test_events_by_script(script: Script, callback: CallbackServer, body: Any, name: str, fields: Any) -> None:
    answer = await script.say(**body)
    assert (answer["outcome"], answer["msg_id"]) == ("ack", None)
    data = callback.received[0].message._data
    assert data["Event"] == name
    assert {key: data[key] for key in fields} == fields


async def test_what_wechat_itself_tells_reaches_those_who_left_and_shows_nothing(script: Script, callback: CallbackServer) -> None:
    await script.say(kind="unsubscribe")
    await script.say(kind="templatesendjobfinish", msgid=1, status="failed:user block")
    assert len(callback.received) == 2
    assert [line["msg_type"] for line in await script.lines()] == ["unsubscribe"]


WRONG_EVENTS: list[dict[str, Any]] = [
    {"kind": "event"},
    {"kind": "event", "event": "<x>"},
    {"kind": "event", "event": "x", "fields": []},
    {"kind": "event", "event": "x", "fields": {"<a>": 1}},
    {"kind": "event", "event": "x", "fields": {"A": None}},
    {"kind": "event", "event": "x", "fills": "all"},
    {"kind": "templatesendjobfinish", "msgid": "7"},
    {"kind": "pic_weixin", "key": "K", "count": 0},
    {"kind": "pic_weixin", "key": "K", "count": 10},
    {"kind": "voice", "seconds": 61},
    {"kind": "location", "latitude": 91},
]


async def test_events_that_are_refused(script: Script) -> None:
    for body in WRONG_EVENTS:
        assert (await script.post("/api/say", {"openid": "oZhang", **body}))[0] == 400, body


async def test_follow_and_unfollow(script: Script, callback: CallbackServer) -> None:
    await script.post("/api/unfollow", {"openid": "oZhang", "wait": True})
    assert (await script.post("/api/unfollow", {"openid": "oZhang"}))[0] == 409
    await script.post("/api/follow", {"openid": "oZhang", "wait": True})
    assert [one.message.event for one in callback.received] == ["unsubscribe", "subscribe"]
    assert (await script.call("/cgi-bin/user/info", openid="oZhang"))["subscribe"] == 1


@pytest.mark.parametrize("mode", ["plain", "compatible", "safe"])
async def test_an_account_that_gets_json(start: StartScript, callback: CallbackServer, mode: str) -> None:
    callback.format = "json"
    script = await start(mode=mode, callback_format="json")
    answer = await script.say(kind="location", latitude=31.2, longitude=121.5, label="上海")
    assert answer["outcome"] == "ack"
    received = callback.received[0]
    outer = json.loads(received.body)
    assert set(outer) == {"ToUserName", "Encrypt"} if mode == "safe" else "Location_X" in outer
    assert (received.message["Location_X"], received.message["Label"], received.message["MsgId"]) == (31.2, "上海", answer["msg_id"])


async def test_a_reply_of_every_kind_is_drawn(script: Script, callback: CallbackServer) -> None:
    made = {kind: (await script.upload(kind, sample(kind)))["media_id"] for kind in ("image", "voice", "video")}
    for kind, tag in (("image", "Image"), ("voice", "Voice"), ("video", "Video")):
        inside = f"<MsgType>{kind}</MsgType><{tag}><MediaId>{made[kind]}</MediaId></{tag}>"
        callback.answer = lambda one, inside=inside: one.sealed_xml(inside)  # type: ignore[misc]
        reply = (await script.say(text=kind))["reply"]
        assert (reply["kind"], reply["msg_type"], reply["data"]["media_id"]) == ("passive", kind, made[kind])
    callback.answer = lambda one: one.sealed_xml("<MsgType>image</MsgType><Image><MediaId>nobody's</MediaId></Image>")
    assert (await script.say(text="坏"))["outcome"] == "malformed"
