"""What a script can order to go wrong at WeChat's side."""

import json

import aiohttp
import pytest

from tests.sandbox.callback import APP_ID
from tests.sandbox.conftest import SECRET, Script, StartScript

PATHS = [
    "/cgi-bin/menu/create", "/cgi-bin/media/upload", "/cgi-bin/qrcode/create", "/cgi-bin/tags/create", "/cgi-bin/user/info",
    "/cgi-bin/material/get_materialcount", "/customservice/kfsession/create", "/customservice/kfaccount/add", "/cgi-bin/clear_quota",
]  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
async def test_each_code_for_each_call(script: Script, path: str) -> None:
    await script.post("/api/faults", {"path": path, "errcode": 61450})
    assert (await script.call(path))["errcode"] == 61450
    assert (await script.call(path)).get("errcode") != 61450
    call = (await script.get(f"/api/api-calls?path={path}"))[1]["calls"][0]
    assert (call["errcode"], call["fault"]) == (61450, "errcode 61450")


async def test_40001_for_ever_holds_for_every_call_with_a_token(script: Script) -> None:
    await script.say(text="在吗")
    await script.post("/api/faults", {"token": "refused"})
    assert [await script.send("x"), (await script.call("/cgi-bin/menu/get"))["errcode"]] == [40001, 40001]
    assert (await script.call("/customservice/kfsession/getwaitcase"))["errcode"] == 40001
    assert await script.token()
    await script.post("/api/faults", {"clear": True})
    assert await script.send("x") == 0


async def test_a_revoked_token_is_40001_until_a_new_one_is_asked_for(script: Script) -> None:
    await script.say(text="在吗")
    old = await script.token()
    assert (await script.post("/api/tokens/revoke", {}))[1] == {"account": "demo", "revoked": 1}
    assert await script.send("x", token=old) == 40001
    assert await script.send("x") == 0


async def test_a_proxys_page(script: Script) -> None:
    await script.say(text="在吗")
    await script.post("/api/faults", {"path": "custom/send", "status": 502})
    async with script.fetch(f"/cgi-bin/message/custom/send?access_token={await script.token()}") as answer:
        assert (answer.status, answer.content_type) == (502, "text/html")
    assert len(await script.lines()) == 1


async def test_half_an_answer(script: Script) -> None:
    await script.say(text="在吗")
    token = await script.token()
    await script.post("/api/faults", {"path": "custom/send", "garbage": True})
    with pytest.raises(json.JSONDecodeError):
        await script.send("到了吗", token=token)
    assert (await script.lines())[-1]["text"] == "到了吗"


async def test_an_address_outside_the_list_is_named(start: StartScript) -> None:
    script = await start(ip_whitelist=["203.0.113.7"])
    body = {"grant_type": "client_credential", "appid": APP_ID, "secret": SECRET}
    _, answer = await script.post("/cgi-bin/stable_token", body)
    assert answer["errcode"] == 40164
    assert "invalid ip 127.0.0.1" in answer["errmsg"]


async def test_40164_by_order_names_the_address_too(script: Script) -> None:
    await script.post("/api/faults", {"path": "stable_token", "errcode": 40164})
    body = {"grant_type": "client_credential", "appid": APP_ID, "secret": SECRET}
    assert "127.0.0.1" in (await script.post("/cgi-bin/stable_token", body))[1]["errmsg"]


async def test_uploads_can_be_cut_off(script: Script) -> None:
    await script.token()
    await script.post("/api/faults", {"path": "media/upload", "drop": "before"})
    with pytest.raises(aiohttp.ClientError):
        await script.upload("image", b"\x89PNG\r\n\x1a\n")


async def test_the_words_of_a_refusal_are_never_the_same_twice(script: Script) -> None:
    answers = [await script.call("/cgi-bin/menu/get") for _ in range(2)]
    assert answers[0]["errmsg"] != answers[1]["errmsg"]
    assert all(one["errmsg"].startswith("menu no exist rid: ") for one in answers)


async def test_orders_that_are_refused(script: Script) -> None:
    answered = [{"path": "callback", **one} for one in ({"errcode": 40001}, {"status": 502}, {"garbage": True})]
    for wrong in ({"status": 200}, {"status": 600}, {"status": "502"}, {"garbage": "yes"}, *answered):
        assert (await script.post("/api/faults", wrong))[0] == 400, wrong


async def test_calls_are_counted_and_tokens_timed(script: Script) -> None:
    for _ in range(3):
        await script.call("/cgi-bin/menu/get")
    answer = (await script.get("/api/api-calls"))[1]
    assert answer["counts"] == {"/cgi-bin/stable_token": 3, "/cgi-bin/menu/get": 3}
    assert [(one["path"], one["errcode"], one["forced"]) for one in answer["tokens"]] == [("/cgi-bin/stable_token", 0, False)] * 3
    assert all(one["at"].endswith("+08:00") for one in answer["tokens"])


async def test_a_subscription_account_has_little(script: Script) -> None:
    body = {"grant_type": "client_credential", "appid": "wxother", "secret": SECRET}
    token = (await script.post("/cgi-bin/stable_token", body))[1]["access_token"]
    for path, code in (("/cgi-bin/menu/get", 48001), ("/cgi-bin/media/get", 48001), ("/cgi-bin/getcallbackip", None)):
        assert (await script.get(f"{path}?access_token={token}"))[1].get("errcode") == code


async def test_methods(script: Script) -> None:
    assert (await script.call("/cgi-bin/menu/get", {}))["errcode"] == 43001
    assert (await script.call("/cgi-bin/menu/create"))["errcode"] == 43002
