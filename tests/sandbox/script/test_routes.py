"""The scripting door: what a stranger's script can do and how it is refused."""

import asyncio
import json
from pathlib import Path
from typing import Any

from tests.sandbox.callback import CallbackServer
from tests.sandbox.conftest import Script, StartScript


async def test_say_answers_at_once_without_wait(script: Script, callback: CallbackServer) -> None:
    may_answer = asyncio.Event()

    async def slow(_one: Any) -> str:
        await may_answer.wait()
        return "success"

    callback.answer = slow
    status, answer = await script.post("/api/say", {"openid": "oZhang", "text": "你好"})
    assert status == 200
    assert set(answer) == {"n", "msg_id"}
    may_answer.set()


async def test_chat_waits_for_what_comes(script: Script) -> None:
    await script.say(text="在吗")

    async def later() -> None:
        await asyncio.sleep(0.05)
        await script.send("来了")

    task = asyncio.create_task(later())
    lines = await script.lines(after=1, wait_s=5)
    await task
    assert [line["text"] for line in lines] == ["来了"]
    assert await script.lines(after=2, wait_s=0.05) == []


async def test_a_version_wakes_for_typing_and_purse_too(script: Script) -> None:
    await script.say(text="在吗")
    version = (await script.get("/api/chat/oZhang"))[1]["version"]
    waiting = asyncio.create_task(script.get("/api/chat/oZhang", after=1, version=version, wait_s=5))
    await asyncio.sleep(0.05)
    await script.typing()
    async with asyncio.timeout(2):
        assert (await waiting)[1]["typing"] is True


async def test_a_stranger_becomes_a_follower_and_chats_are_apart(script: Script) -> None:
    await script.say(openid="oNobodyYet", text="你好")
    await script.post("/api/say", {"account": "other", "openid": "oNobodyYet", "text": "那边"})
    assert [line["text"] for line in await script.lines("oNobodyYet")] == ["你好"]
    assert [line["text"] for line in await script.lines("oNobodyYet", account="other") if line["from"] == "subscriber"] == ["那边"]
    people = (await script.get("/api/people"))[1]
    assert [person["openid"] for person in people["people"]] == ["oZhang", "oLi", "oNobodyYet"]
    assert [person["stranger"] for person in people["people"]] == [False, False, True]
    assert [key["name"] for key in people["accounts"][0]["menu"]] == ["查话费", "查流量", "人工"]


async def test_a_new_subscriber_who_does_not_follow_yet(script: Script) -> None:
    _, person = await script.post("/api/people", {"following": False, "name": "小王", "phone": "17900000009"})
    assert (await script.get(f"/api/chat/{person['openid']}"))[1]["following"] is False
    assert (await script.post("/api/say", {"openid": person["openid"], "text": "你好"}))[0] == 409
    assert (await script.say(openid=person["openid"], kind="subscribe"))["n"] == 1
    assert (await script.get(f"/api/chat/{person['openid']}"))[1]["following"] is True
    assert (await script.post("/api/say", {"openid": person["openid"], "kind": "subscribe"}))[0] == 409


REFUSED_SAYS: list[tuple[Any, int]] = [
    ({"text": "x"}, 400),
    ({"openid": 7, "text": "x"}, 400),
    ({"openid": "o<script>", "text": "x"}, 400),
    ({"openid": "o" * 65, "text": "x"}, 400),
    ({"openid": "oZhang"}, 400),
    ({"openid": "oZhang", "text": 5}, 400),
    ({"openid": "oZhang", "kind": "dance"}, 400),
    ({"openid": "oZhang", "kind": ["text"], "text": "x"}, 400),
    ({"openid": "oZhang", "kind": "click"}, 400),
    ({"openid": "oZhang", "kind": "location", "latitude": "north"}, 400),
    ({"openid": "oZhang", "text": "x", "msg_id": 2**63}, 400),
    ({"openid": "oZhang", "text": "x", "msg_id": "7"}, 400),
    ({"openid": "oZhang", "text": "x", "account": "nobody"}, 404),
    ({"openid": "oZhang", "text": "x", "account": ["demo"]}, 400),
    ([], 400),
    ("x", 400),
]


async def test_say_refuses_with_a_sentence(script: Script) -> None:
    for body, status in REFUSED_SAYS:
        got, answer = await script.post("/api/say", body)
        assert got == status, body
        assert answer["error"]["message"].endswith(".")
    assert await script.lines() == []


async def test_what_is_no_json(script: Script) -> None:
    for path in ("/api/say", "/api/faults", "/api/clock", "/api/people"):
        for raw in (b"", b"{", b"\xff", b"[" * 100_000):
            status, answer = await script.post(path, raw=raw)
            assert (status, answer["error"]["code"]) == (400, "bad_request")


async def test_empty_and_endless_texts_go_out_as_they_are(script: Script, callback: CallbackServer) -> None:
    for text in ("", "😀" * 3000, "]]>" * 3, "a\x00b\x0bc", "\ud800"):
        await script.post("/api/say", raw=json.dumps({"openid": "oZhang", "text": text, "wait": True}).encode())
    contents = [one.message.content or "" for one in callback.received]
    assert contents == ["", "😀" * 3000, "]]>" * 3, "abc", ""]
    assert [line["text"] for line in await script.lines()] == contents


async def test_a_given_msg_id_is_used_again(script: Script, callback: CallbackServer) -> None:
    await script.say(text="一", msg_id=77)
    await script.say(openid="oLi", text="二", msg_id=77)
    assert [one.message.id for one in callback.received] == [77, 77]


async def test_the_clock_moves_and_is_written(script: Script, tmp_path: Path) -> None:
    before = (await script.get("/api/clock"))[1]
    _, after = await script.post("/api/clock", {"advance_s": 3600.5})
    assert after["offset_s"] == before["offset_s"] + 3600.5
    assert json.loads((tmp_path / "clock.json").read_text()) == {"offset_s": 3600.5}
    assert after["now"] > before["now"]
    assert after["now"].endswith("+08:00")
    for bad in (-1, "60", None, True, 1e18, float("inf")):
        assert (await script.post("/api/clock", {"advance_s": bad}))[0] == 400
    assert (await script.get("/api/clock"))[1]["offset_s"] == 3600.5


REFUSED_FAULTS: list[dict[str, Any]] = [
    {"purse_reading": "generous"},
    {"deliveries": 0},
    {"deliveries": "3"},
    {"errcode": "x"},
    {"delay_ms": -5},
    {"drop": "sideways"},
    {"drop": 2},
    {"repeat": 21},
    {"errcode": 1, "path": 5},
    {"errcode": 1, "count": 1.5},
    {"clear": True, "deliveries": 99},
]


async def test_faults_refuse_and_change_nothing(script: Script) -> None:
    await script.post("/api/faults", {"errcode": 40001})
    before = (await script.get("/api/faults"))[1]
    for bad in REFUSED_FAULTS:
        assert (await script.post("/api/faults", bad))[0] == 400, bad
        assert (await script.get("/api/faults"))[1] == before


async def test_faults_do_not_pile_up_for_ever(script: Script) -> None:
    statuses = [(await script.post("/api/faults", {"errcode": 40001}))[0] for _ in range(101)]
    assert statuses == [200] * 100 + [409]


async def test_numbers_in_the_address(script: Script) -> None:
    for query in ({"after": "x"}, {"after": "-1"}, {"wait_s": "soon"}, {"wait_s": "nan"}, {"wait_s": "-1"}, {"account": "nobody"}):
        assert (await script.get("/api/chat/oZhang", **query))[0] in (400, 404)
    assert (await script.get("/api/chat/oNobody"))[0] == 404


async def test_unknown_addresses_answer_json(script: Script) -> None:
    for path in ("/api/nothing", "/nothing.html", "/../config.py", "/%2e%2e/config.py", "/..%2fapp.py"):
        status, answer = await script.get(path)
        assert status in (400, 404)
        assert answer["error"]["message"]


async def test_nothing_was_paid_yet(script: Script) -> None:
    assert (await script.get("/api/payments"))[1] == {"payments": []}


async def test_a_chat_keeps_its_last_500_lines(start: StartScript) -> None:
    script = await start()
    chat = script.world.phones.chat(script.world.phones.account("demo"), "oZhang")
    assert chat
    for n in range(600):
        chat.append("subscriber", "say", str(n), script.world.now())
    lines = await script.lines()
    assert (len(lines), lines[0]["n"], lines[-1]["n"]) == (500, 101, 600)
