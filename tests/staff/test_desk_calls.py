"""Queue, accept, reply, resolve, release over HTTP."""

import asyncio
from datetime import datetime
from typing import Any

from sqlalchemy import select

from conversations.adapters.sql_records import SqlRecords
from conversations.adapters.tables import outbound
from conversations.rating import Rated, count
from conversations.rows import Rating
from staff.tables import staff_audit
from tests.desk.world import CIPHER
from tests.staff.served import Answer, Caller, Served


async def _accepted(caller: Caller, conversation: str, epoch: int = 1) -> dict[str, Any]:
    answer = await caller.post(f"conversations/{conversation}/accept", {"epoch": epoch})
    assert answer.status == 200, answer.body
    body: dict[str, Any] = answer.body
    return body


async def _reply(caller: Caller, detail: dict[str, Any], text: str = "您好", **more: Any) -> Answer:
    body = {"epoch": detail["epoch"], "text": text, "client_id": "k1", "seen_position": detail["transcript"][-1]["position"], **more}
    return await caller.post(f"conversations/{detail['conversation_id']}/reply", body)


async def test_the_whole_way(served: Served) -> None:
    world = served.world
    agent = await served.member("lin")
    conversation = await world.ask_for_person("o1", text="我的话费不对")
    queue = (await agent.get("queue")).body
    (waiting,) = queue["waiting"]
    assert queue["offers"] == []
    assert queue["online_agents"] == 0
    assert waiting | {"handoff_id": "", "subscriber": "", "requested_at": "", "last_text": ""} == {
        "handoff_id": "", "conversation_id": conversation, "account": "demo", "subscriber": "", "reason": "asked", "skill": "general",
        "priority": 0, "position": 1, "waiting_s": 0, "requested_at": "", "wish": "我的话费不对", "intent": "request_human",
        "last_text": "", "epoch": 1, "offered_to_me": False,
    }  # fmt: skip
    assert datetime.fromisoformat(waiting["requested_at"]) == world.clock.now()
    assert datetime.fromisoformat(waiting["requested_at"]).tzinfo is not None
    assert waiting["last_text"] == "我的话费不对"

    detail = await _accepted(agent, conversation)
    assert (detail["owner"], detail["epoch"], detail["agent"]["name"]) == ("agent", 2, "Lin")
    assert detail["transcript"][0] | {"at": "", "turn_id": ""} == {
        "position": 1, "author": "subscriber", "name": None, "text": "我的话费不对", "at": "", "status": "received", "reason": None,
        "turn_id": "", "client_id": None, "kind": "text", "media": None, "place": None, "link": None,
    }  # fmt: skip
    assert detail["handoff"]["slots"] == {"period": "2026-10"}
    assert detail["handoff"]["actions"] == [{"name": "action_query_bill", "outcome": "failed"}]
    assert detail["receipts"][0]["source"] == "carrier.sql"
    assert detail["receipts"][0]["turn_id"] == detail["turns"][0]["turn_id"]
    assert detail["purse"]["of"] == 5
    assert (await agent.get("queue")).body["waiting"] == []
    (mine,) = (await agent.get("conversations?state=mine")).body["conversations"]
    assert mine["conversation_id"] == conversation
    # accepted is not yet answered
    assert datetime.fromisoformat(mine["waiting_since"]) == world.clock.now()

    sent = await _reply(agent, detail, "您好，我来查")
    message = sent.body["message"]
    assert (message["author"], message["name"], message["text"], message["status"]) == ("agent", "Lin", "您好，我来查", "queued")
    assert sent.body["purse"]["of"] == 5
    assert (await agent.post(f"conversations/{conversation}/typing")).status == 204
    assert world.typed == [conversation]

    done = await agent.post(f"conversations/{conversation}/resolve", {"epoch": 2, "note": "已核对", "learned": {"period": "2026-09"}})
    assert (done.body["owner"], done.body["epoch"], done.body["agent"]) == ("bot", 3, None)
    assert (await agent.get("conversations")).body["conversations"] == []
    (recent,) = (await agent.get("conversations?state=recent")).body["conversations"]
    assert (recent["conversation_id"], recent["owner"], recent["waiting_since"]) == (conversation, "bot", None)
    assert recent["last_text"] == "您好，我来查"
    assert (await agent.get("session")).body["agent"]["slots_used"] == 0


async def test_the_packet_shows_what_the_subscriber_thought(served: Served) -> None:
    agent = await served.member("lin")
    conversation = await served.world.ask_for_person("o1")
    await _accepted(agent, conversation)
    done = (await agent.post(f"conversations/{conversation}/resolve", {"epoch": 2})).body
    assert (done["handoff"]["rating"], done["handoff"]["rated_at"]) == (None, None)
    rated = Rated(done["handoff"]["handoff_id"], Rating.UNSATISFIED)
    now = served.world.clock.now()
    assert await served.world.db.write(lambda connection: count(SqlRecords(connection, CIPHER), rated, now))
    handoff = (await agent.get(f"conversations/{conversation}")).body["handoff"]
    assert (handoff["rating"], datetime.fromisoformat(handoff["rated_at"])) == ("unsatisfied", now)


async def test_two_agents_race_and_one_wins(served: Served) -> None:
    callers = [await served.member(f"a{number}") for number in range(6)]
    conversation = await served.world.ask_for_person("o1")
    path = f"conversations/{conversation}/accept"
    answers = await asyncio.gather(*(caller.post(path, {"epoch": 1}) for caller in callers))
    assert sorted(answer.status for answer in answers) == [200] + [409] * 5
    assert {answer.code for answer in answers} == {"", "taken"}
    winner = next(caller for caller, answer in zip(callers, answers, strict=True) if answer.status == 200)
    again = await winner.post(path, {"epoch": 1})
    assert (again.status, again.body["epoch"]) == (200, 2)
    used = [(await caller.get("session")).body["agent"]["slots_used"] for caller in callers]
    assert sorted(used) == [0, 0, 0, 0, 0, 1]


async def test_an_agent_cannot_take_more_than_they_hold(served: Served) -> None:
    agent = await served.member("lin", slots=2)
    conversations = [await served.world.ask_for_person(f"o{number}") for number in range(4)]
    answers = await asyncio.gather(*(agent.post(f"conversations/{one}/accept", {"epoch": 1}) for one in conversations))
    assert sorted(answer.code for answer in answers) == ["", "", "no_free_slot", "no_free_slot"]
    taken = next(one for one, answer in zip(conversations, answers, strict=True) if answer.status == 200)
    left = next(one for one, answer in zip(conversations, answers, strict=True) if answer.status == 409)
    assert (await agent.post(f"conversations/{taken}/resolve", {"epoch": 2})).status == 200
    assert (await agent.post(f"conversations/{left}/accept", {"epoch": 1})).status == 200


async def test_a_stale_epoch_changes_nothing(served: Served) -> None:
    world = served.world
    agent = await served.member("lin")
    conversation = await world.ask_for_person("o1")
    for epoch in (0, 2, 999):
        assert (await agent.post(f"conversations/{conversation}/accept", {"epoch": epoch})).code == "epoch_moved"
    detail = await _accepted(agent, conversation)
    assert (await _reply(agent, detail, epoch=1)).code == "epoch_moved"
    for step in ("resolve", "release"):
        assert (await agent.post(f"conversations/{conversation}/{step}", {"epoch": 1})).code == "epoch_moved"
    assert (await world.row(conversation)).epoch == 2
    await world.leave_queue(await world.ask_for_person("o2"))


async def test_a_conversation_that_left_the_queue_cannot_be_taken(served: Served) -> None:
    agent = await served.member("lin")
    conversation = await served.world.ask_for_person("o1")
    await served.world.leave_queue(conversation)
    assert (await agent.post(f"conversations/{conversation}/accept", {"epoch": 1})).code == "taken"
    assert (await agent.get("session")).body["agent"]["slots_used"] == 0


async def test_a_reply_is_written_once_however_often_it_is_sent(served: Served) -> None:
    agent = await served.member("lin")
    conversation = await served.world.ask_for_person("o1")
    detail = await _accepted(agent, conversation)
    answers = await asyncio.gather(*(_reply(agent, detail) for _ in range(5)))
    assert {answer.status for answer in answers} == {200}
    assert len({answer.body["message"]["position"] for answer in answers}) == 1
    later = await _reply(agent, detail, "另一句", client_id="k2")
    assert later.body["message"]["position"] == answers[0].body["message"]["position"] + 1
    rows = await served.world.db.read(lambda connection: connection.execute(select(outbound.c.author)).scalars().all())
    assert sorted(rows) == ["agent", "agent", "notice"]


async def test_a_reply_waits_until_the_agent_has_read_what_came(served: Served) -> None:
    agent = await served.member("lin")
    conversation = await served.world.ask_for_person("o1")
    detail = await _accepted(agent, conversation)
    position = await served.world.say(conversation, "还有一个问题")
    assert (await _reply(agent, detail)).code == "newer_message"
    assert (await _reply(agent, detail, seen_position=position)).status == 200


async def test_only_who_has_it_may_write(served: Served) -> None:
    lin, wang = await served.member("lin"), await served.member("wang")
    boss = await served.member("boss", "supervisor")
    conversation = await served.world.ask_for_person("o1")
    detail = await _accepted(lin, conversation)
    for other in (wang, boss):
        assert (await _reply(other, detail, client_id="other")).code == "not_owner"
        assert (await other.post(f"conversations/{conversation}/resolve", {"epoch": 2})).code == "not_owner"
        await other.post(f"conversations/{conversation}/typing")
    assert served.world.typed == []
    assert (await wang.post(f"conversations/{conversation}/release", {"epoch": 2})).code == "not_owner"
    assert (await wang.get(f"conversations/{conversation}")).status == 403
    assert (await boss.get(f"conversations/{conversation}")).status == 200
    assert (await boss.post(f"conversations/{conversation}/release", {"epoch": 2})).body["owner"] == "waiting"
    assert (await _reply(lin, detail)).code == "epoch_moved"
    assert (await lin.get("session")).body["agent"]["slots_used"] == 0


async def test_release_keeps_the_place_in_the_queue(served: Served) -> None:
    agent = await served.member("lin")
    world = served.world
    first = await world.ask_for_person("o1")
    detail = await _accepted(agent, first)
    world.clock.advance(10)
    second = await world.ask_for_person("o2")
    released = await agent.post(f"conversations/{first}/release", {"epoch": detail["epoch"]})
    assert (released.body["owner"], released.body["epoch"]) == ("waiting", 3)
    queue = (await agent.get("queue")).body["waiting"]
    assert [(one["conversation_id"], one["position"], one["waiting_s"]) for one in queue] == [(first, 1, 10), (second, 2, 0)]


async def test_texts_that_cannot_be_sent(served: Served) -> None:
    agent = await served.member("lin")
    conversation = await served.world.ask_for_person("o1")
    detail = await _accepted(agent, conversation)
    for text, code in (
        ("", "text_empty"), (" \n\t ", "text_empty"), ("\u200b\u3000", "text_empty"),
        ("字" * 2001, "text_too_long"), ("😀" * 2001, "text_too_long"),
    ):  # fmt: skip
        refused = await _reply(agent, detail, text)
        assert (refused.status, refused.code) == (400, code)
    assert (await served.world.row(conversation)).next_position == detail["transcript"][-1]["position"] + 1


async def test_texts_that_can(served: Served) -> None:
    agent = await served.member("lin")
    conversation = await served.world.ask_for_person("o1")
    detail = await _accepted(agent, conversation)
    last = detail["transcript"][-1]["position"]
    for number, text in enumerate(("字" * 2000, "]]><b>&amp;", "😀", "\r\n第二行", "{ahead}")):
        sent = await _reply(agent, detail, text, client_id=f"k{number}")
        assert sent.status == 200
        lines = [line for line in (await agent.get(f"conversations/{conversation}")).body["transcript"] if line["position"] > last]
        assert {line["author"] for line in lines} == {"agent"}
        assert "".join(line["text"] for line in lines).replace("\n", "") == text.strip()
        last = lines[-1]["position"]


async def test_every_opening_leaves_a_trace_with_its_purpose(served: Served) -> None:
    lin, boss = await served.member("lin"), await served.member("boss", "supervisor")
    conversation = await served.world.ask_for_person("o1")
    path = f"conversations/{conversation}"
    await lin.get("queue")
    assert await _openings(served, conversation) == []
    await lin.get(path)
    await lin.get(path)
    detail = await _accepted(lin, conversation)
    await boss.get(path)
    await lin.post(f"{path}/resolve", {"epoch": detail["epoch"]})
    served.world.clock.advance(601)
    await lin.get(path)
    wang = await served.member("wang")
    assert (await wang.get(path)).status == 403
    assert await _openings(served, conversation) == [
        ("accepted", 1), ("queue", 2), ("recent", 1), ("recent", 1), ("resolved", 1), ("serving", 1), ("supervising", 1),
    ]  # fmt: skip


async def _openings(served: Served, conversation: str) -> list[tuple[str, int]]:
    rows = await served.world.db.read(
        lambda connection: connection.execute(
            select(staff_audit).where(staff_audit.c.conversation_id == conversation)
        ).all()
    )
    return sorted((row.purpose or row.action, row.times) for row in rows)


async def test_unknown_things_are_not_found(served: Served) -> None:
    agent = await served.member("lin")
    for path in ("conversations/c_none", "conversations/..%2f..", "conversations/%00", "conversations/" + "x" * 500, "nothing"):
        assert (await agent.get(path)).status == 404, path
    assert (await agent.post("conversations/c_none/accept", {"epoch": 0})).status == 404
    assert (await agent.post("offers/of_none/decline")).code == "offer_over"
    assert (await agent.get("conversations?state=all")).status == 400
    assert (await agent.call("PATCH", "queue")).status == 405
    assert (await agent.call("DELETE", "queue")).code == "method_not_allowed"


async def test_recent_is_what_was_served_and_is_not_waiting(served: Served) -> None:
    lin, boss = await served.member("lin"), await served.member("boss", "supervisor")
    done, held, back, never = [await served.world.ask_for_person(f"o{number}") for number in range(4)]
    await served.world.leave_queue(never)
    for conversation, step in ((done, "resolve"), (back, "release")):
        await _accepted(lin, conversation)
        assert (await lin.post(f"conversations/{conversation}/{step}", {"epoch": 2})).status == 200
    await _accepted(lin, held)

    async def recent(caller: Caller) -> set[str]:
        return {one["conversation_id"] for one in (await caller.get("conversations?state=recent")).body["conversations"]}

    assert await recent(lin) == {done}
    assert await recent(boss) == {done, held}
    served.world.clock.advance(24 * 3600)
    assert await recent(lin) == set()
    assert await recent(boss) == {held}
