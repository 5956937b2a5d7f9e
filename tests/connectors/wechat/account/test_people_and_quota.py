"""Who serves, who follows, what is left, and where callbacks go."""

import pytest

from connectors.wechat.account.api import AccountApi
from connectors.wechat.account.people import Agent, count_followers, read_agents, read_follower
from connectors.wechat.account.quota import SEND, Left, check_callback, read_left
from connectors.wechat.errors import CallRefused, PlatformFault
from tests.connectors.wechat.account.platform import Platform


async def test_agents_with_who_is_online(api: AccountApi, platform: Platform) -> None:
    lin, wu = await read_agents(api)
    assert lin == Agent("lin@shop", "小林", "lin", "", online=True, sessions=2)
    assert wu == Agent("wu@shop", "小吴", "", "wu", online=False, sessions=0)
    platform.orders["/cgi-bin/customservice/getonlinekflist"] = [{"errcode": 65400}]
    assert not any(one.online for one in await read_agents(api))


async def test_a_follower_and_one_who_is_none(api: AccountApi, platform: Platform) -> None:
    platform.worn = {"o1": {100}}
    assert await read_follower(api, "o1") == {"openid": "o1", "subscribe": 1, "subscribe_time": 1_700_000_000, "tagid_list": [100]}
    assert await read_follower(api, "o2") == {"openid": "o2", "subscribe": 0}
    assert await count_followers(api) == 1


async def test_what_is_left_and_what_is_not_told(api: AccountApi, platform: Platform) -> None:
    platform.remain[SEND] = 7
    assert await read_left(api, SEND) == Left(SEND, 500_000, 499_993, 7)
    assert await read_left(api, "/cgi-bin/nothing") is None
    platform.orders["/cgi-bin/openapi/quota/get"] = [{"errcode": 0, "quota": {"used": 1}}]
    with pytest.raises(PlatformFault):
        await read_left(api, SEND)


async def test_where_callbacks_go(api: AccountApi, platform: Platform) -> None:
    pings = [{"ip": "a", "package_loss": "100%"}, {"ip": "b", "package_loss": "0%"}]
    platform.callback = {"dns": [{"ip": "a"}, {"ip": "b"}], "ping": pings}
    assert await check_callback(api) == (["a", "b"], ["a"])
    platform.orders["/cgi-bin/callback/check"] = [{"errcode": 40201}, {"errcode": 48001}]
    assert await check_callback(api) is None
    with pytest.raises(CallRefused):
        await check_callback(api)
