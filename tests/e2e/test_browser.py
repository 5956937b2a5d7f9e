"""The whole story in two browser windows: a phone and a desk. Its screenshots lie in artifacts/screenshots."""

import re
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from tests.e2e.driver import ROOT, Running

SHOTS = ROOT / "artifacts" / "screenshots"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
PATIENCE_MS = 20_000
OPENID, PHONE = "oBROWSERa", "17900000002"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on PATH (Debian: apt-get install chromium fonts-noto-cjk)"),
    pytest.mark.skipif(not (ROOT / "web/dist/index.html").exists(), reason="the pages are not built (make setup)"),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        one = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield one
        one.close()


@pytest.fixture(scope="module")
def errors() -> list[str]:
    return []


def _watch(page: Page, errors: list[str]) -> Page:
    page.set_default_timeout(PATIENCE_MS)
    page.on("pageerror", lambda error: errors.append(str(error)))
    # a refused sign-in and the first look at the session answer 401 by design
    page.on("console", lambda line: errors.append(line.text) if line.type == "error" and "401" not in line.text else None)
    return page


@pytest.fixture(scope="module")
def phone(running: Running, browser: Browser, errors: list[str]) -> Page:
    running.sandbox("POST", "/api/people", {"openid": OPENID, "name": "陈阿姨", "phone": PHONE})
    page = _watch(browser.new_context(viewport={"width": 390, "height": 844}, locale="zh-CN").new_page(), errors)
    page.goto(f"http://127.0.0.1:{running.base + 2}/#demo/{OPENID}")
    expect(page.locator("#input")).to_be_visible()
    return page


@pytest.fixture(scope="module")
def desk(running: Running, browser: Browser, errors: list[str]) -> Page:
    member = running.add_staff("browser", "--name", "小周", "--account", "demo")
    page = _watch(browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN").new_page(), errors)
    page.goto(f"http://127.0.0.1:{running.base + 1}/")
    field(page, "login-name").fill("browser")
    field(page, "login-password").fill(member["password"])
    page.get_by_test_id("login-submit").click()
    page.get_by_test_id("presence-online").click()
    return page


def field(page: Page, name: str) -> Locator:
    """The input itself, whether the mark sits on it or on its frame."""
    inside = page.locator(f'input[data-testid="{name}"], textarea[data-testid="{name}"]')
    inside = inside.or_(page.locator(f'[data-testid="{name}"] input, [data-testid="{name}"] textarea'))
    return inside.first


def say(phone: Page, text: str) -> None:
    phone.locator("#input").fill(text)
    phone.locator("#input").press("Enter")


def answer(phone: Page, pattern: str) -> None:
    """The last bubble of the account reads like this."""
    expect(phone.locator('.row.message[data-from="account"]').last).to_contain_text(re.compile(pattern), timeout=PATIENCE_MS)


def shoot(page: Page, name: str) -> None:
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.wait_for_timeout(400)
    page.screenshot(path=str(SHOTS / f"{name}.png"))


def test_the_whole_story(running: Running, phone: Page, desk: Page, errors: list[str]) -> None:
    say(phone, "查一下上个月的账单")
    answer(phone, "同意")
    shoot(phone, "1-consent")
    say(phone, "同意")
    answer(phone, "手机号|号码")
    say(phone, PHONE)
    answer(phone, "验证码")
    banner = phone.locator(".sms-banner").last
    expect(banner).to_be_visible()
    shoot(phone, "2-code")
    banner.click()
    phone.locator("#input").press("Enter")
    answer(phone, r"179\*\*\*\*0002.*\d+\.\d{2}元")
    shoot(phone, "3-bill")

    say(phone, "我要人工")
    answer(phone, "第|排队|客服")
    _agent_takes_over(desk)
    expect(desk.get_by_test_id("transcript")).to_contain_text("我要人工")
    shoot(desk, "4-desk")

    say(phone, "我想问下宽带怎么装")
    expect(desk.get_by_test_id("transcript")).to_contain_text("我想问下宽带怎么装")
    composer = field(desk, "composer-input")
    composer.fill("您好，我是小周，可以帮您预约上门安装。")
    composer.press("Enter")
    answer(phone, "预约上门安装")
    desk.get_by_test_id("picture-chooser").set_input_files(SHOTS / "3-bill.png")
    expect(desk.get_by_test_id("picture-staged")).to_be_visible()
    shoot(desk, "5-desk-staged")
    desk.get_by_test_id("composer-send").click()
    shown = phone.locator('.row.message[data-from="account"] .picture img').last
    expect(shown).to_be_visible()
    assert shown.evaluate("one => one.decode().then(() => one.naturalWidth)") == phone.viewport_size["width"]  # type: ignore[index]
    expect(desk.get_by_test_id("message-picture")).to_be_visible()
    shoot(phone, "5-agent")
    shoot(desk, "5-desk-picture")

    desk.get_by_test_id("resolve-open").click()
    shoot(desk, "6-resolve")
    desk.get_by_test_id("resolve-confirm").click()
    expect(desk.get_by_test_id("resolve-dialog")).to_be_hidden()
    say(phone, "我还有多少积分")
    answer(phone, r"积分.*179\*\*\*\*0002")
    shoot(phone, "7-back")
    shoot(desk, "8-desk-after")
    assert not errors


def _agent_takes_over(desk: Page) -> None:
    """By the offer when one comes, else from the list: the router may be quicker than a hand."""
    accept = desk.get_by_test_id("offer-accept").or_(desk.get_by_test_id("queue-accept")).first
    accept.click()
    expect(desk.get_by_test_id("composer-send")).to_be_visible()
