"""Whatever comes: 403 with nothing told or 200 with an answer, no exception, nothing that grows by a stranger's hand.

WEITING_FUZZ_CASES says how many callbacks are tried (20,000; `make fuzz`: a million). Hypothesis draws what a callback is made of; each
draw is then sent once as it is and several times with bytes of it changed, in process: no server, no store.
"""

import json
import os
import random
from collections import Counter
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from wechatpy.events import EVENT_TYPES
from wechatpy.messages import MESSAGE_TYPES

from connectors.wechat import errors, kinds, notifications
from connectors.wechat.codec import cdata, read_fields
from connectors.wechat.crypto import sign
from connectors.wechat.errors import BadBody
from connectors.wechat.webhook import Webhook
from conversations.consents import ANSWERS
from conversations.model import InboundMessage
from conversations.notices import load_texts
from conversations.rows import Inbound
from conversations.triggers import classify
from conversations.wording import line_of
from runtime.clock import FakeClock
from tests.connectors.wechat.doubles import ACCOUNT, FakeInbox, make_webhook, opened_reply, plain_query, raw_cipher, sealed_call

CASES = int(os.environ.get("WEITING_FUZZ_CASES", "20000"))
A_DRAW = 20
TEXTS = load_texts()
SCRAPS = (b"<", b"]]>", b"</xml>", b"<!DOCTYPE a>", b"&a;", b'"', b"{", b"[", b"\\u0000", b"\xff\xfe", b"<?xml?>")
HEADS = (b"\xef\xbb\xbf", b'<?xml version="1.0" encoding="utf-16"?>', b'<?xml version="1.0" encoding="gbk"?>', b" ")

CODES = [one.code for one in vars(errors).values() if isinstance(one, type) and issubclass(one, errors.Anomalous)]
COUNTED = (
    {"accepted", "repeated", "ignored.message.other", "ignored.event.other"}
    | {f"anomalous.{code}" for code in CODES}
    | {f"ignored.message.{name}" for name in MESSAGE_TYPES}
    | {f"ignored.event.{name}" for name in (*EVENT_TYPES, *kinds._NOTED_ONLY)}
    | {f"event.{name}" for name in kinds._EVENTS}
    | {f"consent.{answer}" for answer in ANSWERS}
    | {f"job.{name}.{status}" for name in kinds._EVENTS for status in (*notifications._JOB_STATUS.values(), "other")}
)

_KINDS = [*kinds._MESSAGES, "event", "link", "music", "TEXT", "", "unknown"]
_EVENTS = [*kinds._EVENTS, *kinds._NOTED_ONLY, "CLICK", "SCAN", "VIEW", "brand_new", "", "__class__"]
ODD: tuple[Any, ...] = (
    "", " ", "0", "-1", "1", "9" * 19, "9" * 40, "1.5", "23.1", "-181", "1e400", "nan", "null", "oA", "o" * 65, "../x", "qrscene_",
    "intent:", "intent:query_bill", "]]>", "<![CDATA[", "&amp;", "&x;", "%s{0}", "\x00", "\ud800", "\ufeff", "\u202e", "👨‍👩‍👧",
    "【收到不支持的消息类型，暂无法显示】", "http://[", "长" * 700, "9" * 5000, "accept", "reject", "failed:user block",
    "a\x00b\ud800", "\udfff" * 3, [], {}, ["a", {"b": "c"}], {"List": ["x", {"TemplateId": "\x00"}]}, {"ScanResult": ["x"]}, 1, 1.5,
    True, None,
)  # fmt: skip
_odd = st.sampled_from([one for one in ODD if isinstance(one, str)])
_text = st.one_of(_odd, st.text(max_size=30))
_leaf = st.one_of(_text, st.integers(-(2**70), 2**70), st.floats(), st.booleans(), st.none())
_nested = st.recursive(
    _leaf, lambda inner: st.one_of(st.dictionaries(_text, inner, max_size=3), st.lists(inner, max_size=3)), max_leaves=8
)
_COMMON = {"ToUserName": "gh_demo", "FromUserName": "oFuzz", "CreateTime": "1409735669"}
_NEEDED = ("FromUserName", "CreateTime", "MsgType", "MsgId", "Event")
_ROW = {"TemplateId": "T", "SubscribeStatusString": "accept", "ErrorCode": "0", "MsgID": "1"}
_MESSAGE_FIELDS: dict[str, Any] = {
    "Content": "查话费", "bizmsgmenuid": "101", "MediaId": "M", "Format": "amr", "Recognition": "查", "ThumbMediaId": "T",
    "Location_X": "23.1", "Location_Y": "113.3", "Label": "天河路", "Title": "标题", "Description": "说明", "Url": "http://example.com/",
}  # fmt: skip
_EVENT_FIELDS: dict[str, Any] = {
    "EventKey": "k", "Ticket": "t", "KfAccount": "a@b", "FromKfAccount": "a@b", "ToKfAccount": "c@b", "MsgID": "20", "Status": "success",
    "TotalCount": "3", "SentCount": "2", "ScanCodeInfo": {"ScanType": "qrcode", "ScanResult": "1"},
    "SubscribeMsgPopupEvent": {"List": _ROW}, "SubscribeMsgChangeEvent": {"List": _ROW}, "SubscribeMsgSentEvent": {"List": _ROW},
}  # fmt: skip
_message = st.fixed_dictionaries({"MsgType": st.sampled_from(_KINDS), "MsgId": st.just("605")}).map(
    lambda base: {**_COMMON, **_MESSAGE_FIELDS, **base}
)
_event = st.fixed_dictionaries({"Event": st.sampled_from(_EVENTS)}).map(
    lambda base: {**_COMMON, "MsgType": "event", **_EVENT_FIELDS, **base}
)
_names = st.sampled_from([*_COMMON, "MsgType", "MsgId", "Event", "Encrypt", *_MESSAGE_FIELDS, *_EVENT_FIELDS])
_row = st.dictionaries(st.sampled_from([*_ROW]), _text, max_size=4)
_shape = st.one_of(_text, _text, _nested, st.fixed_dictionaries({"List": st.one_of(_row, st.lists(_row, max_size=3))}))
_twists = st.dictionaries(_names, _shape, max_size=3)
_body = st.one_of(
    st.tuples(st.just("fields"), _message, _twists),
    st.tuples(st.just("fields"), _event, _twists),
    st.tuples(st.just("fields"), st.one_of(_message, _event), _twists),
    st.tuples(st.just("bytes"), st.binary(max_size=200), st.none()),
)
_query = st.dictionaries(
    st.sampled_from(["timestamp", "nonce", "signature", "msg_signature", "encrypt_type", "echostr", "openid"]), _text, max_size=2
)


def _xml(value: Any, name: str) -> str:
    if isinstance(value, dict):
        return f"<{name}>{''.join(_xml(one, _tag(key)) for key, one in value.items())}</{name}>"
    if isinstance(value, list):
        return "".join(_xml(one, name) for one in value)
    return f"<{name}>{cdata(str(value))}</{name}>"


def _tag(name: str) -> str:
    return name if name.isascii() and name.isidentifier() else "odd"


def _render(form: str, kind: str, main: Any, more: Any, *, twice: bool) -> bytes:
    if kind == "bytes":
        return bytes(main)
    if form == "json":
        return json.dumps({**main, **(more or {})}).encode()
    # now and then what stands twice stays: a case, too
    fields = [*main.items(), *(more or {}).items()] if twice else list({**main, **(more or {})}.items())
    inner = "".join(_xml(value, name) for name, value in fields)
    return f"<xml>{inner}</xml>".encode("utf-8", "replace")


def _twisted(main: Any, dice: random.Random) -> Any:
    """The same message with half its fields changed to something odd, seldom those without which it is no message at all."""
    if not isinstance(main, dict):
        return main
    return {name: dice.choice(ODD) if dice.random() < (0.03 if name in _NEEDED else 0.5) else value for name, value in main.items()}


def _mutated(raw: bytes, dice: random.Random) -> bytes:
    changed = bytearray(raw or b"<")
    for _ in range(dice.randint(1, 4)):
        at = dice.randrange(len(changed) or 1)
        match dice.randrange(6):
            case 0:
                changed[at : at + 1] = bytes([dice.randrange(256)])
            case 1:
                del changed[at : at + dice.randint(1, 8)]
            case 2:
                changed[at:at] = changed[dice.randrange(len(changed) or 1) :][: dice.randint(1, 40)]
            case 3:
                changed[at:at] = dice.choice(SCRAPS)
            case 4:
                changed[:0] = dice.choice(HEADS)
            case _:
                changed = changed[: at + 1]
    return bytes(changed)


Calls = Iterator[tuple[dict[str, str], bytes]]


def _calls(mode: str, form: str, body: Any, query: dict[str, str], seed: int, clock: FakeClock) -> Calls:
    """One callback as it was drawn, and others with bytes changed: before it is sealed, after, and the cipher itself."""
    dice = random.Random(seed)
    kind, main, more = body
    for number in range(A_DRAW):
        inner = _render(form, kind, _twisted(main, dice) if number % 2 else main, more, twice=dice.random() < 0.1)
        inner = _mutated(inner, dice) if number % 4 == 2 else inner
        good = plain_query(clock)
        # under a good signature the odd parameters themselves are read
        resigned = number % 3 == 0
        if mode == "plain":
            yield _signed(good | query) if resigned else good | query, inner
            continue
        encrypted = raw_cipher(inner)
        if number % 5 == 3:
            encrypted = _mutated(encrypted.encode(), dice).decode("latin-1")
        sealed, outer = sealed_call(encrypted.replace("]]>", ""), good)
        if form == "json":
            outer = json.dumps({"ToUserName": "gh", "Encrypt": encrypted}).encode()
            sealed["msg_signature"] = sign(ACCOUNT.token, good["timestamp"], good["nonce"], encrypted)
        asked = sealed | (query if number % 2 else {})
        yield _signed(asked, encrypted) if resigned else asked, _mutated(outer, dice) if number % 5 == 4 else outer


def _signed(query: dict[str, str], encrypted: str | None = None) -> dict[str, str]:
    """The same, as somebody who knows the token would sign it."""
    timestamp, nonce = query["timestamp"], query["nonce"]
    signed = query | {"signature": sign(ACCOUNT.token, timestamp, nonce)}
    return signed if encrypted is None else signed | {"msg_signature": sign(ACCOUNT.token, timestamp, nonce, encrypted)}


def _check(status: int, answer: str, mode: str) -> None:
    assert status in (200, 403)
    if status == 403:
        assert answer == ""
    elif answer != "success":
        opened = answer if mode == "plain" else opened_reply(answer)
        assert read_fields(opened)["Content"] == "好的"


def _storable(message: InboundMessage) -> None:
    """What it becomes fits its columns and can be shown: nothing further in will break on it."""
    assert len(message.dedup_key) <= 300
    assert len(message.kind) <= 20
    assert len(message.name) <= 64
    assert len(str(message.extra.get("scene", ""))) <= 128
    assert all(len(one["topic"]) <= 128 for one in message.extra.get("consents", ()))
    for text in (message.dedup_key, message.address.openid, message.name, message.text, json.dumps(message.extra, ensure_ascii=False)):
        assert "\x00" not in text
        text.encode()
    orjson.dumps({"text": message.text, "extra": message.extra})
    row = Inbound("i", "c", message.address, message.dedup_key, message.kind, message.name, message.text, message.extra,
                  message.received_at, 0.0, 1)  # fmt: skip
    classify(row)
    line_of(TEXTS, row.kind, row.text, row.extra)


async def _try(webhook: Webhook, inbox: FakeInbox, counts: Counter[str], calls: Calls, mode: str) -> None:
    for query, raw in calls:
        before = len(inbox.messages)
        status, answer = await webhook.receive(query, raw)
        _check(status, answer, mode)
        assert status == 200 or len(inbox.messages) == before
        for message in inbox.messages[before:]:
            _storable(message)
        assert webhook.verify(query)[0] in (200, 403)
    assert set(counts) <= COUNTED


@pytest.mark.timeout(20_000)
@settings(
    max_examples=max(CASES // A_DRAW, 1), deadline=None, database=None, phases=(Phase.explicit, Phase.generate, Phase.shrink),
    suppress_health_check=list(HealthCheck),
)
@given(
    mode=st.sampled_from(["plain", "compatible", "safe"]), form=st.sampled_from(["xml", "json"]), body=_body, query=_query,
    seed=st.integers(0, 2**32),
)  # fmt: skip
async def test_whatever_comes(mode: str, form: str, body: Any, query: dict[str, str], seed: int) -> None:
    webhook, inbox, clock, counts = make_webhook(mode=mode, asks=(("location", "intent:find_store"), ("scan:1", "查话费")))
    await _try(webhook, inbox, counts, _calls(mode, form, body, query, seed, clock), mode)


@settings(max_examples=max(CASES // 40, 1), deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(st.one_of(st.binary(max_size=300), st.text(max_size=100)))
def test_the_codec_answers_or_refuses(raw: bytes | str) -> None:
    try:
        fields = read_fields(raw)
    except BadBody:
        return
    assert isinstance(fields, dict)


async def test_a_stranger_makes_no_new_series() -> None:
    """A thousand names of his own under a good signature: the counts stay as they are."""
    webhook, inbox, clock, counts = make_webhook(mode="plain")
    for number in range(1000):
        body = {"MsgType": f"kind{number}", "FromUserName": "oA", "CreateTime": "1", "MsgId": str(number)}
        await webhook.receive(plain_query(clock), json.dumps(body).encode())
        body = {"MsgType": "event", "Event": f"event{number}", "FromUserName": "oA", "CreateTime": "1"}
        await webhook.receive(plain_query(clock), json.dumps(body).encode())
    assert counts == {"ignored.message.other": 1000, "ignored.event.other": 1000}
    assert not inbox.messages
