"""wechatpy 1.8.18's classes for menu, codes, tags, material, customer service and users, round trip."""

import io
from collections.abc import AsyncIterator
from typing import Any

import pytest
from wechatpy.exceptions import APILimitedException, WeChatClientException

from sandbox.samples import sample
from tests.sandbox.callback import CallbackServer
from tests.sandbox.conftest import Script
from tests.sandbox.platform.peer import Peer

# wechatpy calls its own deprecated methods
pytestmark = pytest.mark.filterwarnings("ignore:`_(get|post)` method:DeprecationWarning")

MENU = {
    "button": [
        {"type": "click", "name": "查话费", "key": "BALANCE"},
        {"name": "服务", "sub_button": [{"type": "view", "name": "网厅", "url": "https://example.com/"}]},
    ]
}


@pytest.fixture
async def peer(script: Script) -> AsyncIterator[Peer]:
    one = Peer(script.sandbox.url)
    yield one
    one.close()


def file(kind: str, name: str) -> tuple[str, io.BytesIO]:
    return name, io.BytesIO(sample(kind))


async def refused(peer: Peer, ask: Any) -> int:
    with pytest.raises(WeChatClientException) as error:
        await peer(ask)
    return int(error.value.errcode)


async def test_a_token_by_the_older_call(peer: Peer, script: Script) -> None:
    assert await peer(lambda client: client.access_token)
    calls = (await script.get("/api/api-calls"))[1]
    assert [(one["path"], one["account"], one["errcode"]) for one in calls["tokens"]] == [("/cgi-bin/token", "demo", 0)]


async def test_a_menu_is_pushed_read_and_taken_away(peer: Peer, script: Script) -> None:
    assert await peer(lambda client: client.menu.get()) is None
    await peer(lambda client: client.menu.create(MENU))
    menu = await peer(lambda client: client.menu.get())
    assert menu["menu"]["button"][0] == {"type": "click", "name": "查话费", "key": "BALANCE", "sub_button": []}
    assert menu["menu"]["button"][1]["sub_button"][0]["url"] == "https://example.com/"
    info = await peer(lambda client: client.menu.get_menu_info())
    assert info["is_menu_open"] == 1
    assert info["selfmenu_info"]["button"][1]["sub_button"]["list"][0]["name"] == "网厅"
    assert [one["name"] for one in (await script.get("/api/menu"))[1]["button"]] == ["查话费", "服务"]
    await peer(lambda client: client.menu.delete())
    assert await peer(lambda client: client.menu.get()) is None
    assert (await script.get("/api/menu"))[1]["button"] == []


async def test_a_code_is_made_shown_and_scanned(peer: Peer, script: Script, callback: CallbackServer) -> None:
    scene = {"action_name": "QR_LIMIT_STR_SCENE", "action_info": {"scene": {"scene_str": "counter-7"}}}
    made = await peer(lambda client: client.qrcode.create(scene))
    assert set(made) == {"ticket", "url"}
    await script.say(kind="scan", ticket=made["ticket"])
    assert (callback.received[-1].message.event, callback.received[-1].message.scene_id) == ("scan", "counter-7")
    assert callback.received[-1].message.ticket == made["ticket"]


async def test_tags_of_followers(peer: Peer) -> None:
    tag = await peer(lambda client: client.tag.create("老客户"))
    await peer(lambda client: client.tag.tag_user(tag["id"], ["oZhang", "oLi"]))
    await peer(lambda client: client.tag.untag_user(tag["id"], "oLi"))
    assert [(one["name"], one["count"]) for one in await peer(lambda client: client.tag.get())] == [("星标组", 0), ("老客户", 1)]
    assert await peer(lambda client: client.tag.get_user_tag("oZhang")) == [tag["id"]]
    assert await peer(lambda client: list(client.tag.iter_tag_users(tag["id"]))) == ["oZhang"]
    await peer(lambda client: client.tag.update(tag["id"], "新客户"))
    assert await refused(peer, lambda client: client.tag.create("新客户")) == 45157
    await peer(lambda client: client.tag.delete(tag["id"]))
    assert await peer(lambda client: client.tag.get_user_tag("oZhang")) == []
    await peer(lambda client: client.tag.batch_black_list(["oLi"]))
    assert (await peer(lambda client: client.tag.get_black_list()))["data"]["openid"] == ["oLi"]
    await peer(lambda client: client.tag.batch_unblack_list(["oLi"]))
    assert (await peer(lambda client: client.tag.get_black_list()))["total"] == 0


async def test_followers_and_what_is_told_of_them(peer: Peer, script: Script) -> None:
    assert await peer(lambda client: list(client.user.iter_followers())) == ["oZhang", "oLi"]
    user = await peer(lambda client: client.user.get("oZhang"))
    assert (user["subscribe"], user["openid"], user["tagid_list"]) == (1, "oZhang", [])
    assert "nickname" not in user
    await peer(lambda client: client.user.update_remark("oZhang", "张姐"))
    await script.say(openid="oLi", kind="unsubscribe")
    batch = await peer(lambda client: client.user.get_batch(["oZhang", "oLi"]))
    assert (batch[0]["remark"], batch[1]) == ("张姐", {"subscribe": 0, "openid": "oLi"})
    assert await refused(peer, lambda client: client.user.get("oNobody")) == 40003


async def test_temporary_media_there_and_back(peer: Peer, script: Script) -> None:
    for kind, name in (("image", "a.png"), ("voice", "a.amr")):
        made = await peer.call("media", "upload", kind, file(kind, name))
        back = await peer.call("media", "download", made["media_id"])
        assert back.content == sample(kind)
    thumb = await peer(lambda client: client.media.upload("thumb", file("thumb", "t.jpg")))
    video = await peer(lambda client: client.media.upload("video", file("video", "v.mp4")))
    where = (await peer(lambda client: client.media.download(video["media_id"])))["video_url"]
    async with script.fetch(where) as answer:
        assert (answer.status, await answer.read()) == (200, sample("video"))
    await script.say(text="在吗")
    await peer(lambda client: client.message.send_video("oZhang", video["media_id"], "标题", "说明"))
    assert (await script.lines())[-1]["data"]["title"] == "标题"
    assert thumb["thumb_media_id"]


async def test_permanent_material(peer: Peer) -> None:
    image = await peer(lambda client: client.material.add("image", file("image", "a.png")))
    video = await peer(lambda client: client.material.add("video", file("video", "v.mp4"), "介绍", "短片"))
    article = {"thumb_media_id": image["media_id"], "title": "公告", "content": "<p>系统维护</p>"}
    news = await peer(lambda client: client.material.add_articles([article]))
    counts = await peer(lambda client: client.material.get_count())
    assert counts == {"voice_count": 0, "video_count": 1, "image_count": 1, "news_count": 1}
    page = await peer(lambda client: client.material.batchget("image"))
    assert (page["total_count"], page["item"][0]["name"]) == (1, "a.png")
    assert (await peer(lambda client: client.material.get(image["media_id"]))).content == sample("image")
    assert (await peer(lambda client: client.material.get(video["media_id"])))["title"] == "介绍"
    assert (await peer(lambda client: client.material.get(news["media_id"])))[0]["title"] == "公告"
    for one in (image, video, news):
        await peer.call("material", "delete", one["media_id"])
        with pytest.raises(WeChatClientException, match="40007"):
            await peer.call("material", "get", one["media_id"])
    assert set((await peer(lambda client: client.material.get_count())).values()) == {0}


async def test_customer_service(peer: Peer, script: Script, callback: CallbackServer) -> None:
    name = "lin@demo"
    await peer(lambda client: client.customservice.add_account(name, "小林", "secret"))
    await peer(lambda client: client.customservice.update_account(name, "林工", "secret"))
    await peer(lambda client: client.customservice.upload_headimg(name, file("thumb", "f.jpg")))
    listed = (await peer(lambda client: client.customservice.get_accounts()))[0]
    assert (listed["kf_account"], listed["kf_nick"]) == (name, "林工")
    assert "/mmbiz/" in listed["kf_headimgurl"]
    assert await refused(peer, lambda client: client.customservice.create_session("oZhang", name)) == 65402
    await script.post("/api/kf", {"do": "online", "kf_account": name})
    await peer(lambda client: client.customservice.create_session("oZhang", name))
    assert (await peer(lambda client: client.customservice.get_online_accounts()))[0]["accepted_case"] == 1
    assert (await peer(lambda client: client.customservice.get_session("oZhang")))["kf_account"] == name
    assert [one["openid"] for one in await peer(lambda client: client.customservice.get_session_list(name))] == ["oZhang"]
    await peer(lambda client: client.customservice.close_session("oZhang", name))
    assert await refused(peer, lambda client: client.customservice.close_session("oZhang", name)) == 65413
    assert (await peer(lambda client: client.customservice.get_wait_case()))["count"] == 0
    await peer(lambda client: client.customservice.delete_account(name))
    assert await peer(lambda client: client.customservice.get_accounts()) == []


async def test_messages_of_every_kind(peer: Peer, script: Script) -> None:
    await script.say(text="在吗")
    image = (await peer(lambda client: client.media.upload("image", file("image", "a.png"))))["media_id"]
    voice = (await peer(lambda client: client.media.upload("voice", file("voice", "a.amr"))))["media_id"]
    article = {"title": "套餐", "description": "新", "url": "https://example.com", "image": "https://example.com/a.png"}
    await peer(lambda client: client.message.send_text("oZhang", "您好"))
    await peer(lambda client: client.message.send_image("oZhang", image))
    await peer(lambda client: client.message.send_voice("oZhang", voice))
    await peer(lambda client: client.message.send_articles("oZhang", [article]))
    assert [line["msg_type"] for line in await script.lines(after=1)] == ["text", "image", "voice", "news"]
    assert await refused(peer, lambda client: client.message.send_articles("oZhang", [article, article])) == 45008
    assert await refused(peer, lambda client: client.message.send_image("oZhang", voice)) == 40007


async def test_who_weixin_is(peer: Peer) -> None:
    assert await peer(lambda client: client.misc.get_wechat_ips()) == ["127.0.0.1"]


async def test_the_days_number_is_used_up(peer: Peer, script: Script) -> None:
    await script.post("/api/quotas", {"path": "/menu/get", "limit": 1})
    assert await peer(lambda client: client.menu.get()) is None
    with pytest.raises(APILimitedException):
        await peer(lambda client: client.menu.get())
