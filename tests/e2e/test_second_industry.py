"""An industry plugged in by files and one account entry, beside the carrier in one deployment: neither sees the other's data."""

import pytest

from tests.e2e.driver import Running

pytestmark = pytest.mark.slow


def test_each_account_answers_for_its_own_industry(running: Running) -> None:
    assert "边城" in running.ask("oREADERa", "我借了什么书", "library")
    assert "边城" not in running.ask("oREADERa", "我借了什么书", "demo")
    assert "图书馆" in running.ask("oREADERb", "你好", "library")
    assert "图书馆" not in running.ask("oREADERb", "你好", "demo")


def test_the_same_openid_in_another_account_has_nothing(running: Running) -> None:
    assert "没有借着" in running.ask("oREADERz", "我借了哪些书", "library")


def test_an_agent_of_one_account_does_not_see_the_others_queue(running: Running, agent_token: str) -> None:
    librarian = str(running.add_staff("guan", "--name", "老管", "--account", "library")["token"])
    running.ask("oREADERc", "人工", "library")
    waiting = running.waiting(librarian)
    assert waiting["account"] == "library"
    of_carrier = running.staff(agent_token, "GET", "/queue")
    assert waiting["conversation_id"] not in {one["conversation_id"] for one in of_carrier["waiting"]}
    chat, body = f"/conversations/{waiting['conversation_id']}", {"epoch": waiting["epoch"]}
    assert running.staff(agent_token, "GET", chat, ok=False).status_code in (403, 404)
    assert running.staff(agent_token, "POST", f"{chat}/accept", body, ok=False).status_code in (403, 404)
    running.staff(librarian, "PUT", "/presence", {"status": "online"})
    detail = running.staff(librarian, "POST", f"{chat}/accept", body)
    running.staff(librarian, "POST", f"{chat}/resolve", {"epoch": detail["epoch"], "note": "", "learned": {}})
