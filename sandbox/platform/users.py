"""Who follows: user/info, user/get and the remark.

developers.weixin.qq.com/doc/service/api/usermanage/userinfo/…; since 2021 neither name nor picture is told. An openid that is not following
is answered with subscribe 0 and nothing else.
"""

from typing import Any

from sandbox.chats import Chat, Phones
from sandbox.errors import PlatformRefusal
from sandbox.platform.calls import OK, Answer, Asked, Call, list_of, table_of
from sandbox.platform.tags import page_of

_BATCH = 100
_REMARK = 30


class Users:
    """The calls user/…"""

    def __init__(self, phones: Phones) -> None:
        self._phones = phones

    def calls(self) -> tuple[Call, ...]:
        return (
            Call("/cgi-bin/user/info", self.info, "GET", daily=5_000_000, body="none"),
            Call("/cgi-bin/user/info/batchget", self.batch, daily=5_000_000),
            Call("/cgi-bin/user/get", self.followers, "GET", daily=500, body="none"),
            Call("/cgi-bin/user/info/updateremark", self.remark, daily=10_000),
        )

    def info(self, asked: Asked) -> Answer:
        return _as_json(self._chat(asked, asked.args.get("openid")), asked.args.get("lang", "zh_CN"))

    def batch(self, asked: Asked) -> Answer:
        wanted = [table_of(one) for one in list_of(asked.body.get("user_list"))]
        if not 1 <= len(wanted) <= _BATCH:
            raise PlatformRefusal(40032)
        return {"user_info_list": [_as_json(self._chat(asked, one.get("openid")), str(one.get("lang", "zh_CN"))) for one in wanted]}

    def followers(self, asked: Asked) -> Answer:
        openids = [chat.person.openid for chat in self._phones.followers(asked.account)]
        return {"total": len(openids), **page_of(openids, asked.args.get("next_openid", ""))}

    def remark(self, asked: Asked) -> Answer:
        remark = asked.body.get("remark")
        if not isinstance(remark, str) or len(remark) >= _REMARK:
            raise PlatformRefusal(40035)
        self._chat(asked, asked.body.get("openid")).follower.remark = remark
        return OK

    def _chat(self, asked: Asked, openid: object) -> Chat:
        chat = self._phones.chat(asked.account, openid) if isinstance(openid, str) else None
        if chat is None:
            raise PlatformRefusal(40003)
        return chat


def _as_json(chat: Chat, language: str) -> dict[str, Any]:
    if not chat.following:
        return {"subscribe": 0, "openid": chat.person.openid}
    follower = chat.follower
    by_code = {"subscribe_scene": "ADD_SCENE_QR_CODE" if follower.scene else "ADD_SCENE_SEARCH"}
    number = int(follower.scene) if follower.scene.isdecimal() and len(follower.scene) < 11 else 0
    return {
        "subscribe": 1,
        "openid": chat.person.openid,
        "language": language,
        "subscribe_time": int(follower.since),
        "remark": follower.remark,
        "groupid": follower.tags[0] if follower.tags else 0,
        "tagid_list": list(follower.tags),
        **by_code,
        "qr_scene": number,
        "qr_scene_str": "" if number else follower.scene,
    }
