"""What may stand in each kind of message, and how it is drawn."""

from typing import Any

import pytest

from sandbox.samples import sample
from tests.sandbox.conftest import Script

SEND = "/cgi-bin/message/custom/send"
ARTICLE = {"title": "套餐", "description": "新", "url": "https://example.com/", "picurl": "https://example.com/a.png"}


@pytest.fixture
async def talking(script: Script) -> Script:
    await script.say(text="在吗")
    return script


async def send(script: Script, kind: str, part: Any) -> int:
    return int((await script.call(SEND, {"touser": "oZhang", "msgtype": kind, kind: part}))["errcode"])


async def kept(script: Script, kind: str) -> str:
    answer = await script.upload(kind, sample(kind))
    return str(answer.get("media_id") or answer["thumb_media_id"])


async def test_files_are_drawn_from_their_address(talking: Script) -> None:
    thumb = await kept(talking, "thumb")
    for kind in ("image", "voice", "video"):
        media_id = await kept(talking, kind)
        assert await send(talking, kind, {"media_id": media_id, "thumb_media_id": thumb, "title": "题"}) == 0
        line = (await talking.lines())[-1]
        assert (line["msg_type"], line["data"]["media_id"]) == (kind, media_id)
        async with talking.fetch(line["data"]["url"]) as answer:
            assert await answer.read() == sample(kind)
    assert line["data"]["thumb_url"].endswith(thumb)


async def test_news_and_a_mini_program(talking: Script) -> None:
    assert await send(talking, "news", {"articles": [ARTICLE]}) == 0
    assert (await talking.lines())[-1]["data"]["articles"] == [ARTICLE]
    page = {"title": "网厅", "appid": "wxmini", "pagepath": "pages/index", "thumb_media_id": await kept(talking, "image")}
    assert await send(talking, "miniprogrampage", page) == 0
    assert (await talking.lines())[-1]["data"]["pagepath"] == "pages/index"


async def test_parts_that_are_refused(talking: Script) -> None:
    image, voice = await kept(talking, "image"), await kept(talking, "voice")
    page = {"title": "网厅", "appid": "wxmini", "pagepath": "pages/index", "thumb_media_id": image}
    refused: list[tuple[str, Any, int]] = [
        ("image", {"media_id": voice}, 40007),
        ("image", {"media_id": "nobody's"}, 40007),
        ("image", {"media_id": ["x"]}, 40007),
        ("image", "x", 47001),
        ("voice", {"media_id": image}, 40007),
        ("video", {"media_id": image}, 40007),
        ("music", {"musicurl": "http://x", "hqmusicurl": "http://x", "thumb_media_id": voice}, 40007),
        ("music", {"musicurl": "http://x", "thumb_media_id": image}, 47001),
        ("news", {"articles": []}, 47001),
        ("news", {"articles": ["x"]}, 47001),
        ("news", {"articles": [{"description": "x"}]}, 47001),
        ("news", {"articles": [ARTICLE] * 2}, 45008),
        ("news", {"articles": [{**ARTICLE, "url": "http://x/" + "a" * 1024}]}, 45002),
        ("mpnews", {"media_id": image}, 40007),
        ("mpnewsarticle", {"article_id": ""}, 40007),
        ("wxcard", {}, 47001),
        ("msgmenu", {"list": [{"id": "1"}]}, 47001),
        ("msgmenu", {"list": [{"id": "1", "content": "中" * 683}]}, 45002),
        ("link", {"url": "http://x"}, 40008),
    ]
    refused += [("miniprogrampage", {**page, missing: ""}, 47001) for missing in ("title", "appid", "pagepath")]
    refused.append(("miniprogrampage", {**page, "thumb_media_id": voice}, 40007))
    for kind, part, code in refused:
        assert await send(talking, kind, part) == code, (kind, part)
    assert len(await talking.lines()) == 1


async def test_a_file_that_has_expired(talking: Script) -> None:
    image = await kept(talking, "image")
    await talking.post("/api/clock", {"advance_s": 3 * 86400})
    await talking.say(text="还在吗")
    assert await send(talking, "image", {"media_id": image}) == 40007


async def test_articles_of_ones_own_material(talking: Script) -> None:
    image = (await talking.upload("image", sample("image"), "/cgi-bin/material/add_material"))["media_id"]
    article = {"thumb_media_id": image, "title": "公告", "content": "<p>维护</p>", "digest": "今晚"}
    news = (await talking.call("/cgi-bin/material/add_news", {"articles": [article]}))["media_id"]
    assert await send(talking, "mpnews", {"media_id": news}) == 0
    assert (await talking.lines())[-1]["data"]["articles"][0]["title"] == "公告"
    assert await send(talking, "image", {"media_id": image}) == 0


async def test_articles_that_are_refused(script: Script) -> None:
    thumb = (await script.upload("thumb", sample("thumb")))["thumb_media_id"]
    good = {"thumb_media_id": thumb, "title": "公告", "content": "x"}
    wrong: list[tuple[Any, int]] = [(None, 47001), ([], 45008), ([good] * 9, 45008), ([{**good, "title": ""}], 44004)]
    wrong.append(([{**good, "thumb_media_id": "nobody's"}], 40007))
    for articles, code in wrong:
        assert (await script.call("/cgi-bin/material/add_news", {"articles": articles}))["errcode"] == code


async def test_pages_of_material(script: Script) -> None:
    for path_type, code in (("song", 40004), (None, 40004)):
        assert (await script.call("/cgi-bin/material/batchget_material", {"type": path_type, "offset": 0, "count": 20}))["errcode"] == code
    for offset, count in ((-1, 20), (0, 0), (0, 21)):
        page = {"type": "image", "offset": offset, "count": count}
        assert (await script.call("/cgi-bin/material/batchget_material", page))["errcode"] == 40035
    assert (await script.call("/cgi-bin/material/get_material", {"media_id": ""}))["errcode"] == 41006
    temporary = await kept(script, "image")
    assert (await script.call("/cgi-bin/material/del_material", {"media_id": temporary}))["errcode"] == 40007
