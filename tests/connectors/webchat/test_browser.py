"""The page in a browser: what a visitor does and sees on its own address."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from conversations.model import Address, Menu, OutgoingText, Picture
from tests.connectors.webchat.conftest import Start
from tests.connectors.webchat.visit import NEEDS_BROWSER, answered, begin_visit, open_browser, read, say

DOT = Path(__file__).parents[2].joinpath("fixtures", "dot.png")
UNNAMED = """[...document.querySelectorAll("button, textarea")]
    .filter((one) => one.offsetParent && !one.textContent.trim() && !one.ariaLabel && !one.labels?.length).map((one) => one.id)"""
pytestmark = NEEDS_BROWSER


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with open_browser() as one:
        yield one


async def test_a_visitor_is_greeted_asks_and_finds_it_all_again(start: Start, browser: Browser) -> None:
    chat = await start()
    async with begin_visit(chat, browser) as visit:
        page = await visit.page()
        await expect(page.locator("#state")).to_have_text("在线")
        await expect(page.locator("#log .theirs")).to_have_count(1)
        await say(page, "查话费")
        await answered(page, "echo: 查话费")
        before = await read(page)
        assert before[1:] == ["查话费", "echo: 查话费"]
        await page.locator("#text").fill("写了一半")
        await page.reload()
        await expect(page.locator("#log .bubble")).to_have_count(3)
        assert await read(page) == before
        await expect(page.locator("#text")).to_have_value("写了一半")
        other = await visit.page()
        await expect(other.locator("#log .bubble")).to_have_count(3)
        await say(other, "在另一个窗口")
        await answered(page, "echo: 在另一个窗口")
        assert await read(page) == await read(other)


async def test_nothing_that_is_written_becomes_part_of_the_page(start: Start, browser: Browser) -> None:
    chat = await start()
    nasty = '<img src=x onerror="document.title=\'taken\'"><script>document.title="taken"</script> https://www.example.com/a?b=1。'
    async with begin_visit(chat, browser) as visit:
        page = await visit.page()
        await expect(page.locator("#log .theirs")).to_have_count(1)
        await say(page, nasty)
        await answered(page, f"echo: {nasty}")
        assert await page.locator("#log img, #log script").count() == 0
        assert "taken" not in await page.title()
        link = page.locator("#log .theirs a").last
        assert await link.get_attribute("href") == "https://www.example.com/a?b=1"
        assert {"noopener", "noreferrer"} <= set((await link.get_attribute("rel") or "").split())
        await say(page, "javascript:alert(1) data:text/html,x")
        await answered(page, "echo: javascript:alert(1) data:text/html,x")
        assert await page.locator("#log .theirs").last.locator("a").count() == 0


async def test_a_choice_is_tapped_once_and_stays_marked(start: Start, browser: Browser) -> None:
    chat = await start()
    async with begin_visit(chat, browser) as visit:
        page = await visit.page()
        await expect(page.locator("#log .theirs")).to_have_count(1)
        await visit.tell(page, OutgoingText("m_x", "您满意吗？", "小林", Menu((("r:1", "满意"), ("r:2", "不满意")), "点一下即可评价。")))
        await page.get_by_role("button", name="不满意").click()
        await answered(page, "echo: 不满意")
        for _ in range(2):
            await expect(page.locator(".choice[aria-pressed=true]")).to_have_text("不满意")
            await expect(page.locator(".choice:disabled")).to_have_count(2)
            await page.reload()
        await expect(page.locator("#log .speaker").first).to_have_text("小林")


async def test_what_is_written_without_a_network_is_sent_when_it_is_back(start: Start, browser: Browser) -> None:
    chat = await start()
    async with begin_visit(chat, browser) as visit:
        page = await visit.page()
        await expect(page.locator("#log .theirs")).to_have_count(1)
        await visit.context.set_offline(True)
        await expect(page.locator("#state")).to_have_attribute("data-state", "offline")
        await say(page, "第一句")
        await say(page, "第二句")
        await expect(page.locator("#waiting .fate").last).to_have_text("等待网络恢复后发送")
        await visit.context.set_offline(False)
        await answered(page, "echo: 第二句")
        await expect(page.locator("#waiting .line")).to_have_count(0)
        own = await page.locator("#log .mine .bubble").all_inner_texts()
        assert own == ["第一句", "第二句"]
        await expect(page.locator("#state")).to_have_text("在线")
        visit.errors[:] = [one for one in visit.errors if "ERR_INTERNET_DISCONNECTED" not in one]


async def test_what_the_service_does_not_take_is_tried_again(start: Start, browser: Browser) -> None:
    chat = await start()
    async with begin_visit(chat, browser) as visit:
        page = await visit.page()
        await expect(page.locator("#log .theirs")).to_have_count(1)
        chat.scene.inbox.fails = True
        await say(page, "在吗")
        await expect(page.locator("#waiting .fate")).to_contain_text("正在重试")
        # a reload loses nothing
        await page.reload()
        await expect(page.locator("#waiting .bubble")).to_have_text("在吗")
        chat.scene.inbox.fails = False
        await answered(page, "echo: 在吗")
        assert (await read(page))[1:] == ["在吗", "echo: 在吗"]
        visit.errors[:] = [one for one in visit.errors if "503" not in one]


async def test_someone_who_types_is_shown(start: Start, browser: Browser) -> None:
    chat = await start()
    async with begin_visit(chat, browser) as visit:
        page = await visit.page()
        await expect(page.locator("#state")).to_have_text("在线")
        await expect(page.locator("#log .theirs")).to_have_count(1)
        to = Address("demo", await page.evaluate("JSON.parse(localStorage.getItem('weiting.chat.demo.session')).visitor"))
        await chat.scene.connectors.of(to).typing(to)
        await expect(page.locator("#typing")).to_be_visible()
        await visit.tell(page, OutgoingText("m_x", "您好"))
        await expect(page.locator("#typing")).to_be_hidden()


async def test_a_long_chat_shows_its_end_and_its_beginning_when_asked(start: Start, browser: Browser) -> None:
    chat = await start()
    async with begin_visit(chat, browser) as visit:
        page = await visit.page()
        await expect(page.locator("#log .theirs")).to_have_count(1)
        for number in range(2, 31):
            await visit.tell(page, OutgoingText(f"m_{number}", f"第{number}句"))
        await page.reload()
        await expect(page.locator("#log .bubble")).to_have_count(20)
        await page.locator("#earlier").click()
        await expect(page.locator("#log .bubble")).to_have_count(30)
        assert (await read(page))[1:] == [f"第{number}句" for number in range(2, 31)]
        await expect(page.locator("#earlier")).to_be_hidden()


async def test_the_end_leaves_nothing_here_or_there(start: Start, browser: Browser) -> None:
    chat = await start()
    async with begin_visit(chat, browser) as visit:
        page, other = await visit.page(), await visit.page()
        await expect(other.locator("#state")).to_have_text("在线")
        await say(page, "我的号码是17900000001")
        await answered(other, "echo: 我的号码是17900000001")
        await page.locator("#end").click()
        await page.locator("#sure-yes").click()
        await expect(page.locator("#over")).to_contain_text("内容已清除")
        await expect(other.locator("#over")).to_contain_text("另一个窗口")
        assert await read(page) == await read(other) == []
        assert "17900000001" not in str(await page.evaluate("JSON.stringify(localStorage)"))
        await page.locator("#again").click()
        await expect(page.locator("#log .theirs")).to_have_count(1)
        await say(page, "重新来")
        await answered(page, "echo: 重新来")


async def test_a_token_that_is_no_longer_good_begins_anew_and_says_so(start: Start, browser: Browser) -> None:
    chat = await start()
    async with begin_visit(chat, browser) as visit:
        page = await visit.page()
        await expect(page.locator("#log .theirs")).to_have_count(1)
        await page.evaluate("localStorage.setItem('weiting.chat.demo.session', JSON.stringify({token: 'forged', at: Date.now()}))")
        await page.reload()
        await expect(page.locator("#notice")).to_contain_text("没能接上之前的对话")
        await say(page, "你好")
        await answered(page, "echo: 你好")
        visit.errors[:] = [one for one in visit.errors if "401" not in one]


async def test_where_nothing_flows_it_asks_every_few_seconds(start: Start, browser: Browser) -> None:
    chat = await start()
    async with begin_visit(chat, browser, "en-US") as visit:
        # something in between that keeps streams back
        await visit.context.route(re.compile("/events"), lambda route: route.abort())
        page = await visit.page()
        await expect(page.locator("#state")).to_have_text("Online (messages may take a few seconds)")
        await say(page, "你好")
        await answered(page, "echo: 你好")
        visit.errors[:] = [one for one in visit.errors if "ERR_FAILED" not in one]


async def test_the_keyboard_alone_is_enough(start: Start, browser: Browser) -> None:
    chat = await start()
    async with begin_visit(chat, browser) as visit:
        page = await visit.page()
        await expect(page.locator("#text")).to_be_focused()
        await page.keyboard.type("第一行")
        await page.keyboard.press("Shift+Enter")
        await page.keyboard.type("第二行")
        await page.keyboard.press("Enter")
        await answered(page, "echo: 第一行\n第二行")
        assert await page.evaluate(UNNAMED) == []


async def test_a_picture_is_drawn_where_it_was_sent(start: Start, browser: Browser) -> None:
    chat = await start()
    async with begin_visit(chat, browser) as visit:
        page = await visit.page()
        await expect(page.locator("#log .theirs")).to_have_count(1)
        await visit.tell(page, OutgoingText("m_x", "[图片]", "小林", picture=Picture(DOT.read_bytes(), "image/png")))
        for _ in range(2):
            picture = page.locator("#log .theirs img.picture")
            await expect(picture).to_have_count(1)
            assert await picture.evaluate("one => one.decode().then(() => [one.naturalWidth, one.alt])") == [2, "[图片]"]
            await page.reload()
