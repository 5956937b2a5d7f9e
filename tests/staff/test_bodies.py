"""Whatever is sent, the answer is a clear refusal: never a 5xx, never a half-done act."""

import io
import json
from typing import Any

from staff.models import Body
from tests.staff.served import Caller, Served

GOOD: dict[str, tuple[str, dict[str, Any]]] = {
    "session": ("POST", {"login": "lin", "password": "wrong password"}),
    "presence": ("PUT", {"status": "online"}),
    "conversations/{id}/accept": ("POST", {"epoch": 1}),
    "conversations/{id}/reply": ("POST", {"epoch": 2, "text": "x", "client_id": "k", "seen_position": 9}),
    "conversations/{id}/pictures": ("POST", {"epoch": 2, "content": "iVBORw0KGgo=", "client_id": "k", "seen_position": 9}),
    "conversations/{id}/resolve": ("POST", {"epoch": 2, "note": "n", "learned": {}}),
    "conversations/{id}/release": ("POST", {"epoch": 2}),
}
# values that no field takes
_NUL, _BELL, _EMPTY = "\x00", "\u0007", ""
_NOTHING: dict[str, Any] = {}
_ONE: dict[str, Any] = {"a": 1}
STRANGE: tuple[Any, ...] = (None, [], _NOTHING, [1], _ONE, True, 1.5, -1, 2**53 + 1, 10**30, _EMPTY, "x" * 30_000, _NUL, _BELL)
HARMLESS: dict[str, tuple[Any, ...]] = {"note": (_EMPTY, _NUL, _BELL), "learned": (_NOTHING, _ONE), "password": (_NUL, _BELL)}
OPTIONAL = {"note", "learned"}


def test_every_body_of_the_api_is_tried() -> None:
    def leaves(model: type[Body]) -> list[type[Body]]:
        return [model, *(leaf for child in model.__subclasses__() for leaf in leaves(child))]

    fields = {frozenset(model.model_fields) for model in leaves(Body) if model is not Body}
    assert fields == {frozenset(body) for _, body in GOOD.values()}


async def test_bodies_that_are_no_such_thing(taken: tuple[Caller, str]) -> None:
    agent, conversation = taken
    raws = [b"", b"{", b"null", b"[]", b'"x"', b"1", b"\xff\xfe", b"{}" * 2, b'{"a":NaN}', b'{"login":"\\ud800"}', b"[" * 5000, b"{'a':1}"]
    for path, (method, _) in GOOD.items():
        for raw in raws:
            answer = await agent.call(method, path.format(id=conversation), data=raw)
            assert (answer.status, answer.code) == (400, "bad_request"), (path, raw)
            assert answer.body["error"]["message"]


async def test_fields_that_are_missing_are_named(taken: tuple[Caller, str]) -> None:
    agent, conversation = taken
    for path, (method, good) in GOOD.items():
        for name in good.keys() - OPTIONAL:
            missing = {key: value for key, value in good.items() if key != name}
            answer = await agent.call(method, path.format(id=conversation), missing)
            assert (answer.status, answer.code) == (400, "bad_request"), (path, name)
            assert name in answer.body["error"]["message"]


async def test_fields_of_the_wrong_kind(taken: tuple[Caller, str]) -> None:
    agent, conversation = taken
    before = await _next_position(agent, conversation)
    for path, (method, good) in GOOD.items():
        for name in good:
            for value in STRANGE:
                if not any(value is one for one in HARMLESS.get(name, ())):
                    answer = await agent.call(method, path.format(id=conversation), {**good, name: value})
                    assert answer.status == 400, (path, name, value, answer.body)
    assert await _next_position(agent, conversation) == before


async def _next_position(agent: Caller, conversation: str) -> int:
    detail = (await agent.get(f"conversations/{conversation}")).body
    assert (detail["owner"], detail["epoch"]) == ("agent", 2)
    return int(detail["transcript"][-1]["position"])


async def test_a_body_that_is_too_large(taken: tuple[Caller, str]) -> None:
    agent, conversation = taken
    for path, (method, good) in GOOD.items():
        body = json.dumps({**good, "more": "x" * (3_200_000 if path.endswith("pictures") else 70_000)}).encode()
        answer = await agent.call(method, path.format(id=conversation), data=io.BytesIO(body))
        assert (answer.status, answer.code) == (413, "too_large")
        assert (await agent.get("session")).status == 200


async def test_learned_values_are_few_and_plain(taken: tuple[Caller, str]) -> None:
    agent, conversation = taken
    path = f"conversations/{conversation}/resolve"
    many = {f"k{number}": 1 for number in range(21)}
    wrong: tuple[dict[str, Any], ...] = ({"": 1}, {"a": [1]}, {"a": {"b": 1}}, {"a": "x" * 201}, {"k" * 65: 1}, many)
    for learned in wrong:
        assert (await agent.post(path, {"epoch": 2, "learned": learned})).status == 400
    assert (await agent.post(path, {"epoch": 2, "note": "n" * 2001})).code == "text_too_long"
    good = {"period": "2026-10", "n": 3, "f": 1.5, "yes": True, "none": None}
    assert (await agent.post(path, {"epoch": 2, "learned": good})).status == 200


async def test_unknown_fields_of_newer_pages_do_no_harm(served: Served) -> None:
    agent = await served.member("lin")
    assert (await agent.put("presence", {"status": "online", "mood": "good"})).status == 200


async def test_strange_headers(served: Served) -> None:
    for header in ({"X-Long": "x" * 20_000}, {"Cookie": "weiting_session=" + "x" * 5000}, {"Cookie": "\u00e9=;;;=,"}):
        assert 400 <= (await Caller(served.http, served.base, header).get("session")).status < 500
        assert (await served.nobody.get("/healthz")).status == 200


async def test_event_numbers_that_are_none(served: Served) -> None:
    agent = await served.member("lin")
    for after in ("-1", "x", "1.5", "9" * 30, "%00", "１"):
        assert (await agent.get(f"events?after={after}")).code == "bad_request"
