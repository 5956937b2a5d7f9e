"""Customer-service accounts: added, named, pictured, bound to a WeChat user, listed.

developers.weixin.qq.com/doc/service/api/customer/servicermanage/…: at most 100; `prefix@wechatid`, prefix 1 to 10 of letters, digits and _;
nickname 1 to 16 characters; bound by an invitation that its user accepts (here: the scripting door's `bind`).
"""

import re
from dataclasses import dataclass

from sandbox.clock import SandboxClock
from sandbox.config import Account
from sandbox.errors import PlatformRefusal
from sandbox.platform.calls import OK, Answer, Asked, Call, text_of
from sandbox.platform.media import MediaStore, address, sent_file, suffix_of

MOST = 100
_INVITATION_S = 7 * 86400.0
_FIRST_ID = 1001
_SHAPE = re.compile(r"[A-Za-z0-9_]{1,10}@([A-Za-z0-9_-]{1,30})")
_WECHAT_ID = re.compile(r"[A-Za-z0-9_-]{1,30}")
_NICKNAME = 16


@dataclass
class KfAccount:
    """One agent of WeChat's own desk. `status`: 1 online on the web, 0 offline. `worker`: the WeChat user it is bound to."""

    kf_account: str
    nickname: str
    kf_id: int
    avatar: str | None = None
    worker: str = ""
    invited: str = ""
    invited_until: float = 0.0
    status: int = 0


class KfAccounts:
    """The calls customservice/kfaccount/… and the lists; who serves whom lies in sandbox/native_desk.py."""

    def __init__(self, media: MediaStore, clock: SandboxClock) -> None:
        self._media = media
        self._clock = clock
        self._agents: dict[str, dict[str, KfAccount]] = {}
        self._last_id = _FIRST_ID - 1

    def calls(self) -> tuple[Call, ...]:
        return (
            Call("/customservice/kfaccount/add", self.add),
            Call("/customservice/kfaccount/update", self.update),
            # Its page shows GET with a query; wechatpy and others do so too. POST with JSON is taken as well.
            Call("/customservice/kfaccount/del", self.delete, "ANY"),
            Call("/customservice/kfaccount/inviteworker", self.invite),
            Call("/customservice/kfaccount/uploadheadimg", self.set_picture, body="form"),
            Call("/cgi-bin/customservice/getkflist", self.list_all, "GET", body="none"),
        )

    def all(self, account: str) -> list[KfAccount]:
        return list(self._agents.get(account, {}).values())

    def find(self, account: str, kf_account: object) -> KfAccount:
        """Raises PlatformRefusal 65401 when there is none."""
        agent = self._agents.get(account, {}).get(kf_account) if isinstance(kf_account, str) else None
        if agent is None:
            raise PlatformRefusal(65401)
        return agent

    def create(self, account: Account, kf_account: object, nickname: object) -> KfAccount:
        """Adds an agent; raises PlatformRefusal 65403, 65404, 65405, 65406."""
        shaped = _SHAPE.fullmatch(kf_account) if isinstance(kf_account, str) else None
        if shaped is None or (account.wechat_id and shaped[1] != account.wechat_id):
            raise PlatformRefusal(65404)
        agents = self._agents.setdefault(account.key, {})
        if shaped[0] in agents:
            raise PlatformRefusal(65406)
        if len(agents) >= MOST:
            raise PlatformRefusal(65405)
        self._last_id += 1
        agent = agents[shaped[0]] = KfAccount(shaped[0], _nickname(nickname), self._last_id)
        return agent

    def add(self, asked: Asked) -> Answer:
        self.create(asked.account, asked.body.get("kf_account"), asked.body.get("nickname"))
        return OK

    def update(self, asked: Asked) -> Answer:
        self.find(asked.account.key, asked.body.get("kf_account")).nickname = _nickname(asked.body.get("nickname"))
        return OK

    def delete(self, asked: Asked) -> Answer:
        agent = self.find(asked.account.key, asked.args.get("kf_account") or asked.body.get("kf_account"))
        del self._agents[asked.account.key][agent.kf_account]
        return OK

    def invite(self, asked: Asked) -> Answer:
        """Invites a WeChat user; raises PlatformRefusal 65401, 65407, 65408, 65409, 65411, 65412."""
        agent = self.find(asked.account.key, asked.body.get("kf_account"))
        worker = text_of(asked.body.get("invite_wx"), 65409)
        if not _WECHAT_ID.fullmatch(worker):
            raise PlatformRefusal(65409)
        now = self._clock.seconds()
        others = [one for one in self.all(asked.account.key) if one is not agent]
        if any(one.worker == worker for one in others):
            raise PlatformRefusal(65407)
        if any(one.invited == worker and now < one.invited_until for one in others):
            raise PlatformRefusal(65408)
        if agent.worker:
            raise PlatformRefusal(65412)
        if agent.invited and now < agent.invited_until:
            raise PlatformRefusal(65411)
        agent.invited, agent.invited_until = worker, now + _INVITATION_S
        return OK

    def set_picture(self, asked: Asked) -> Answer:
        """Gives the agent a face: JPG, as the page says; PNG is taken too."""
        agent = self.find(asked.account.key, asked.args.get("kf_account"))
        content = sent_file(asked).content
        if suffix_of(content) not in ("jpg", "png"):
            raise PlatformRefusal(61457)
        agent.avatar = address("", self._media.add(asked.account.key, "image", content, permanent=True))
        return OK

    def list_all(self, asked: Asked) -> Answer:
        return {"kf_list": [self._as_listed(asked.base, agent) for agent in self.all(asked.account.key)]}

    def _as_listed(self, base: str, agent: KfAccount) -> dict[str, object]:
        picture = base + (agent.avatar or "/icon.svg")
        row: dict[str, object] = {"kf_account": agent.kf_account, "kf_headimgurl": picture}
        row |= {"kf_id": str(agent.kf_id), "kf_nick": agent.nickname}
        if agent.worker:
            row["kf_wx"] = agent.worker
        elif agent.invited:
            status = "waiting" if self._clock.seconds() < agent.invited_until else "expired"
            row |= {"invite_wx": agent.invited, "invite_expire_time": int(agent.invited_until), "invite_status": status}
        return row


def _nickname(value: object) -> str:
    nickname = text_of(value, 65403)
    if len(nickname) > _NICKNAME:
        raise PlatformRefusal(65403)
    return nickname
