"""Tags: names and ids, batches of fifty, and who of a batch was at fault."""

import pytest

from connectors.wechat.account import tags
from connectors.wechat.account.api import AccountApi
from connectors.wechat.errors import CallRefused, PlatformFault
from runtime.errors import Refusal
from tests.connectors.wechat.account.platform import Platform

_ON = "/cgi-bin/tags/members/batchtagging"


async def test_made_renamed_worn_and_deleted(api: AccountApi, platform: Platform) -> None:
    platform.worn = {"o1": set()}
    made = await tags.create(api, "老用户")
    assert (made.id, made.count) == (100, 0)
    assert (await tags.rename(api, "老用户", "贵宾")).id == 100
    assert (await tags.put_on(api, "100", ["o1"])).done == ["o1"]
    assert await tags.tags_of(api, "o1") == (tags.Tag(100, "贵宾", 1),)
    with pytest.raises(Refusal, match="--force"):
        await tags.delete(api, "贵宾", also_worn=False)
    assert 100 in platform.tags
    await tags.put_on(api, "贵宾", ["o1"], off=True)
    assert platform.worn == {"o1": set()}
    await tags.delete(api, "贵宾", also_worn=False)
    assert set(platform.tags) == {2}


async def test_a_name_goes_before_an_id(api: AccountApi, platform: Platform) -> None:
    platform.tags |= {100: "101", 101: "别的"}
    assert (await tags.find_tag(api, "101")).id == 100


async def test_many_go_fifty_a_call_and_nobody_twice(api: AccountApi, platform: Platform) -> None:
    everyone = [f"o{number}" for number in range(120)]
    platform.worn, platform.tags[100] = {one: set() for one in everyone}, "t"
    result = await tags.put_on(api, "t", [*everyone, *everyone[:10]])
    assert (result.done, result.refused, result.left) == (everyone, {}, ())
    assert platform.counts[_ON] == 3
    assert all(worn == {100} for worn in platform.worn.values())


async def test_one_stranger_does_not_keep_the_others_out(api: AccountApi, platform: Platform) -> None:
    everyone = [f"o{number}" for number in range(55)]
    platform.worn, platform.tags[100] = {one: set() for one in everyone if one != "o7"}, "t"
    result = await tags.put_on(api, "t", everyone)
    assert result.refused == {"o7": 40003}
    assert sorted(result.done) == sorted(set(everyone) - {"o7"})
    assert platform.counts[_ON] == 1 + 50 + 1


async def test_what_stops_half_way_says_who_is_left(api: AccountApi, platform: Platform) -> None:
    everyone = [f"o{number}" for number in range(60)]
    platform.worn, platform.tags[100] = {one: set() for one in everyone}, "t"
    platform.orders[_ON] = [{"errcode": 0}, {"errcode": 45009}]
    result = await tags.put_on(api, "t", everyone)
    assert isinstance(result.stopped_by, CallRefused)
    assert (result.done, result.left) == (everyone[:50], tuple(everyone[50:]))


@pytest.mark.parametrize("wanted", ["0", "1", "2", "星标组", "没有", "999"])
async def test_wechats_own_and_unknown_tags_are_refused_before_anything_is_sent(api: AccountApi, platform: Platform, wanted: str) -> None:
    platform.tags |= {0: "未分组", 1: "黑名单"}
    for work in (
        tags.put_on(api, wanted, ["o1"]), tags.rename(api, wanted, "新"), tags.delete(api, wanted, also_worn=True),
    ):  # fmt: skip
        with pytest.raises(Refusal):
            await work
    assert set(platform.counts) == {"/cgi-bin/tags/get"}


@pytest.mark.parametrize("name", ["", " ", "一二三四五六七八九十一", "x" * 31])
async def test_a_name_wechat_does_not_take_is_refused_here(api: AccountApi, platform: Platform, name: str) -> None:
    with pytest.raises(Refusal, match="30 bytes"):
        await tags.create(api, name)
    assert not platform.counts


async def test_a_name_that_is_taken_has_its_code(api: AccountApi) -> None:
    await tags.create(api, "十个汉字正好三十字节")
    with pytest.raises(CallRefused) as caught:
        await tags.create(api, "十个汉字正好三十字节")
    assert caught.value.errcode == 45157


@pytest.mark.parametrize("answer", [{"tags": [{"name": "x"}]}, {"tags": 5}, {"tags": [1]}, {}])
async def test_an_answer_that_is_none_is_a_fault(api: AccountApi, platform: Platform, answer: dict[str, object]) -> None:
    platform.orders["/cgi-bin/tags/get"] = [answer]
    with pytest.raises(PlatformFault):
        await tags.read_tags(api)
