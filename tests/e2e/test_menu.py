"""The menu of weiting.toml on the phone page of a running deployment, and what a tap on it asks for."""

import pytest

from tests.e2e.driver import Running

pytestmark = pytest.mark.slow


def test_the_menu_is_there_from_the_start_and_a_tap_asks_the_bot(running: Running) -> None:
    shown = running.sandbox("GET", "/api/menu?account=demo")["button"]
    assert [(one["name"], one.get("key")) for one in shown] == [("人工", "intent:request_human"), ("问话费", "查话费")]
    tapped = running.sandbox("POST", "/api/click", {"account": "demo", "openid": "oMENUa", "name": "人工", "wait": True})
    assert "人工" in running.next_line("oMENUa", tapped["n"])["text"]
    assert running.ask("oMENUa", "9")
    # an account without a menu of ours keeps what its page draws
    assert running.sandbox("GET", "/api/menu?account=other")["version"] == 0


def test_the_command_finds_nothing_to_do(running: Running) -> None:
    options = ("--data", str(running.data), "--ports", str(running.base), "--account", "demo")
    done = running.command("wechat", *options, "menu", "diff")
    assert done.returncode == 0, done.stderr + done.stdout
