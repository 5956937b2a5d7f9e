"""What the core may not send."""

from typing import Any, Dict

import pytest

from bot.engine.errors import BadRequest
from bot.engine.request import MAX_TEXT, read_parse, read_turn

GOOD: Dict[str, Any] = {
    "turn_id": "t_1",
    "account": "demo",
    "industry": "carrier",
    "openid": "o1",
    "now": "2026-11-22T20:00:00+08:00",
    "state_version": 1,
    "state": None,
    "message": {"kind": "text", "text": "查话费"},
    "events": [],
}


def test_a_whole_request_is_read() -> None:
    request = read_turn({**GOOD, "events": [{"kind": "human_ended", "learned": {"period": "2026-10"}}]})
    assert request.text == "查话费"
    assert request.intent is None
    assert request.metadata == {"account": "demo", "openid": "o1", "turn_id": "t_1", "now": GOOD["now"]}
    assert request.events[0]["learned"] == {"period": "2026-10"}


def test_the_action_server_of_the_core_that_asks() -> None:
    assert read_turn(GOOD).actions_url == ""
    assert read_turn({**GOOD, "actions_url": "http://127.0.0.1:8103/"}).actions_url == "http://127.0.0.1:8103"
    for wrong in (5, "", "ftp://x", "127.0.0.1:8103", "http://" + "x" * 300):
        with pytest.raises(BadRequest, match="actions_url"):
            read_turn({**GOOD, "actions_url": wrong})


def test_the_same_openid_of_two_accounts_is_two_senders() -> None:
    assert read_turn(GOOD).sender_id != read_turn({**GOOD, "account": "other"}).sender_id


def test_an_empty_text_is_a_text_and_an_intent_must_be_named() -> None:
    assert read_turn({**GOOD, "message": {"kind": "text", "text": ""}}).text == ""
    with pytest.raises(BadRequest, match="text"):
        read_turn({**GOOD, "message": {"kind": "intent", "text": ""}})


def test_a_place_comes_with_the_message_or_not_at_all() -> None:
    place = {"latitude": 23.1, "longitude": 113, "label": "天河路", "more": 1}
    request = read_turn({**GOOD, "message": {"kind": "intent", "text": "find_store", "place": place}})
    assert request.metadata["place"] == {"latitude": 23.1, "longitude": 113, "label": "天河路"}
    assert "place" not in read_turn(GOOD).metadata
    for wrong in ("here", {}, {"latitude": "1", "longitude": 2}, {"latitude": 1, "longitude": 181}, {"latitude": True, "longitude": 1}):
        with pytest.raises(BadRequest, match="place"):
            read_turn({**GOOD, "message": {"kind": "intent", "text": "find_store", "place": wrong}})


def test_a_moment_may_end_in_z() -> None:
    assert read_turn({**GOOD, "now": "2026-11-22T12:00:00Z"}).now.endswith("+00:00")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("turn_id", ""),
        ("turn_id", 7),
        ("account", None),
        ("openid", "x" * 201),
        ("industry", ["carrier"]),
        ("now", "2026-11-22T20:00:00"),
        ("now", "yesterday"),
        ("now", 1763812800),
        ("state", "{}"),
        ("state", []),
        ("state_version", "1"),
        ("state_version", True),
        ("message", None),
        ("message", {"kind": "text"}),
        ("message", {"kind": "voice", "text": "x"}),
        ("message", {"kind": "text", "text": "x" * (MAX_TEXT + 1)}),
        ("message", {"kind": "text", "text": "\ud83d"}),
        ("events", {}),
        ("events", [{"kind": "unheard_of"}]),
        ("events", ["human_ended"]),
        ("events", [{"kind": "human_ended", "learned": ["period"]}]),
    ],
)
def test_a_wrong_field_is_named(field: str, value: Any) -> None:
    with pytest.raises(BadRequest, match=field):
        read_turn({**GOOD, field: value})


@pytest.mark.parametrize("body", [None, [], "text", 3])
def test_a_body_that_is_no_object(body: Any) -> None:
    with pytest.raises(BadRequest):
        read_turn(body)
    with pytest.raises(BadRequest):
        read_parse(body)


def test_a_text_to_parse_needs_no_time() -> None:
    assert read_parse({"industry": "carrier", "text": "你好"}).now == ""
    with pytest.raises(BadRequest, match="now"):
        read_parse({"industry": "carrier", "text": "你好", "now": "noon"})
