"""Permanent material: files without an end, and articles (developers.weixin.qq.com/doc/service/api/material/permanent/…).

add_news is kept beside add_material, because wechatpy 1.8.18 and older products make articles with it; WeChat now has drafts.
"""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.clock import SandboxClock
from sandbox.errors import PlatformRefusal
from sandbox.platform.calls import OK, Answer, Asked, Blob, Call, list_of, table_of, text_of, whole_of
from sandbox.platform.media import LIMITS, Media, MediaStore, address, sent_file

_PAGE = 20
_ARTICLES = 8


@dataclass(frozen=True)
class _News:
    media_id: str
    account: str
    articles: tuple[Mapping[str, Any], ...]
    created: float


class Materials:
    """The calls material/…; files lie in the store of all media."""

    def __init__(self, store: MediaStore, clock: SandboxClock) -> None:
        self._store = store
        self._clock = clock
        self._news: dict[str, _News] = {}

    def calls(self) -> tuple[Call, ...]:
        return (
            Call("/cgi-bin/material/add_material", self.add, daily=100_000, body="form"),
            Call("/cgi-bin/material/add_news", self.add_news, daily=100_000),
            Call("/cgi-bin/material/get_material", self.get, daily=200_000),
            Call("/cgi-bin/material/del_material", self.delete, daily=100_000),
            Call("/cgi-bin/material/get_materialcount", self.count, "GET", daily=10_000, body="none"),
            Call("/cgi-bin/material/batchget_material", self.batch, daily=100_000),
        )

    def articles(self, account: str, media_id: object) -> tuple[Mapping[str, Any], ...]:
        """The articles under a media_id; raises PlatformRefusal 40007."""
        news = self._news.get(media_id) if isinstance(media_id, str) else None
        if news is None or news.account != account:
            raise PlatformRefusal(40007)
        return news.articles

    def add(self, asked: Asked) -> Answer:
        """A file; a video comes with its description as a field of the form (wechatpy puts it into the query)."""
        kind = asked.args.get("type") or str(asked.body.get("type") or "")
        file = sent_file(asked)
        title = _title(asked) if kind == "video" else ""
        media = self._store.add(asked.account.key, kind, file.content, permanent=True, name=file.name, title=title)
        answer: dict[str, Any] = {"media_id": media.media_id, "item": []}
        return answer | ({"url": address(asked.base, media)} if kind in ("image", "thumb") else {})

    def add_news(self, asked: Asked) -> Answer:
        given = [table_of(one) for one in list_of(asked.body.get("articles"))]
        if not 1 <= len(given) <= _ARTICLES:
            raise PlatformRefusal(45008)
        articles = []
        for one in given:
            thumb = self._store.find(asked.account.key, one.get("thumb_media_id"), ("image", "thumb"))
            texts = {name: text_of(one.get(name), 44004) for name in ("title", "content")}
            extra = {name: str(one.get(name) or "") for name in ("author", "digest", "content_source_url")}
            url = extra["content_source_url"] or f"{asked.base}/"
            articles.append({**texts, **extra, "thumb_media_id": thumb.media_id, "show_cover_pic": 0, "url": url})
        media_id = secrets.token_urlsafe(32)
        self._news[media_id] = _News(media_id, asked.account.key, tuple(articles), self._clock.seconds())
        return {"media_id": media_id}

    def get(self, asked: Asked) -> Answer:
        media_id = asked.text("media_id", 41006)
        if media_id in self._news:
            return {"news_item": list(self.articles(asked.account.key, media_id))}
        media = self._permanent(asked.account.key, media_id)
        if media.kind == "video":
            return {"title": media.title, "description": "", "down_url": address(asked.base, media)}
        return Blob(media.content, media.content_type, media.name)

    def delete(self, asked: Asked) -> Answer:
        media_id = asked.text("media_id", 41006)
        if media_id in self._news:
            self.articles(asked.account.key, media_id)
            del self._news[media_id]
        else:
            self._store.forget(self._permanent(asked.account.key, media_id).media_id)
        return OK

    def count(self, asked: Asked) -> Answer:
        counts = {f"{kind}_count": len(self._store.permanent(asked.account.key, kind)) for kind in ("voice", "video", "image")}
        return {**counts, "news_count": len(self._mine(asked.account.key))}

    def batch(self, asked: Asked) -> Answer:
        kind = asked.body.get("type")
        offset, count = (whole_of(asked.body.get(name, 0), 47001) for name in ("offset", "count"))
        if kind not in (*LIMITS, "news"):
            raise PlatformRefusal(40004)
        if offset < 0 or not 1 <= count <= _PAGE:
            raise PlatformRefusal(40035)
        key = asked.account.key
        if kind == "news":
            items = [_news_item(one) for one in self._mine(key)]
        else:
            items = [_item(asked.base, one) for one in self._store.permanent(key, str(kind))]
        page = items[offset : offset + count]
        return {"item": page, "total_count": len(items), "item_count": len(page)}

    def _permanent(self, account: str, media_id: str) -> Media:
        media = self._store.find(account, media_id)
        if media not in self._store.permanent(account, media.kind):
            raise PlatformRefusal(40007)
        return media

    def _mine(self, account: str) -> list[_News]:
        return [one for one in self._news.values() if one.account == account][::-1]


def _item(base: str, media: Media) -> dict[str, Any]:
    return {"media_id": media.media_id, "name": media.name, "update_time": int(media.created), "url": address(base, media)}


def _news_item(news: _News) -> dict[str, Any]:
    return {"media_id": news.media_id, "content": {"news_item": list(news.articles)}, "update_time": int(news.created)}


def _title(asked: Asked) -> str:
    raw = asked.body.get("description") or asked.args.get("description")
    try:
        description = json.loads(str(raw))
    except ValueError as error:
        raise PlatformRefusal(47001) from error
    return text_of(table_of(description).get("title"), 47001)
