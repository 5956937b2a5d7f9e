"""Two cores and two bots on one database: one conversation has one lane, one agent and one router, whoever lives."""

import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
import requests
from sqlalchemy import select

from conversations.adapters import tables as t
from desk.tables import desk_router_lease
from runtime.database import make_engine
from tests.e2e.many import AGENTS, LEASE_S, ROUTER_LEASE_S, SWEEP_S, Many, running_many, wrongs
from tests.servers import Postgres

pytestmark = pytest.mark.slow
QUESTIONS = ("你好", "查话费", "还剩多少流量", "谢谢", "我有多少积分", "你能做什么", "上个月账单", "再见")
PEOPLE = 8


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory, postgres_server: Postgres, redis_url: str) -> Iterator[Many]:
    database = postgres_server.make()
    try:
        with running_many(tmp_path_factory.mktemp("many"), database, redis_url, 3 * PEOPLE) as running:
            yield running
    finally:
        postgres_server.drop(database)


def test_messages_that_come_in_by_both_cores_are_answered_in_order_each_once(many: Many) -> None:
    openids = many.openids[:PEOPLE]
    leader = _router(many)
    _talk(many, openids, QUESTIONS, pause_s=0.05)
    many.come_to_rest()
    assert many.balancer is not None
    assert min(many.balancer.taken.values()) >= len(openids) * len(QUESTIONS) // 2 - 1
    evidence = many.evidence()
    assert wrongs(evidence) == {}
    assert Counter(one.inbound_id for one in evidence.turns) == {one.inbound_id: 1 for one in evidence.inbounds}
    assert len(evidence.turns) == len(openids) * len(QUESTIONS)
    assert {one.outcome for one in evidence.turns} <= {"answered", "asked"}
    for openid in openids:
        # as many answers as questions, or fewer bubbles: what is ready together goes out together
        said = [line for line in evidence.chats[openid] if line.sender == "account"]
        assert said
        assert all(line.text for line in said)
    # one router leads all the while, and shows that it lives
    later = _router(many)
    assert later[:2] == leader[:2]
    assert later[2] > leader[2]


def test_agents_at_either_core_see_one_queue(many: Many) -> None:
    openid = AGENTS
    lin, wang = (str(many.add_staff(login, "--account", "demo")["token"]) for login in ("lin", "wang"))
    many.say(openid, "人工")
    for core, token in ((0, lin), (1, wang)):
        assert many.call(core, token, "PUT", "/presence", {"status": "online"}).status_code == 200
    [name], [same] = (_until_waiting(many, core, token) for core, token in ((0, lin), (1, wang)))
    assert name == same
    # both take it in the same moment, each at another core: one has it
    answers = _at_once(*(lambda core=core, token=token: _accept(many, core, token, name) for core, token in ((0, lin), (1, wang))))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    mine, other = ((lin, wang) if answers[0].status_code == 200 else (wang, lin))
    for core in (0, 1):
        detail = many.call(core, mine, "GET", f"/conversations/{name}").json()
        assert detail["owner"] == "agent"
        words, seen = f"经由 {core}", detail["transcript"][-1]["position"]
        body = {"epoch": detail["epoch"], "text": words, "client_id": f"c{core}", "seen_position": seen}
        assert many.call(core, mine, "POST", f"/conversations/{name}/reply", body).status_code == 200
        refused = many.call(core, other, "POST", f"/conversations/{name}/reply", body | {"client_id": f"x{core}"})
        assert refused.json()["error"]["code"] == "not_owner"
        _until_heard(many, openid, words)
    epoch = many.call(1, mine, "GET", f"/conversations/{name}").json()["epoch"]
    assert many.call(1, mine, "POST", f"/conversations/{name}/resolve", {"epoch": epoch, "note": "", "learned": {}}).status_code == 200
    assert many.ask(openid, "你能做什么")
    assert wrongs(many.evidence()) == {}


def _until_waiting(many: Many, core: int, token: str) -> set[str]:
    """The conversations in the queue as one core tells it, waiting or on offer."""

    def look() -> set[str] | None:
        queue = many.call(core, token, "GET", "/queue").json()
        rows = [*queue["waiting"], *(offer["waiting"] for offer in queue["offers"])]
        return {row["conversation_id"] for row in rows} or None

    return many.until(look, 15, f"the queue at core {core}")


def _accept(many: Many, core: int, token: str, name: str) -> requests.Response:
    return many.call(core, token, "POST", f"/conversations/{name}/accept", {"epoch": 1})


def _until_heard(many: Many, openid: str, words: str) -> None:
    many.until(lambda: True if words in [line["text"] for line in many.chat(openid)] else None, 15, "the agent's words on the phone")


def _at_once(*calls: Any) -> list[Any]:
    answers: list[Any] = [None] * len(calls)
    together = threading.Barrier(len(calls))

    def run(index: int) -> None:
        together.wait()
        answers[index] = calls[index]()

    threads = [threading.Thread(target=run, args=(index,)) for index in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def _talk(many: Many, openids: Sequence[str], texts: Sequence[str], pause_s: float) -> None:
    """Everybody at once, each line after line, without waiting for answers."""
    for text in texts:
        for openid in openids:
            many.sandbox("POST", "/api/say", {"account": "demo", "openid": openid, "text": text})
        time.sleep(pause_s)


def _router(many: Many) -> tuple[str, int, int]:
    engine = make_engine(many.database)
    try:
        with engine.connect() as connection:
            row = connection.execute(select(desk_router_lease.c.holder, desk_router_lease.c.token, desk_router_lease.c.beat)).one()
            return row.holder, row.token, row.beat
    finally:
        engine.dispose()


def test_a_core_that_sleeps_past_its_lease_changes_nothing_when_it_wakes(many: Many) -> None:
    openids = many.openids[PEOPLE : 2 * PEOPLE]
    talking = threading.Thread(target=_talk, args=(many, openids, QUESTIONS, 0.2))
    talking.start()
    time.sleep(0.7)
    many.cores[1].signal(signal.SIGSTOP)
    try:
        time.sleep(LEASE_S + 4 * SWEEP_S)
    finally:
        many.cores[1].signal(signal.SIGCONT)
    talking.join()
    many.come_to_rest()
    evidence = many.evidence()
    assert wrongs(evidence) == {}
    assert {one.openid for one in evidence.inbounds} >= set(openids)


def test_a_core_that_dies_loses_nothing_and_the_other_takes_over(many: Many) -> None:
    openids = many.openids[2 * PEOPLE : 3 * PEOPLE]
    leader = _router(many)
    talking = threading.Thread(target=_talk, args=(many, openids, QUESTIONS, 0.25))
    talking.start()
    time.sleep(0.9)
    # the first core leads the router, since it was there first
    many.cores[0].kill()
    talking.join()
    rested = many.come_to_rest()
    # a lane of the dead is free after its lease, and found by the next sweep; WeChat itself asks again after 5 s
    assert rested < 5 + LEASE_S + 2 * SWEEP_S + 5
    holder, token, _ = many.until(lambda: _router(many) if _router(many)[1] > leader[1] else None, 4 * ROUTER_LEASE_S, "another router")
    assert holder not in ("", leader[0])
    assert token == leader[1] + 1
    evidence = many.evidence()
    assert wrongs(evidence) == {}
    engine = make_engine(many.database)
    with engine.connect() as connection:
        busy = connection.execute(select(t.conversation.c.conversation_id).where(t.conversation.c.lease_until > 0)).all()
    engine.dispose()
    assert busy == []

    many.cores[0].start()
    many.wait_core(0)
    assert many.ask(openids[0], "你好")
    assert many.ask(openids[0], "谢谢")
