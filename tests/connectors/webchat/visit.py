"""A visitor's browser: pages of the chat, and what is done and read there."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
from playwright.async_api import Browser, BrowserContext, FrameLocator, Page, async_playwright, expect

from conversations.model import Address, OutgoingText, Sent
from tests.connectors.webchat.conftest import Chat

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
PATIENCE_MS = 15_000
PHONE = {"width": 390, "height": 844}
NEEDS_BROWSER = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on PATH (Debian: apt-get install chromium fonts-noto-cjk)"),
]


@asynccontextmanager
async def open_browser() -> AsyncIterator[Browser]:
    """Chromium, until the block ends."""
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
async def begin_visit(chat: Chat, browser: Browser, locale: str = "zh-CN") -> AsyncIterator[Visit]:
    expect.set_options(timeout=PATIENCE_MS)
    context = await browser.new_context(viewport=PHONE, locale=locale)  # type: ignore[arg-type]
    visit = Visit(chat, context, [])
    yield visit
    await context.close()
    assert visit.errors == []


async def say(page: Page | FrameLocator, text: str) -> None:
    await page.locator("#text").fill(text)
    await page.locator("#text").press("Enter")


async def read(page: Page | FrameLocator) -> list[str]:
    """The lines as they stand, from top to bottom."""
    return await page.locator("#log .bubble").all_inner_texts()


async def answered(page: Page | FrameLocator, text: str) -> None:
    await expect(page.locator("#log .theirs .bubble").last).to_have_text(text)
