"""The platform's part of the door: faults, clock, quotas, tokens, what the product called, and what phones show of the account."""

from dataclasses import asdict
from math import isfinite
from typing import Any

from sanic import Request

from sandbox.errors import ScriptRefusal
from sandbox.script.reading import body_of, whole_arg
from sandbox.world import World


class PlatformDoor:
    """Handlers; each returns the body of a 200."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def order_faults(self, request: Request) -> dict[str, Any]:
        self._world.faults.order(body_of(request))
        self._touch()
        return self._world.faults.as_json()

    async def faults(self, _request: Request) -> dict[str, Any]:
        return self._world.faults.as_json()

    async def advance_clock(self, request: Request) -> dict[str, Any]:
        seconds = body_of(request).get("advance_s")
        if isinstance(seconds, bool) or not isinstance(seconds, int | float):
            raise ScriptRefusal("advance_s must be a number of seconds.")
        self._world.clock.advance(float(seconds))
        self._world.desk.sweep()
        self._touch()
        return await self.clock(request)

    async def clock(self, _request: Request) -> dict[str, Any]:
        return {"now": self._world.now(), "offset_s": self._world.clock.offset_s()}

    async def api_calls(self, request: Request) -> dict[str, Any]:
        """The calls above n; how often each path was called since the start; every call for a token with its time."""
        journal = self._world.journal
        after = whole_arg(request, "after")
        return {
            "calls": journal.calls_after(after, request.args.get("openid", ""), request.args.get("path", "")),
            "counts": dict(journal.counts),
            "tokens": [one for one in journal.tokens if one["n"] > after],
        }

    async def deliveries(self, request: Request) -> dict[str, Any]:
        return {"deliveries": self._world.journal.deliveries_after(whole_arg(request, "after"), request.args.get("openid", ""))}

    async def order_quotas(self, request: Request) -> dict[str, Any]:
        self._world.platform.quotas.order(body_of(request))
        return await self.quotas(request)

    async def quotas(self, request: Request) -> dict[str, Any]:
        account = self._world.phones.account(request.args.get("account"))
        return {"account": account.key, "quotas": self._world.platform.quotas.as_json(account.key)}

    async def revoke_tokens(self, request: Request) -> dict[str, Any]:
        """Every token of the account becomes 40001 at once, and the next one asked for is good: a secret that was changed."""
        account = self._world.phones.account(body_of(request).get("account"))
        return {"account": account.key, "revoked": self._world.platform.tokens.revoke(account.key)}

    async def verify(self, request: Request) -> dict[str, Any]:
        """Enters the callback's address in WeChat's console, as it were."""
        account = self._world.phones.account(body_of(request).get("account"))
        verified, why = await self._world.postman.verify(account)
        return {"account": account.key, "verified": verified, "detail": why or None}

    async def menu(self, request: Request) -> dict[str, Any]:
        account = self._world.phones.account(request.args.get("account"))
        menus = self._world.platform.menus
        return {"account": account.key, "version": menus.version(account), "button": menus.shown(account)}

    async def codes(self, request: Request) -> dict[str, Any]:
        account = self._world.phones.account(request.args.get("account"))
        codes = self._world.platform.codes.of(account.key)
        return {"codes": [{**asdict(code), "expires": code.expires if isfinite(code.expires) else None} for code in codes]}

    def _touch(self) -> None:
        for chat in self._world.phones.chats():
            chat.touch()
