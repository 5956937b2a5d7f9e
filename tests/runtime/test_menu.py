"""[[account.menu]]: what is read, and the one sentence for each way to pass WeChat's limits."""

import tomllib
from typing import Any

import pytest

from runtime.errors import SettingsError
from runtime.menu import MenuEntry, columns_of, intents_of, read_menu

GOOD: list[dict[str, Any]] = [
    {"name": "查询", "entries": [{"name": "八个汉字正好可以", "intent": "query_balance"}, {"name": "web", "url": "https://a.example"}]},
    {"name": "扫一扫", "type": "scancode_push", "key": "scan"},
    {"name": "人工", "text": "转人工"},
]


def test_each_kind_and_the_key_that_comes_back() -> None:
    menu = read_menu(GOOD, "demo")
    below, web = menu[0].entries
    assert (below.key, web.key, menu[1].key, menu[2].key) == ("intent:query_balance", "", "scan", "转人工")
    assert menu[2] == MenuEntry("人工", "text", "转人工")
    assert intents_of(menu) == (("八个汉字正好可以", "query_balance"),)
    assert read_menu(None, "demo") == ()


def test_a_mini_program_beside_its_address() -> None:
    (entry,) = read_menu([{"name": "商城", "url": "https://a.example", "appid": "wx1", "pagepath": "p"}], "demo")
    assert (entry.kind, entry.value, entry.app_id, entry.page_path) == ("miniprogram", "https://a.example", "wx1", "p")


def test_how_wide_a_name_is_shown() -> None:
    assert [columns_of(one) for one in ("四个汉字", "8 letter", "ａ", "é", "e\u0301", "🙂")] == [8, 8, 2, 1, 1, 2]


def _one(**fields: Any) -> list[dict[str, Any]]:
    return [{"name": "名", **fields}]


def _below(**fields: Any) -> list[dict[str, Any]]:
    return _one(entries=[{"name": "名", **fields}])


@pytest.mark.parametrize(
    ("menu", "key"),
    [
        ("查询", "account.menu"),
        ([], "account.menu"),
        (["查询"], "account.menu"),
        ({"name": "x"}, "account.menu"),
        ([{"name": "名", "text": "t"}] * 4, "account.menu"),
        (_one(entries=[]), "account.menu[1].entries"),
        (_one(entries=[{"name": "名", "text": "t"}] * 6), "account.menu[1].entries"),
        (_below(entries=[{"name": "名", "text": "t"}]), "account.menu[1].entries[1].entries"),
        (_one(), "account.menu[1]"),
        (_one(text="t", url="https://a"), "account.menu[1]"),
        (_one(text="t", colour="red"), "account.menu[1].colour"),
        ([{"text": "t"}], "account.menu[1].name"),
        ([{"name": 5, "text": "t"}], "account.menu[1].name"),
        ([{"name": "五个汉字了", "text": "t"}], "account.menu[1].name"),
        ([{"name": "nine chars", "text": "t"}], "account.menu[1].name"),
        ([{"name": " 名", "text": "t"}], "account.menu[1].name"),
        ([{"name": "名\n", "text": "t"}], "account.menu[1].name"),
        ([{"name": "e" + "\u0301" * 8, "text": "t"}], "account.menu[1].name"),
        (_one(entries=[{"name": "九个汉字就是太长了", "text": "t"}]), "account.menu[1].entries[1].name"),
        (_below(name="名" * 21, text="t"), "account.menu[1].entries[1].name"),
        (_one(text=""), "account.menu[1].text"),
        (_one(text=5), "account.menu[1].text"),
        (_one(text="字" * 43), "account.menu[1].text"),
        (_one(text="intent:greet"), "account.menu[1].text"),
        (_one(intent="x" * 122), "account.menu[1].intent"),
        (_one(type="click", key="k"), "account.menu[1].type"),
        (_one(type="scancode_push"), "account.menu[1].key"),
        (_one(type="scancode_push", key="k" * 129), "account.menu[1].key"),
        (_one(text="t", key="k"), "account.menu[1].key"),
        (_one(url="ftp://a"), "account.menu[1].url"),
        (_one(url="https://"), "account.menu[1].url"),
        (_one(url="https://a b"), "account.menu[1].url"),
        (_one(url="https://[a"), "account.menu[1].url"),
        (_one(url="https://a/" + "x" * 1015), "account.menu[1].url"),
        (_one(url="https://a", appid="wx1"), "account.menu[1]"),
        (_one(text="t", appid="wx1", pagepath="p"), "account.menu[1].appid"),
    ],
)
def test_each_fault_names_its_key_in_one_sentence(menu: Any, key: str) -> None:
    with pytest.raises(SettingsError) as caught:
        read_menu(menu, "demo")
    assert caught.value.key == key
    assert "\n" not in str(caught.value)
    assert 'account "demo"' in caught.value.mend


def test_the_largest_that_wechat_takes_is_taken() -> None:
    text = "字" * 42 + "ab"
    assert len(text.encode()) == 128
    menu = read_menu([{"name": "四个汉字", "entries": [{"name": "八个汉字正好可以", "text": text}] * 5}] * 3, "demo")
    assert sum(len(one.entries) for one in menu) == 15
    url = "https://a/" + "x" * 1014
    assert read_menu([{"name": "8letters", "url": url}], "demo")[0].value == url


def test_it_is_written_as_tables_of_the_account() -> None:
    text = '[[account]]\nkey = "a"\n[[account.menu]]\nname = "人工"\ntext = "人工"\n[[account]]\nkey = "b"\n'
    first, second = tomllib.loads(text)["account"]
    assert (len(read_menu(first.get("menu"), "a")), read_menu(second.get("menu"), "b")) == (1, ())
