"""The reply's envelope: what WeChat takes and what it calls a fault."""

from dataclasses import replace

import pytest
from wechatpy import create_reply, parse_message
from wechatpy.crypto import WeChatCrypto
from wechatpy.replies import ArticlesReply, ImageReply, TransferCustomerServiceReply
from wechatpy.utils import WeChatSigner

from sandbox.config import Account, config_from
from sandbox.envelope import open_reply, seal
from sandbox.errors import ReplyMalformed
from sandbox.kinds import Fields, render_xml
from tests.sandbox.callback import AES_KEY, APP_ID, TOKEN
from tests.sandbox.conftest import config_json

ACCOUNT = config_from(config_json()).accounts[0]
ENDS: Fields = [("ToUserName", "gh_demo"), ("FromUserName", "oZhang"), ("CreateTime", 1)]
MESSAGE = parse_message(render_xml([*ENDS, ("MsgType", "text"), ("Content", "x"), ("MsgId", 1)]))
CRYPTO = WeChatCrypto(TOKEN, AES_KEY, APP_ID)
GOOD: dict[str, str | int] = {"ToUserName": "oZhang", "FromUserName": "gh_demo", "CreateTime": 1, "MsgType": "text", "Content": "好"}


def mode(name: str) -> Account:
    return replace(ACCOUNT, mode=name)


def answer(**change: str | int | None) -> bytes:
    fields: dict[str, str | int | None] = {**GOOD, **change}
    return render_xml([(name, value) for name, value in fields.items() if value is not None]).encode()


def test_sealing_and_wechatpy_opening_meet() -> None:
    query, body = seal(ACCOUNT, "<xml><A>中文 😀</A></xml>", "oZhang", "1795000000", "n1")
    assert CRYPTO.decrypt_message(body.decode(), query["msg_signature"], query["timestamp"], query["nonce"]) == "<xml><A>中文 😀</A></xml>"


@pytest.mark.parametrize("body", [b"", b"success", b" success\n"])
def test_nothing_to_show(body: bytes) -> None:
    assert open_reply(ACCOUNT, "oZhang", body) is None


def test_a_sealed_text() -> None:
    body = CRYPTO.encrypt_message(create_reply("好的\n再见", MESSAGE).render(), "nonce", "1795000000").encode()
    reply = open_reply(ACCOUNT, "oZhang", body)
    assert reply
    assert (reply.msg_type, reply.text) == ("text", "好的\n再见")


@pytest.mark.parametrize("name", ["plain", "compatible"])
def test_plain_answers_where_the_mode_allows(name: str) -> None:
    reply = open_reply(mode(name), "oZhang", answer())
    assert reply
    assert reply.text == "好"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"ToUserName": "oLi"}, "ToUserName"),
        ({"FromUserName": "gh_other"}, "FromUserName"),
        ({"ToUserName": None}, "ToUserName"),
        ({"CreateTime": "now"}, "CreateTime"),
        ({"Content": None}, "no Content"),
        ({"Content": ""}, "no Content"),
        ({"Content": "中" * 683}, "2048"),
        ({"MsgType": "Text"}, "no kind of reply"),
        ({"MsgType": None}, "no kind of reply"),
        ({"MsgType": "news"}, "exactly one item"),
    ],
)
def test_a_field_that_wechat_refuses(change: dict[str, str | None], why: str) -> None:
    with pytest.raises(ReplyMalformed, match=why):
        open_reply(mode("plain"), "oZhang", answer(**change))


def test_2048_bytes_are_fine() -> None:
    reply = open_reply(mode("plain"), "oZhang", answer(Content="中" * 682 + "ab"))
    assert reply
    assert len(reply.text.encode()) == 2048


@pytest.mark.parametrize(
    "body",
    [
        b"\xff",
        b"ok",
        b"{}",
        b"<a></a>",
        b"<xml>",
        b"<xml/>",
        b'<!DOCTYPE x [<!ENTITY e "boom">]><xml><Content>&e;</Content></xml>',
        answer().replace(b"</xml>", b"<Content>zwei</Content></xml>"),
    ],
)
def test_what_is_no_reply(body: bytes) -> None:
    with pytest.raises(ReplyMalformed):
        open_reply(mode("plain"), "oZhang", body)


def test_safe_mode_takes_no_plain_answer_and_plain_mode_no_sealed_one() -> None:
    with pytest.raises(ReplyMalformed, match="not encrypted"):
        open_reply(ACCOUNT, "oZhang", answer())
    sealed = CRYPTO.encrypt_message(answer().decode(), "n", "1").encode()
    with pytest.raises(ReplyMalformed, match="is encrypted"):
        open_reply(mode("plain"), "oZhang", sealed)


@pytest.mark.parametrize("part", ["MsgSignature", "TimeStamp", "Nonce", "Encrypt"])
def test_an_envelope_with_a_part_missing_or_changed(part: str) -> None:
    sealed = CRYPTO.encrypt_message(answer().decode(), "nonce", "1795000000")
    renamed = sealed.replace(f"<{part}>", f"<X{part}>").replace(f"</{part}>", f"</X{part}>")
    changed = sealed.replace(f"<{part}><![CDATA[", f"<{part}><![CDATA[A").replace("<TimeStamp>", "<TimeStamp>9")
    for broken in (renamed, changed):
        with pytest.raises(ReplyMalformed):
            open_reply(ACCOUNT, "oZhang", broken.encode())


@pytest.mark.parametrize("encrypt", ["", "AAAA", "not base64!", "QUJD" * 8])
def test_a_ciphertext_that_cannot_be_opened(encrypt: str) -> None:
    signer = WeChatSigner()
    signer.add_data(TOKEN, "1", "n", encrypt)
    body = render_xml([("Encrypt", encrypt), ("MsgSignature", signer.signature), ("TimeStamp", 1), ("Nonce", "n")])
    with pytest.raises(ReplyMalformed):
        open_reply(ACCOUNT, "oZhang", body.encode())


def test_other_kinds_of_reply() -> None:
    news = ArticlesReply(message=MESSAGE)
    news.add_article({"title": "套餐", "description": "", "image": "", "url": "https://example.com"})
    replies = (ImageReply(message=MESSAGE, media_id="m"), TransferCustomerServiceReply(message=MESSAGE), news)
    shown = [open_reply(mode("plain"), "oZhang", reply.render().encode()) for reply in replies]
    assert [one.msg_type for one in shown if one] == ["image", "transfer_customer_service", "news"]
    assert [one.text for one in shown if one] == ["[图片]", "", "[图文] 套餐"]
