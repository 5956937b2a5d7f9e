"""The configuration: what is refused, and in which words."""

import json
from pathlib import Path
from typing import Any

import pytest

from sandbox.config import config_from, read_config
from sandbox.errors import ConfigError
from tests.sandbox.conftest import config_json


def changed(**account: Any) -> dict[str, Any]:
    data = config_json()
    data["accounts"][0] |= account
    return data


def test_a_good_file(tmp_path: Path) -> None:
    path = tmp_path / "sandbox.json"
    path.write_text(json.dumps(config_json(clock_file="/x/clock.json")), encoding="utf-8")
    config = read_config(path)
    assert (config.deliveries, config.purse_reading, config.clock_file) == (3, "separate", Path("/x/clock.json"))
    assert [account.mode for account in config.accounts] == ["safe", "safe"]


def test_a_menu_of_ones_own() -> None:
    config = config_from(changed(menu=[{"name": "查积分", "key": "CXJF"}]))
    assert [(key.name, key.key) for key in config.accounts[0].menu] == [("查积分", "CXJF")]


@pytest.mark.parametrize(
    ("data", "named"),
    [
        ([], "JSON object"),
        ({}, "accounts"),
        (config_json() | {"accounts": []}, "accounts"),
        (config_json() | {"accounts": [7]}, "accounts"),
        (config_json() | {"accounts": config_json()["accounts"][:1] * 2}, "same key"),
        (config_json() | {"sms_token": None}, "sms_token"),
        (config_json() | {"port": "8002"}, "port"),
        (config_json() | {"deliveries": 0}, "deliveries"),
        (config_json() | {"purse_reading": "both"}, "purse_reading"),
        (config_json() | {"callback_timeout_s": "5"}, "callback_timeout_s"),
        (config_json() | {"people": ["oZhang"]}, "people"),
        (config_json() | {"people": [{"openid": "o zhang"}]}, "openid"),
        (changed(mode="secret"), "mode"),
        (changed(encoding_aes_key="short"), "encoding_aes_key"),
        (changed(callback_url=None), "callback_url"),
        (changed(menu=5), "menu"),
        (changed(menu=[5]), "menu"),
    ],
)
def test_a_wrong_key_is_named(data: Any, named: str) -> None:
    with pytest.raises(ConfigError, match=named):
        config_from(data)


def test_no_file_and_no_json(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        read_config(tmp_path / "none.json")
    (tmp_path / "bad.json").write_text("{")
    with pytest.raises(ConfigError, match="not JSON"):
        read_config(tmp_path / "bad.json")
