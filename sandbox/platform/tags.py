"""Tags of followers, and the list of those an account does not want to hear.

developers.weixin.qq.com/doc/service/api/usermanage/tag/…: 100 tags an account, a name of 1 to 30 bytes, 20 tags a follower, 50 openids a
call; ids 0 to 2 are WeChat's own. A tag with more than 100,000 followers (45057) is out of the sandbox's reach. Black list: 20 openids a
call.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sandbox.chats import Chat, Phones
from sandbox.errors import PlatformRefusal
from sandbox.platform.calls import OK, Answer, Asked, Call, list_of, table_of, text_of, whole_of

TAGS = 100
NAME_BYTES = 30
TAGS_EACH = 20
OPENIDS_A_CALL = 50
BLOCKED_A_CALL = 20
_PAGE = 10_000
_OWN = frozenset({0, 1, 2})
_STARRED = (2, "星标组")


@dataclass
class _Names:
    by_id: dict[int, str]
    last: int = 99


class Tags:
    """The calls tags/… and user/tag/get."""

    def __init__(self, phones: Phones) -> None:
        self._phones = phones
        self._names: dict[str, _Names] = {}

    def calls(self) -> tuple[Call, ...]:
        return (
            Call("/cgi-bin/tags/create", self.create),
            Call("/cgi-bin/tags/get", self.list_all, "GET", body="none"),
            Call("/cgi-bin/tags/update", self.update),
            Call("/cgi-bin/tags/delete", self.delete),
            Call("/cgi-bin/tags/members/batchtagging", self.put_on),
            Call("/cgi-bin/tags/members/batchuntagging", self.take_off),
            Call("/cgi-bin/tags/getidlist", self.of_follower),
            Call("/cgi-bin/user/tag/get", self.followers, "ANY"),
            Call("/cgi-bin/tags/members/getblacklist", self.blocked),
            Call("/cgi-bin/tags/members/batchblacklist", self.block),
            Call("/cgi-bin/tags/members/batchunblacklist", self.unblock),
        )

    def is_blocked(self, chat: Chat) -> bool:
        return chat.follower.blocked

    def create(self, asked: Asked) -> Answer:
        name = self._name(asked)
        names = self._of(asked)
        if len(names.by_id) >= TAGS:
            raise PlatformRefusal(45056)
        names.last += 1
        names.by_id[names.last] = name
        return {"tag": {"id": names.last, "name": name}}

    def list_all(self, asked: Asked) -> Answer:
        chats = self._phones.followers(asked.account)
        tags = [_STARRED, *self._of(asked).by_id.items()]
        counted = [{"id": id_, "name": name, "count": sum(id_ in chat.follower.tags for chat in chats)} for id_, name in tags]
        return {"tags": counted}

    def update(self, asked: Asked) -> Answer:
        tag = self._tag(asked, table_of(asked.body.get("tag")).get("id"))
        self._of(asked).by_id[tag] = self._name(asked, but=tag)
        return OK

    def delete(self, asked: Asked) -> Answer:
        tag = self._tag(asked, table_of(asked.body.get("tag")).get("id"))
        del self._of(asked).by_id[tag]
        for chat in self._phones.chats():
            if chat.account.key == asked.account.key and tag in chat.follower.tags:
                chat.follower.tags.remove(tag)
        return OK

    def put_on(self, asked: Asked) -> Answer:
        tag, chats = self._tag(asked, asked.body.get("tagid")), self._chats(asked, OPENIDS_A_CALL)
        if any(tag not in chat.follower.tags and len(chat.follower.tags) >= TAGS_EACH for chat in chats):
            raise PlatformRefusal(45059)
        for chat in chats:
            if tag not in chat.follower.tags:
                chat.follower.tags.append(tag)
        return OK

    def take_off(self, asked: Asked) -> Answer:
        tag, chats = self._tag(asked, asked.body.get("tagid")), self._chats(asked, OPENIDS_A_CALL)
        for chat in chats:
            if tag in chat.follower.tags:
                chat.follower.tags.remove(tag)
        return OK

    def of_follower(self, asked: Asked) -> Answer:
        return {"tagid_list": list(self._chat(asked, asked.body.get("openid")).follower.tags)}

    def followers(self, asked: Asked) -> Answer:
        """A page of the openids that carry the tag, from the one after next_openid."""
        tag = self._tag(asked, asked.body.get("tagid", asked.args.get("tagid")))
        start = str(asked.body.get("next_openid") or asked.args.get("next_openid") or "")
        return page_of([one.person.openid for one in self._phones.followers(asked.account) if tag in one.follower.tags], start)

    def blocked(self, asked: Asked) -> Answer:
        openids = [one.person.openid for one in self._phones.chats() if one.account.key == asked.account.key and one.follower.blocked]
        return {"total": len(openids), **page_of(openids, str(asked.body.get("begin_openid") or ""))}

    def block(self, asked: Asked) -> Answer:
        return self._set_blocked(asked, blocked=True)

    def unblock(self, asked: Asked) -> Answer:
        return self._set_blocked(asked, blocked=False)

    def _set_blocked(self, asked: Asked, *, blocked: bool) -> Answer:
        for chat in self._chats(asked, BLOCKED_A_CALL):
            chat.follower.blocked = blocked
        return OK

    def _of(self, asked: Asked) -> _Names:
        return self._names.setdefault(asked.account.key, _Names({}))

    def _name(self, asked: Asked, but: int | None = None) -> str:
        tag: Mapping[str, object] = table_of(asked.body.get("tag"))
        name = text_of(tag.get("name"), 45157)
        if len(name.encode("utf-8", "surrogatepass")) > NAME_BYTES:
            raise PlatformRefusal(45158)
        if any(other == name and id_ != but for id_, other in (_STARRED, *self._of(asked).by_id.items())):
            raise PlatformRefusal(45157)
        return name

    def _tag(self, asked: Asked, value: object) -> int:
        tag = whole_of(value, 45159)
        if tag in _OWN:
            raise PlatformRefusal(45058)
        if tag not in self._of(asked).by_id:
            raise PlatformRefusal(45159)
        return tag

    def _chats(self, asked: Asked, most: int) -> list[Chat]:
        openids = list_of(asked.body.get("openid_list"), 40032)
        if not 1 <= len(openids) <= most:
            raise PlatformRefusal(40032)
        return [self._chat(asked, openid) for openid in openids]

    def _chat(self, asked: Asked, openid: object) -> Chat:
        chat = self._phones.chat(asked.account, openid) if isinstance(openid, str) else None
        if chat is None or not chat.following:
            raise PlatformRefusal(40003)
        return chat


def page_of(openids: list[str], after: str) -> dict[str, object]:
    """WeChat's way of paging: at most 10,000 after the named one; `data` is missing when there are none. Raises PlatformRefusal 40003."""
    if after:
        if after not in openids:
            raise PlatformRefusal(40003)
        openids = openids[openids.index(after) + 1 :]
    page = openids[:_PAGE]
    if not page:
        return {"count": 0, "next_openid": ""}
    return {"count": len(page), "data": {"openid": page}, "next_openid": page[-1]}
