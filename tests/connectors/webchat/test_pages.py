"""The page and its files as a browser gets them."""

import re
from pathlib import Path

from connectors.webchat import pages
from tests.connectors.contract import SHOP
from tests.connectors.webchat.conftest import Start

STATIC = Path(pages.__file__).parent / "static"


async def test_the_page_bears_the_accounts_name_and_nothing_inline(start: Start) -> None:
    chat = await start()
    async with chat.scene.http.get(f"{chat.scene.base}/chat/demo") as response:
        page, headers = await response.text(), response.headers
        assert response.status == 200
    assert "<title>营业厅 &lt;demo&gt;</title>" in page
    assert "{" not in re.sub(r"<svg.*?</svg>", "", page)
    # what the policy would stop must not be there
    assert not re.search(r"<script(?![^>]* src=)|<style|\son\w+=|\sstyle=", page)
    assert f"frame-ancestors 'self' {SHOP}" in headers["Content-Security-Policy"]
    assert "script-src 'self'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "X-Frame-Options" not in headers


def test_no_site_but_its_own_frames_an_account_that_names_none() -> None:
    assert pages.policy(()).endswith("frame-ancestors 'self'")


async def test_every_file_the_page_names_is_there_and_others_are_not(start: Start) -> None:
    chat = await start()
    named = set(re.findall(r'(?:href|src)="(-/[^"]+)"', (STATIC / "index.html").read_text()))
    for path in (STATIC / "js").glob("*.js"):
        named |= {f"-/js/{one}" for one in re.findall(r'from "\./([^"]+)"', path.read_text())}
    assert len(named) > 10
    for name in sorted(named):
        async with chat.scene.http.get(f"{chat.scene.base}/chat/{name}") as response:
            assert response.status == 200, name
            tag = response.headers["ETag"]
        async with chat.scene.http.get(f"{chat.scene.base}/chat/{name}", headers={"If-None-Match": tag}) as response:
            assert response.status == 304, name
    for name in ("index.html", "embed.js", "../calls.py", "..%2fcalls.py", "js", "nothing.js", "%00"):
        async with chat.scene.http.get(f"{chat.scene.base}/chat/-/{name}") as response:
            assert response.status == 404, name


async def test_an_account_without_web_chat_has_no_page(start: Start) -> None:
    chat = await start()
    for path in ("off", "off/embed.js", "off/messages", "nobody", "nobody/embed.js", "-"):
        async with chat.scene.http.get(f"{chat.scene.base}/chat/{path}") as response:
            assert response.status == 404, path


async def test_a_slash_at_the_end_leads_to_the_page(start: Start) -> None:
    chat = await start()
    async with chat.scene.http.get(f"{chat.scene.base}/chat/demo/", allow_redirects=False) as response:
        assert (response.status, response.headers["Location"]) == (308, "../demo")
    async with chat.scene.http.get(f"{chat.scene.base}/chat/demo/") as response:
        assert (response.status, response.url.path) == (200, "/chat/demo")


async def test_any_site_may_load_the_script(start: Start) -> None:
    chat = await start()
    async with chat.scene.http.get(f"{chat.scene.base}/chat/demo/embed.js") as response:
        assert response.status == 200
        assert response.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
        assert response.headers["Content-Type"].startswith("text/javascript")


async def test_only_named_sites_may_call(start: Start) -> None:
    chat = await start()
    for origin, allowed in ((SHOP, SHOP), ("https://evil.example", None), ("null", None), (f"{SHOP}.evil.example", None)):
        asks = {"Origin": origin, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
        async with chat.scene.http.options(f"{chat.scene.base}/chat/demo/messages", headers=asks) as response:
            assert response.headers.get("Access-Control-Allow-Origin") == allowed, origin
            assert response.headers["Vary"] == "Origin"
        async with chat.scene.http.post(f"{chat.scene.base}/chat/demo/session", headers={"Origin": origin}) as response:
            assert response.status == 200
            assert response.headers.get("Access-Control-Allow-Origin") == allowed, origin
            assert "Access-Control-Allow-Credentials" not in response.headers
            assert response.headers["Cache-Control"] == "no-store"


def test_both_languages_say_the_same_things() -> None:
    texts = (STATIC / "js" / "texts.js").read_text()
    chinese, english = (set(re.findall(r"^  (\w+):", part, re.MULTILINE)) for part in texts.split("const en = {"))
    assert chinese == english
    used = set()
    for path in (*(STATIC / "js").glob("*.js"), STATIC / "index.html"):
        used |= set(re.findall(r'(?<!\.)\bsay\("(\w+)"|data-(?:text|label|placeholder)="(\w+)"', path.read_text()))
    assert {one or other for one, other in used} <= chinese
