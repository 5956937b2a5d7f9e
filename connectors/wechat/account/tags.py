"""Tags of followers.

Source: developers.weixin.qq.com, "batchTagging" and its neighbours: 100 tags an account, names of 30 bytes, 20 tags a follower, 50
openids a call; ids 0 to 2 are WeChat's own; a tag of more than 100,000 followers cannot be deleted.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from connectors.wechat.account.api import AccountApi
from connectors.wechat.errors import CallRefused, PlatformFault
from runtime.errors import Refusal

A_CALL = 50
NAME_BYTES = 30
_OWN = frozenset({0, 1, 2})
_ONES_FAULT = frozenset({40003, 45059, 49003})
"""Codes that one openid of a batch causes and the whole batch gets."""


@dataclass(frozen=True)
class Tag:
    """One tag and how many followers carry it."""

    id: int
    name: str
    count: int

    @property
    def is_wechats(self) -> bool:
        """Kept by WeChat itself: it cannot be renamed, deleted or put on anybody."""
        return self.id in _OWN


@dataclass
class Tagged:
    """What became of a list of openids: which were done, which were refused and with which errcode, which are left."""

    done: list[str] = field(default_factory=list)
    refused: dict[str, int] = field(default_factory=dict)
    left: tuple[str, ...] = ()
    stopped_by: PlatformFault | None = None


async def read_tags(api: AccountApi) -> tuple[Tag, ...]:
    """All of them. Raises PlatformFault."""
    rows = await api.call(lambda client: client.tag.get())
    try:
        return tuple(Tag(int(row["id"]), str(row["name"]), int(row.get("count", 0))) for row in rows)
    except (KeyError, TypeError, ValueError, AttributeError):
        pass
    raise PlatformFault("tags/get: the answer lacks what it must have")


async def find_tag(api: AccountApi, wanted: str) -> Tag:
    """By its name, or by its id. Raises Refusal when there is none or it is WeChat's own, PlatformFault."""
    tags = await read_tags(api)
    found = [one for one in tags if one.name == wanted] or [one for one in tags if str(one.id) == wanted]
    if not found:
        raise Refusal(f'there is no tag "{wanted}"; `weiting wechat tags list` shows which there are')
    if found[0].is_wechats:
        raise Refusal(f'"{found[0].name}" ({found[0].id}) is a tag of WeChat\'s own and stays as it is')
    return found[0]


async def create(api: AccountApi, name: str) -> Tag:
    """Raises Refusal for a name WeChat does not take, PlatformFault."""
    check_name(name)
    row = await api.call(lambda client: client.tag.create(name))
    if not isinstance(row, dict) or not isinstance(row.get("id"), int):
        raise PlatformFault("tags/create: the answer lacks what it must have")
    return Tag(row["id"], str(row.get("name", name)), 0)


async def rename(api: AccountApi, wanted: str, name: str) -> Tag:
    """Raises Refusal, PlatformFault."""
    check_name(name)
    tag = await find_tag(api, wanted)
    await api.call(lambda client: client.tag.update(tag.id, name))
    return Tag(tag.id, name, tag.count)


async def delete(api: AccountApi, wanted: str, *, also_worn: bool) -> Tag:
    """Raises Refusal for a tag that followers carry unless `also_worn`, PlatformFault."""
    tag = await find_tag(api, wanted)
    if tag.count and not also_worn:
        raise Refusal(f'"{tag.name}" is carried by followers ({tag.count}); to take it off them and delete it add --force')
    await api.call(lambda client: client.tag.delete(tag.id))
    return tag


async def put_on(api: AccountApi, wanted: str, openids: Sequence[str], *, off: bool = False) -> Tagged:
    """Puts a tag on (or takes it off), 50 a call; a batch that one openid spoils is repeated one by one.

    Raises Refusal for an unknown tag and PlatformFault before the first batch; later faults are told in the answer.
    """
    tag = await find_tag(api, wanted)
    wanted_once = list(dict.fromkeys(openids))
    result = Tagged()
    for start in range(0, len(wanted_once), A_CALL):
        batch = wanted_once[start : start + A_CALL]
        try:
            await _batch(api, tag.id, batch, result, off=off)
        except PlatformFault as fault:
            result.stopped_by = fault
            result.left = tuple(one for one in wanted_once[start:] if one not in result.refused and one not in result.done)
            break
    return result


async def tags_of(api: AccountApi, openid: str) -> tuple[Tag, ...]:
    """The tags a follower carries. Raises PlatformFault."""
    ids = await api.call(lambda client: client.tag.get_user_tag(openid))
    return tuple(one for one in await read_tags(api) if isinstance(ids, list) and one.id in ids)


def check_name(name: str) -> None:
    """Raises Refusal."""
    size = len(name.encode("utf-8", "replace"))
    if not name.strip() or size > NAME_BYTES:
        raise Refusal(f"a tag's name has 1 to {NAME_BYTES} bytes in UTF-8 (10 Chinese characters), this one {size}")


async def _batch(api: AccountApi, tag: int, openids: list[str], result: Tagged, *, off: bool) -> None:
    def ask(some: list[str]) -> Any:
        return api.call(lambda client: (client.tag.untag_user if off else client.tag.tag_user)(tag, some))

    try:
        await ask(openids)
        result.done += openids
        return
    except CallRefused as refused:
        if refused.errcode not in _ONES_FAULT:
            raise
        if len(openids) == 1:
            result.refused[openids[0]] = refused.errcode
            return
    for one in openids:
        await _batch(api, tag, [one], result, off=off)
