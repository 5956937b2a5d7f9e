"""The reply and its envelope: what WeChat takes and what it calls a fault."""

import json
from dataclasses import replace
from typing import Any

import pytest
from wechatpy import create_reply, parse_message
from wechatpy.crypto import WeChatCrypto
from wechatpy.replies import ArticlesReply, ImageReply, MusicReply, TransferCustomerServiceReply, VideoReply, VoiceReply
from wechatpy.utils import WeChatSigner

from sandbox.clock import SandboxClock
from sandbox.config import Account, config_from
from sandbox.envelope import open_reply, seal
from sandbox.errors import ReplyMalformed
from sandbox.platform.bubbles import Bubbles
from sandbox.platform.materials import Materials
from sandbox.platform.media import MediaStore
from sandbox.rendering import Fields, render_xml
from sandbox.replies import PassiveReply, check_reply
from sandbox.samples import sample
from tests.sandbox.callback import AES_KEY, APP_ID, TOKEN
from tests.sandbox.conftest import config_json

ACCOUNT = config_from(config_json()).accounts[0]
ENDS: Fields = [("ToUserName", "gh_demo"), ("FromUserName", "oZhang"), ("CreateTime", 1)]
MESSAGE = parse_message(render_xml([*ENDS, ("MsgType", "text"), ("Content", "x"), ("MsgId", 1)]))
CRYPTO = WeChatCrypto(TOKEN, AES_KEY, APP_ID)
GOOD: dict[str, str | int] = {"ToUserName": "oZhang", "FromUserName": "gh_demo", "CreateTime": 1, "MsgType": "text", "Content": "好"}


CLOCK = SandboxClock(None)
MEDIA = MediaStore(CLOCK)
BUBBLES = Bubbles(MEDIA, Materials(MEDIA, CLOCK))


def read(account: Account, body: bytes) -> PassiveReply | None:
    """As the postman does: out of the envelope, then checked."""
    opened = open_reply(account, body)
    return None if opened is None else check_reply(account, "oZhang", opened, BUBBLES)


def kept(kind: str) -> str:
    return MEDIA.add("demo", kind, sample(kind)).media_id


def mode(name: str) -> Account:
    return replace(ACCOUNT, mode=name)


def answer(**change: str | int | None) -> bytes:
    fields: dict[str, str | int | None] = {**GOOD, **change}
    return render_xml([(name, value) for name, value in fields.items() if value is not None]).encode()


def test_sealing_and_wechatpy_opening_meet() -> None:
    query, body = seal(ACCOUNT, [("A", "中文 😀")], "oZhang", "1795000000", "n1")
    opened = CRYPTO.decrypt_message(body.decode(), query["msg_signature"], query["timestamp"], query["nonce"])
    assert opened == "<xml><A><![CDATA[中文 😀]]></A></xml>"


def test_json_is_sealed_the_same_way() -> None:
    account = replace(ACCOUNT, callback_format="json")
    pictures: Fields = [("Count", 1), ("PicList", [("item", [("PicMd5Sum", "a")])])]
    fields: Fields = [("MsgType", "event"), ("CreateTime", 7), ("SendPicsInfo", pictures)]
    query, body = seal(account, fields, "oZhang", "1795000000", "n1")
    outer = json.loads(body)
    assert set(outer) == {"ToUserName", "Encrypt"}
    opened = CRYPTO.decrypt_message(outer, query["msg_signature"], query["timestamp"], query["nonce"])
    assert json.loads(opened) == {"MsgType": "event", "CreateTime": 7, "SendPicsInfo": {"Count": 1, "PicList": [{"PicMd5Sum": "a"}]}}


def test_only_an_account_that_gets_json_may_answer_in_json() -> None:
    body = json.dumps({**GOOD, "MsgType": "transfer_customer_service"}).encode()
    reply = read(replace(mode("plain"), callback_format="json"), body)
    assert reply
    assert reply.msg_type == "transfer_customer_service"
    with pytest.raises(ReplyMalformed):
        read(mode("plain"), body)


@pytest.mark.parametrize("body", [b"", b"success", b" success\n"])
def test_nothing_to_show(body: bytes) -> None:
    assert read(ACCOUNT, body) is None


def test_a_sealed_text() -> None:
    body = CRYPTO.encrypt_message(create_reply("好的\n再见", MESSAGE).render(), "nonce", "1795000000").encode()
    reply = read(ACCOUNT, body)
    assert reply
    assert (reply.msg_type, reply.bubble.text) == ("text", "好的\n再见")


@pytest.mark.parametrize("name", ["plain", "compatible"])
def test_plain_answers_where_the_mode_allows(name: str) -> None:
    reply = read(mode(name), answer())
    assert reply
    assert reply.bubble.text == "好"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"ToUserName": "oLi"}, "ToUserName"),
        ({"FromUserName": "gh_other"}, "FromUserName"),
        ({"ToUserName": None}, "ToUserName"),
        ({"CreateTime": "now"}, "CreateTime"),
        ({"Content": None}, "44004"),
        ({"Content": ""}, "44004"),
        ({"Content": "中" * 683}, "45002"),
        ({"MsgType": "Text"}, "no kind of reply"),
        ({"MsgType": None}, "no kind of reply"),
        ({"MsgType": "news"}, "exactly one item"),
    ],
)
def test_a_field_that_wechat_refuses(change: dict[str, str | None], why: str) -> None:
    with pytest.raises(ReplyMalformed, match=why):
        read(mode("plain"), answer(**change))


def test_2048_bytes_are_fine() -> None:
    reply = read(mode("plain"), answer(Content="中" * 682 + "ab"))
    assert reply
    assert len(reply.bubble.text.encode()) == 2048


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
        read(mode("plain"), body)


def test_safe_mode_takes_no_plain_answer_and_plain_mode_no_sealed_one() -> None:
    with pytest.raises(ReplyMalformed, match="not encrypted"):
        read(ACCOUNT, answer())
    sealed = CRYPTO.encrypt_message(answer().decode(), "n", "1").encode()
    with pytest.raises(ReplyMalformed, match="is encrypted"):
        read(mode("plain"), sealed)


@pytest.mark.parametrize("part", ["MsgSignature", "TimeStamp", "Nonce", "Encrypt"])
def test_an_envelope_with_a_part_missing_or_changed(part: str) -> None:
    sealed = CRYPTO.encrypt_message(answer().decode(), "nonce", "1795000000")
    renamed = sealed.replace(f"<{part}>", f"<X{part}>").replace(f"</{part}>", f"</X{part}>")
    changed = sealed.replace(f"<{part}><![CDATA[", f"<{part}><![CDATA[A").replace("<TimeStamp>", "<TimeStamp>9")
    for broken in (renamed, changed):
        with pytest.raises(ReplyMalformed):
            read(ACCOUNT, broken.encode())


@pytest.mark.parametrize("encrypt", ["", "AAAA", "not base64!", "QUJD" * 8])
def test_a_ciphertext_that_cannot_be_opened(encrypt: str) -> None:
    signer = WeChatSigner()
    signer.add_data(TOKEN, "1", "n", encrypt)
    body = render_xml([("Encrypt", encrypt), ("MsgSignature", signer.signature), ("TimeStamp", 1), ("Nonce", "n")])
    with pytest.raises(ReplyMalformed):
        read(ACCOUNT, body.encode())


def shown(reply: Any) -> PassiveReply:
    one = read(mode("plain"), reply.render().encode())
    assert one
    return one


def test_every_kind_of_reply() -> None:
    news = ArticlesReply(message=MESSAGE)
    news.add_article({"title": "套餐", "description": "", "image": "http://x/1.png", "url": "https://example.com"})
    music = MusicReply(message=MESSAGE, thumb_media_id=kept("thumb"), title="歌", music_url="http://x/a", hq_music_url="http://x/b")
    replies = [
        (ImageReply(message=MESSAGE, media_id=kept("image")), "[图片]"),
        (VoiceReply(message=MESSAGE, media_id=kept("voice")), "[语音]"),
        (VideoReply(message=MESSAGE, media_id=kept("video"), title="片", description="短"), "[视频]"),
        (music, "[音乐]"),
        (news, "[图文] 套餐"),
        (TransferCustomerServiceReply(message=MESSAGE), ""),
    ]
    assert [shown(reply).bubble.text for reply, _ in replies] == [text for _, text in replies]
    assert shown(news).bubble.data["articles"][0] == {
        "title": "套餐", "description": "", "picurl": "http://x/1.png", "url": "https://example.com",
    }  # fmt: skip


def test_a_handover_may_name_its_agent() -> None:
    body = answer(MsgType="transfer_customer_service").replace(
        b"</xml>", b"<TransInfo><KfAccount><![CDATA[lin@demo]]></KfAccount></TransInfo></xml>"
    )
    reply = read(mode("plain"), body)
    assert reply
    assert reply.kf_account == "lin@demo"


@pytest.mark.parametrize("kind", ["image", "voice", "video"])
def test_a_reply_with_a_file_nobody_has(kind: str) -> None:
    reply = {"image": ImageReply, "voice": VoiceReply, "video": VideoReply}[kind](message=MESSAGE, media_id="nobody's")
    with pytest.raises(ReplyMalformed, match="40007"):
        shown(reply)


def test_news_has_one_article() -> None:
    news = ArticlesReply(message=MESSAGE)
    for n in range(2):
        news.add_article({"title": str(n), "description": "", "image": "", "url": ""})
    with pytest.raises(ReplyMalformed, match="exactly one"):
        shown(news)
