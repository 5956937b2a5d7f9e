"""Codes with a scene: made, shown, scanned, expired."""

from typing import Any

from tests.sandbox.callback import CallbackServer
from tests.sandbox.conftest import Script

CREATE = "/cgi-bin/qrcode/create"


def body(action: str, scene: Any, **more: Any) -> dict[str, Any]:
    return {"action_name": action, "action_info": {"scene": scene}, **more}


REFUSED: list[dict[str, Any]] = [
    {},
    {"action_name": "QR_SCENE"},
    {"action_name": "QR_SCENE", "action_info": {"scene": 5}},
    body("QR_DANCE", {"scene_id": 1}),
    body("QR_SCENE", {"scene_id": 0}),
    body("QR_SCENE", {"scene_id": 2**32}),
    body("QR_SCENE", {"scene_str": "x"}),
    body("QR_SCENE", {"scene_id": 1}, expire_seconds=0),
    body("QR_SCENE", {"scene_id": 1}, expire_seconds=2_592_001),
    body("QR_STR_SCENE", {"scene_str": ""}),
    body("QR_STR_SCENE", {"scene_str": "x" * 65}),
    body("QR_LIMIT_SCENE", {"scene_id": 100_001}),
    body("QR_LIMIT_STR_SCENE", {"scene_id": 1}),
]


async def test_what_is_refused(script: Script) -> None:
    for one in REFUSED:
        assert (await script.call(CREATE, one))["errcode"] == 40053, one


async def test_the_picture_names_the_scene(script: Script) -> None:
    made = await script.call(CREATE, body("QR_STR_SCENE", {"scene_str": "<厅>"}, expire_seconds=600))
    assert made["expire_seconds"] == 600
    async with script.fetch(f"/cgi-bin/showqrcode?ticket={made['ticket']}") as answer:
        assert (answer.content_type, "&lt;厅&gt;" in await answer.text()) == ("image/svg+xml", True)
    assert (await script.get("/cgi-bin/showqrcode", ticket="nobody's"))[1]["errcode"] == 40053


async def test_a_follower_scans_and_a_stranger_follows(script: Script, callback: CallbackServer) -> None:
    made = await script.call(CREATE, body("QR_SCENE", {"scene_id": 77}, expire_seconds=600))
    await script.post("/api/scan", {"openid": "oZhang", "ticket": made["ticket"], "wait": True})
    await script.post("/api/unfollow", {"openid": "oLi", "wait": True})
    await script.post("/api/scan", {"openid": "oLi", "scene": "77", "wait": True})
    scan, _, follow = (one.message for one in callback.received)
    assert (scan.event, scan.scene_id, scan.ticket) == ("scan", "77", made["ticket"])
    # wechatpy calls a follow so when the key begins with qrscene_, which it takes off
    assert (follow.event, follow.scene_id, follow.ticket) == ("subscribe_scan", "77", made["ticket"])
    user = await script.call("/cgi-bin/user/info", openid="oLi")
    assert (user["subscribe_scene"], user["qr_scene"]) == ("ADD_SCENE_QR_CODE", 77)


async def test_a_code_ends(script: Script) -> None:
    short = await script.call(CREATE, body("QR_SCENE", {"scene_id": 1}))
    long = await script.call(CREATE, body("QR_LIMIT_SCENE", {"scene_id": 1}))
    assert short["expire_seconds"] == 60
    await script.post("/api/clock", {"advance_s": 60})
    assert (await script.post("/api/scan", {"openid": "oZhang", "ticket": short["ticket"]}))[0] == 409
    assert (await script.post("/api/scan", {"openid": "oZhang", "ticket": long["ticket"]}))[0] == 200
    assert (await script.post("/api/scan", {"openid": "oZhang", "ticket": "nobody's"}))[0] == 404
    assert [one["ticket"] for one in (await script.get("/api/codes"))[1]["codes"]] == [long["ticket"]]
