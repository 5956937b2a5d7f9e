"""A stranger's script at the callback of a running deployment: wechatpy's own crypto, every vector, and bad input."""

import hashlib
import itertools
import time
from typing import Any

import pytest
import requests
from wechatpy.crypto import WeChatCrypto

from connectors.wechat.codec import read_fields
from tests.connectors.wechat.doubles import signature, text_xml
from tests.e2e.conftest import KEY, VECTORS
from tests.e2e.driver import Running

pytestmark = pytest.mark.slow
TOKEN, APP_ID = "weitingdemo", "wxdemo0000000000aa"
_ids = itertools.count(int(time.time() * 1000))


def _crypto() -> WeChatCrypto:
    return WeChatCrypto(TOKEN, KEY, APP_ID)


def _post(running: Running, account: str, query: dict[str, str], body: bytes) -> requests.Response:
    return requests.post(f"http://127.0.0.1:{running.base}/wechat/{account}", params=query, data=body, timeout=20)


def _sealed(xml: str, nonce: str = "77") -> tuple[dict[str, str], bytes]:
    timestamp = str(int(time.time()))
    body = _crypto().encrypt_message(xml, nonce, timestamp)
    signed = body.split("<MsgSignature><![CDATA[")[1].split("]]>")[0]
    query = {"timestamp": timestamp, "nonce": nonce, "signature": signature(TOKEN, timestamp, nonce)}
    return query | {"encrypt_type": "aes", "msg_signature": signed}, body.encode()


def _text(content: str, openid: str, msg_id: str | None = None) -> str:
    return text_xml(content, msg_id or str(next(_ids)), openid)


def _opened(answer: requests.Response) -> dict[str, Any]:
    fields = read_fields(answer.text)
    plain = _crypto().decrypt_message(answer.text, fields["MsgSignature"], fields["TimeStamp"], fields["Nonce"])
    return read_fields(plain)


def test_a_text_is_answered_in_the_same_response(running: Running) -> None:
    answer = _post(running, "demo", *_sealed(_text("你好", "oSTRANGERa")))
    assert answer.status_code == 200
    fields = _opened(answer)
    assert (fields["ToUserName"], fields["FromUserName"], fields["MsgType"]) == ("oSTRANGERa", "gh_demo", "text")
    assert fields["Content"]


def test_a_repeat_gets_the_same_reply_and_one_turn(running: Running) -> None:
    xml = _text("你好", "oSTRANGERb")
    first, second = (_opened(_post(running, "demo", *_sealed(xml, nonce))) for nonce in ("1", "2"))
    assert first["Content"] == second["Content"]


def test_one_msg_id_of_two_subscribers_is_two(running: Running) -> None:
    shared = str(next(_ids))
    answers = [_opened(_post(running, "demo", *_sealed(_text("你好", openid, shared)))) for openid in ("oSTRANGERc", "oSTRANGERd")]
    assert [one["ToUserName"] for one in answers] == ["oSTRANGERc", "oSTRANGERd"]


@pytest.mark.parametrize("index", range(len(VECTORS["encrypted"])), ids=[one["id"] for one in VECTORS["encrypted"]])
def test_every_cipher_vector(running: Running, index: int) -> None:
    """A vector that is a message is taken; one that is no callback of an official account is refused; none breaks anything."""
    vector = VECTORS["encrypted"][index]
    timestamp, nonce = vector["timestamp"] or "1409735669", vector["nonce"] or "1"
    signed = vector["msg_signature"] or signature(vector["token"], timestamp, nonce, vector["ciphertext"])
    query = {"timestamp": timestamp, "nonce": nonce, "signature": signature(vector["token"], timestamp, nonce)}
    query |= {"encrypt_type": "aes", "msg_signature": signed}
    body = f"<xml><ToUserName>gh</ToUserName><Encrypt><![CDATA[{vector['ciphertext']}]]></Encrypt></xml>"
    answer = _post(running, f"v{index}", query, body.encode())
    message = "<MsgId>" in vector["plaintext"] or "<Event>" in vector["plaintext"]
    assert answer.status_code == (200 if message else 403)
    wrong = _post(running, f"v{index}", query | {"msg_signature": "0" * 40}, body.encode())
    assert wrong.status_code == 403


@pytest.mark.parametrize("index", range(len(VECTORS["plain_signature"])), ids=[one["id"] for one in VECTORS["plain_signature"]])
def test_every_signature_vector(running: Running, index: int) -> None:
    vector = VECTORS["plain_signature"][index]
    query = {name: vector[name] for name in ("timestamp", "nonce", "signature")} | {"echostr": vector.get("echostr", "echo")}
    url = f"http://127.0.0.1:{running.base}/wechat/s{index}"
    answer = requests.get(url, params=query, timeout=10)
    assert (answer.status_code, answer.text) == (200, query["echostr"])
    assert requests.get(url, params=query | {"nonce": "1"}, timeout=10).status_code == 403


def _bad_calls() -> dict[str, tuple[dict[str, str], bytes]]:
    query, body = _sealed(_text("x", "oBAD"))
    plain = {name: query[name] for name in ("timestamp", "nonce", "signature")}
    other = WeChatCrypto(TOKEN, KEY, "wxsomebodyelse0000")
    timestamp = query["timestamp"]
    foreign = other.encrypt_message(_text("x", "oBAD"), "77", timestamp)
    foreign_signed = foreign.split("<MsgSignature><![CDATA[")[1].split("]]>")[0]
    padding = body.replace(b"<Encrypt><![CDATA[", b"<Encrypt><![CDATA[" + b"A" * 32)
    repaired = padding.split(b"<Encrypt><![CDATA[")[1].split(b"]]>")[0].decode()
    return {
        "bad signature": (query | {"msg_signature": hashlib.sha256(b"x").hexdigest()[:40]}, body),
        "no signature": ({}, body),
        "plain in safe mode": (plain, _text("x", "oBAD").encode()),
        "another app id": (query | {"msg_signature": foreign_signed}, foreign.encode()),
        "broken padding": (query | {"msg_signature": signature(TOKEN, timestamp, "77", repaired)}, padding),
        "broken XML": _sealed("<xml><MsgType>text"),
        "an entity declaration": _sealed('<!DOCTYPE x [<!ENTITY a "aaaa">]><xml><MsgType>&a;</MsgType></xml>'),
        "duplicate elements": _sealed(_text("x", "oBAD").replace("</xml>", "<Content>y</Content></xml>")),
    }


@pytest.mark.parametrize("case", _bad_calls())
def test_what_wechat_would_not_send_is_403_and_nothing_told(running: Running, case: str) -> None:
    answer = _post(running, "demo", *_bad_calls()[case])
    assert (answer.status_code, answer.text) == (403, "")


def test_a_large_body_is_refused(running: Running) -> None:
    answer = _post(running, "demo", *_sealed(_text("长" * 22_000, "oBAD")))
    assert answer.status_code == 413
    assert "Traceback" not in answer.text


@pytest.mark.parametrize("content", ["长" * 3000, "😀🎉👍", "", " \n ", "a]]]]><![CDATA[>b<xml>", "<b>&amp;</b>", "\u200b\u202e", "1" * 9])
def test_odd_texts_get_an_answer_without_markup(running: Running, content: str) -> None:
    answer = _post(running, "demo", *_sealed(_text(content, f"oODD{next(_ids)}")))
    assert answer.status_code == 200
    if answer.text != "success":
        assert not set("<>") & set(_opened(answer)["Content"])


def test_an_account_nobody_has_is_404(running: Running) -> None:
    assert _post(running, "nobody", {}, b"").status_code == 404


def test_an_unsupported_event_is_success(running: Running) -> None:
    xml = _text("", "oEVENT").replace("<MsgType><![CDATA[text]]></MsgType>", "<MsgType>event</MsgType><Event>VIEW</Event>")
    answer = _post(running, "demo", *_sealed(xml))
    assert (answer.status_code, answer.text) == (200, "success")


def test_the_good_message_after_all_that_is_answered(running: Running) -> None:
    for query, body in _bad_calls().values():
        _post(running, "demo", query, body)
    assert _opened(_post(running, "demo", *_sealed(_text("你好", "oSTRANGERz"))))["Content"]
