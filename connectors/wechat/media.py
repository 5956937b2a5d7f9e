"""Files that subscribers send, by media/get: small ones are the answer, a video's is JSON that says where it lies.

Source: developers.weixin.qq.com, "Get temporary material": GET /cgi-bin/media/get?access_token=&media_id=; for a video
{"video_url": …}, to be fetched by plain http; errors are JSON with errcode. A media id dies after three days (40007).
"""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from connectors.wechat.errors import PlatformFault
from connectors.wechat.quota import DOWNLOAD
from conversations.media import Fetched, Fetching, Gone, Later, Unusable
from conversations.media_types import type_of

_REFUSED_TOKENS = frozenset({40001, 40014, 42001, 41001})
_GONE = frozenset({40007, 40004, 41006})
_VIDEOS = frozenset({"video", "shortvideo"})
_LARGEST_JSON = 64 * 1024
_CHUNK = 64 * 1024
_OK = 200
_NOT_FOUND = frozenset({404, 410})


@dataclass(frozen=True)
class MediaLimits:
    """Bytes and seconds. WeChat takes videos of up to 10 MB; those that subscribers send may be larger."""

    image: int = 12 * 1024 * 1024
    voice: int = 4 * 1024 * 1024
    video: int = 30 * 1024 * 1024
    timeout_s: float = 60.0

    def of(self, kind: str) -> int:
        """The largest file that a message of that kind may bring."""
        return self.video if kind in _VIDEOS else self.voice if kind == "voice" else self.image


@dataclass(frozen=True)
class MediaPlace:
    """An account's address, and the hosts (with all under them) where its videos may lie."""

    api_base: str
    hosts: tuple[str, ...]

    def allows(self, url: str) -> bool:
        """Whether to fetch from there: WeChat said so, but what it says comes from outside."""
        try:
            parts, home = urlsplit(url), urlsplit(self.api_base)
            if parts.scheme not in ("http", "https") or parts.username is not None or not parts.hostname:
                return False
            if (parts.hostname, parts.port) == (home.hostname, home.port):
                return True
            name = parts.hostname.lower()
            return parts.port in (None, 80, 443) and any(name == host or name.endswith(f".{host}") for host in self.hosts)
        except ValueError:
            return False


class MediaDownloads:
    """`conversations.ports.MediaSource` of one account. `token` answers one; `another` takes (the refused one, errcode); `count` is told
    the name of each call."""

    def __init__(
        self, place: MediaPlace, session: aiohttp.ClientSession, token: Callable[[], Awaitable[str]],
        another: Callable[[str, int], Awaitable[str]], limits: MediaLimits | None = None, count: Callable[[str], None] | None = None,
    ) -> None:
        self._place = place
        self._session = session
        self._token = token
        self._another = another
        self._limits = limits or MediaLimits()
        self._count = count or (lambda call: None)

    async def fetch(self, reference: str, kind: str) -> Fetching:
        """Streamed up to the limit; a refused token is replaced once."""
        try:
            token = await self._token()
            result = await self._get(token, reference, kind)
            if isinstance(result, int):
                result = await self._get(await self._another(token, result), reference, kind)
        except PlatformFault:
            return Later("no_token")
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            # never the error's own text: it may hold the address, and the address the token
            return Later(type(error).__name__)
        return Later(f"token {result}") if isinstance(result, int) else result

    async def _get(self, token: str, reference: str, kind: str) -> Fetching | int:
        """The file, or the errcode of a refused token."""
        self._count(DOWNLOAD)
        content, answer = await self._read(
            f"{self._place.api_base}/cgi-bin/media/get", {"access_token": token, "media_id": reference}, self._limits.of(kind)
        )
        if content is None:
            return answer
        said = _json_of(content)
        if said is None:
            return _file_of(content)
        code = said.get("errcode")
        if isinstance(code, int) and code:
            return _refusal(code)
        url = said.get("video_url") or said.get("down_url")
        if not isinstance(url, str):
            return Unusable("no_file")
        return await self._get_video(url, kind)

    async def _get_video(self, url: str, kind: str) -> Fetching:
        if not self._place.allows(url):
            return Unusable("host_not_allowed")
        content, answer = await self._read(url, {}, self._limits.of(kind))
        return answer if content is None else _file_of(content)

    async def _read(self, url: str, params: dict[str, str], most: int) -> tuple[bytes | None, Fetching]:
        """(the body, …) or (None, why not). Redirects lead to hosts that nobody allowed: none is followed."""
        timeout = aiohttp.ClientTimeout(total=self._limits.timeout_s, sock_connect=5.0)
        async with self._session.get(url, params=params, timeout=timeout, allow_redirects=False) as response:
            if response.status in _NOT_FOUND:
                return None, Gone(f"http {response.status}")
            if response.status != _OK:
                return None, Later(f"http {response.status}")
            if response.content_length is not None and response.content_length > most:
                return None, Unusable("too_large")
            content = bytearray()
            async for chunk in response.content.iter_chunked(_CHUNK):
                content += chunk
                if len(content) > most:
                    return None, Unusable("too_large")
        return bytes(content), Later("")


def _json_of(content: bytes) -> dict[str, Any] | None:
    """WeChat names the type of its errors differently from call to call: what looks like an object is read as one."""
    if len(content) > _LARGEST_JSON or not content.lstrip().startswith(b"{"):
        return None
    try:
        said = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return said if isinstance(said, dict) else None


def _file_of(content: bytes) -> Fetching:
    content_type = type_of(content)
    return Fetched(content, content_type) if content_type else Unusable("wrong_type" if content else "empty")


def _refusal(code: int) -> Fetching | int:
    if code in _REFUSED_TOKENS:
        return code
    return Gone(str(code)) if code in _GONE else Later(str(code))
