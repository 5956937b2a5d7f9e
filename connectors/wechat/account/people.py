"""Who serves at WeChat's own desk, and what WeChat tells of a follower.

Source: developers.weixin.qq.com, "getKfList", "getOnlineKfList", "getUserInfo" (no name and no picture since 2021-12-27).
"""

from dataclasses import dataclass
from typing import Any

from connectors.wechat.account.api import AccountApi
from connectors.wechat.errors import CallRefused, PlatformFault

_NOT_ENABLED = frozenset({65400})
_TOLD = tuple("openid subscribe subscribe_time subscribe_scene qr_scene qr_scene_str tagid_list remark unionid language".split())


@dataclass(frozen=True)
class Agent:
    """One customer-service account. `bound`: the WeChat user it belongs to, `invited`: who has not accepted yet."""

    kf_account: str
    nickname: str
    bound: str
    invited: str
    online: bool
    sessions: int


async def read_agents(api: AccountApi) -> tuple[Agent, ...]:
    """All accounts, with who is online. Raises PlatformFault."""
    rows = await api.call(lambda client: client.customservice.get_accounts())
    try:
        online = await api.call(lambda client: client.customservice.get_online_accounts())
    except CallRefused as refused:
        if refused.errcode not in _NOT_ENABLED:
            raise
        online = []
    if not isinstance(rows, list) or not isinstance(online, list):
        raise PlatformFault("customservice/getkflist: the answer lacks what it must have")
    there = {str(one.get("kf_account")): one for one in online if isinstance(one, dict)}
    return tuple(_agent(one, there.get(str(one.get("kf_account")))) for one in rows if isinstance(one, dict))


async def read_follower(api: AccountApi, openid: str) -> dict[str, Any]:
    """What WeChat tells of one openid; `subscribe` 0 and nothing else of one that does not follow. Raises PlatformFault."""
    answer = await api.call(lambda client: client.user.get(openid))
    return {name: answer[name] for name in _TOLD if name in answer}


async def count_followers(api: AccountApi) -> int:
    """How many follow. Raises PlatformFault."""
    answer = await api.call(lambda client: client.user.get_followers())
    total = answer.get("total")
    if not isinstance(total, int):
        raise PlatformFault("user/get: the answer lacks what it must have")
    return total


def _agent(row: dict[str, Any], online: dict[str, Any] | None) -> Agent:
    accepted = online.get("accepted_case") if online else 0
    return Agent(
        kf_account=str(row.get("kf_account", "")),
        nickname=str(row.get("kf_nick", "")),
        bound=str(row.get("kf_wx", "")),
        invited=str(row.get("invite_wx", "")),
        online=online is not None and online.get("status") not in (0, None),
        sessions=accepted if isinstance(accepted, int) else 0,
    )
