"""What every connector owes a conversation, over its real addresses. A connector without a driver fails here."""

import asyncio
import importlib
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from connectors.registry import CONNECTORS, Entry
from conversations.fakes import bot_says
from conversations.model import Menu, OutgoingText, Picture, Refused, Sent
from tests.connectors.contract import Driver, Received, Scene, account, make_scene, perform, settings_of

pytestmark = pytest.mark.slow  # real servers

PNG = b"\x89PNG\r\n\x1a\npixels"
LONG = "".join(f"第{number}句，数字和字都要在。" for number in range(230))
ODD = {
    "plain": "查话费",
    "emoji": "👩‍👩‍👧‍👦🇨🇳😀",
    "the end of a CDATA section": "a]]>b]]]]><c>&amp;</c>",
    "markup": "<script>alert(1)</script>\"'&",
    "right to left": "\u202eabc שלום \u200f مرحبا",
    "spaces and lines": "  一\n\n\t二  ",
    "other planes": "𠮷野家 𝒳",
    "a long one": LONG[:2_600],
    "combining": "e\u0301 ️⃣",
}
UNFIT = {"NUL": "a\x00b", "a lone surrogate": "a\ud800b", "control characters": "a\x01\x1fb", "no character": "a\uffffb"}


@dataclass
class Stage:
    """A scene with one connector, and its driver."""

    scene: Scene
    driver: Driver


@pytest.fixture(params=CONNECTORS, ids=lambda entry: entry.name)
async def stage(request: pytest.FixtureRequest, database_url: str) -> AsyncIterator[Stage]:
    entry: Entry = request.param
    scene = make_scene(database_url)
    driver: Driver = importlib.import_module(f"tests.connectors.{entry.name}.driver").Driver(scene)
    await driver.start()
    try:
        async with perform(scene, (entry,), driver.equip(settings_of(account("demo"), account("other")))):
            yield Stage(scene, driver)
    finally:
        await driver.stop()
        scene.db.close()


async def _all(driver: Driver, person: str, count: int) -> list[Received]:
    """What has reached that person, once it is so much; what comes too often has a moment to come."""
    async with asyncio.timeout(10):
        while len(await driver.received(person)) < count:
            await asyncio.sleep(0.01)
    await asyncio.sleep(0.05)
    return await driver.received(person)


def test_every_connector_has_a_driver_and_a_claim_of_its_own() -> None:
    for entry in CONNECTORS:
        assert importlib.import_module(f"tests.connectors.{entry.name}.driver").Driver
    assert len({entry.prefix for entry in CONNECTORS}) == len({entry.name for entry in CONNECTORS}) == len(CONNECTORS)


async def test_what_is_acknowledged_is_stored_and_answered(stage: Stage) -> None:
    assert await stage.driver.say("xiao", "查话费", "k1")
    (stored,) = await stage.scene.stored(await stage.driver.address("xiao"))
    assert (stored.kind, stored.text) == ("text", "查话费")
    assert [one.text for one in await _all(stage.driver, "xiao", 1)] == ["echo: 查话费"]


async def test_a_repeat_changes_nothing(stage: Stage) -> None:
    for _ in range(3):
        assert await stage.driver.say("xiao", "你好", "k1")
    assert await asyncio.gather(*(stage.driver.say("xiao", "你好", "k1") for _ in range(4))) == [True] * 4
    assert [one.text for one in await stage.scene.stored(await stage.driver.address("xiao"))] == ["你好"]
    assert [one.text for one in await _all(stage.driver, "xiao", 1)] == ["echo: 你好"]


async def test_what_is_not_stored_is_not_acknowledged(stage: Stage) -> None:
    stage.scene.inbox.fails = True
    assert not await stage.driver.say("xiao", "在吗", "k1")
    assert await stage.scene.count_stored() == 0
    stage.scene.inbox.fails = False
    assert await stage.driver.say("xiao", "在吗", "k1")
    assert [one.text for one in await _all(stage.driver, "xiao", 1)] == ["echo: 在吗"]


async def test_who_is_not_known_gets_nothing_and_leaves_nothing(stage: Stage) -> None:
    assert await stage.driver.say("xiao", "我的密码是秘密", "k1")
    await _all(stage.driver, "xiao", 1)
    before = await stage.scene.count_stored()
    attempts = await stage.driver.intrusions("xiao")
    assert attempts
    for what, attempt in attempts.items():
        assert await attempt() in stage.driver.refused_with, what
        assert await stage.scene.count_stored() == before, what


@pytest.mark.parametrize("what", ODD)
async def test_texts_arrive_as_they_were_written(stage: Stage, what: str) -> None:
    assert await stage.driver.say("xiao", ODD[what], "k1")
    assert [one.text for one in await stage.scene.stored(await stage.driver.address("xiao"))] == [ODD[what]]


@pytest.mark.parametrize("what", UNFIT)
async def test_what_no_text_may_hold_is_taken_out_or_refused(stage: Stage, what: str) -> None:
    acknowledged = await stage.driver.say("xiao", UNFIT[what], "k1")
    stored = [one.text for one in await stage.scene.stored(await stage.driver.address("xiao"))]
    assert stored in (["ab"], ["a\ufffdb"]) if acknowledged else stored == []


async def test_people_and_accounts_are_kept_apart(stage: Stage) -> None:
    assert await stage.driver.say("xiao", "甲", "k1")
    assert await stage.driver.say("lao", "乙", "k1")
    assert await stage.driver.say("xiao", "丙", "k1", account="other")
    addresses = [await stage.driver.address("xiao"), await stage.driver.address("lao"), await stage.driver.address("xiao", "other")]
    assert [[one.text for one in await stage.scene.stored(address)] for address in addresses] == [["甲"], ["乙"], ["丙"]]
    assert [one.text for one in await _all(stage.driver, "xiao", 1)][:1] == ["echo: 甲"]
    assert [one.text for one in await _all(stage.driver, "lao", 1)] == ["echo: 乙"]


async def test_many_answers_arrive_once_and_in_order(stage: Stage) -> None:
    stage.scene.brain.script["多"] = bot_says("一" * 600, "二" * 600, "三" * 600)
    assert await stage.driver.say("xiao", "多", "k1")
    assert [one.text for one in await _all(stage.driver, "xiao", 3)] == ["一" * 600, "二" * 600, "三" * 600]


async def test_a_long_text_arrives_whole(stage: Stage) -> None:
    stage.scene.brain.script["长"] = bot_says(LONG[:1_500])
    assert await stage.driver.say("xiao", "长", "k1")
    assert "".join(one.text for one in await _all(stage.driver, "xiao", 2)) == LONG[:1_500]


async def test_what_is_sent_reaches_its_person_as_it_is(stage: Stage) -> None:
    assert await stage.driver.say("xiao", "在吗", "k1")
    await _all(stage.driver, "xiao", 1)
    to = await stage.driver.address("xiao")
    channel = stage.scene.connectors.of(to)
    for number, words in enumerate(ODD.values()):
        assert await channel.send(to, OutgoingText(f"m_{number}", words)) == Sent()
    # a channel may leave out what frames a text, never a sign of it
    assert [one.text.strip() for one in (await stage.driver.received("xiao"))[1:]] == [words.strip() for words in ODD.values()]


async def test_a_menu_is_shown_and_its_choice_comes_back(stage: Stage) -> None:
    assert await stage.driver.say("xiao", "在吗", "k1")
    await _all(stage.driver, "xiao", 1)
    to = await stage.driver.address("xiao")
    choices = (("rating:h_1:1", "满意"), ("rating:h_1:2", "不满意"))
    assert await stage.scene.connectors.of(to).send(to, OutgoingText("m_1", "您满意吗？", menu=Menu(choices, "点一下即可"))) == Sent()
    shown = (await stage.driver.received("xiao"))[-1]
    assert (shown.text.strip(), shown.choices) == ("您满意吗？", choices)
    assert await stage.driver.say("xiao", "满意", "k2", choice="rating:h_1:1")
    tapped = (await stage.scene.stored(to))[-1]
    assert (tapped.kind, tapped.text, tapped.extra["choice"]) == ("text", "满意", "rating:h_1:1")


async def test_a_picture_arrives_as_one_between_the_words(stage: Stage) -> None:
    assert await stage.driver.say("xiao", "在吗", "k1")
    await _all(stage.driver, "xiao", 1)
    to = await stage.driver.address("xiao")
    channel = stage.scene.connectors.of(to)
    sent = (
        OutgoingText("m_1", "您看", "小林"),
        OutgoingText("m_2", "[图片]", "小林", picture=Picture(PNG, "image/png")),
        OutgoingText("m_3", "就是这里", "小林"),
    )
    assert [await channel.send(to, one) for one in sent] == [Sent()] * 3
    shown = (await stage.driver.received("xiao"))[1:]
    assert [one.picture or one.text.strip() for one in shown] == ["您看", PNG, "就是这里"]


async def test_typing_is_shown(stage: Stage) -> None:
    assert await stage.driver.say("xiao", "在吗", "k1")
    to = await stage.driver.address("xiao")
    await _all(stage.driver, "xiao", 1)
    assert await stage.driver.sees_typing("xiao", lambda: stage.scene.connectors.of(to).typing(to))


async def test_a_refusal_says_what_to_do(stage: Stage) -> None:
    refusals = stage.driver.refusals()
    assert refusals
    for number, (what, (arrange, action)) in enumerate(refusals.items()):
        person = f"p{number}"
        assert await stage.driver.say(person, "在吗", "k1")
        await _all(stage.driver, person, 1)
        to = await stage.driver.address(person)
        await arrange(person)
        result = await stage.scene.connectors.of(to).send(to, OutgoingText(f"m_{number}", "您好"))
        assert isinstance(result, Refused), what
        assert result.action == action, what


async def test_an_account_that_is_not_there_is_not_found(stage: Stage) -> None:
    assert [await stage.driver.post_to(one) for one in ("nobody", "-", "demo2", "%00", "..")] == [404] * 5
    assert await stage.scene.count_stored() == 0


async def test_other_methods_are_not_allowed(stage: Stage) -> None:
    for method, path in stage.driver.wrong_methods:
        async with stage.scene.http.request(method, stage.scene.base + path) as response:
            assert response.status == 405, (method, path)


async def test_no_body_breaks_anything(stage: Stage) -> None:
    chance = random.Random(20261125)
    whole = await stage.driver.valid_body("xiao", "你好", "k1")
    bodies = [b"", b"{", b"[" * 30_000, b"null", b"\x00" * 100, b"\xff\xfe" + whole, b"<xml>" * 9_000, b'{"a":' * 9_000, whole * 2]
    for _ in range(60):
        cut = bytearray(whole[: chance.randrange(len(whole) + 1)])
        for _ in range(chance.randrange(6)):
            cut[chance.randrange(len(cut) + 1) : 0] = bytes([chance.randrange(256)])
        bodies += [bytes(cut), chance.randbytes(chance.randrange(200))]
    for body in bodies:
        assert await stage.driver.post_raw("xiao", body) < 500, body[:80]
        # a connector that counts calls gives room again
        stage.scene.clock.advance(2)
    assert await stage.driver.post_raw("xiao", b"x" * 70_000) in (401, 403, 413)
    assert await stage.driver.say("lao", "还在吗", "k9")
