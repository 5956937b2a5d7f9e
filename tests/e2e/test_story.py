"""The whole story over the scripting doors: ask, consent, bind, answer, a person, and back."""

import re
from typing import Any

import pytest
import requests

from tests.e2e.driver import Running

pytestmark = pytest.mark.slow


def bind(running: Running, openid: str, phone: str) -> str:
    """Goes through consent, number and code; the answer to the first question comes last."""
    assert running.ask(openid, "同意")
    assert running.ask(openid, phone)
    return running.ask(openid, running.last_code(phone))


def test_unbound_consent_phone_code_and_the_question_is_answered(running: Running) -> None:
    openid, phone = "oSTORYa", "17900000001"
    asked = running.ask(openid, "查话费")
    assert "同意" in asked
    answer = bind(running, openid, phone)
    assert "179****0001" in answer
    assert re.search(r"\d+\.\d{2}元", answer)
    assert "截至" in answer
    for question in ("上个月账单", "还剩多少流量", "我有多少积分"):
        assert "179****0001" in running.ask(openid, question), question


def test_a_person_takes_over_and_the_bot_comes_back(running: Running, agent_token: str) -> None:
    openid = "oSTORYb"
    running.ask(openid, "查流量")
    told = running.say(openid, "人工")
    assert "第" in running.next_line(openid, told["n"])["text"]
    running.staff(agent_token, "PUT", "/presence", {"status": "online"})
    waiting = running.waiting(agent_token)
    detail = running.staff(agent_token, "POST", f"/conversations/{waiting['conversation_id']}/accept", {"epoch": waiting["epoch"]})
    assert detail["owner"] == "agent"
    assert detail["handoff"]["reason"] == "asked"
    assert "查流量" in [one["text"] for one in detail["transcript"]]

    quiet = running.say(openid, "你好")
    running.say(openid, "在吗")
    reply = _reply(running, agent_token, waiting["conversation_id"], "您好，我是小林")
    assert reply["author"] == "agent"
    line = running.next_line(openid, quiet["n"])
    # while a person owns the chat the bot is silent: the first thing said after the greeting is the agent's
    assert (line["kind"], line["text"]) == ("custom", "您好，我是小林")

    detail = running.staff(agent_token, "GET", f"/conversations/{waiting['conversation_id']}")
    body = {"epoch": detail["epoch"], "note": "已说明", "learned": {}}
    resolved = running.staff(agent_token, "POST", f"/conversations/{waiting['conversation_id']}/resolve", body)
    assert (resolved["owner"], resolved["handoff"]["rating"]) == ("bot", None)
    _rate(running, openid, agent_token, waiting["conversation_id"], running.next_line(openid, line["n"]))
    assert running.ask(openid, "你能做什么")


def test_leaving_the_queue(running: Running) -> None:
    openid = "oSTORYc"
    assert "第" in running.ask(openid, "转人工")
    left = running.ask(openid, "不等了")
    assert "第" not in left
    assert running.ask(openid, "你好")


def test_no_one_sees_anothers_figures(running: Running) -> None:
    bound = "oSTORYa"
    assert "179****0001" in running.ask(bound, "查话费")
    # the same openid in another account, and another openid in the same one, have proved nothing
    assert "元" not in running.ask(bound, "查话费", "other").replace("同意", "")
    assert "179****0001" not in running.ask("oSTORYd", "查17900000001的话费")


def test_who_unsubscribes_and_comes_back_has_proved_nothing(running: Running) -> None:
    openid, phone = "oSTORYu", "17900000012"
    running.ask(openid, "查话费")
    running.ask(openid, phone)
    assert phone[-4:] in running.ask(openid, running.last_code(phone))
    for kind in ("unsubscribe", "subscribe"):
        running.sandbox("POST", "/api/say", {"account": "demo", "openid": openid, "kind": kind, "wait": True})
    asked = running.ask(openid, "查话费")
    assert "同意" in asked
    assert phone[-4:] not in asked


def test_a_burst_is_answered_in_order_each_once(running: Running) -> None:
    openid = "oSTORYe"
    for text in ("你好", "谢谢", "再见"):
        running.sandbox("POST", "/api/say", {"account": "demo", "openid": openid, "text": text})

    def all_answered() -> list[str] | None:
        lines = [one["text"] for one in running.chat(openid) if one["from"] == "account"]
        return lines if len(lines) >= 3 else None

    assert len(running.until(all_answered, 20.0, "three answers")) == 3


def test_parse_gives_a_line_for_a_line(running: Running) -> None:
    lines = ["查话费", "", "😀", "长" * 3000, "<b>x</b>", "17900000001", "a\x00b"]
    done = running.command("nlu", "parse", input_text="\n".join(lines) + "\n")
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == len(lines)


def _rate(running: Running, openid: str, token: str, conversation_id: str, menu: dict[str, Any]) -> None:
    """The menu came as a message of its own; a tap is thanked for, and a second one changes nothing."""
    assert (menu["kind"], menu["msg_type"]) == ("custom", "msgmenu")
    assert [one["content"] for one in menu["choices"]] == ["满意", "一般", "不满意"]
    thanks = _tap(running, openid, menu["choices"][2])
    assert (thanks["kind"], thanks["msg_type"]) == ("passive", "text")
    assert _tap(running, openid, menu["choices"][0])["text"] == thanks["text"]
    detail = running.staff(token, "GET", f"/conversations/{conversation_id}")
    assert detail["handoff"]["rating"] == "unsatisfied"
    assert detail["handoff"]["rated_at"] is not None
    assert menu["text"] in [one["text"] for one in detail["transcript"]]
    assert detail["turns"][-1]["decision"] == "rated"


def _tap(running: Running, openid: str, choice: dict[str, str]) -> dict[str, Any]:
    said = running.say(openid, choice["content"], menu_id=choice["id"])
    return running.next_line(openid, said["n"])


def _reply(running: Running, token: str, conversation_id: str, text: str) -> dict[str, str]:
    detail = running.staff(token, "GET", f"/conversations/{conversation_id}")
    body = {"epoch": detail["epoch"], "text": text, "client_id": "c1", "seen_position": detail["transcript"][-1]["position"]}
    first = running.staff(token, "POST", f"/conversations/{conversation_id}/reply", body)["message"]
    again = running.staff(token, "POST", f"/conversations/{conversation_id}/reply", body)["message"]
    assert first["position"] == again["position"]
    return first  # type: ignore[no-any-return]


def test_the_action_server_answers_nobody_but_the_bot(running: Running) -> None:
    call: dict[str, Any] = {"next_action": "action_query_balance", "tracker": {"sender_id": "demo:oSTORYa"}}
    url = f"http://127.0.0.1:{running.base + 3}/carrier/webhook"
    assert requests.post(url, json=call, timeout=10).status_code == 403
    turn = requests.post(f"http://127.0.0.1:{running.base + 4}/turn", json={}, timeout=10)
    assert turn.status_code == 401
