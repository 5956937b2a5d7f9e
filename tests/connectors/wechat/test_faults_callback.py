"""Faults of wechatpy's (1.8.18 and 2.0.0a26, seen by running them) that this callback must never have; each is tried on both where it
can be, so that the test itself is known to find it."""

import ast
import base64
import json
import os
import struct
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from wechatpy.crypto import PrpCrypto
from wechatpy.crypto.pkcs7 import PKCS7Encoder
from wechatpy.exceptions import InvalidAppIdException
from wechatpy.replies import TextReply

from connectors.wechat import crypto, envelope
from connectors.wechat import webhook as webhook_module
from connectors.wechat.codec import LARGEST_BODY, read_fields, render_text
from connectors.wechat.crypto import MessageCipher
from connectors.wechat.errors import BadBody, BadCipher
from connectors.wechat.kinds import to_inbound
from runtime.clock import FakeClock
from runtime.settings import AccountSettings
from tests.connectors.wechat.doubles import ACCOUNT, make_webhook, opened_reply, plain_query, raw_cipher, safe_call, sealed_call, text_xml

CIPHER = MessageCipher.make(ACCOUNT.app_id, ACCOUNT.encoding_aes_key)
SNEAKY = "a]]></Content><MsgType><![CDATA[image]]></MsgType><Content><![CDATA["


def test_4_text_that_ends_cdata_forges_no_field() -> None:
    assert "<MsgType><![CDATA[image]]></MsgType>" in TextReply(content=SNEAKY, source="a", target="b").render()
    fields = read_fields(render_text("b", "a", 1, SNEAKY))
    assert (fields["Content"], fields["MsgType"]) == (SNEAKY, "text")


async def test_4_nor_does_it_on_its_way_through_the_callback() -> None:
    webhook, _, clock, _ = make_webhook(SNEAKY)
    _, body = await webhook.receive(*safe_call(text_xml("x"), clock))
    assert read_fields(opened_reply(body))["Content"] == SNEAKY


def _raw(plain: bytes) -> str:
    key = base64.b64decode(ACCOUNT.encoding_aes_key + "=")
    encryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    return base64.b64encode(encryptor.update(plain) + encryptor.finalize()).decode()


SHORT = {
    "one block of nothing": _raw(b"\x00" * 16),
    "a length and no message": _raw(b"r" * 16 + struct.pack(">I", 9) + b"\x0c" * 12),
    "sixteen random bytes": _raw(os.urandom(15) + b"\x41"),
    "padding longer than all of it": _raw(b"\x20" * 16),
    "padding of nought": _raw(b"r" * 31 + b"\x00"),
    "padding of 33": raw_cipher(b"<xml/>", pad=b"\x21"),
    "padding of mixed bytes": raw_cipher(b"<xml/>", pad=b"\x05\x09"),
    "a negative length": _raw(b"r" * 16 + b"\xff\xff\xff\xff" + b"wx2c2769f8efd9abc2" + b"\x1a" * 26),
    "no whole block": base64.b64encode(b"x" * 17).decode(),
    "nothing": "",
}


@pytest.mark.parametrize("name", SHORT)
async def test_5_a_broken_cipher_is_refused_by_its_own_name(name: str) -> None:
    with pytest.raises(BadCipher):
        CIPHER.decrypt(SHORT[name])
    webhook, inbox, clock, counts = make_webhook()
    assert await webhook.receive(*sealed_call(SHORT[name], plain_query(clock))) == (403, "")
    assert counts["anomalous.bad_cipher"] == 1
    assert not inbox.messages


def test_5_wechatpy_breaks_out_on_some_of_them() -> None:
    peer = PrpCrypto(base64.b64decode(ACCOUNT.encoding_aes_key + "="))
    raised = set()
    for encrypted in SHORT.values():
        try:
            peer.decrypt(encrypted, ACCOUNT.app_id)
        except Exception as error:
            raised.add(type(error))
    assert raised - {InvalidAppIdException}


@pytest.mark.parametrize(
    "body",
    [
        text_xml("a", extra="<Content>b</Content>"),
        text_xml("a", extra="<FromUserName>oOther</FromUserName>"),
        text_xml("a", extra="<MsgId>1</MsgId>"),
        '{"MsgType": "text", "MsgType": "event"}',
        '{"a": {"b": 1, "b": 2}}',
    ],
)
async def test_5_what_stands_twice_is_refused(body: str) -> None:
    webhook, inbox, clock, counts = make_webhook()
    assert await webhook.receive(*sealed_call(raw_cipher(body.encode()), plain_query(clock))) == (403, "")
    assert counts["anomalous.bad_body"] == 1
    assert not inbox.messages


@pytest.mark.parametrize(
    "body", ["", "x", "<xml", "<a/>", "<xml/>", "[]", "null", "{", "{}", '{"MsgType": 5}', "<xml><MsgType/></xml>", "\x00"]
)
async def test_5_a_message_that_is_none_is_refused(body: str) -> None:
    webhook, inbox, clock, counts = make_webhook()
    assert await webhook.receive(*sealed_call(raw_cipher(body.encode()), plain_query(clock))) == (403, "")
    assert counts["anomalous.bad_body"] == 1
    assert not inbox.messages


def test_6_signatures_are_compared_in_constant_time() -> None:
    assert "compare_digest" in crypto.check_equal.__code__.co_names
    for module in (crypto, envelope, webhook_module):
        tree = ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Compare) and any(isinstance(one, ast.Eq | ast.NotEq) for one in node.ops):
                assert "sign" not in ast.unparse(node), ast.unparse(node)


@pytest.mark.parametrize("away", [-301, 301, -86_400, 10**9])
async def test_6_a_timestamp_outside_the_window_is_refused(away: int) -> None:
    webhook, inbox, clock, counts = make_webhook()
    call = safe_call(text_xml("x"), clock)
    clock.advance(away)
    assert await webhook.receive(*call) == (403, "")
    assert counts["anomalous.stale"] == 1
    assert not inbox.messages


@pytest.mark.parametrize(("window", "away", "status"), [(60, 59, 200), (60, 61, 403), (0, 10**6, 200), (600, 599, 200)])
async def test_6_the_window_is_a_setting_of_the_account(window: int, away: int, status: int) -> None:
    webhook, _, clock, _ = make_webhook(timestamp_window_s=window)
    call = safe_call(text_xml("x"), clock)
    clock.advance(away)
    assert (await webhook.receive(*call))[0] == status


@pytest.mark.parametrize("timestamp", ["1e9", "-1", "１４０９７３５６６９", "9" * 13, "0x10", " 1", "1_000"])
async def test_6_a_signed_timestamp_that_is_no_number_is_refused(timestamp: str) -> None:
    webhook, _, clock, counts = make_webhook(timestamp_window_s=0)
    query, body = safe_call(text_xml("x"), clock)
    token = ACCOUNT.token
    query |= {"timestamp": timestamp, "signature": crypto.sign(token, timestamp, query["nonce"])}
    assert await webhook.receive(query, body) == (403, "")
    assert counts["anomalous.stale"] == 1


def test_7_a_key_of_the_wrong_length_is_no_assertion() -> None:
    """Under -O assertions are gone: the settings refuse the key, whatever flags Python has."""
    code = (
        "from pathlib import Path\n"
        "from runtime.settings import load_settings\n"
        "from runtime.errors import SettingsError\n"
        "import sys, tempfile\n"
        "path = Path(tempfile.mkdtemp()) / 'weiting.toml'\n"
        "path.write_text('[[account]]\\nkey=\"a\"\\nindustry=\"x\"\\napp_id=\"w\"\\nsecret=\"s\"\\ntoken=\"t\"\\nencoding_aes_key=\"short\"\\n')\n"
        "try:\n"
        "    load_settings(path, {})\n"
        "except SettingsError as error:\n"
        "    sys.exit(7 if '43' in str(error) else 1)\n"
    )
    found = subprocess.run([sys.executable, "-O", "-c", code], timeout=60, check=False)
    assert found.returncode == 7


def test_8_bad_padding_is_no_empty_message() -> None:
    assert PKCS7Encoder.decode(b"hello!\x00") == b""
    for pad in (0, 33, 255):
        with pytest.raises(BadCipher):
            CIPHER.decrypt(raw_cipher(b"<xml/>", pad=bytes([pad])))


DOCTYPES = {
    "external entity": '<!DOCTYPE xml [<!ENTITY x SYSTEM "file:///etc/passwd">]><xml><MsgType>&x;</MsgType></xml>',
    "parameter entity": '<!DOCTYPE xml [<!ENTITY % x SYSTEM "http://127.0.0.1:9/x">%x;]><xml/>',
    "external subset": '<!DOCTYPE xml SYSTEM "http://127.0.0.1:9/x"><xml/>',
    "entity of entities": '<!DOCTYPE xml [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><xml><MsgType>&b;</MsgType></xml>',
    "bare document type": "<!DOCTYPE xml><xml><MsgType>text</MsgType></xml>",
    "xinclude": '<xml xmlns:i="http://www.w3.org/2001/XInclude"><i:include href="file:///etc/passwd" parse="text"/></xml>',
}


@pytest.mark.parametrize("name", DOCTYPES)
async def test_xxe_nothing_is_read_and_nothing_grows(name: str) -> None:
    for mode in ("safe", "plain"):
        webhook, inbox, clock, counts = make_webhook(mode=mode)
        query = plain_query(clock)
        call = (query, DOCTYPES[name].encode()) if mode == "plain" else sealed_call(raw_cipher(DOCTYPES[name].encode()), query)
        assert await webhook.receive(*call) == (403, "")
        assert sum(counts.values()) == 1
        assert not inbox.messages


DEEP: dict[str, Callable[[], str]] = {
    "xml": lambda: f"<xml>{'<a>' * 9000}{'</a>' * 9000}</xml>",
    "json objects": lambda: '{"a":' * 9000 + "1" + "}" * 9000,
    "json lists": lambda: '{"a":' + "[" * 20_000 + "]" * 20_000 + "}",
    "six deep": lambda: '{"a":{"b":{"c":{"d":{"e":{"f":1}}}}}}',
    "a long number": lambda: '{"MsgId":' + "9" * 20_000 + ', "MsgType": "text", "FromUserName": "o", "CreateTime": 1}',
    "not a number": lambda: '{"MsgId": NaN}',
    "a truth": lambda: '{"MsgId": true}',
}


@pytest.mark.parametrize("name", DEEP)
def test_depth_and_types_are_bounded(name: str) -> None:
    with pytest.raises(BadBody):
        to_inbound("demo", read_fields(DEEP[name]()), FakeClock().now())


@pytest.mark.parametrize("around", ["<xml><Content>%s</Content></xml>", '{"Content": "%s"}'])
def test_size_is_bounded_without_the_server(around: str) -> None:
    assert read_fields(around % ("x" * 1000))
    with pytest.raises(BadBody):
        read_fields(around % ("x" * LARGEST_BODY))


def _json(openid: str = "oTESTaaaa", content: str = "查话费", **more: object) -> bytes:
    common = {"ToUserName": "gh_demo", "FromUserName": openid, "CreateTime": 1409735669, "MsgType": "text"}
    return json.dumps(common | {"Content": content, "MsgId": 6054768590064713728} | more).encode()


@pytest.mark.parametrize("mode", ["plain", "compatible", "safe"])
@pytest.mark.parametrize("inner", ["json", "xml"])
@pytest.mark.parametrize("outer", ["json", "xml"])
async def test_json_passes_the_same_gate_and_is_answered_in_xml(mode: str, inner: str, outer: str) -> None:
    webhook, inbox, clock, _ = make_webhook("好", mode=mode)
    message = _json() if inner == "json" else text_xml("查话费").encode()
    query = plain_query(clock)
    if mode == "plain":
        call = (query, message)
    else:
        encrypted = raw_cipher(message)
        query, body = sealed_call(encrypted, query)
        if outer == "json":
            body = b'{"ToUserName": "gh_demo", "Encrypt": "%s"}' % encrypted.encode()
        call = (query, body)
    status, reply = await webhook.receive(*call)
    assert (status, inbox.messages[0].text, inbox.messages[0].dedup_key) == (200, "查话费", "m6054768590064713728")
    opened = reply if mode == "plain" else opened_reply(reply)
    assert read_fields(opened)["Content"] == "好"


async def test_json_brings_in_no_control_characters() -> None:
    webhook, inbox, clock, _ = make_webhook(mode="plain")
    await webhook.receive(plain_query(clock), _json(content="a\x00b\ud800c"))
    assert inbox.messages[0].text == "abc"
    event = _json(MsgType="event", Event="CLICK", EventKey="k\x00\udfff")
    await webhook.receive(plain_query(clock, nonce="n2"), event)
    assert (inbox.messages[1].text, inbox.messages[1].dedup_key) == ("k", "e1409735669:click:k")


@pytest.mark.parametrize("mode", ["plain", "compatible", "safe"])
@pytest.mark.parametrize("sent", ["plain", "safe"])
async def test_no_mode_is_another(mode: str, sent: str) -> None:
    webhook, inbox, clock, counts = make_webhook(mode=mode)
    call = (plain_query(clock), text_xml("x").encode()) if sent == "plain" else safe_call(text_xml("x"), clock)
    status, _ = await webhook.receive(*call)
    same = (mode == "plain") == (sent == "plain")
    assert status == (200 if same else 403)
    assert bool(inbox.messages) == same
    assert counts["anomalous.wrong_mode"] == (0 if same else 1)


def _account(key: str) -> AccountSettings:
    return replace(ACCOUNT, encoding_aes_key=key)


async def test_the_previous_key_opens_and_its_reply_is_sealed_with_it() -> None:
    old = "A" * 42 + "E"
    webhook, inbox, clock, _ = make_webhook("好", previous_encoding_aes_key=old)
    status, body = await webhook.receive(*safe_call(text_xml("旧钥"), clock, _account(old)))
    assert (status, inbox.messages[0].text) == (200, "旧钥")
    assert "好" in opened_reply(body, _account(old))
    _, body = await webhook.receive(*safe_call(text_xml("新钥", msg_id="7"), clock, nonce="n2"))
    assert "好" in opened_reply(body)
    assert (await webhook.receive(*safe_call(text_xml("第三把", msg_id="8"), clock, _account("B" * 42 + "E"), nonce="n3")))[0] == 403
