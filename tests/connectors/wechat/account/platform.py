"""A double of the platform's low-rate calls, as strict as WeChat's pages: tokens, methods, bodies in raw UTF-8, limits."""

import asyncio
import json
import re
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

from connectors.wechat.account.wire import WireSettings
from runtime.settings import AccountSettings
from tests.connectors.wechat.doubles import ACCOUNT

QUICK = WireSettings(connect_s=1.0, total_s=1.0, upload_total_s=3.0, largest=200_000)
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40
Answer = dict[str, Any] | web.StreamResponse
Handler = Callable[[dict[str, Any], dict[str, str]], Answer]
_ESCAPE = re.compile(rb"\\u[0-9a-fA-F]{4}")


class No(Exception):
    """A refusal with its errcode."""

    def __init__(self, errcode: int, errmsg: str = "no") -> None:
        self.body = {"errcode": errcode, "errmsg": errmsg}
        super().__init__(errcode)


@dataclass
class FakeToken:
    """A holder whose token the platform knows; counts how often another was asked for."""

    value: str = "TOKEN-0"
    replaced: int = 0

    async def current(self) -> str:
        return self.value

    async def replace(self, refused: str, errcode: int) -> str:
        assert refused == self.value
        self.replaced += 1
        self.value = f"TOKEN-{self.replaced}"
        return self.value


@dataclass
class Platform:
    """Its state, and every call it got. `orders`: path → answers given first (a dict, or a delay in seconds)."""

    tokens: set[str] = field(default_factory=lambda: {"TOKEN-0"})
    menu: list[dict[str, Any]] | None = None
    console_menu: list[dict[str, Any]] = field(default_factory=list)
    tags: dict[int, str] = field(default_factory=lambda: {2: "星标组"})
    worn: dict[str, set[int]] = field(default_factory=dict)
    materials: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    remain: dict[str, int] = field(default_factory=lambda: {"/cgi-bin/message/custom/send": 500_000})
    callback: dict[str, Any] = field(default_factory=lambda: {"dns": [{"ip": "203.0.113.9"}], "ping": []})
    orders: dict[str, list[Any]] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    bodies: list[Any] = field(default_factory=list)
    base: str = ""
    forced: int = 0
    """How often a token was asked for with force."""

    def account(self, **changes: Any) -> AccountSettings:
        return replace(ACCOUNT, api_base=self.base, **changes)

    async def serve(self, request: web.Request) -> web.StreamResponse:
        path = request.path
        self.counts[path] += 1
        try:
            if self.orders.get(path):
                order = self.orders[path].pop(0)
                if isinstance(order, dict):
                    return web.json_response(order)
                if isinstance(order, web.StreamResponse):
                    return order
                await asyncio.sleep(order)
            answer = self._answer(path, request, await self._body(request))
        except No as no:
            return web.json_response(no.body)
        return answer if isinstance(answer, web.StreamResponse) else web.json_response(answer)

    async def _body(self, request: web.Request) -> dict[str, Any]:
        if request.content_type == "multipart/form-data":
            form = await request.post()
            return {name: value.file.read() if isinstance(value, web.FileField) else value for name, value in form.items()}
        raw = await request.read()
        if _ESCAPE.search(raw):
            raise No(40033)
        return json.loads(raw.decode()) if raw else {}

    def _answer(self, path: str, request: web.Request, body: dict[str, Any]) -> Answer:
        if path == "/cgi-bin/showqrcode":
            return web.Response(body=PNG, content_type="image/png")
        if path == "/cgi-bin/stable_token":
            if body["force_refresh"] is True:
                self.forced += 1
                self.tokens = {f"TOKEN-{self.forced}"}
            return {"access_token": sorted(self.tokens)[-1], "expires_in": 7200}
        if path not in CALLS:
            raise No(40066)
        method, handler = CALLS[path]
        if request.method != method:
            raise No(43002 if method == "POST" else 43001)
        if request.query.get("access_token") not in self.tokens:
            raise No(40001)
        self.bodies.append(body)
        return handler(self, body, dict(request.query))


def _create_menu(one: Platform, body: dict[str, Any], _query: dict[str, str]) -> Answer:
    if not 1 <= len(body["button"]) <= 3:
        raise No(40016)
    if any(len(button["name"].encode()) > 16 for button in body["button"]):
        raise No(40018)
    # WeChat gives every entry an empty list of its own
    one.menu = [{"sub_button": [], **button} for button in body["button"]]
    return {"errcode": 0, "errmsg": "ok"}


def _get_menu(one: Platform, _body: dict[str, Any], _query: dict[str, str]) -> Answer:
    if one.menu is None:
        raise No(46003)
    return {"menu": {"button": one.menu}}


def _delete_menu(one: Platform, _body: dict[str, Any], _query: dict[str, str]) -> Answer:
    one.menu = None
    return {"errcode": 0, "errmsg": "ok"}


def _shown_menu(one: Platform, _body: dict[str, Any], _query: dict[str, str]) -> Answer:
    return {"is_menu_open": int(bool(one.console_menu)), "selfmenu_info": {"button": one.console_menu}}


def _create_code(_one: Platform, body: dict[str, Any], _query: dict[str, str]) -> Answer:
    life = {} if "LIMIT" in body["action_name"] else {"expire_seconds": body["expire_seconds"]}
    return {"ticket": "gQ/+=ticket", "url": "http://weixin.qq.com/q/x", **life}


def _create_tag(one: Platform, body: dict[str, Any], _query: dict[str, str]) -> Answer:
    name = body["tag"]["name"]
    if name in one.tags.values():
        raise No(45157)
    number = max(max(one.tags), 99) + 1
    one.tags[number] = name
    return {"tag": {"id": number, "name": name}}


def _get_tags(one: Platform, _body: dict[str, Any], _query: dict[str, str]) -> Answer:
    worn = Counter(tag for tags in one.worn.values() for tag in tags)
    return {"tags": [{"id": number, "name": name, "count": worn[number]} for number, name in one.tags.items()]}


def _rename_tag(one: Platform, body: dict[str, Any], _query: dict[str, str]) -> Answer:
    one.tags[_tag(one, body["tag"]["id"])] = body["tag"]["name"]
    return {"errcode": 0}


def _delete_tag(one: Platform, body: dict[str, Any], _query: dict[str, str]) -> Answer:
    del one.tags[_tag(one, body["tag"]["id"])]
    return {"errcode": 0}


def _tag(one: Platform, number: int) -> int:
    if number < 3:
        raise No(45058)
    if number not in one.tags:
        raise No(45159)
    return number


def _put_on(one: Platform, body: dict[str, Any], _query: dict[str, str]) -> Answer:
    for openid in _openids(one, body):
        one.worn[openid].add(_tag(one, body["tagid"]))
    return {"errcode": 0}


def _take_off(one: Platform, body: dict[str, Any], _query: dict[str, str]) -> Answer:
    for openid in _openids(one, body):
        one.worn[openid].discard(_tag(one, body["tagid"]))
    return {"errcode": 0}


def _openids(one: Platform, body: dict[str, Any]) -> list[str]:
    openids: list[str] = body["openid_list"]
    if not 1 <= len(openids) <= 50:
        raise No(40032)
    if any(openid not in one.worn for openid in openids):
        raise No(40003)
    return openids


def _add_material(one: Platform, body: dict[str, Any], query: dict[str, str]) -> Answer:
    kind = query["type"]
    if kind == "video" and "title" not in json.loads(body["description"]):
        raise No(47001)
    media_id = f"media-{len(one.materials) + 1}"
    one.materials[media_id] = (kind, body["media"])
    return {"media_id": media_id, **({"url": "http://mmbiz.qpic.cn/1"} if kind == "image" else {})}


def _list_material(one: Platform, body: dict[str, Any], _query: dict[str, str]) -> Answer:
    mine = [key for key, (kind, _) in one.materials.items() if kind == body["type"]]
    page = mine[body["offset"] : body["offset"] + body["count"]]
    items = [{"media_id": key, "name": f"{key}.png", "update_time": 1_700_000_000, "url": ""} for key in page]
    return {"item": items, "total_count": len(mine), "item_count": len(page)}


def _count_material(one: Platform, _body: dict[str, Any], _query: dict[str, str]) -> Answer:
    counts = Counter(kind for kind, _ in one.materials.values())
    return {f"{kind}_count": counts[kind] for kind in ("image", "voice", "video", "news")}


def _delete_material(one: Platform, body: dict[str, Any], _query: dict[str, str]) -> Answer:
    if one.materials.pop(body["media_id"], None) is None:
        raise No(40007)
    return {"errcode": 0}


def _list_kf(_one: Platform, _body: dict[str, Any], _query: dict[str, str]) -> Answer:
    return {"kf_list": [{"kf_account": "lin@shop", "kf_nick": "小林", "kf_id": "1001", "kf_wx": "lin"},
                        {"kf_account": "wu@shop", "kf_nick": "小吴", "kf_id": "1002", "invite_wx": "wu"}]}  # fmt: skip


def _online_kf(_one: Platform, _body: dict[str, Any], _query: dict[str, str]) -> Answer:
    return {"kf_online_list": [{"kf_account": "lin@shop", "status": 1, "kf_id": "1001", "accepted_case": 2}]}


def _user(one: Platform, _body: dict[str, Any], query: dict[str, str]) -> Answer:
    if query["openid"] not in one.worn:
        return {"subscribe": 0, "openid": query["openid"]}
    told = {"subscribe": 1, "openid": query["openid"], "subscribe_time": 1_700_000_000, "nickname": ""}
    return {**told, "tagid_list": sorted(one.worn[query["openid"]])}


def _followers(one: Platform, _body: dict[str, Any], _query: dict[str, str]) -> Answer:
    return {"total": len(one.worn), "count": len(one.worn), "data": {"openid": sorted(one.worn)}, "next_openid": ""}


def _quota(one: Platform, body: dict[str, Any], _query: dict[str, str]) -> Answer:
    if body["cgi_path"] not in one.remain:
        raise No(76021)
    remain = one.remain[body["cgi_path"]]
    return {"errcode": 0, "quota": {"daily_limit": 500_000, "used": 500_000 - remain, "remain": remain}}


def _check_callback(one: Platform, body: dict[str, Any], _query: dict[str, str]) -> Answer:
    assert body == {"action": "all", "check_operator": "DEFAULT"}
    return one.callback


CALLS: dict[str, tuple[str, Callable[[Platform, dict[str, Any], dict[str, str]], Answer]]] = {
    "/cgi-bin/menu/create": ("POST", _create_menu),
    "/cgi-bin/menu/get": ("GET", _get_menu),
    "/cgi-bin/menu/delete": ("GET", _delete_menu),
    "/cgi-bin/get_current_selfmenu_info": ("GET", _shown_menu),
    "/cgi-bin/qrcode/create": ("POST", _create_code),
    "/cgi-bin/tags/create": ("POST", _create_tag),
    "/cgi-bin/tags/get": ("GET", _get_tags),
    "/cgi-bin/tags/update": ("POST", _rename_tag),
    "/cgi-bin/tags/delete": ("POST", _delete_tag),
    "/cgi-bin/tags/members/batchtagging": ("POST", _put_on),
    "/cgi-bin/tags/members/batchuntagging": ("POST", _take_off),
    "/cgi-bin/tags/getidlist": ("POST", lambda one, body, _query: {"tagid_list": sorted(one.worn[body["openid"]])}),
    "/cgi-bin/material/add_material": ("POST", _add_material),
    "/cgi-bin/material/batchget_material": ("POST", _list_material),
    "/cgi-bin/material/get_materialcount": ("GET", _count_material),
    "/cgi-bin/material/del_material": ("POST", _delete_material),
    "/cgi-bin/customservice/getkflist": ("GET", _list_kf),
    "/cgi-bin/customservice/getonlinekflist": ("GET", _online_kf),
    "/cgi-bin/user/info": ("GET", _user),
    "/cgi-bin/user/get": ("GET", _followers),
    "/cgi-bin/openapi/quota/get": ("POST", _quota),
    "/cgi-bin/callback/check": ("POST", _check_callback),
    "/customservice/kfsession/getwaitcase": ("GET", lambda _one, _body, _query: {"count": 0, "waitcaselist": []}),
}


@asynccontextmanager
async def running(platform: Platform) -> AsyncIterator[Platform]:
    """Serves it on a free port of the loopback."""
    app = web.Application(client_max_size=32 * 1024 * 1024)
    app.router.add_route("*", "/{path:.*}", platform.serve)
    async with TestServer(app) as server:
        platform.base = f"http://127.0.0.1:{server.port}"
        yield platform
