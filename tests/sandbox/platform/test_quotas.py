"""How often a day, and how the counts are cleared."""

from typing import Any

from tests.sandbox.callback import APP_ID
from tests.sandbox.conftest import SECRET, Script


async def limit(script: Script, path: str, number: int) -> None:
    assert (await script.post("/api/quotas", {"path": path, "limit": number}))[0] == 200


async def test_a_limit_of_ones_own_is_met_and_ends_at_midnight(script: Script) -> None:
    await script.say(text="在吗")
    await limit(script, "custom/send", 2)
    assert [await script.send(str(n)) for n in range(3)] == [0, 0, 45009]
    assert (await script.get("/api/quotas"))[1]["quotas"]["/cgi-bin/message/custom/send"] == {"used": 2, "limit": 2}
    await script.post("/api/clock", {"advance_s": 86_400})
    assert await script.send("新的一天") == 0


async def test_quota_get(script: Script) -> None:
    path = "/cgi-bin/message/custom/send"
    await script.send("x")
    quota = (await script.call("/cgi-bin/openapi/quota/get", {"cgi_path": path}))["quota"]
    assert quota == {"daily_limit": 500_000, "used": 1, "remain": 499_999}
    for wrong, code in (("message/custom/send", 76003), (None, 76003), ("/cgi-bin/nothing", 76021)):
        assert (await script.call("/cgi-bin/openapi/quota/get", {"cgi_path": wrong}))["errcode"] == code


async def test_ten_clears_a_month(script: Script) -> None:
    await script.say(text="在吗")
    await limit(script, "custom/send", 1)
    assert [await script.send(str(n)) for n in range(2)] == [0, 45009]
    assert (await script.call("/cgi-bin/clear_quota", {"appid": "wxother"}))["errcode"] == 40013
    codes = [(await script.call("/cgi-bin/clear_quota", {"appid": APP_ID}))["errcode"] for _ in range(11)]
    assert codes == [0] * 10 + [48006]
    assert await script.send("又能发了") == 0
    await script.post("/api/clock", {"advance_s": 32 * 86_400})
    assert (await script.call("/cgi-bin/clear_quota", {"appid": APP_ID}))["errcode"] == 0


async def test_who_has_no_token_calls_left_clears_by_the_secret(script: Script) -> None:
    await limit(script, "stable_token", 1)
    await script.token()
    body = {"grant_type": "client_credential", "appid": APP_ID, "secret": SECRET}
    assert (await script.post("/cgi-bin/stable_token", body))[1]["errcode"] == 45009
    wrong = await script.post(f"/cgi-bin/clear_quota/v2?appid={APP_ID}&appsecret=wrong")
    assert wrong[1]["errcode"] == 40125
    assert (await script.post(f"/cgi-bin/clear_quota/v2?appid={APP_ID}&appsecret={SECRET}"))[1]["errcode"] == 0
    assert await script.token()
    assert SECRET not in str((await script.get("/api/api-calls"))[1])


async def test_limits_a_script_cannot_set(script: Script) -> None:
    wrong: list[dict[str, Any]] = [{}, {"path": "send"}, {"path": "nothing", "limit": 1}, {"path": "get", "limit": 1}]
    wrong.append({"path": "custom/send", "limit": -1})
    for body in wrong:
        assert (await script.post("/api/quotas", body))[0] == 400, body
    await limit(script, "custom/send", 0)
    await script.post("/api/quotas", {"clear": True})
    assert await script.send("x") == 45015
