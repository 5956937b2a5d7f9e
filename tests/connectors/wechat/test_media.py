"""media/get against a platform on loopback that answers as WeChat's pages say, and as they do not."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import aiohttp
import pytest
from aiohttp import web

from connectors.wechat.errors import PlatformFault
from connectors.wechat.media import MediaDownloads, MediaLimits, MediaPlace
from conversations.media import Fetched, Gone, Later, Unusable

pytestmark = pytest.mark.slow  # a real server

PNG = b"\x89PNG\r\n\x1a\n" + b"x" * 1000
MP4 = b"\x00\x00\x00\x18ftypmp42" + b"x" * 1000


@dataclass
class Platform:
    """Answers `body` with `status`; a video lies at /video."""

    body: bytes = PNG
    status: int = 200
    content_type: str = "image/png"
    headers: dict[str, str] = field(default_factory=dict)
    errcodes: list[int] = field(default_factory=list)
    asked: list[dict[str, str]] = field(default_factory=list)
    base: str = ""
    endless: bool = False

    async def get(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(dict(request.query))
        if self.errcodes:
            return web.json_response({"errcode": self.errcodes.pop(0), "errmsg": "no"}, content_type="text/plain")
        if self.endless:
            return await self._pour(request)
        return web.Response(body=self.body, status=self.status, content_type=self.content_type, headers=self.headers)

    async def video(self, _request: web.Request) -> web.Response:
        return web.Response(body=MP4, content_type="video/mp4")

    async def _pour(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        try:
            for _ in range(1000):
                await response.write(b"\x89PNG\r\n\x1a\n" + b"x" * 65_536)
        except (ConnectionError, aiohttp.ClientError):
            pass
        return response


@pytest.fixture
async def platform() -> AsyncIterator[Platform]:
    double = Platform()
    app = web.Application()
    app.router.add_get("/cgi-bin/media/get", double.get)
    app.router.add_get("/video", double.video)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    double.base = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield double
    await runner.cleanup()


@dataclass
class Tokens:
    """T0, then T1 for a refused one."""

    replaced: list[tuple[str, int]] = field(default_factory=list)
    away: bool = False

    async def current(self) -> str:
        if self.away:
            raise PlatformFault("stable_token: away")
        return f"T{len(self.replaced)}"

    async def another(self, refused: str, errcode: int) -> str:
        self.replaced.append((refused, errcode))
        return f"T{len(self.replaced)}"


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as one:
        yield one


def downloads(
    platform: Platform, session: aiohttp.ClientSession, tokens: Tokens | None = None, base: str | None = None, timeout_s: float = 5.0
) -> MediaDownloads:
    tokens = tokens or Tokens()
    place = MediaPlace(base or platform.base, ("qq.com", "qpic.cn"))
    limits = MediaLimits(image=4096, voice=4096, video=4096, timeout_s=timeout_s)
    return MediaDownloads(place, session, tokens.current, tokens.another, limits)


async def test_a_picture_is_the_answer_itself(platform: Platform, session: aiohttp.ClientSession) -> None:
    assert await downloads(platform, session).fetch("MID", "image") == Fetched(PNG, "image/png")
    assert platform.asked == [{"access_token": "T0", "media_id": "MID"}]


async def test_the_type_is_that_of_the_bytes_whatever_the_platform_says(platform: Platform, session: aiohttp.ClientSession) -> None:
    platform.content_type = "text/html"
    assert await downloads(platform, session).fetch("MID", "image") == Fetched(PNG, "image/png")
    platform.body = b"<html><script>alert(1)</script>"
    assert await downloads(platform, session).fetch("MID", "image") == Unusable("wrong_type")


async def test_a_video_is_fetched_from_where_the_answer_says(platform: Platform, session: aiohttp.ClientSession) -> None:
    platform.body = json.dumps({"video_url": f"{platform.base}/video"}).encode()
    assert await downloads(platform, session).fetch("MID", "video") == Fetched(MP4, "video/mp4")


@pytest.mark.parametrize(
    "url",
    ["http://169.254.169.254/latest", "http://127.0.0.1:1/x", "file:///etc/passwd", "http://qq.com.evil.example/", "http://evilqq.com/",
     "http://u:p@v.qq.com/", "http://[", "http://v.qq.com:22/", "gopher://v.qq.com/", "//v.qq.com/"],
)  # fmt: skip
async def test_no_other_host_is_asked(platform: Platform, session: aiohttp.ClientSession, url: str) -> None:
    platform.body = json.dumps({"video_url": url}).encode()
    assert await downloads(platform, session).fetch("MID", "video") == Unusable("host_not_allowed")


@pytest.mark.parametrize("url", ["http://vweixinp.tc.qq.com/1.mp4?vkey=1", "https://qq.com/x", "http://MPVIDEO.qpic.cn/x", "http://v.qq.com:80/"])
def test_tencents_hosts_are(url: str) -> None:
    assert MediaPlace("https://api.weixin.qq.com", ("qq.com", "qpic.cn")).allows(url)


async def test_a_redirect_is_not_followed(platform: Platform, session: aiohttp.ClientSession) -> None:
    platform.status, platform.headers = 302, {"Location": f"{platform.base}/video"}
    assert await downloads(platform, session).fetch("MID", "image") == Later("http 302")
    assert len(platform.asked) == 1


async def test_a_file_over_the_limit_is_cut_off(platform: Platform, session: aiohttp.ClientSession) -> None:
    platform.body = PNG * 10
    assert await downloads(platform, session).fetch("MID", "image") == Unusable("too_large")
    platform.endless = True
    assert await downloads(platform, session).fetch("MID", "image") == Unusable("too_large")


async def test_a_refused_token_is_replaced_once(platform: Platform, session: aiohttp.ClientSession) -> None:
    tokens = Tokens()
    platform.errcodes = [40001]
    assert await downloads(platform, session, tokens).fetch("MID", "image") == Fetched(PNG, "image/png")
    assert (tokens.replaced, [one["access_token"] for one in platform.asked]) == ([("T0", 40001)], ["T0", "T1"])
    platform.errcodes = [42001, 42001]
    assert await downloads(platform, session, tokens).fetch("MID", "image") == Later("token 42001")


@pytest.mark.parametrize(("code", "result"), [(40007, Gone("40007")), (-1, Later("-1")), (45009, Later("45009")), (48001, Later("48001"))])
async def test_codes_say_whether_to_ask_again(platform: Platform, session: aiohttp.ClientSession, code: int, result: object) -> None:
    platform.errcodes = [code]
    assert await downloads(platform, session).fetch("MID", "image") == result


@pytest.mark.parametrize(("status", "result"), [(500, Later("http 500")), (404, Gone("http 404")), (503, Later("http 503"))])
async def test_http_errors(platform: Platform, session: aiohttp.ClientSession, status: int, result: object) -> None:
    platform.status = status
    assert await downloads(platform, session).fetch("MID", "image") == result


@pytest.mark.parametrize(
    ("body", "result"),
    [(b"", Unusable("empty")), (b"{}", Unusable("no_file")), (b'{"video_url": 5}', Unusable("no_file")),
     (b'{"video_url": ""}', Unusable("no_file")), (b"{broken", Unusable("wrong_type")), (b"[" * 5000, Unusable("too_large"))],
)  # fmt: skip
async def test_answers_that_are_none(platform: Platform, session: aiohttp.ClientSession, body: bytes, result: object) -> None:
    platform.body = body
    assert await downloads(platform, session).fetch("MID", "video") == result


async def test_nobody_there_and_no_token_tell_no_secret(platform: Platform, session: aiohttp.ClientSession) -> None:
    gone = await downloads(platform, session, base="http://127.0.0.1:9").fetch("MID", "image")
    assert isinstance(gone, Later)
    assert "T0" not in gone.reason
    assert await downloads(platform, session, Tokens(away=True)).fetch("MID", "image") == Later("no_token")
