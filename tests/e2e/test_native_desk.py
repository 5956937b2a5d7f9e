"""People at WeChat's own desk, and an account that may not send, over the doors of a running deployment."""

import os
import signal
import threading
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.driver import Running

pytestmark = pytest.mark.slow
_AGENT = "kf2001@weiting"


def _desk(running: Running, do: str, **more: str) -> dict[str, Any]:
    """A deed of an agent at WeChat's desk."""
    return running.sandbox("POST", "/api/kf", {"account": "native", "do": do, "kf_account": _AGENT, **more})


def _at_wechat(running: Running, openid: str) -> dict[str, Any]:
    return running.sandbox("GET", f"/api/chat/{openid}?account=native")["kf"]  # type: ignore[no-any-return]


def test_a_subscriber_goes_to_wechats_desk_and_comes_back(running: Running) -> None:
    openid = "oNATIVEa"
    asked = running.say(openid, "人工", "native")
    assert asked["outcome"] == "transfer"
    assert running.next_line(openid, asked["n"], "native")["kind"] == "custom"
    assert _at_wechat(running, openid)["waiting"]
    # who waits still reaches the callback, and is handed over again
    assert running.say(openid, "在吗", "native")["outcome"] == "transfer"
    # a key of the menu is an event, which nobody can hand over: the bot keeps silent
    clicked = running.sandbox("POST", "/api/say", {"account": "native", "openid": openid, "kind": "click", "key": "查话费", "wait": True})
    assert clicked["outcome"] == "ack"

    _desk(running, "online")
    assert running.until(lambda: _at_wechat(running, openid)["session"], 10.0, "a session")
    heard = running.say(openid, "我的宽带坏了", "native")
    assert heard["outcome"] == "kf"
    _desk(running, "say", openid=openid, text="马上帮您看")
    _desk(running, "close", openid=openid)

    def told() -> dict[str, Any] | None:
        lines = running.chat(openid, heard["n"], "native")
        return next((one for one in lines if one["from"] == "account" and one["kind"] == "custom"), None)

    assert running.until(told, 15.0, "that the assistant is back")["choices"]
    assert running.say(openid, "你能做什么", "native")["outcome"] == "passive"


def test_our_own_queue_knows_nothing_of_it(running: Running) -> None:
    token = str(running.add_staff("nan", "--name", "小南", "--account", "native")["token"])
    assert running.say("oNATIVEb", "人工", "native")["outcome"] == "transfer"
    assert running.staff(token, "GET", "/queue")["waiting"] == []


def test_an_answer_that_takes_longer_than_a_callback_comes_with_the_repeat(running: Running) -> None:
    assert running.say("oQUIETa", "你好", "quiet")["outcome"] == "passive"
    bots = _bots(running)
    assert bots
    _signal(bots, signal.SIGSTOP)
    goes_on = threading.Timer(6.5, _signal, (bots, signal.SIGCONT))
    goes_on.start()
    try:
        said = running.say("oQUIETa", "你能做什么", "quiet")
    finally:
        goes_on.join()
    assert (said["outcome"], said["attempts"]) == ("passive", 2)
    assert said["reply"]["text"]


def _signal(pids: list[int], number: int) -> None:
    for pid in pids:
        os.kill(pid, number)


def _bots(running: Running) -> list[int]:
    """The deployment's own bot processes."""
    assert running.process is not None
    up = running.process.pid
    children = Path(f"/proc/{up}/task/{up}/children").read_text().split()
    return [int(pid) for pid in children if b"bot.engine" in Path(f"/proc/{pid}/cmdline").read_bytes()]
