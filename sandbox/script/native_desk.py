"""The native desk's part of the door: a script plays the agents of WeChat's own desk."""

from collections.abc import Callable
from typing import Any

from sanic import Request

from sandbox.chats import Chat
from sandbox.config import Account
from sandbox.errors import PlatformRefusal, ScriptRefusal
from sandbox.platform.kf_accounts import KfAccount
from sandbox.script.reading import body_of, text_in
from sandbox.world import World

Deed = Callable[[Account, KfAccount, dict[str, Any]], dict[str, Any]]


class NativeDeskDoor:
    """POST /api/kf {"do", "kf_account", …}, and what there is to see."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._deeds: dict[str, Deed] = {
            "bind": self._bind,
            "online": self._online,
            "offline": self._offline,
            "accept": self._accept,
            "say": self._say,
            "switch": self._switch,
            "close": self._close,
        }

    async def see(self, request: Request) -> dict[str, Any]:
        """Agents with their chats, and who waits."""
        account = self._world.phones.account(request.args.get("account"))
        desk, agents = self._world.desk, self._world.platform.agents
        return {
            "account": account.key,
            "agents": [
                {
                    "kf_account": one.kf_account,
                    "nickname": one.nickname,
                    "bound": bool(one.worker),
                    "online": bool(one.status),
                    "chats": [chat.person.openid for chat in desk.sessions_of(account.key, one.kf_account)],
                }
                for one in agents.all(account.key)
            ],
            "waiting": [chat.person.openid for chat in desk.waiting_in(account.key)],
        }

    async def do(self, request: Request) -> dict[str, Any]:
        """One deed of one agent. An agent nobody has made yet is made, so that a script needs no preparation; refusals are 409."""
        body = body_of(request)
        deed = self._deeds.get(text_in(body, "do"))
        if deed is None:
            raise ScriptRefusal(f"do must be one of {', '.join(self._deeds)}.")
        account = self._world.phones.account(body.get("account"))
        try:
            return {"ok": True, **deed(account, self._agent(account, body), body)}
        except PlatformRefusal as refusal:
            sentence = f"WeChat's desk refuses this: {refusal.errcode} {refusal.errmsg}."
            raise ScriptRefusal(sentence, code=str(refusal.errcode), status=409) from refusal

    def _agent(self, account: Account, body: dict[str, Any]) -> KfAccount:
        kf_account = text_in(body, "kf_account")
        agents = self._world.platform.agents
        try:
            return agents.find(account.key, kf_account)
        except PlatformRefusal:
            nickname = text_in(body, "nickname", kf_account.partition("@")[0])
            return agents.create(account, kf_account, nickname)

    def _bind(self, _account: Account, agent: KfAccount, body: dict[str, Any]) -> dict[str, Any]:
        """The WeChat user takes the invitation; without one, binds anyway."""
        agent.worker = agent.invited or text_in(body, "worker", agent.kf_account.partition("@")[0])
        return {}

    def _online(self, account: Account, agent: KfAccount, body: dict[str, Any]) -> dict[str, Any]:
        """Going online needs a bound account; here it binds."""
        if not agent.worker:
            self._bind(account, agent, body)
        agent.status = 1
        self._world.desk.assign(account.key)
        return {}

    def _offline(self, _account: Account, agent: KfAccount, _body: dict[str, Any]) -> dict[str, Any]:
        agent.status = 0
        return {}

    def _accept(self, account: Account, agent: KfAccount, body: dict[str, Any]) -> dict[str, Any]:
        self._world.desk.open(self._chat(account, body), agent)
        return {}

    def _say(self, account: Account, agent: KfAccount, body: dict[str, Any]) -> dict[str, Any]:
        return {"n": self._world.desk.say(self._chat(account, body), agent, text_in(body, "text"))}

    def _switch(self, account: Account, _agent: KfAccount, body: dict[str, Any]) -> dict[str, Any]:
        to = self._world.platform.agents.find(account.key, text_in(body, "to"))
        self._world.desk.switch(self._chat(account, body), to)
        return {}

    def _close(self, account: Account, agent: KfAccount, body: dict[str, Any]) -> dict[str, Any]:
        self._world.desk.close(self._chat(account, body), agent.kf_account)
        return {}

    def _chat(self, account: Account, body: dict[str, Any]) -> Chat:
        chat = self._world.phones.chat(account, text_in(body, "openid"))
        if chat is None:
            raise ScriptRefusal("Nobody has this openid.", code="unknown_openid", status=404)
        return chat
