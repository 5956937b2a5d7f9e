"""weiting.toml: what is read, and the one sentence for each way to get it wrong."""

import tomllib
from pathlib import Path

import pytest

from runtime.errors import SettingsError
from runtime.settings import Settings, load_settings

GOOD = """
base_port = 9000
[[account]]
key = "demo"
industry = "carrier"
app_id = "wx1"
secret = "s"
token = "t"
encoding_aes_key = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
"""


def _load(tmp_path: Path, text: str, environ: dict[str, str] | None = None) -> Settings:
    path = tmp_path / "weiting.toml"
    path.write_text(text)
    return load_settings(path, environ or {})


def test_defaults_are_filled_in(tmp_path: Path) -> None:
    settings = _load(tmp_path, GOOD)
    account = settings.account("demo")
    assert (account.kind, account.mode, account.api_base) == ("service", "safe", "https://api.weixin.qq.com")
    assert (settings.base_port, settings.bots, settings.data_dir) == (9000, 1, tmp_path / "var")
    assert settings.database_url == f"sqlite:///{tmp_path / 'var' / 'weiting.db'}"
    assert settings.industries == ("carrier",)
    assert not settings.sandboxed


KF_ACCOUNTS = """
[account.kf_accounts]
"小林" = "kf1@shop"
default = "kf9@shop"
"""


def test_agents_have_customer_service_accounts(tmp_path: Path) -> None:
    assert _load(tmp_path, GOOD + KF_ACCOUNTS).account("demo").desk.kf_accounts == (("小林", "kf1@shop"), ("default", "kf9@shop"))
    assert _load(tmp_path, GOOD).account("demo").desk.kf_accounts == ()
    environ = {"WEITING_ACCOUNT_DEMO_KF_ACCOUNTS": "小林=kf2@shop, default=kf8@shop"}
    assert _load(tmp_path, GOOD + KF_ACCOUNTS, environ).account("demo").desk.kf_accounts == (("小林", "kf2@shop"), ("default", "kf8@shop"))


@pytest.mark.parametrize("wrong", ['"林" = "kf1"', '"林" = 5', '"林" = "a-name-too-long@shop"', '"" = "kf1@shop"', '"林" = "kf 1@shop"'])
def test_a_wrong_customer_service_account_is_named(tmp_path: Path, wrong: str) -> None:
    with pytest.raises(SettingsError, match="account.kf_accounts"):
        _load(tmp_path, f"{GOOD}\n[account.kf_accounts]\n{wrong}\n")


def test_the_environment_goes_over_the_file(tmp_path: Path) -> None:
    environ = {"WEITING_BASE_PORT": "9100", "WEITING_ACCOUNT_DEMO_SECRET": "other", "WEITING_REDIS_URL": "redis://x"}
    settings = _load(tmp_path, GOOD, environ)
    assert (settings.base_port, settings.account("demo").secret, settings.redis_url) == (9100, "other", "redis://x")


def test_many_machines_are_told_where_the_others_are(tmp_path: Path) -> None:
    settings = _load(tmp_path, GOOD)
    assert (settings.bot_urls, settings.actions_url, settings.inner_host) == ((), None, "127.0.0.1")
    assert (settings.tuning.lease_s, settings.tuning.router_lease_s, settings.tuning.sweep_s) == (10.0, 6.0, 5.0)
    told = """
bot_urls = ["http://10.0.0.5:8004/", "http://10.0.0.6:8004"]
actions_url = "http://10.0.0.5:8003"
inner_host = "10.0.0.5"
shared_secret = "long and random"
[tuning]
lease_s = 4.5
"""
    environ = {"WEITING_TUNING_SWEEP_S": "1", "WEITING_BOT_URLS": "http://a:1, http://b:2"}
    settings = _load(tmp_path, told + GOOD.replace("base_port = 9000", ""), environ)
    assert settings.bot_urls == ("http://a:1", "http://b:2")
    assert (settings.actions_url, settings.inner_host) == ("http://10.0.0.5:8003", "10.0.0.5")
    assert (settings.tuning.lease_s, settings.tuning.router_lease_s, settings.tuning.sweep_s) == (4.5, 6.0, 1.0)


def test_a_secret_may_lie_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("from-file\n")
    assert _load(tmp_path, GOOD.replace('secret = "s"', 'secret_file = "secret"')).account("demo").secret == "from-file"


def test_web_chat_is_switched_on_for_an_account(tmp_path: Path) -> None:
    assert not _load(tmp_path, GOOD).account("demo").webchat
    text = GOOD.replace('app_id = "wx1"', 'app_id = "wx1"\nwebchat = true\nwebchat_origins = ["https://Shop.example", "http://127.0.0.1:8080"]')
    account = _load(tmp_path, text).account("demo")
    assert (account.webchat, account.webchat_origins) == (True, ("https://shop.example", "http://127.0.0.1:8080"))
    environ = {"WEITING_ACCOUNT_DEMO_WEBCHAT": "false", "WEITING_ACCOUNT_DEMO_WEBCHAT_ORIGINS": "https://a.example, https://b.example"}
    account = _load(tmp_path, text, environ).account("demo")
    assert (account.webchat, account.webchat_origins) == (False, ("https://a.example", "https://b.example"))
    proxies = 'trusted_proxies = ["10.0.0.2"]\n'
    assert [_load(tmp_path, more + GOOD).trusted_proxies for more in ("", proxies)] == [("127.0.0.1", "::1"), ("10.0.0.2",)]


def test_an_account_that_is_not_served_is_a_key_error(tmp_path: Path) -> None:
    settings = _load(tmp_path, GOOD)
    assert not settings.serves("other")
    with pytest.raises(KeyError):
        settings.account("other")


def test_people_may_sit_at_wechats_own_desk(tmp_path: Path) -> None:
    assert not _load(tmp_path, GOOD).account("demo").desk.native
    wechat = GOOD + 'desk = "wechat"\n'
    desk = _load(tmp_path, wechat).account("demo").desk
    assert (desk.native, desk.kf_account("billing")) == (True, None)
    named = wechat + '[account.kf_accounts]\nbilling = "kf2002@demo"\ndefault = "kf2001@demo"\n'
    desk = _load(tmp_path, named).account("demo").desk
    assert (desk.kf_account("billing"), desk.kf_account("general")) == ("kf2002@demo", "kf2001@demo")
    environ = {"WEITING_ACCOUNT_DEMO_DESK": "wechat", "WEITING_ACCOUNT_DEMO_KF_ACCOUNTS": "default=kf1@demo"}
    assert _load(tmp_path, GOOD, environ).account("demo").desk.kf_account("general") == "kf1@demo"


@pytest.mark.parametrize(
    ("change", "key"),
    [
        (("", ""), None),
        (('secret = "s"\n', ""), "account.secret"),
        (('secret = "s"', "secret = 5"), "account.secret"),
        (('secret = "s"', 'secret_file = "nowhere"'), "account.secret_file"),
        (('token = "t"', 'tokn = "t"'), "account.tokn"),
        (('token = "t"', 'token = ""'), "account.token"),
        (('key = "demo"', 'key = "de mo"'), "account.key"),
        (('key = "demo"', "key = 1"), "account.key"),
        (('industry = "carrier"', 'industry = "../x"'), "account.industry"),
        (('app_id = "wx1"', 'app_id = "wx1"\nmode = "open"'), "account.mode"),
        (('app_id = "wx1"', 'app_id = "wx1"\nkind = "shop"'), "account.kind"),
        (('app_id = "wx1"', 'app_id = "wx1"\napi_base = "ftp://x"'), "account.api_base"),
        (('app_id = "wx1"', 'app_id = "wx1"\ntimestamp_window_s = -1'), "account.timestamp_window_s"),
        (('app_id = "wx1"', 'app_id = "wx1"\ndesk = "ours"'), "account.desk"),
        (('app_id = "wx1"', 'app_id = "wx1"\ndesk = "wechat"\nkf_accounts = {billing = "<b>@x"}'), "account.kf_accounts"),
        (('app_id = "wx1"', 'app_id = "wx1"\nkf_accounts = ["kf1@x"]'), "account.kf_accounts"),
        (('app_id = "wx1"', 'app_id = "wx1"\nkf_account = "kf1@x"'), "account.kf_account"),
        (("ABCDEFG", "ABCDEF"), "account.encoding_aes_key"),
        (("base_port = 9000", 'base_port = "many"'), "base_port"),
        (("base_port = 9000", "base_port = 0"), "base_port"),
        (("base_port = 9000", "base_port = true"), "base_port"),
        (("base_port = 9000", "colour = 1"), "colour"),
        (("base_port = 9000", "redis_url = 1"), "redis_url"),
        (("base_port = 9000", "industry_paths = 1"), "industry_paths"),
        (("base_port = 9000", '[sms]\nurl = "http://x"'), "sms.token"),
        (("base_port = 9000", "base_port = "), "weiting.toml"),
        (("base_port = 9000", 'bot_urls = "10.0.0.5:8004"'), "bot_urls"),
        (("base_port = 9000", "bot_urls = []"), "bot_urls"),
        (("base_port = 9000", 'bot_urls = ["http://a", 5]'), "bot_urls"),
        (("base_port = 9000", 'actions_url = "loopback"'), "actions_url"),
        (("base_port = 9000", 'inner_host = "10.0.0.5"'), "shared_secret"),
        (("base_port = 9000", "tuning = 3"), "tuning"),
        (("base_port = 9000", "[tuning]\nleas_s = 3"), "tuning.leas_s"),
        (("base_port = 9000", "[tuning]\nlease_s = 0"), "tuning.lease_s"),
        (("base_port = 9000", "[tuning]\nlease_s = nan"), "tuning.lease_s"),
        (("base_port = 9000", '[tuning]\nsweep_s = "soon"'), "tuning.sweep_s"),
        (("base_port = 9000", 'trusted_proxies = ["proxy.internal"]'), "trusted_proxies"),
        (("base_port = 9000", "trusted_proxies = 1"), "trusted_proxies"),
        (('app_id = "wx1"', 'app_id = "wx1"\nwebchat = "yes"'), "account.webchat"),
        (('app_id = "wx1"', 'app_id = "wx1"\nwebchat = 1'), "account.webchat"),
        (('app_id = "wx1"', 'app_id = "wx1"\nwebchat_origins = ["www.example.com"]'), "account.webchat_origins"),
        (('app_id = "wx1"', 'app_id = "wx1"\nwebchat_origins = ["https://www.example.com/help"]'), "account.webchat_origins"),
        (('app_id = "wx1"', "app_id = \"wx1\"\nwebchat_origins = [\"https://a.example; script-src *\"]"), "account.webchat_origins"),
        (('app_id = "wx1"', 'app_id = "wx1"\nwebchat_origins = "*"'), "account.webchat_origins"),
    ],
)
def test_each_fault_names_its_key_and_mend_in_one_sentence(tmp_path: Path, change: tuple[str, str], key: str | None) -> None:
    text = GOOD.replace(*change)
    if key is None:
        _load(tmp_path, text)
        return
    with pytest.raises(SettingsError) as caught:
        _load(tmp_path, text)
    assert caught.value.key.endswith(key)
    assert "\n" not in str(caught.value)
    assert caught.value.mend


def test_a_key_twice_is_refused(tmp_path: Path) -> None:
    account = GOOD[GOOD.index("[[account]]") :]
    with pytest.raises(SettingsError, match="twice"):
        _load(tmp_path, GOOD + account)


@pytest.mark.parametrize("text", ["", "[account]\nkey='x'", "account = []", "account = 3"])
def test_a_file_without_accounts_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(SettingsError, match="account"):
        _load(tmp_path, text)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="nowhere.toml"):
        load_settings(tmp_path / "nowhere.toml", {})


def test_the_shipped_file_is_good() -> None:
    shipped = Path(__file__).resolve().parents[2] / "weiting.toml"
    assert tomllib.loads(shipped.read_text())
    assert load_settings(shipped, {}).sandboxed


def test_what_keys_scenes_and_places_ask_for(tmp_path: Path) -> None:
    asks = '[account.asks]\nlocation = "intent:find_store"\n"scan:hall" = "查话费"\n'
    account = _load(tmp_path, GOOD + asks).account("demo")
    assert dict(account.asks) == {"location": "intent:find_store", "scan:hall": "查话费"}
    assert _load(tmp_path, GOOD).account("demo").asks == ()


@pytest.mark.parametrize("asks", ["asks = 5", "asks = {location = 5}", 'asks = {location = " "}'])
def test_asks_that_are_no_table_of_texts_are_refused(tmp_path: Path, asks: str) -> None:
    with pytest.raises(SettingsError, match="account.asks"):
        _load(tmp_path, f"{GOOD}{asks}\n")


def test_where_media_are_kept_and_for_how_long(tmp_path: Path) -> None:
    kept = _load(tmp_path, GOOD).kept_media
    assert (kept.folder, kept.days) == (tmp_path / "var" / "media", 30)
    kept = _load(tmp_path, f'{GOOD}[media]\nfolder = "shared"\ndays = 7\n').kept_media
    assert (kept.folder, kept.days) == (tmp_path / "shared", 7)
    kept = _load(tmp_path, GOOD, {"WEITING_MEDIA_DAYS": "3", "WEITING_MEDIA_FOLDER": "/m"}).kept_media
    assert (kept.folder, kept.days) == (Path("/m"), 3)


@pytest.mark.parametrize("media", ["[media]\ndays = 0\n", "[media]\nplace = 1\n", "[media]\nfolder = 5\n", "[media]\ndays = true\n"])
def test_media_settings_that_make_no_sense_are_refused(tmp_path: Path, media: str) -> None:
    with pytest.raises(SettingsError, match="media"):
        _load(tmp_path, GOOD + media)


def test_hosts_of_videos(tmp_path: Path) -> None:
    assert _load(tmp_path, GOOD).account("demo").media_hosts == ("qq.com", "qpic.cn")
    assert _load(tmp_path, f'{GOOD}media_hosts = ["Example.com"]\n').account("demo").media_hosts == ("example.com",)
    environ = {"WEITING_ACCOUNT_DEMO_MEDIA_HOSTS": "a.cn, b.cn"}
    assert _load(tmp_path, GOOD, environ).account("demo").media_hosts == ("a.cn", "b.cn")


@pytest.mark.parametrize("hosts", ["5", '["http://x"]', '["a/b"]', '[""]', "[5]"])
def test_hosts_that_are_none_are_refused(tmp_path: Path, hosts: str) -> None:
    with pytest.raises(SettingsError, match="media_hosts"):
        _load(tmp_path, f"{GOOD}media_hosts = {hosts}\n")
