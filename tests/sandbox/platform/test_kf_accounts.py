"""Customer-service accounts: names, invitations, faces, and messages sent as one of them."""

from typing import Any

from sandbox.samples import sample
from tests.sandbox.conftest import Script, StartScript

ADD = "/customservice/kfaccount/add"
INVITE = "/customservice/kfaccount/inviteworker"


async def add(script: Script, kf_account: Any, nickname: Any = "小林") -> int:
    return int((await script.call(ADD, {"kf_account": kf_account, "nickname": nickname}))["errcode"])


async def test_names(script: Script) -> None:
    for wrong in (None, "", "lin", "@demo", "lin@", "elevenchars1@demo", "l in@demo", "林@demo", "lin@" + "x" * 31):
        assert await add(script, wrong) == 65404, wrong
    for nickname in (None, "", "一" * 17):
        assert await add(script, "lin@demo", nickname) == 65403
    assert [await add(script, "lin@demo", "一" * 16), await add(script, "lin@demo")] == [0, 65406]
    update = {"kf_account": "nobody@demo", "nickname": "x"}
    assert (await script.call("/customservice/kfaccount/update", update))["errcode"] == 65401


async def test_a_hundred_at_most(script: Script) -> None:
    assert {await add(script, f"kf{n}@demo") for n in range(100)} == {0}
    assert await add(script, "kf100@demo") == 65405


async def test_the_accounts_own_id_stands_behind_the_at(start: StartScript) -> None:
    script = await start(wechat_id="weiting")
    assert [await add(script, "lin@demo"), await add(script, "lin@weiting")] == [65404, 0]


async def test_invitations(script: Script) -> None:
    for name in ("lin@demo", "wang@demo"):
        await add(script, name)

    async def invite(name: str, worker: Any) -> int:
        return int((await script.call(INVITE, {"kf_account": name, "invite_wx": worker}))["errcode"])

    assert [await invite("lin@demo", "中文"), await invite("nobody@demo", "wx1")] == [65409, 65401]
    assert [await invite("lin@demo", "wx1"), await invite("lin@demo", "wx2"), await invite("wang@demo", "wx1")] == [0, 65411, 65408]
    listed = (await script.call("/cgi-bin/customservice/getkflist"))["kf_list"][0]
    assert (listed["invite_wx"], listed["invite_status"]) == ("wx1", "waiting")
    await script.post("/api/kf", {"do": "bind", "kf_account": "lin@demo"})
    assert [await invite("lin@demo", "wx3"), await invite("wang@demo", "wx1")] == [65412, 65407]
    assert (await script.call("/cgi-bin/customservice/getkflist"))["kf_list"][0]["kf_wx"] == "wx1"


async def test_a_message_as_an_agent_shows_name_and_face(script: Script) -> None:
    await script.say(text="在吗")
    await add(script, "lin@demo")
    face = await script.upload("", sample("thumb"), "/customservice/kfaccount/uploadheadimg?kf_account=lin@demo")
    assert face["errcode"] == 0
    body: dict[str, Any] = {"touser": "oZhang", "msgtype": "text", "text": {"content": "您好"}, "customservice": {"kf_account": "lin@demo"}}
    assert (await script.call("/cgi-bin/message/custom/send", body))["errcode"] == 0
    line = (await script.lines())[-1]
    assert (line["speaker"], line["kf_account"]) == ("小林", "lin@demo")
    async with script.fetch(line["avatar"]) as answer:
        assert await answer.read() == sample("thumb")
    nobodies: list[Any] = [{"kf_account": "wang@demo"}, {"kf_account": None}, {}, "lin@demo", []]
    for nobody in nobodies:
        body["customservice"] = nobody
        assert (await script.call("/cgi-bin/message/custom/send", body))["errcode"] == 65401


async def test_a_face_must_be_a_picture(script: Script) -> None:
    await add(script, "lin@demo")
    path = "/customservice/kfaccount/uploadheadimg?kf_account=lin@demo"
    assert (await script.upload("", sample("voice"), path))["errcode"] == 61457
