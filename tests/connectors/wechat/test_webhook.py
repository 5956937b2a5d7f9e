"""The callback as a stranger drives it: what is taken, what is refused, what goes back."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.wechat.codec import cdata, read_fields
from connectors.wechat.errors import BadBody
from connectors.wechat.kinds import Ignored, to_inbound
from runtime.clock import FakeClock
from tests.connectors.wechat.doubles import (
    make_webhook,
    opened_reply,
    plain_query,
    raw_cipher,
    safe_call,
    sealed_call,
    text_xml,
)

NOW = FakeClock().now()


async def test_a_text_is_stored_and_answered_in_cipher() -> None:
    webhook, inbox, clock, _ = make_webhook("余额 32.80元")
    status, body = await webhook.receive(*safe_call(text_xml("查话费"), clock))
    assert status == 200
    assert "<Content><![CDATA[余额 32.80元]]></Content>" in opened_reply(body)
    assert "<ToUserName><![CDATA[oTESTaaaa]]></ToUserName>" in opened_reply(body)
    assert [(one.kind, one.text, one.refill, one.dedup_key) for one in inbox.messages] == [
        ("text", "查话费", "message", "m6054768590064713728")
    ]
    assert 4.0 < inbox.held[0] <= 4.5


async def test_nothing_to_say_is_success() -> None:
    webhook, _, clock, _ = make_webhook(None)
    assert await webhook.receive(*safe_call(text_xml("嗯"), clock)) == (200, "success")


async def test_a_repeat_with_a_new_nonce_is_known_and_gets_the_same_answer() -> None:
    webhook, inbox, clock, counts = make_webhook("一次")
    first = await webhook.receive(*safe_call(text_xml("你好"), clock))
    clock.advance(5)
    again = await webhook.receive(*safe_call(text_xml("你好"), clock, nonce="n2"))
    assert len(inbox.messages) == 1
    assert "一次" in opened_reply(first[1])
    assert "一次" in opened_reply(again[1])
    assert counts["repeated"] == 1


async def test_one_msg_id_of_two_subscribers_is_two_messages() -> None:
    webhook, inbox, clock, _ = make_webhook()
    await webhook.receive(*safe_call(text_xml("甲", openid="oTESTa"), clock))
    await webhook.receive(*safe_call(text_xml("乙", openid="oTESTb"), clock))
    assert [one.text for one in inbox.messages] == ["甲", "乙"]


async def test_markup_in_an_answer_stays_text() -> None:
    sneaky = "a]]><MsgType><![CDATA[image]]></MsgType>\x00\ud800"
    webhook, _, clock, _ = make_webhook(sneaky)
    _, body = await webhook.receive(*safe_call(text_xml("x"), clock))
    fields = read_fields(opened_reply(body))
    assert fields["Content"] == "a]]><MsgType><![CDATA[image]]></MsgType>"
    assert fields["MsgType"] == "text"


@pytest.mark.parametrize("content", ["", "😀😀", "长" * 3000, "a]]]]><![CDATA[>b", "&lt;b&gt;", "\n\t "])
async def test_odd_texts_are_taken_whole(content: str) -> None:
    webhook, inbox, clock, _ = make_webhook()
    status, _ = await webhook.receive(*safe_call(text_xml(content), clock))
    assert status == 200
    assert inbox.messages[0].text == content.replace("]]]]><![CDATA[>", "]]>")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"signature": "0" * 40}, "bad_signature"),
        ({"signature": "é"}, "bad_signature"),
        ({"timestamp": ""}, "bad_signature"),
        ({"msg_signature": "0" * 40}, "bad_signature"),
        ({"msg_signature": None, "encrypt_type": None}, "wrong_mode"),
    ],
)
async def test_wrong_queries_are_refused(change: dict[str, str | None], code: str) -> None:
    webhook, inbox, clock, counts = make_webhook()
    query, body = safe_call(text_xml("x"), clock)
    query = {name: value for name, value in (query | change).items() if value is not None}
    assert await webhook.receive(query, body) == (403, "")
    assert counts[f"anomalous.{code}"] == 1
    assert not inbox.messages


async def test_an_old_callback_played_again_is_refused() -> None:
    webhook, inbox, clock, counts = make_webhook()
    call = safe_call(text_xml("x"), clock)
    clock.advance(301)
    assert await webhook.receive(*call) == (403, "")
    assert counts["anomalous.stale"] == 1
    assert not inbox.messages


async def test_plain_text_is_no_way_around_safe_mode() -> None:
    webhook, inbox, clock, counts = make_webhook()
    assert (await webhook.receive(plain_query(clock), text_xml("x").encode()))[0] == 403
    query, _ = safe_call(text_xml("x"), clock)
    assert (await webhook.receive(query, text_xml("x").encode()))[0] == 403
    assert counts["anomalous.wrong_mode"] == 2
    assert not inbox.messages


async def test_cipher_is_refused_by_a_plain_account() -> None:
    webhook, inbox, clock, counts = make_webhook(mode="plain")
    assert (await webhook.receive(*safe_call(text_xml("x"), clock)))[0] == 403
    assert counts["anomalous.wrong_mode"] == 1
    assert not inbox.messages


async def test_a_plain_account_answers_plain() -> None:
    webhook, inbox, clock, _ = make_webhook("好", mode="plain")
    status, body = await webhook.receive(plain_query(clock), text_xml("查话费").encode())
    assert status == 200
    assert read_fields(body)["Content"] == "好"
    assert inbox.messages[0].text == "查话费"


async def test_compatible_mode_believes_the_cipher_only() -> None:
    webhook, inbox, clock, _ = make_webhook(mode="compatible")
    query, body = safe_call(text_xml("真"), clock)
    forged = text_xml("假").replace("</xml>", body.decode().split("</ToUserName>")[1])
    assert (await webhook.receive(query, forged.encode()))[0] == 200
    assert inbox.messages[0].text == "真"


@pytest.mark.parametrize(
    ("encrypted", "code"),
    [
        (raw_cipher(text_xml("x").encode(), app_id="wx0000000000000000"), "bad_cipher"),
        (raw_cipher(text_xml("x").encode(), pad=b"\x00"), "bad_cipher"),
        (raw_cipher(b"<xml><a>"), "bad_body"),
        (raw_cipher(b"<html/>"), "bad_body"),
        (raw_cipher(b""), "bad_body"),
        (raw_cipher(b'<!DOCTYPE xml [<!ENTITY a "b">]><xml><MsgType>&a;</MsgType></xml>'), "bad_body"),
        (raw_cipher(text_xml("x", extra="<Content>y</Content>").encode()), "bad_body"),
        (raw_cipher(text_xml("x", msg_id="abc").encode()), "bad_body"),
        (raw_cipher(text_xml("x", msg_id="9" * 30).encode()), "bad_body"),
        (raw_cipher(text_xml("x", openid="../../etc").encode()), "bad_body"),
        (raw_cipher(text_xml("x").replace("<Content>", "<Content2>").replace("</Content>", "</Content2>").encode()), None),
    ],
    ids=["other-app", "padding", "half", "html", "nothing", "entity", "twice", "id-text", "id-long", "path", "no-content"],
)
async def test_wrong_bodies_are_refused(encrypted: str, code: str | None) -> None:
    webhook, inbox, clock, counts = make_webhook()
    status, _ = await webhook.receive(*sealed_call(encrypted, plain_query(clock)))
    if code is None:
        assert (status, inbox.messages[0].text) == (200, "")
    else:
        assert (status, counts[f"anomalous.{code}"], inbox.messages) == (403, 1, [])


@pytest.mark.parametrize(
    "body", [b"", b"\x00\xff", b"<xml>", b"<xml/>", b"{}", "<xml>€</xml>".encode("latin-1", "replace"), b"<xml>" * 5000]
)
async def test_rubbish_under_a_good_signature_is_refused(body: bytes) -> None:
    webhook, _, clock, _ = make_webhook()
    query, _ = safe_call(text_xml("x"), clock)
    assert (await webhook.receive(query, body))[0] == 403


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.sampled_from(["timestamp", "nonce", "signature", "msg_signature", "encrypt_type"]), st.text()), st.binary())
async def test_anything_at_all_is_403(query: dict[str, str], body: bytes) -> None:
    webhook, inbox, _, _ = make_webhook()
    assert await webhook.receive(query, body) == (403, "")
    assert not inbox.messages


def test_the_address_check_echoes() -> None:
    webhook, _, clock, _ = make_webhook()
    assert webhook.verify(plain_query(clock) | {"echostr": "437<b>"}) == (200, "437<b>")
    assert webhook.verify({"echostr": "1"}) == (403, "")


def _event(name: str, key: str = "") -> dict[str, object]:
    return {"MsgType": "event", "FromUserName": "oA", "CreateTime": "123", "Event": name, "EventKey": key}


def test_events_become_messages_with_their_key() -> None:
    click = to_inbound("demo", _event("CLICK", "query_balance"), NOW)
    assert not isinstance(click, Ignored)
    assert (click.kind, click.name, click.text, click.refill) == ("event", "click", "query_balance", "tap")
    assert click.dedup_key == "e123:click:query_balance"
    assert "intent" not in click.extra
    follow = to_inbound("demo", _event("subscribe", "qrscene_shop12"), NOW)
    assert not isinstance(follow, Ignored)
    assert (follow.text, follow.refill) == ("shop12", "tap")
    gone = to_inbound("demo", _event("unsubscribe"), NOW)
    assert not isinstance(gone, Ignored)
    assert gone.refill == "none"


def test_two_events_in_one_second_are_two() -> None:
    one, two = (to_inbound("demo", _event("CLICK", key), NOW) for key in ("a", "b"))
    assert not isinstance(one, Ignored)
    assert not isinstance(two, Ignored)
    assert one.dedup_key != two.dedup_key


@pytest.mark.parametrize("name", ["VIEW", "LOCATION", "brand_new_event"])
def test_known_but_unsupported_is_ignored_not_refused(name: str) -> None:
    assert isinstance(to_inbound("demo", _event(name), NOW), Ignored)


def test_an_event_without_a_name_is_refused() -> None:
    with pytest.raises(BadBody):
        to_inbound("demo", _event(" "), NOW)


def test_a_msgmenu_tap_refills_the_small_bucket() -> None:
    fields = read_fields(text_xml("满意", extra="<bizmsgmenuid>101</bizmsgmenuid>"))
    message = to_inbound("demo", fields, NOW)
    assert not isinstance(message, Ignored)
    assert (message.refill, message.extra["choice"]) == ("tap", "101")


def test_a_voice_brings_its_recognition() -> None:
    fields = {"MsgType": "voice", "FromUserName": "oA", "CreateTime": "1", "MsgId": "5", "MediaId": "m", "Recognition": "查话费"}
    message = to_inbound("demo", fields, NOW)
    assert not isinstance(message, Ignored)
    assert (message.kind, message.text, message.extra) == ("voice", "查话费", {"media": "m"})


@given(st.text())
def test_cdata_never_ends_early(text: str) -> None:
    kept = read_fields(f"<xml><Content>{cdata(text)}</Content></xml>".encode())["Content"]
    removed = [one for one in text if one not in kept]
    assert all(one < " " or "\ud800" <= one <= "\udfff" or one in "\ufffe\uffff\r" for one in removed)
