"""The built pages: files of web/dist, and index.html for every address that a page makes up itself."""

import hashlib
import mimetypes
from pathlib import Path
from typing import Any

from sanic import Request, Sanic
from sanic.exceptions import NotFound
from sanic.response import HTTPResponse, raw

# inline styles: the component library sets them; scripts come from here only
CSP = (
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
    "connect-src 'self'; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}
_NOT_BUILT = Path(__file__).parent / "texts" / "not_built.html"
# the container's own table of types may lack these, and a module script of another type is refused by browsers
_TYPES = {
    ".css": "text/css",
    ".html": "text/html",
    ".ico": "image/x-icon",
    ".js": "text/javascript",
    ".json": "application/json",
    ".map": "application/json",
    ".mjs": "text/javascript",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
    ".wasm": "application/wasm",
    ".webmanifest": "application/manifest+json",
    ".woff": "font/woff",
    ".woff2": "font/woff2",
}


class Site:
    """Serves one folder. Files under assets/ carry a hash in their name and are kept for a year; all else is asked for again."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder.resolve() if folder is not None else None

    async def serve(self, request: Request, path: str = "") -> HTTPResponse:
        """The file, or index.html for an address without a dot. Raises NotFound."""
        if path == "api" or path.startswith("api/"):
            raise NotFound
        if self._folder is None or not (self._folder / "index.html").is_file():
            return _respond(request, _NOT_BUILT, "no-store")
        file = self._find(path)
        if file is not None:
            cache = "public, max-age=31536000, immutable" if path.startswith("assets/") else "no-cache"
            return _respond(request, file, cache)
        if "." in path.rpartition("/")[2]:
            raise NotFound
        return _respond(request, self._folder / "index.html", "no-cache")

    def _find(self, path: str) -> Path | None:
        assert self._folder is not None  # noqa: S101 asked above
        if not path or "\x00" in path:
            return None
        try:
            file = (self._folder / path).resolve()
            return file if file.is_file() and file.is_relative_to(self._folder) else None
        except (OSError, ValueError):
            return None


def install_site(app: Sanic[Any, Any], folder: Path | None) -> None:
    """Puts the pages on every address that no call has."""
    site = Site(folder)
    for path, name in (("/", "site_root"), ("/<path:path>", "site")):
        app.route(path, methods=["GET", "HEAD"], name=name, error_format="json")(site.serve)


def _respond(request: Request, file: Path, cache: str) -> HTTPResponse:
    body = file.read_bytes()
    tag = f'"{hashlib.sha256(body).hexdigest()[:24]}"'
    headers = {**_HEADERS, "Cache-Control": cache, "ETag": tag}
    if request.headers.get("if-none-match") == tag:
        return raw(b"", status=304, headers=headers)
    kind = _TYPES.get(file.suffix.lower()) or mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    if kind.startswith("text/") or kind in ("application/json", "image/svg+xml"):
        kind = f"{kind}; charset=utf-8"
    return raw(body, content_type=kind, headers=headers)
