"""Every row of the table in docs/wechat.md: what a kind of message or event becomes."""

import re
from pathlib import Path
from typing import Any

import pytest

from connectors.wechat.errors import BadBody
from connectors.wechat.kinds import Asks, Ignored, to_inbound
from conversations.model import InboundMessage
from conversations.rows import Inbound
from conversations.triggers import Ask, Goodbye, Place, Say, Silent, Trigger, Unreadable, Welcome, classify
from runtime.clock import FakeClock

NOW = FakeClock().now()
TABLE = Path(__file__).parents[3] / "docs" / "wechat.md"
ASKS: Asks = {"location": "intent:find_store", "click:OLD": "intent:query_bill", "click:WORDS": "查积分", "scan:shop": "intent:query_bill"}


def read(kind: str, asks: Asks | None = None, **fields: Any) -> InboundMessage:
    common = {"MsgType": kind, "FromUserName": "oA", "ToUserName": "gh_a", "CreateTime": "1409735669"}
    common |= {} if kind == "event" else {"MsgId": "6054768590064713728"}
    found = to_inbound("demo", common | fields, NOW, asks)
    assert isinstance(found, InboundMessage)
    return found


def event(name: str, asks: Asks | None = None, **fields: Any) -> InboundMessage:
    return read("event", asks, Event=name, **fields)


def trigger_of(message: InboundMessage) -> Trigger:
    row = Inbound(
        "i_1", "c_1", message.address, message.dedup_key, message.kind, message.name, message.text, message.extra, NOW, 0.0, 1
    )
    return classify(row)


FILE = {"MediaId": "MID", "PicUrl": "http://mmbiz.qpic.cn/x"}
PLACE = {"Location_X": "23.134521", "Location_Y": "113.358803", "Scale": "16", "Label": "天河路"}

# row of the table → (message, trigger, refill)
ROWS: dict[str, tuple[InboundMessage, Trigger, str]] = {
    "text": (read("text", Content="查话费"), Say("查话费"), "message"),
    "text: a tap on a msgmenu": (read("text", Content="满意", bizmsgmenuid="101"), Say("满意"), "tap"),
    "text: what WeChat cannot show": (read("text", Content="【收到不支持的消息类型，暂无法显示】"), Unreadable("unsupported"), "message"),
    "image": (read("image", None, **FILE), Unreadable("image"), "message"),
    "voice with Recognition": (read("voice", MediaId="MID", Format="amr", Recognition="查话费。"), Say("查话费。"), "message"),
    "voice without": (read("voice", MediaId="MID", Format="amr", Recognition=" "), Unreadable("voice"), "message"),
    "video": (read("video", MediaId="MID", ThumbMediaId="T"), Unreadable("video"), "message"),
    "shortvideo": (read("shortvideo", MediaId="MID", ThumbMediaId="T"), Unreadable("shortvideo"), "message"),
    "location": (read("location", ASKS, **PLACE), Ask("find_store", Place(23.134521, 113.358803, "天河路")), "message"),
    "location without a setting": (read("location", None, **PLACE), Unreadable("location"), "message"),
    "link": (read("link", Title="标题", Description="说明", Url="https://example.com/"), Unreadable("link"), "message"),
    "subscribe": (event("subscribe", EventKey=""), Welcome(), "tap"),
    "subscribe by a code": (event("subscribe", EventKey="qrscene_hall", Ticket="t"), Welcome(scene="hall"), "tap"),
    "subscribe after a payment": (event("subscribe", EventKey="last_trade_no_4200000001"), Welcome(), "tap"),
    "unsubscribe": (event("unsubscribe", EventKey=""), Goodbye(), "none"),
    "SCAN": (event("SCAN", EventKey="hall", Ticket="t"), Welcome("welcome_back", "scanned", "hall"), "tap"),
    "SCAN of a mapped scene": (event("SCAN", ASKS, EventKey="shop"), Welcome("welcome_back", "scanned", "shop", Ask("query_bill")), "tap"),
    "CLICK intent:NAME": (event("CLICK", EventKey="intent:query_balance"), Ask("query_balance"), "tap"),
    "CLICK of a mapped key": (event("CLICK", ASKS, EventKey="OLD"), Ask("query_bill"), "tap"),
    "CLICK of words": (event("CLICK", EventKey="查流量"), Say("查流量"), "tap"),
    "CLICK of nothing": (event("CLICK", EventKey=""), Ask(""), "tap"),
    "scancode_waitmsg": (event("scancode_waitmsg", EventKey="k", ScanCodeInfo={"ScanResult": "898600"}), Say("898600"), "tap"),
    "scancode_push": (event("scancode_push", EventKey="k", ScanCodeInfo={"ScanResult": "http://x"}), Silent(), "tap"),
    "kf_create_session": (event("kf_create_session", KfAccount="a@b"), Silent(), "none"),
    "kf_close_session": (event("kf_close_session", KfAccount="a@b", CloseType="KF"), Silent(), "none"),
    "kf_switch_session": (event("kf_switch_session", FromKfAccount="a@b", ToKfAccount="c@b"), Silent(), "none"),
    "TEMPLATESENDJOBFINISH": (event("TEMPLATESENDJOBFINISH", MsgID="20", Status="success"), Silent(), "none"),
    "MASSSENDJOBFINISH": (event("MASSSENDJOBFINISH", MsgID="21", Status="send success", SentCount="3"), Silent(), "none"),
    "subscribe_msg_popup_event": (
        event("subscribe_msg_popup_event", SubscribeMsgPopupEvent={"List": {"TemplateId": "T1", "SubscribeStatusString": "accept"}}),
        Silent(), "none",
    ),
    "subscribe_msg_change_event": (
        event("subscribe_msg_change_event", SubscribeMsgChangeEvent={"List": {"TemplateId": "T1", "SubscribeStatusString": "reject"}}),
        Silent(), "none",
    ),
    "subscribe_msg_sent_event": (
        event("subscribe_msg_sent_event", SubscribeMsgSentEvent={"List": {"TemplateId": "T1", "MsgID": "1", "ErrorCode": "0"}}),
        Silent(), "none",
    ),
}  # fmt: skip

IGNORED = {
    "VIEW": "event.view",
    "view_miniprogram": "event.view_miniprogram",
    "LOCATION": "event.location",
    "pic_sysphoto": "event.pic_sysphoto",
    "pic_photo_or_album": "event.pic_photo_or_album",
    "pic_weixin": "event.pic_weixin",
    "location_select": "event.location_select",
    "user_enter_tempsession": "event.user_enter_tempsession",
    "verify_expired": "event.verify_expired",
    "an_event_of_tomorrow": "event.other",
}


@pytest.mark.parametrize("row", ROWS)
def test_a_row_of_the_table(row: str) -> None:
    message, trigger, refill = ROWS[row]
    assert trigger_of(message) == trigger
    assert message.refill == refill


@pytest.mark.parametrize("name", IGNORED)
def test_what_is_only_counted(name: str) -> None:
    fields = {"MsgType": "event", "FromUserName": "oA", "CreateTime": "1", "Event": name, "EventKey": "k"}
    assert to_inbound("demo", fields, NOW) == Ignored(IGNORED[name])


def test_the_table_for_readers_has_these_rows_and_no_others() -> None:
    rows = re.findall(r"^\| `([^`]+)` \|", TABLE.read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(rows) == sorted([*ROWS, *IGNORED])


@pytest.mark.parametrize("kind", ["image", "voice", "video", "shortvideo"])
def test_a_file_is_named_for_the_store(kind: str) -> None:
    assert read(kind, MediaId="MID").extra["media"] == "MID"


def test_addresses_and_spoken_words_are_kept_whole() -> None:
    address, words = "https://example.com/?q=" + "a" * 1500, "我想问一下" * 300
    link = read("link", Title="长" * 900, Url=address)
    assert (link.extra["url"], len(link.extra["title"])) == (address, 500)
    assert read("voice", MediaId="MID", Recognition=words).text == words


@pytest.mark.parametrize("name", ["CLICK", "click", "Click", " CLICK "])
def test_names_of_events_are_compared_in_lower_case(name: str) -> None:
    assert event(name, EventKey="k").name == "click"


@pytest.mark.parametrize(
    "content", ["【收到不支持的消息类型】是什么意思", "收到不支持的消息类型，暂无法显示", "我【收到不支持的消息类型，暂无法显示】"]
)
def test_words_about_it_are_words(content: str) -> None:
    assert read("text", Content=content).kind == "text"


@pytest.mark.parametrize("key", ["intent:", "intent:有", "intent:a b", f"intent:{'x' * 65}"])
def test_a_key_that_names_no_intent_asks_for_help(key: str) -> None:
    assert trigger_of(event("CLICK", EventKey=key)) == Ask("")


@pytest.mark.parametrize(("x", "y"), [("", "1"), ("a", "1"), ("91", "1"), ("1", "-181"), ("nan", "1"), ("1e9", "1"), ("٣", "1"), ({}, "1")])
def test_a_place_that_is_none_is_no_place(x: object, y: object) -> None:
    message = read("location", ASKS, Location_X=x, Location_Y=y, Label="家")
    assert "latitude" not in message.extra
    assert trigger_of(message) == Unreadable("location")


def test_a_job_is_known_by_its_number_whatever_its_time() -> None:
    one = event("TEMPLATESENDJOBFINISH", MsgID="20", Status="failed:user block")
    other = event("TEMPLATESENDJOBFINISH", MsgID="20", Status="failed:user block", CreateTime="1409735670")
    assert one.dedup_key == other.dedup_key == "j20:templatesendjobfinish"
    assert one.extra["status"] == "user_block"
    assert event("TEMPLATESENDJOBFINISH", MsgID="x", Status="x" * 999).extra == {"job": "", "status": "other", "counts": {}}


def test_consents_come_alone_or_several() -> None:
    rows = [{"TemplateId": "T1", "SubscribeStatusString": "accept"}, {"TemplateId": "T2", "SubscribeStatusString": "reject"}, "x", {}]
    message = event("subscribe_msg_popup_event", SubscribeMsgPopupEvent={"List": rows})
    assert message.extra["consents"] == [{"topic": "T1", "answer": "granted"}, {"topic": "T2", "answer": "refused"}]
    other = event("subscribe_msg_popup_event", SubscribeMsgPopupEvent={"List": rows[0]})
    assert other.dedup_key != message.dedup_key


def test_two_scans_of_one_second_are_two() -> None:
    one, two = (event("scancode_waitmsg", EventKey="k", ScanCodeInfo={"ScanResult": found}) for found in ("a", "b"))
    assert one.dedup_key != two.dedup_key


def test_a_long_key_is_told_from_another_with_the_same_beginning() -> None:
    one, two = (event("SCAN", EventKey="k" * 200 + end) for end in ("a", "b"))
    assert one.dedup_key != two.dedup_key
    assert len(one.dedup_key) < 300
    assert len(one.extra["scene"]) <= 128


def test_sessions_of_the_platforms_own_desk_name_their_accounts() -> None:
    message = event("kf_switch_session", FromKfAccount="a@b", ToKfAccount="c@b")
    assert message.extra == {"FromKfAccount": "a@b", "ToKfAccount": "c@b"}


@pytest.mark.parametrize(
    "fields", [{"Event": ""}, {"Event": {}}, {"Event": "CLICK", "CreateTime": "-1"}, {"Event": "CLICK", "FromUserName": "a b"}]
)
def test_an_event_that_is_none_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(BadBody):
        to_inbound("demo", {"MsgType": "event", "FromUserName": "oA", "CreateTime": "1"} | fields, NOW)
