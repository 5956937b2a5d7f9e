"""The calls customservice/kfsession/… and getonlinekflist, over WeChat's own desk (sandbox/native_desk.py).

developers.weixin.qq.com/doc/service/api/customer/messctrl/….
"""

from sandbox.chats import Chat, Phones
from sandbox.errors import PlatformRefusal
from sandbox.native_desk import NativeDesk
from sandbox.platform.calls import OK, Answer, Asked, Call
from sandbox.platform.kf_accounts import KfAccounts

_CASES = 100


class KfSessions:
    """Reads and changes sessions as the account may."""

    def __init__(self, phones: Phones, agents: KfAccounts, desk: NativeDesk) -> None:
        self._phones = phones
        self._agents = agents
        self._desk = desk

    def calls(self) -> tuple[Call, ...]:
        return (
            Call("/customservice/kfsession/create", self.create),
            Call("/customservice/kfsession/close", self.close),
            Call("/customservice/kfsession/getsession", self.get, "GET", body="none"),
            Call("/customservice/kfsession/getsessionlist", self.list_all, "GET", body="none"),
            Call("/customservice/kfsession/getwaitcase", self.waiting, "GET", body="none"),
            Call("/cgi-bin/customservice/getonlinekflist", self.online, "GET", body="none"),
        )

    def create(self, asked: Asked) -> Answer:
        agent = self._agents.find(asked.account.key, asked.body.get("kf_account"))
        chat = self._chat(asked, asked.body.get("openid"))
        if not chat.following:
            raise PlatformRefusal(43004)
        self._desk.open(chat, agent)
        return OK

    def close(self, asked: Asked) -> Answer:
        agent = self._agents.find(asked.account.key, asked.body.get("kf_account"))
        self._desk.close(self._chat(asked, asked.body.get("openid")), agent.kf_account)
        return OK

    def get(self, asked: Asked) -> Answer:
        """An empty kf_account says that nobody has the chat."""
        session = self._desk.session_of(self._chat(asked, asked.args.get("openid")))
        if session is None:
            return {**OK, "kf_account": "", "createtime": 0}
        return {**OK, "kf_account": session.kf_account, "createtime": int(session.since)}

    def list_all(self, asked: Asked) -> Answer:
        agent = self._agents.find(asked.account.key, asked.args.get("kf_account"))
        chats = self._desk.sessions_of(asked.account.key, agent.kf_account)
        return {"sessionlist": [{"createtime": int(one.session.since), "openid": one.person.openid} for one in chats if one.session]}

    def waiting(self, asked: Asked) -> Answer:
        chats = self._desk.waiting_in(asked.account.key)
        cases = [{"latest_time": int(one.waiting.latest), "openid": one.person.openid} for one in chats if one.waiting]
        return {"count": len(cases), "waitcaselist": cases[:_CASES]}

    def online(self, asked: Asked) -> Answer:
        key = asked.account.key
        agents = [one for one in self._agents.all(key) if one.status]
        loads = {one.kf_account: self._desk.load(key, one.kf_account) for one in agents}
        rows = [{"kf_account": one.kf_account, "status": one.status, "kf_id": str(one.kf_id)} for one in agents]
        return {"kf_online_list": [{**row, "accepted_case": loads[str(row["kf_account"])]} for row in rows]}

    def _chat(self, asked: Asked, openid: object) -> Chat:
        chat = self._phones.chat(asked.account, openid) if isinstance(openid, str) else None
        if chat is None:
            raise PlatformRefusal(40003)
        return chat
