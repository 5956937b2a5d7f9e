"""Files: what is taken, what is refused, and when it is gone."""

import base64

import pytest

from sandbox.clock import SandboxClock
from sandbox.errors import PlatformRefusal
from sandbox.platform.media import LIFE_S, MB, MediaStore, amr_seconds, check_media, suffix_of
from sandbox.samples import sample
from tests.sandbox.callback import CallbackServer
from tests.sandbox.conftest import Script

PNG, JPG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"
REFUSED: list[tuple[str, bytes, int]] = [
    ("picture", PNG, 40004),
    ("", PNG, 40004),
    ("image", b"", 44001),
    ("image", b"BM bitmap", 40005),
    ("image", sample("voice"), 40005),
    ("voice", PNG, 40005),
    ("video", JPG, 40005),
    ("thumb", PNG, 40005),
    ("image", PNG + bytes(10 * MB), 40009),
    ("voice", b"ID3" + bytes(2 * MB), 40010),
    ("video", b"....ftyp" + bytes(10 * MB), 40011),
    ("thumb", JPG + bytes(64 * 1024), 40012),
    ("voice", sample("voice", 61), 45007),
]


@pytest.mark.parametrize(("kind", "content", "code"), REFUSED, ids=[f"{kind}-{code}" for kind, _, code in REFUSED])
def test_what_is_refused(kind: str, content: bytes, code: int) -> None:
    with pytest.raises(PlatformRefusal) as refused:
        check_media(kind, content)
    assert refused.value.errcode == code


@pytest.mark.parametrize(("kind", "most", "head"), [("image", 10 * MB, PNG), ("voice", 2 * MB, b"ID3"), ("thumb", 64 * 1024, JPG)])
def test_the_last_byte_that_fits(kind: str, most: int, head: bytes) -> None:
    assert check_media(kind, head + bytes(most - len(head)))


def test_samples_are_what_they_say() -> None:
    assert [suffix_of(sample(kind)) for kind in ("image", "voice", "video", "thumb")] == ["png", "amr", "mp4", "jpg"]
    assert amr_seconds(sample("voice", 7)) == 7


def test_temporary_files_end_and_permanent_ones_do_not() -> None:
    clock = SandboxClock(None)
    store = MediaStore(clock)
    short, long = store.add("demo", "image", PNG), store.add("demo", "image", PNG, permanent=True)
    clock.advance(LIFE_S - 60)
    assert store.find("demo", short.media_id) is short
    clock.advance(60)
    assert store.find("demo", long.media_id) is long
    wrong = (("demo", short.media_id, "image"), ("other", long.media_id, "image"), ("demo", long.media_id, "voice"))
    for account, media_id, kind in wrong:
        with pytest.raises(PlatformRefusal) as refused:
            store.find(account, media_id, (kind,))
        assert refused.value.errcode == 40007


async def test_upload_without_a_file(script: Script) -> None:
    assert (await script.call("/cgi-bin/media/upload", {"x": 1}, type="image"))["errcode"] == 41005


async def test_too_large_is_a_code_and_not_a_cut_connection(script: Script) -> None:
    assert (await script.upload("image", PNG + bytes(11 * MB)))["errcode"] == 40009


async def test_what_a_subscriber_sends_can_be_fetched_for_three_days(script: Script, callback: CallbackServer) -> None:
    await script.say(kind="image", content=base64.b64encode(PNG + b"mine").decode())
    message = callback.received[-1].message
    async with script.fetch(message.image) as answer:
        assert (answer.content_type, await answer.read()) == ("image/png", PNG + b"mine")
    async with script.fetch(f"/cgi-bin/media/get?access_token={await script.token()}&media_id={message.media_id}") as answer:
        assert (await answer.read(), "attachment" in answer.headers["Content-Disposition"]) == (PNG + b"mine", True)
    await script.post("/api/clock", {"advance_s": 3 * 86400})
    assert (await script.call("/cgi-bin/media/get", media_id=message.media_id))["errcode"] == 40007
    async with script.fetch(message.image) as answer:
        assert answer.status == 404


async def test_a_subscribers_video_is_fetched_by_its_address(script: Script, callback: CallbackServer) -> None:
    await script.say(kind="video")
    message = callback.received[-1].message
    where = (await script.call("/cgi-bin/media/get", media_id=message.media_id))["video_url"]
    async with script.fetch(where) as answer:
        assert await answer.read() == sample("video")
    async with script.fetch(f"/cgi-bin/media/get?access_token={await script.token()}&media_id={message.thumb_media_id}") as answer:
        assert await answer.read() == sample("thumb")
