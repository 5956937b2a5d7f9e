"""What an account answers inside the callback, checked as WeChat checks it and drawn like any other message of the account's.

developers.weixin.qq.com/doc/service/en/guide/product/message/Passive_user_reply_message.html: one reply of text, image, voice, video,
music or news (one article), or the hand-over to WeChat's own desk.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import Element  # noqa: S405  defusedxml does the parsing

from sandbox.config import Account
from sandbox.envelope import children_of, text_in
from sandbox.errors import PlatformRefusal, ReplyMalformed
from sandbox.platform.bubbles import Bubble, Bubbles

TRANSFER = "transfer_customer_service"


@dataclass(frozen=True)
class PassiveReply:
    """`msg_type` and the bubble; for a hand-over `kf_account`, the agent it names, or an empty text."""

    msg_type: str
    bubble: Bubble
    kf_account: str = ""


def check_reply(account: Account, openid: str, root: Element, bubbles: Bubbles) -> PassiveReply:
    """Reads the opened answer.

    Raises:
        ReplyMalformed: for everything WeChat would answer with its fault notice.
    """
    fields = children_of(root)
    if text_in(fields, "ToUserName") != openid or text_in(fields, "FromUserName") != account.ghid:
        raise ReplyMalformed("ToUserName or FromUserName of the answer is not that of this chat")
    if not text_in(fields, "CreateTime").isdigit():
        raise ReplyMalformed("CreateTime of the answer is not a whole number")
    msg_type = text_in(fields, "MsgType")
    if msg_type == TRANSFER:
        return PassiveReply(msg_type, Bubble(""), _inside(fields, "TransInfo", required=False).get("KfAccount", ""))
    if msg_type not in _PARTS:
        raise ReplyMalformed(f"MsgType {msg_type[:40]!r} is no kind of reply")
    part = _PARTS[msg_type](fields)
    try:
        return PassiveReply(msg_type, bubbles.make(account, msg_type, part))
    except PlatformRefusal as refusal:
        raise ReplyMalformed(f"the {msg_type} answer is refused: {refusal.errcode} {refusal.errmsg}") from refusal


def _text(fields: Mapping[str, Element]) -> dict[str, Any]:
    return {"content": text_in(fields, "Content")}


def _file(name: str) -> Callable[[Mapping[str, Element]], dict[str, Any]]:
    def read(fields: Mapping[str, Element]) -> dict[str, Any]:
        inside = _inside(fields, name)
        named = {"MediaId": "media_id", "Title": "title", "Description": "description"}
        return {named[tag]: words for tag, words in inside.items() if tag in named}

    return read


def _music(fields: Mapping[str, Element]) -> dict[str, Any]:
    names = {"Title": "title", "Description": "description", "MusicUrl": "musicurl"}
    names |= {"HQMusicUrl": "hqmusicurl", "ThumbMediaId": "thumb_media_id"}
    return {names[tag]: words for tag, words in _inside(fields, "Music").items() if tag in names}


def _news(fields: Mapping[str, Element]) -> dict[str, Any]:
    items = list(fields["Articles"]) if "Articles" in fields else []
    if len(items) != 1 or items[0].tag != "item" or text_in(fields, "ArticleCount") != "1":
        raise ReplyMalformed("the news answer must have ArticleCount 1 and exactly one item")
    names = {"Title": "title", "Description": "description", "PicUrl": "picurl", "Url": "url"}
    item = children_of(items[0])
    return {"articles": [{names[tag]: text_in(item, tag) for tag in item if tag in names}]}


_PARTS: Mapping[str, Callable[[Mapping[str, Element]], dict[str, Any]]] = {
    "text": _text,
    "image": _file("Image"),
    "voice": _file("Voice"),
    "video": _file("Video"),
    "music": _music,
    "news": _news,
}


def _inside(fields: Mapping[str, Element], name: str, *, required: bool = True) -> dict[str, str]:
    if name not in fields:
        if required:
            raise ReplyMalformed(f"the answer has no {name}")
        return {}
    inside = children_of(fields[name])
    return {tag: text_in(inside, tag) for tag in inside}
