"""Pictures in a visitor's chat: theirs alone, kept once, gone with the chat."""

import pytest
from sqlalchemy import func, select

from connectors.webchat.tables import web_picture
from conversations.model import OutgoingText, Picture, Sent
from tests.connectors.webchat.conftest import Chat, Start

BOTH_DATABASES = True
PNG = b"\x89PNG\r\n\x1a\npixels"
SHOWN = OutgoingText("m_1", "[图片]", "小林", picture=Picture(PNG, "image/png"))


async def _sent(chat: Chat, person: str = "xiao") -> int:
    """Sends one; answers its line's number."""
    to = await chat.driver.address(person)
    assert await chat.scene.connectors.of(to).send(to, SHOWN) == Sent()
    return int((await chat.driver.lines(person))[-1]["seq"])


async def _kept(chat: Chat) -> int:
    count = select(func.count()).select_from(web_picture)
    return int(await chat.scene.db.read(lambda connection: connection.execute(count).scalar_one()))


async def test_it_is_fetched_by_its_lines_number_as_what_it_is(start: Start) -> None:
    chat = await start()
    seq, token = await _sent(chat), await chat.driver.token("xiao")
    url = f"{chat.scene.base}/chat/demo/pictures?seq={seq}"
    async with chat.scene.http.get(url, headers={"Authorization": f"Bearer {token}"}) as answer:
        assert (answer.status, await answer.read(), answer.content_type) == (200, PNG, "image/png")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert answer.headers["Cache-Control"] == "no-store"


async def test_nobody_else_gets_it(start: Start) -> None:
    chat = await start()
    seq = await _sent(chat)
    await chat.driver.say("lao", "你好", "k1")
    assert [(await chat.driver.picture("lao", number))[0] for number in range(seq + 3)] == [404] * (seq + 3)
    assert (await chat.driver.call("GET", f"demo/pictures?seq={seq}"))[0] == 401


@pytest.mark.parametrize("seq", ["", "x", "-1", "1.5", "9" * 30, "%00"])
async def test_what_is_no_number_is_refused(start: Start, seq: str) -> None:
    chat = await start()
    await _sent(chat)
    assert (await chat.driver.picture("xiao", seq))[0] == 400


async def test_sent_again_it_is_kept_once(start: Start) -> None:
    chat = await start()
    assert await _sent(chat) == await _sent(chat)
    assert await _kept(chat) == 1


async def test_it_goes_with_the_chat(start: Start) -> None:
    chat = await start()
    seq = await _sent(chat)
    await _sent(chat, "lao")
    assert (await chat.driver.call("DELETE", "demo/session", await chat.driver.token("xiao")))[0] == 204
    assert (await chat.driver.picture("xiao", seq))[0] == 401
    assert await _kept(chat) == 1
