"""Who there is: people and accounts, short messages, payments."""

from dataclasses import asdict
from typing import Any

from sanic import Request

from sandbox.errors import ScriptRefusal
from sandbox.script.reading import body_of, whole_arg
from sandbox.world import World


class PeopleDoor:
    """Handlers; each returns the body of a 200."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def people(self, _request: Request) -> dict[str, Any]:
        phones, menus = self._world.phones, self._world.platform.menus
        accounts = [
            {"key": one.key, "name": one.name, "kind": one.kind, "wechat_id": one.wechat_id or one.key, "menu": menus.shown(one)}
            for one in phones.accounts()
        ]
        return {"accounts": accounts, "people": [asdict(person) for person in phones.people()]}

    async def add_person(self, request: Request) -> dict[str, Any]:
        body = body_of(request)
        given = {key: body.get(key) for key in ("openid", "name", "phone")}
        if any(value is not None and not isinstance(value, str) for value in given.values()):
            raise ScriptRefusal("openid, name and phone must be texts.")
        following = body.get("following") is not False
        return asdict(self._world.phones.add_person(given["openid"], given["name"], given["phone"], following=following))

    async def sms(self, request: Request, phone: str) -> dict[str, Any]:
        return {"messages": [asdict(sms) for sms in self._world.sms.to(phone, whole_arg(request, "after"))]}

    async def payments(self, _request: Request) -> dict[str, Any]:
        return {"payments": []}
