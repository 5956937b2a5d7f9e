"""The limits of tags, the black list, and what is told of followers."""

from typing import Any

from tests.sandbox.conftest import Script


async def make(script: Script, name: str) -> int:
    return int((await script.call("/cgi-bin/tags/create", {"tag": {"name": name}}))["tag"]["id"])


async def code(script: Script, path: str, body: Any = None, **args: Any) -> int:
    return int((await script.call(path, body, **args)).get("errcode", 0))


async def test_names(script: Script) -> None:
    await make(script, "老客户")
    for name, errcode in (("老客户", 45157), ("星标组", 45157), ("", 45157), (None, 45157), ("一" * 11, 45158)):
        assert await code(script, "/cgi-bin/tags/create", {"tag": {"name": name}}) == errcode
    assert await code(script, "/cgi-bin/tags/create", {"tag": {"name": "一" * 10}}) == 0
    assert await code(script, "/cgi-bin/tags/create", {"tag": "x"}) == 47001


async def test_ids(script: Script) -> None:
    for tag, errcode in ((0, 45058), (2, 45058), (99, 45159), ("x", 45159), (None, 45159)):
        assert await code(script, "/cgi-bin/tags/update", {"tag": {"id": tag, "name": "新"}}) == errcode
        assert await code(script, "/cgi-bin/tags/delete", {"tag": {"id": tag}}) == errcode
        assert await code(script, "/cgi-bin/tags/members/batchtagging", {"tagid": tag, "openid_list": ["oZhang"]}) == errcode


async def test_a_hundred_tags_and_twenty_each(script: Script) -> None:
    tags = [await make(script, f"标签{n}") for n in range(100)]
    assert await code(script, "/cgi-bin/tags/create", {"tag": {"name": "再来"}}) == 45056
    codes = [await code(script, "/cgi-bin/tags/members/batchtagging", {"tagid": tag, "openid_list": ["oZhang"]}) for tag in tags[:21]]
    assert codes == [0] * 20 + [45059]
    assert await code(script, "/cgi-bin/tags/members/batchtagging", {"tagid": tags[0], "openid_list": ["oZhang"]}) == 0


async def test_whom_it_may_name(script: Script) -> None:
    tag = await make(script, "老客户")
    await script.say(openid="oLi", kind="unsubscribe")
    wrong: list[tuple[Any, int]] = [([], 40032), (["oZhang"] * 51, 40032), ("oZhang", 40032)]
    wrong += [([openid], 40003) for openid in ("oNobody", "oLi", 5)]
    for openids, errcode in wrong:
        assert await code(script, "/cgi-bin/tags/members/batchtagging", {"tagid": tag, "openid_list": openids}) == errcode
    assert (await script.call("/cgi-bin/tags/getidlist", {"openid": "oZhang"}))["tagid_list"] == []
    assert await script.call("/cgi-bin/user/tag/get", {"tagid": tag}) == {"count": 0, "next_openid": ""}


async def test_who_leaves_loses_tags_and_remark(script: Script) -> None:
    tag = await make(script, "老客户")
    await code(script, "/cgi-bin/tags/members/batchtagging", {"tagid": tag, "openid_list": ["oZhang"]})
    await code(script, "/cgi-bin/user/info/updateremark", {"openid": "oZhang", "remark": "张姐"})
    await script.say(kind="unsubscribe")
    await script.say(kind="subscribe")
    user = await script.call("/cgi-bin/user/info", openid="oZhang")
    assert (user["remark"], user["tagid_list"]) == ("", [])


async def test_who_is_on_the_black_list_is_not_written_to(script: Script) -> None:
    await script.say(text="在吗")
    assert await code(script, "/cgi-bin/tags/members/batchblacklist", {"openid_list": ["oZhang"]}) == 0
    assert await script.send("您好") == 43019
    assert await code(script, "/cgi-bin/tags/members/batchunblacklist", {"openid_list": ["oZhang"]}) == 0
    assert await script.send("您好") == 0
    assert await code(script, "/cgi-bin/tags/members/batchblacklist", {"openid_list": ["oZhang"] * 21}) == 40032


async def test_pages_of_followers(script: Script) -> None:
    first = await script.call("/cgi-bin/user/get")
    assert (first["total"], first["data"]["openid"], first["next_openid"]) == (2, ["oZhang", "oLi"], "oLi")
    assert (await script.call("/cgi-bin/user/get", next_openid="oZhang"))["data"]["openid"] == ["oLi"]
    assert "data" not in await script.call("/cgi-bin/user/get", next_openid="oLi")
    assert await code(script, "/cgi-bin/user/get", next_openid="oNobody") == 40003
    assert await code(script, "/cgi-bin/user/info/batchget", {"user_list": [{"openid": "oZhang"}] * 101}) == 40032
    assert await code(script, "/cgi-bin/user/info/updateremark", {"openid": "oZhang", "remark": "x" * 30}) == 40035
