"""The page, its files, and the script that puts it on other sites: served as they lie in static/."""

import hashlib
import html
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from sanic import Request
from sanic.exceptions import NotFound
from sanic.response import HTTPResponse, raw

from runtime.settings import AccountSettings

_STATIC = Path(__file__).parent / "static"
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml; charset=utf-8",
}
_SAFE = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cache-Control": "no-cache"}


def page(request: Request, account: AccountSettings) -> HTTPResponse:
    """The chat of one account. Only sites that the account names may show it in a frame."""
    body = _read("index.html").decode().replace("{account}", html.escape(account.key)).replace("{name}", html.escape(account.name))
    return _respond(request, body.encode(), ".html", {"Content-Security-Policy": policy(account.webchat_origins)})


def script(request: Request) -> HTTPResponse:
    """What a site embeds. Any site may load it: it shows nothing that the frame does not."""
    return _respond(request, _read("embed.js"), ".js", {"Cross-Origin-Resource-Policy": "cross-origin"})


def file(request: Request, name: str) -> HTTPResponse:
    """A file of the page. Raises NotFound."""
    if name not in _names() or name in ("index.html", "embed.js"):
        raise NotFound("no such file")
    return _respond(request, _read(name), Path(name).suffix, {})


def policy(origins: tuple[str, ...]) -> str:
    """The page's Content-Security-Policy: its own scripts, styles and calls and nobody else's; blob: pictures that it has fetched."""
    framing = " ".join(("'self'", *origins))
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
        f"base-uri 'none'; form-action 'none'; frame-ancestors {framing}"
    )


@cache
def _names() -> frozenset[str]:
    return frozenset(path.relative_to(_STATIC).as_posix() for path in _STATIC.rglob("*") if path.suffix in _TYPES)


@cache
def _read(name: str) -> bytes:
    return (_STATIC / name).read_bytes()


def _respond(request: Request, body: bytes, suffix: str, headers: Mapping[str, str]) -> HTTPResponse:
    tag = f'"{hashlib.sha256(body).hexdigest()[:24]}"'
    headers = {**_SAFE, **headers, "ETag": tag}
    if request.headers.get("if-none-match") == tag:
        return raw(b"", status=304, headers=headers)
    return raw(body, content_type=_TYPES[suffix], headers=headers)
