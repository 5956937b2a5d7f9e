"""The chat in a frame of another site, in a browser."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
from aiohttp import web
from playwright.async_api import Browser, expect

from conversations.model import Address, OutgoingText
from tests.connectors.webchat.conftest import Start
from tests.connectors.webchat.visit import NEEDS_BROWSER, Visit, answered, begin_visit, open_browser, say

SITE = """<!doctype html><html><head><meta charset="utf-8"><link rel="icon" href="data:,">
<meta http-equiv="Content-Security-Policy" content="script-src {base}; style-src 'self'; frame-src {base}"></head>
<body><h1>A shop</h1><script async src="{base}/chat/demo/embed.js" data-side="left"></script></body></html>"""
pytestmark = NEEDS_BROWSER


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with open_browser() as one:
        yield one


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
        async with begin_visit(chat, browser) as visit:
            await _use_embedded(visit, site)


async def _use_embedded(visit: Visit, site: Site) -> None:
    channels = visit.chat.scene.connectors
    page = await visit.page(site.origin)
    launcher = page.locator(".launcher")
    await expect(launcher).to_have_attribute("aria-label", "在线客服")
    await launcher.click()
    frame = page.frame_locator("iframe")
    # the greeting shows that the page is awake
    await expect(frame.locator("#log .theirs .bubble")).to_have_count(1)
    await say(frame, "从小店来")
    await answered(frame, "echo: 从小店来")
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
    await answered(frame, "您好，还在吗？")
    await expect(page.locator(".badge")).to_be_hidden()


async def test_a_site_that_is_not_named_offers_a_window_of_its_own(start: Start, browser: Browser) -> None:
    chat = await start()
    async with _site() as site, begin_visit(chat, browser) as visit:
        site.base = chat.scene.base
        page = await visit.page(site.origin)
        await page.locator(".launcher").click()
        await expect(page.locator(".stuck a")).to_have_attribute("href", f"{chat.scene.base}/chat/demo")
        assert any("frame-ancestors" in one for one in visit.errors)
        visit.errors.clear()
