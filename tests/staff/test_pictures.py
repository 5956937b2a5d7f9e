"""An agent sends a picture: what is taken, what is refused, and who sees it."""

import base64
import io
import json
from typing import Any

import pytest

from conversations.media import LARGEST_PICTURE
from tests.staff.served import Caller, Served

PNG = b"\x89PNG\r\n\x1a\npixels"


def _body(picture: bytes, **more: Any) -> dict[str, Any]:
    return {"epoch": 2, "content": base64.b64encode(picture).decode(), "client_id": "k1", "seen_position": 9, **more}


def _large(body: dict[str, Any]) -> io.BytesIO:
    return io.BytesIO(json.dumps(body).encode())


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        (PNG, "image/png"),
        (b"\xff\xd8\xff\xe0JFIF", "image/jpeg"),
        (b"GIF89a..", "image/gif"),
        (PNG + b"x" * (LARGEST_PICTURE - len(PNG)), "image/png"),
    ],
)
async def test_it_stands_in_the_transcript_and_can_be_looked_at(taken: tuple[Caller, str], content: bytes, content_type: str) -> None:
    agent, conversation = taken
    answer = await agent.post(f"conversations/{conversation}/pictures", data=_large(_body(content)))
    assert (answer.status, answer.body["message"]["kind"], answer.body["message"]["client_id"]) == (200, "image", "k1")
    line = (await agent.get(f"conversations/{conversation}")).body["transcript"][-1]
    assert (line["author"], line["kind"], line["text"], line["name"]) == ("agent", "image", "[图片]", "Lin")
    assert (line["media"]["state"], line["media"]["content_type"], line["media"]["size"]) == ("fetched", content_type, len(content))
    shown = await agent.get(f"media/{line['media']['media_id']}")
    assert (shown.status, shown.body) == (200, content)


async def test_the_same_client_id_is_the_same_line(taken: tuple[Caller, str]) -> None:
    agent, conversation = taken
    for _ in range(2):
        assert (await agent.post(f"conversations/{conversation}/pictures", _body(PNG))).status == 200
    lines = (await agent.get(f"conversations/{conversation}")).body["transcript"]
    assert sum(line["kind"] == "image" for line in lines) == 1


@pytest.mark.parametrize("content", [b"<svg onload='x()'/>", b"<html>", b"RIFF0000WEBP", b"%PDF-1.7", b"MZ", b"\x00" * 9])
async def test_what_is_no_picture_for_a_subscriber_is_refused(taken: tuple[Caller, str], content: bytes) -> None:
    agent, conversation = taken
    before = len((await agent.get(f"conversations/{conversation}")).body["transcript"])
    answer = await agent.post(f"conversations/{conversation}/pictures", _body(content))
    assert (answer.status, answer.code) == (400, "no_picture")
    assert len((await agent.get(f"conversations/{conversation}")).body["transcript"]) == before


@pytest.mark.parametrize("content", ["", "=", "AAA", "AA\nAA", "é", "A" * 5])
async def test_what_is_no_base64_is_named(taken: tuple[Caller, str], content: str) -> None:
    agent, conversation = taken
    answer = await agent.post(f"conversations/{conversation}/pictures", _body(PNG, content=content))
    assert (answer.status, answer.code) == (400, "bad_request")
    assert "content" in answer.body["error"]["message"]


async def test_one_that_is_too_large_is_refused(taken: tuple[Caller, str]) -> None:
    agent, conversation = taken
    answer = await agent.post(f"conversations/{conversation}/pictures", data=_large(_body(PNG + b"x" * (LARGEST_PICTURE + 1))))
    assert answer.status == 400
    answer = await agent.post(f"conversations/{conversation}/pictures", data=_large(_body(PNG + b"x" * (2 * LARGEST_PICTURE))))
    assert (answer.status, answer.code) == (413, "too_large")
    assert (await agent.get("session")).status == 200


async def test_who_does_not_have_the_chat_sends_none(served: Served, taken: tuple[Caller, str]) -> None:
    _, conversation = taken
    other = await served.member("wang")
    answer = await other.post(f"conversations/{conversation}/pictures", _body(PNG))
    assert (answer.status, answer.code) == (409, "not_owner")


async def test_a_newer_message_is_read_first(served: Served, taken: tuple[Caller, str]) -> None:
    agent, conversation = taken
    position = await served.world.say(conversation, "等等")
    answer = await agent.post(f"conversations/{conversation}/pictures", _body(PNG, seen_position=position - 1))
    assert (answer.status, answer.code) == (409, "newer_message")
