"""The phone page in a browser: what is sent from it, what it draws, and the menu as it was pushed."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, async_playwright, expect

from sandbox.samples import sample
from tests.sandbox.callback import CallbackServer
from tests.sandbox.conftest import Script

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
SHOTS = Path(__file__).parents[2] / "artifacts" / "screenshots" / "sandbox"
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
MENU: dict[str, Any] = {
    "button": [
        {"type": "click", "name": "查话费", "key": "BALANCE"},
        {
            "name": "办业务",
            "sub_button": [
                {"type": "scancode_waitmsg", "name": "扫码办理", "key": "SCAN"},
                {"type": "pic_weixin", "name": "上传照片", "key": "PHOTO"},
                {"type": "location_select", "name": "附近营业厅", "key": "NEAR"},
            ],
        },
    ]
}

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on PATH (Debian: apt-get install chromium fonts-noto-cjk)"),
]


@pytest.fixture
async def page(script: Script) -> AsyncIterator[Page]:
    errors: list[str] = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        one = await (await browser.new_context(viewport={"width": 390, "height": 844}, locale="zh-CN")).new_page()
        one.set_default_timeout(20_000)
        one.on("pageerror", lambda error: errors.append(str(error)))
        one.on("console", lambda line: errors.append(line.text) if line.type == "error" else None)
        await one.goto(f"{script.sandbox.url}/#demo/oZhang")
        await expect(one.locator("#input")).to_be_visible()
        yield one
        await browser.close()
    assert errors == []


async def shoot(page: Page, name: str) -> None:
    SHOTS.mkdir(parents=True, exist_ok=True)
    await page.wait_for_timeout(300)
    await page.screenshot(path=str(SHOTS / f"{name}.png"))


async def extra(page: Page, name: str) -> None:
    await page.locator("#plus-toggle").click()
    await page.locator(f'[data-extra="{name}"]').click()


def kinds(callback: CallbackServer) -> list[str]:
    return [getattr(one.message, "event", None) or one.message.type for one in callback.received]


async def bubble(page: Page, kind: str, side: str) -> None:
    await expect(page.locator(f'.row.{side}[data-type="{kind}"] .bubble').last).to_be_visible()


async def test_everything_from_the_plus(page: Page, callback: CallbackServer) -> None:
    await extra(page, "voice")
    await page.locator(".sheet-form .go").click()
    await bubble(page, "voice", "mine")
    for name in ("image", "video"):
        await extra(page, name)
        await page.locator("#sheet button", has_text="示例").click()
        await bubble(page, name, "mine")
    for name in ("location", "link"):
        await extra(page, name)
        await page.locator(".sheet-form .go").click()
        await bubble(page, name, "mine")
    await extra(page, "scan")
    await page.locator('.sheet-form [name="scene"]').fill("counter-7")
    await page.locator(".sheet-form .go").click()
    await expect(page.locator(".grey-line", has_text="counter-7")).to_be_visible()
    await shoot(page, "1-sent")
    assert kinds(callback) == ["voice", "image", "video", "location", "link", "scan"]
    assert callback.received[0].message.recognition == "查一下我的流量"


async def test_a_file_of_ones_own(page: Page, script: Script, callback: CallbackServer) -> None:
    await extra(page, "image")
    async with page.expect_file_chooser() as choosing:
        await page.locator("#sheet button", has_text="相册").click()
    await (await choosing.value).set_files({"name": "a.jpg", "mimeType": "image/jpeg", "buffer": sample("thumb")})
    await bubble(page, "image", "mine")
    async with script.fetch(callback.received[0].message.image) as answer:
        assert await answer.read() == sample("thumb")
    await page.locator('.mine[data-type="image"] .bubble').click()
    await expect(page.locator("#viewer img")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.locator("#viewer")).to_be_hidden()


async def test_the_menu_is_the_one_that_was_pushed(page: Page, script: Script, callback: CallbackServer) -> None:
    await page.locator("#to-menu").click()
    await expect(page.locator("#menu-keys button")).to_have_text(["查话费", "查流量", "人工"])
    await script.call("/cgi-bin/menu/create", MENU)
    await expect(page.locator("#menu-keys button")).to_have_text(["查话费", "办业务"])
    await page.locator("#menu-keys button").nth(0).click()
    keys = page.locator("#menu-keys button").nth(1)
    await keys.click()
    await expect(page.locator("#menu-list button")).to_have_text(["扫码办理", "上传照片", "附近营业厅"])
    await shoot(page, "2-menu")
    await page.locator("#menu-list button").nth(0).click()
    await page.locator(".sheet-form .go").click()
    await keys.click()
    await page.locator("#menu-list button").nth(1).click()
    await page.locator("#sheet button", has_text="示例").click()
    await bubble(page, "image", "mine")
    await keys.click()
    await page.locator("#menu-list button").nth(2).click()
    await page.locator(".sheet-form .go").click()
    await bubble(page, "location", "mine")
    assert sorted(kinds(callback)) == sorted(["click", "scancode_waitmsg", "pic_weixin", "image", "location_select", "location"])
    await script.call("/cgi-bin/menu/delete")
    await expect(page.locator("#to-menu")).to_be_hidden()


async def test_what_the_account_sends_is_drawn(page: Page, script: Script, callback: CallbackServer) -> None:
    await script.say(text="在吗")
    await script.call("/customservice/kfaccount/add", {"kf_account": "lin@demo", "nickname": "小林"})
    made = {kind: (await script.upload(kind, sample(kind)))["media_id"] for kind in ("image", "voice", "video")}
    mini = {"title": "网厅", "appid": "wxmini", "pagepath": "p", "thumb_media_id": made["image"]}
    choices = {"head_content": "满意吗", "list": [{"id": "101", "content": "满意"}, {"id": "102", "content": "不满意"}]}
    parts: dict[str, Any] = {kind: {"media_id": made[kind]} for kind in made}
    parts |= {"news": {"articles": [{"title": "上新", "description": "", "url": "https://example.com/", "picurl": ""}]}}
    for kind, part in parts.items():
        body = {"touser": "oZhang", "msgtype": kind, kind: part, "customservice": {"kf_account": "lin@demo"}}
        assert (await script.call("/cgi-bin/message/custom/send", body))["errcode"] == 0
        await bubble(page, kind, "theirs")
    await expect(page.locator('.row[data-type="news"] .nick')).to_have_text("小林")
    await script.say(text="还有呢")
    for kind, part in {"miniprogrampage": mini, "msgmenu": choices}.items():
        assert (await script.call("/cgi-bin/message/custom/send", {"touser": "oZhang", "msgtype": kind, kind: part}))["errcode"] == 0
        await bubble(page, kind, "theirs")
    await shoot(page, "3-drawn")
    await page.locator(".choice", has_text="不满意").click()
    await expect(page.locator(".row.mine .bubble").last).to_have_text("不满意")
    assert callback.received[-1].message._data["bizmsgmenuid"] == "102"
    assert await script.typing() == 0
    await expect(page.locator("#nav-typing")).to_be_visible()


async def test_leaving_and_coming_back_by_a_code(page: Page, callback: CallbackServer) -> None:
    await page.locator("#more").click()
    await page.locator("#sheet .danger").click()
    await expect(page.locator("#follow-card")).to_be_visible()
    await shoot(page, "4-left")
    await page.locator("#follow-by-code").click()
    await page.locator('.sheet-form [name="scene"]').fill("shop-3")
    await page.locator(".sheet-form .go").click()
    await expect(page.locator("#input")).to_be_visible()
    assert kinds(callback) == ["unsubscribe", "subscribe_scan"]


async def test_the_native_desk_from_the_panel(page: Page, script: Script) -> None:
    await page.set_viewport_size({"width": 1440, "height": 900})
    await page.locator("#panel-toggle").click()
    await page.locator("#kf-name").fill("小林")
    await page.locator("#kf-add button").click()
    await page.locator("#kf-agents button", has_text="接待").click()
    await page.locator("#kf-words").fill("您好，我是小林")
    await page.locator("#kf-say button").click()
    await expect(page.locator('.row.theirs[data-kind="kf"] .nick')).to_have_text("小林")
    await shoot(page, "5-desk")
    await page.locator("#kf-agents button", has_text="结束会话").click()
    await expect(page.locator("#kf-say")).to_be_hidden()
    assert (await script.get("/api/chat/oZhang"))[1]["kf"]["session"] is None
