"""`weiting wechat menu`: diff says what push would do, push does it once, and bad settings reach nobody."""

import pytest

from tests.cli.wechat.conftest import ACCOUNT, MENU, Weiting
from tests.connectors.wechat.account.platform import Platform

_CREATE = "/cgi-bin/menu/create"


async def test_diff_push_diff_delete(weiting: Weiting, platform: Platform) -> None:
    said = await weiting("wechat", "menu", "diff")
    assert (said.code, "+     话费  [click intent:query_balance]" in said.out) == (1, True)
    assert platform.counts[_CREATE] == 0
    pushed = await weiting("wechat", "menu", "push")
    assert (pushed.code, "read back" in pushed.out) == (0, True)
    assert platform.menu is not None
    assert (await weiting("wechat", "menu", "diff")).code == 0
    again = await weiting("wechat", "menu", "push")
    assert (again.code, "nothing was done" in again.out, platform.counts[_CREATE]) == (0, True, 1)
    assert "人工  [click intent:request_human]" in (await weiting("wechat", "menu", "show")).out
    assert (await weiting("wechat", "menu", "push", "--delete")).code == 0
    assert platform.menu is None
    assert "no menu" in (await weiting("wechat", "menu", "show")).out


async def test_for_machines(weiting: Weiting, platform: Platform) -> None:
    said = await weiting("wechat", "menu", "diff", "--json")
    assert (said.code, said.json["same"], len(said.json["file"])) == (1, False, 2)
    assert said.json["wechat"] == {"menu": [], "made_by_call": False, "personalised": 0}
    assert (await weiting("wechat", "--json", "menu", "push")).json["changed"] is True
    assert (await weiting("wechat", "menu", "--json", "diff")).json["same"] is True


async def test_a_menu_of_the_console_is_taken_over(weiting: Weiting, platform: Platform) -> None:
    platform.console_menu = [{"type": "click", "name": "人工", "key": "intent:request_human"}]
    toml = ACCOUNT.format(key="shop", base=platform.base) + '[[account.menu]]\nname = "人工"\nintent = "request_human"\n'
    said = await weiting("wechat", "menu", "diff", toml=toml)
    assert (said.code, "made in the console" in said.out) == (0, True)
    assert (await weiting("wechat", "menu", "push", toml=toml)).code == 0
    assert platform.counts[_CREATE] == 1


async def test_without_a_menu_in_the_file_nothing_is_put_there(weiting: Weiting, platform: Platform) -> None:
    said = await weiting("wechat", "menu", "push", toml=ACCOUNT.format(key="shop", base=platform.base))
    assert (said.code, "account.menu" in said.err, said.err.count("\n")) == (2, True, 1)
    assert not platform.counts


@pytest.mark.parametrize(
    ("menu", "word"),
    [
        (MENU.replace("query_balance", "query_weather"), "query_weather"),
        (MENU.replace('"人工"', '"人工服务台"'), "account.menu[2].name"),
    ],
)
async def test_a_bad_menu_is_one_sentence_and_exit_2(weiting: Weiting, platform: Platform, menu: str, word: str) -> None:
    said = await weiting("wechat", "menu", "push", toml=ACCOUNT.format(key="shop", base=platform.base) + menu)
    assert (said.code, word in said.err, said.err.count("\n")) == (2, True, 1)
    assert not platform.counts


async def test_an_industry_without_a_catalogue_is_said(weiting: Weiting, platform: Platform) -> None:
    toml = (ACCOUNT.format(key="shop", base=platform.base) + MENU).replace('"carrier"', '"nowhere"')
    said = await weiting("wechat", "menu", "diff", toml=toml)
    assert (said.code, "data/catalogue/nowhere.yml" in said.err) == (2, True)


async def test_a_refusal_of_the_menu_is_a_sentence_and_exit_1(weiting: Weiting, platform: Platform) -> None:
    platform.orders[_CREATE] = [{"errcode": 45064, "errmsg": "no permission"}]
    said = await weiting("wechat", "menu", "push")
    assert (said.code, "45064" in said.err, said.err.count("\n")) == (1, True, 1)
    assert "+ 人工" in said.out
    assert platform.menu is None


async def test_another_menu_read_back_is_exit_1(weiting: Weiting, platform: Platform) -> None:
    other = {"menu": {"button": [{"name": "别的", "type": "click", "key": "k"}]}}
    platform.orders["/cgi-bin/menu/get"] = [other] * 4
    said = await weiting("wechat", "menu", "push")
    assert (said.code, "another menu" in said.err) == (1, True)


async def test_two_accounts_need_a_name_wherever_it_stands(weiting: Weiting, platform: Platform) -> None:
    toml = ACCOUNT.format(key="one", base="http://127.0.0.1:1") + ACCOUNT.format(key="two", base=platform.base) + MENU
    missing = await weiting("wechat", "menu", "diff", toml=toml)
    assert (missing.code, "one, two" in missing.err) == (2, True)
    for argv in (("--account", "two", "menu", "diff"), ("menu", "diff", "--account=two"), ("menu", "--account", "two", "diff")):
        assert "话费" in (await weiting("wechat", *argv, toml=toml)).out
    assert (await weiting("wechat", "menu", "diff", "--account", "three", toml=toml)).code == 2
    away = await weiting("wechat", "menu", "diff", "--account", "one", toml=toml)
    assert (away.code, away.err.count("\n"), "127.0.0.1:1" in away.err) == (1, 1, True)
