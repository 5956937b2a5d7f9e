"""What a message of the account looks like on the phone, once WeChat has found nothing wrong with it.

Kinds and fields: developers.weixin.qq.com/doc/service/en/api/customer/message/api_sendcustommessage.html. A passive reply is read into the
same shape (sandbox/replies.py), so that both are checked and drawn alike.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.config import Account
from sandbox.errors import PlatformRefusal
from sandbox.platform.calls import list_of, table_of, text_of
from sandbox.platform.materials import Materials
from sandbox.platform.media import MediaStore, address

TEXT_BYTES = 2048
_URL_BYTES = 1024


@dataclass(frozen=True)
class Bubble:
    """`text` is the line in words; `data` what the page draws; `choices` the entries of a msgmenu."""

    text: str
    data: Mapping[str, Any] = field(default_factory=dict)
    choices: tuple[dict[str, str], ...] = ()


class Bubbles:
    """Checks and makes them. A kind that is not in the table is refused with 40008."""

    def __init__(self, media: MediaStore, materials: Materials) -> None:
        self._media = media
        self._materials = materials
        self._makers: Mapping[str, Callable[[Account, Mapping[str, Any]], Bubble]] = {
            "text": self._text,
            "image": self._image,
            "voice": self._voice,
            "video": self._video,
            "music": self._music,
            "news": self._news,
            "mpnews": self._material_news,
            "mpnewsarticle": self._article,
            "msgmenu": self._menu,
            "wxcard": self._card,
            "miniprogrampage": self._mini_program,
        }

    def make(self, account: Account, msg_type: object, part: object) -> Bubble:
        """The bubble for `{"msgtype": msg_type, msg_type: part}`.

        Raises:
            PlatformRefusal: 40008 kind, 44004 and 45002 text, 40007 media, 45008 more than one article, 47001 anything else.
        """
        maker = self._makers.get(msg_type) if isinstance(msg_type, str) else None
        if maker is None:
            raise PlatformRefusal(40008)
        if not isinstance(part, dict):
            raise PlatformRefusal(44004 if msg_type == "text" else 47001)
        return maker(account, part)

    def _text(self, _account: Account, part: Mapping[str, Any]) -> Bubble:
        return Bubble(_sized(text_of(part.get("content"), 44004)))

    def _image(self, account: Account, part: Mapping[str, Any]) -> Bubble:
        return Bubble("[图片]", self._file(account, part, "media_id", "image"))

    def _voice(self, account: Account, part: Mapping[str, Any]) -> Bubble:
        return Bubble("[语音]", self._file(account, part, "media_id", "voice"))

    def _video(self, account: Account, part: Mapping[str, Any]) -> Bubble:
        data = self._file(account, part, "media_id", "video")
        if part.get("thumb_media_id"):
            data["thumb_url"] = self._file(account, part, "thumb_media_id", "thumb", "image")["url"]
        return Bubble("[视频]", data | _optional(part, "title", "description"))

    def _music(self, account: Account, part: Mapping[str, Any]) -> Bubble:
        thumb = self._file(account, part, "thumb_media_id", "thumb", "image")["url"]
        links = {name: text_of(part.get(name), 47001) for name in ("musicurl", "hqmusicurl")}
        return Bubble("[音乐]", {"thumb_url": thumb, **links, **_optional(part, "title", "description")})

    def _news(self, _account: Account, part: Mapping[str, Any]) -> Bubble:
        articles = list_of(part.get("articles"))
        if not articles:
            raise PlatformRefusal(47001)
        # Since 2018 one article is all that may be sent.
        if len(articles) > 1:
            raise PlatformRefusal(45008)
        one = table_of(articles[0])
        title = _sized(text_of(one.get("title"), 47001))
        shown = {"title": title, **_optional(one, "description", "url", "picurl")}
        if len(str(shown.get("url", "")).encode()) > _URL_BYTES:
            raise PlatformRefusal(45002)
        return Bubble(f"[图文] {title}", {"articles": [shown]})

    def _material_news(self, account: Account, part: Mapping[str, Any]) -> Bubble:
        articles = self._materials.articles(account.key, part.get("media_id"))
        shown = [{"title": one["title"], "description": one["digest"], "url": one["url"]} for one in articles]
        return Bubble(f"[图文] {shown[0]['title']}", {"articles": shown})

    def _article(self, account: Account, part: Mapping[str, Any]) -> Bubble:
        return self._material_news(account, {"media_id": text_of(part.get("article_id"), 40007)})

    def _menu(self, _account: Account, part: Mapping[str, Any]) -> Bubble:
        entries = [table_of(entry) for entry in list_of(part.get("list"))]
        if not entries:
            raise PlatformRefusal(47001)
        choices = tuple({"id": str(one.get("id") or ""), "content": text_of(one.get("content"), 47001)} for one in entries)
        lines = [str(part.get("head_content") or ""), *(one["content"] for one in choices), str(part.get("tail_content") or "")]
        return Bubble(_sized("\n".join(line for line in lines if line)), choices=choices)

    def _card(self, _account: Account, part: Mapping[str, Any]) -> Bubble:
        return Bubble("[卡券]", {"card_id": text_of(part.get("card_id"), 47001)})

    def _mini_program(self, account: Account, part: Mapping[str, Any]) -> Bubble:
        texts = {name: text_of(part.get(name), 47001) for name in ("title", "appid", "pagepath")}
        thumb = self._file(account, part, "thumb_media_id", "image", "thumb")["url"]
        return Bubble(f"[小程序] {texts['title']}", {**texts, "thumb_url": thumb})

    def _file(self, account: Account, part: Mapping[str, Any], name: str, *kinds: str) -> dict[str, Any]:
        media = self._media.find(account.key, part.get(name), kinds)
        return {"media_id": media.media_id, "url": address("", media), "type": media.content_type}


def _sized(text: str) -> str:
    if len(text.encode("utf-8", "surrogatepass")) > TEXT_BYTES:
        raise PlatformRefusal(45002)
    return text


def _optional(part: Mapping[str, Any], *names: str) -> dict[str, str]:
    given = {name: part[name] for name in names if part.get(name) is not None}
    if any(not isinstance(value, str) for value in given.values()):
        raise PlatformRefusal(47001)
    return given
