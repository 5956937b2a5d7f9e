"""The page in a browser: what a visitor does and sees, alone on its address and in a frame of another site."""

import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
from aiohttp import web
from playwright.async_api import Browser, BrowserContext, FrameLocator, Page, async_playwright, expect

from conversations.model import Address, Menu, OutgoingText, Sent
from tests.connectors.webchat.conftest import Chat, Start

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
PATIENCE_MS = 15_000
PHONE = {"width": 390, "height": 844}
SITE = """<!doctype html><html><head><meta charset="utf-8"><link rel="icon" href="data:,">
<meta http-equiv="Content-Security-Policy" content="script-src {base}; style-src 'self'; frame-src {base}"></head>
<body><h1>A shop</h1><script async src="{base}/chat/demo/embed.js" data-side="left"></script></body></html>"""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on PATH (Debian: apt-get install chromium fonts-noto-cjk)"),
]
UNNAMED = """[...document.querySelectorAll("button, textarea")]
    .filter((one) => one.offsetParent && !one.textContent.trim() && !one.ariaLabel && !one.labels?.length).map((one) => one.id)"""
expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        one = await playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield one
        await one.close()


@dataclass
class Visit:
    """One browser of a visitor's; `errors`: what its pages complain of."""

    chat: Chat
    context: BrowserContext
    errors: list[str]

    async def page(self, url: str = "") -> Page:
        page = await self.context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda line: self.errors.append(line.text) if line.type == "error" else None)
        await page.goto(url or f"{self.chat.scene.base}/chat/demo")
        return page

    async def tell(self, page: Page, message: OutgoingText) -> None:
        """The service says something."""
        session = "JSON.parse(localStorage.getItem('weiting.chat.demo.session')).visitor"
        to = Address("demo", await page.evaluate(session))
        assert await self.chat.scene.connectors.of(to).send(to, message) == Sent()


@asynccontextmanager
async def _visit(chat: Chat, browser: Browser, locale: str = "zh-CN") -> AsyncIterator[Visit]:
    context = await browser.new_context(viewport=PHONE, locale=locale)  # type: ignore[arg-type]
    visit = Visit(chat, context, [])
    yield visit
    await context.close()
    assert visit.errors == []


async def _say(page: Page | FrameLocator, text: str) -> None:
    await page.locator("#text").fill(text)
    await page.locator("#text").press("Enter")


async def _read(page: Page | FrameLocator) -> list[str]:
    """The lines as they stand, from top to bottom."""
    return await page.locator("#log .bubble").all_inner_texts()


async def _answered(page: Page | FrameLocator, text: str) -> None:
    await expect(page.locator("#log .theirs .bubble").last).to_have_text(text)


async def test_a_visitor_is_greeted_asks_and_finds_it_all_again(start: Start, browser: Browser) -> None:
    chat = await start()
    async with _visit(chat, browser) as visit:
        page = await visit.page()
        await expect(page.locator("#state")).to_have_text("在线")
        await expect(page.locator("#log .theirs")).to_have_count(1)
        await _say(page, "查话费")
        await _answered(page, "echo: 查话费")
        before = await _read(page)
        assert before[1:] == ["查话费", "echo: 查话费"]
        await page.locator("#text").fill("写了一半")
        await page.reload()
        await expect(page.locator("#log .bubble")).to_have_count(3)
        assert await _read(page) == before
        await expect(page.locator("#text")).to_have_value("写了一半")
        other = await visit.page()
        await expect(other.locator("#log .bubble")).to_have_count(3)
        await _say(other, "在另一个窗口")
        await _answered(page, "echo: 在另一个窗口")
        assert await _read(page) == await _read(other)


async def test_nothing_that_is_written_becomes_part_of_the_page(start: Start, browser: Browser) -> None:
    chat = await start()
    nasty = '<img src=x onerror="document.title=\'taken\'"><script>document.title="taken"</script> https://www.example.com/a?b=1。'
    async with _visit(chat, browser) as visit:
        page = await visit.page()
        await expect(page.locator("#log .theirs")).to_have_count(1)
        await _say(page, nasty)
        await _answered(page, f"echo: {nasty}")
        assert await page.locator("#log img, #log script").count() == 0
        assert "taken" not in await page.title()
        link = page.locator("#log .theirs a").last
        assert await link.get_attribute("href") == "https://www.example.com/a?b=1"
        assert {"noopener", "noreferrer"} <= set((await link.get_attribute("rel") or "").split())
        await _say(page, "javascript:alert(1) data:text/html,x")
        await _answered(page, "echo: javascript:alert(1) data:text/html,x")
        assert await page.locator("#log .theirs").last.locator("a").count() == 0


async def test_a_choice_is_tapped_once_and_stays_marked(start: Start, browser: Browser) -> None:
    chat = await start()
    async with _visit(chat, browser) as visit:
        page = await visit.page()
        await expect(page.locator("#log .theirs")).to_have_count(1)
        await visit.tell(page, OutgoingText("m_x", "您满意吗？", "小林", Menu((("r:1", "满意"), ("r:2", "不满意")), "点一下即可评价。")))
        await page.get_by_role("button", name="不满意").click()
        await _answered(page, "echo: 不满意")
        for _ in range(2):
            await expect(page.locator(".choice[aria-pressed=true]")).to_have_text("不满意")
            await expect(page.locator(".choice:disabled")).to_have_count(2)
            await page.reload()
        await expect(page.locator("#log .speaker").first).to_have_text("小林")


async def test_what_is_written_without_a_network_is_sent_when_it_is_back(start: Start, browser: Browser) -> None:
    chat = await start()
    async with _visit(chat, browser) as visit:
        page = await visit.page()
        await expect(page.locator("#log .theirs")).to_have_count(1)
        await visit.context.set_offline(True)
        await expect(page.locator("#state")).to_have_attribute("data-state", "offline")
        await _say(page, "第一句")
        await _say(page, "第二句")
        await expect(page.locator("#waiting .fate").last).to_have_text("等待网络恢复后发送")
        await visit.context.set_offline(False)
        await _answered(page, "echo: 第二句")
        await expect(page.locator("#waiting .line")).to_have_count(0)
        own = await page.locator("#log .mine .bubble").all_inner_texts()
        assert own == ["第一句", "第二句"]
        await expect(page.locator("#state")).to_have_text("在线")
        visit.errors[:] = [one for one in visit.errors if "ERR_INTERNET_DISCONNECTED" not in one]


async def test_what_the_service_does_not_take_is_tried_again(start: Start, browser: Browser) -> None:
    chat = await start()
    async with _visit(chat, browser) as visit:
        page = await visit.page()
        await expect(page.locator("#log .theirs")).to_have_count(1)
        chat.scene.inbox.fails = True
        await _say(page, "在吗")
        await expect(page.locator("#waiting .fate")).to_contain_text("正在重试")
        # a reload loses nothing
        await page.reload()
        await expect(page.locator("#waiting .bubble")).to_have_text("在吗")
        chat.scene.inbox.fails = False
        await _answered(page, "echo: 在吗")
        assert (await _read(page))[1:] == ["在吗", "echo: 在吗"]
        visit.errors[:] = [one for one in visit.errors if "503" not in one]


async def test_someone_who_types_is_shown(start: Start, browser: Browser) -> None:
    chat = await start()
    async with _visit(chat, browser) as visit:
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
    async with _visit(chat, browser) as visit:
        page = await visit.page()
        await expect(page.locator("#log .theirs")).to_have_count(1)
        for number in range(2, 31):
            await visit.tell(page, OutgoingText(f"m_{number}", f"第{number}句"))
        await page.reload()
        await expect(page.locator("#log .bubble")).to_have_count(20)
        await page.locator("#earlier").click()
        await expect(page.locator("#log .bubble")).to_have_count(30)
        assert (await _read(page))[1:] == [f"第{number}句" for number in range(2, 31)]
        await expect(page.locator("#earlier")).to_be_hidden()


async def test_the_end_leaves_nothing_here_or_there(start: Start, browser: Browser) -> None:
    chat = await start()
    async with _visit(chat, browser) as visit:
        page, other = await visit.page(), await visit.page()
        await expect(other.locator("#state")).to_have_text("在线")
        await _say(page, "我的号码是17900000001")
        await _answered(other, "echo: 我的号码是17900000001")
        await page.locator("#end").click()
        await page.locator("#sure-yes").click()
        await expect(page.locator("#over")).to_contain_text("内容已清除")
        await expect(other.locator("#over")).to_contain_text("另一个窗口")
        assert await _read(page) == await _read(other) == []
        assert "17900000001" not in str(await page.evaluate("JSON.stringify(localStorage)"))
        await page.locator("#again").click()
        await expect(page.locator("#log .theirs")).to_have_count(1)
        await _say(page, "重新来")
        await _answered(page, "echo: 重新来")


async def test_a_token_that_is_no_longer_good_begins_anew_and_says_so(start: Start, browser: Browser) -> None:
    chat = await start()
    async with _visit(chat, browser) as visit:
        page = await visit.page()
        await expect(page.locator("#log .theirs")).to_have_count(1)
        await page.evaluate("localStorage.setItem('weiting.chat.demo.session', JSON.stringify({token: 'forged', at: Date.now()}))")
        await page.reload()
        await expect(page.locator("#notice")).to_contain_text("没能接上之前的对话")
        await _say(page, "你好")
        await _answered(page, "echo: 你好")
        visit.errors[:] = [one for one in visit.errors if "401" not in one]


async def test_where_nothing_flows_it_asks_every_few_seconds(start: Start, browser: Browser) -> None:
    chat = await start()
    async with _visit(chat, browser, "en-US") as visit:
        # something in between that keeps streams back
        await visit.context.route(re.compile("/events"), lambda route: route.abort())
        page = await visit.page()
        await expect(page.locator("#state")).to_have_text("Online (messages may take a few seconds)")
        await _say(page, "你好")
        await _answered(page, "echo: 你好")
        visit.errors[:] = [one for one in visit.errors if "ERR_FAILED" not in one]


async def test_the_keyboard_alone_is_enough(start: Start, browser: Browser) -> None:
    chat = await start()
    async with _visit(chat, browser) as visit:
        page = await visit.page()
        await expect(page.locator("#text")).to_be_focused()
        await page.keyboard.type("第一行")
        await page.keyboard.press("Shift+Enter")
        await page.keyboard.type("第二行")
        await page.keyboard.press("Enter")
        await _answered(page, "echo: 第一行\n第二行")
        assert await page.evaluate(UNNAMED) == []


@dataclass
class Site:
    """A page of somebody else's that embeds the chat at `base`, under a strict policy of its own."""

    origin: str
    base: str = ""


@asynccontextmanager
async def _site() -> AsyncIterator[Site]:
    async def shop(_request: web.Request) -> web.Response:
        return web.Response(text=SITE.format(base=site.base), content_type="text/html")

    app = web.Application()
    app.router.add_get("/", shop)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    site = Site(f"http://127.0.0.1:{runner.addresses[0][1]}")
    yield site
    await runner.cleanup()


async def test_a_site_that_is_named_shows_the_chat_in_a_frame(start: Start, browser: Browser) -> None:
    async with _site() as site:
        chat = await start(origins=(site.origin,))
        site.base = chat.scene.base
        async with _visit(chat, browser) as visit:
            await _use_embedded(visit, site)


async def _use_embedded(visit: Visit, site: Site) -> None:
    channels = visit.chat.scene.connectors
    page = await visit.page(site.origin)
    launcher = page.locator(".launcher")
    await expect(launcher).to_have_attribute("aria-label", "在线客服")
    await launcher.click()
    frame = page.frame_locator("iframe")
    await _say(frame, "从小店来")
    await _answered(frame, "echo: 从小店来")
    await frame.locator("#close").click()
    await expect(page.locator(".panel")).to_be_hidden()
    inner = next(one for one in page.frames if "/chat/demo" in one.url)
    to = Address("demo", await inner.evaluate("JSON.parse(localStorage.getItem('weiting.chat.demo.session')).visitor"))
    await channels.of(to).send(to, OutgoingText("m_x", "您好，还在吗？", "小林"))
    await expect(page.locator(".badge")).to_have_text("1")
    # the next page of the site knows that there is a chat
    await page.reload()
    await expect(launcher).to_be_visible()
    await launcher.click()
    await _answered(frame, "您好，还在吗？")
    await expect(page.locator(".badge")).to_be_hidden()


async def test_a_site_that_is_not_named_offers_a_window_of_its_own(start: Start, browser: Browser) -> None:
    chat = await start()
    async with _site() as site, _visit(chat, browser) as visit:
        site.base = chat.scene.base
        page = await visit.page(site.origin)
        await page.locator(".launcher").click()
        await expect(page.locator(".stuck a")).to_have_attribute("href", f"{chat.scene.base}/chat/demo")
        assert any("frame-ancestors" in one for one in visit.errors)
        visit.errors.clear()
