"""An agent of one account never sees another's, in any call; a trainer has no business at the desk."""

import pytest
from sqlalchemy import update

from staff.routes import V1
from staff.tables import staff_member
from tests.staff.served import Caller, Served


async def test_an_account_is_a_wall(served: Served) -> None:
    world = served.world
    ours, theirs = await served.member("lin", online=True), await served.member("wang", accounts_=("other",), online=True)
    boss = await served.member("boss", "supervisor", ("other",), online=True)
    conversation = await world.ask_for_person("o1", account="demo", text="只给本店看")
    path = f"conversations/{conversation}"
    for outsider in (theirs, boss):
        queue = (await outsider.get("queue")).body
        assert queue["waiting"] == []
        assert queue["online_agents"] == 2
        refusals = [
            await outsider.get(path),
            await outsider.post(f"{path}/accept", {"epoch": 1}),
            await outsider.post(f"{path}/reply", {"epoch": 1, "text": "x", "client_id": "x", "seen_position": 9}),
            await outsider.post(f"{path}/pictures", {"epoch": 1, "content": "iVBORw0KGgo=", "client_id": "x", "seen_position": 9}),
            await outsider.post(f"{path}/resolve", {"epoch": 1}),
            await outsider.post(f"{path}/release", {"epoch": 1}),
            await outsider.post(f"{path}/typing"),
        ]
        unknown = await outsider.get("conversations/c_unknown")
        assert {(one.status, one.code) for one in refusals} == {(404, "not_found")}
        assert all(one.body == unknown.body for one in refusals)
        for state in ("mine", "recent"):
            assert (await outsider.get(f"conversations?state={state}")).body["conversations"] == []
    await world.router.cycle()
    assert (await theirs.get("queue")).body["offers"] == []
    (offer,) = (await ours.get("queue")).body["offers"]
    assert (await theirs.post(f"offers/{offer['offer_id']}/decline")).code == "offer_over"
    assert (await ours.get("queue")).body["offers"][0]["waiting"]["offered_to_me"] is True


async def test_a_trainer_has_no_business_at_the_desk(served: Served) -> None:
    trainer = await served.member("tao", "trainer")
    conversation = await served.world.ask_for_person("o1")
    assert (await trainer.get("session")).status == 200
    answers = [
        await trainer.get("queue"),
        await trainer.get(f"conversations/{conversation}"),
        await trainer.post(f"conversations/{conversation}/accept", {"epoch": 1}),
        await trainer.put("presence", {"status": "online"}),
        await trainer.get("events"),
    ]
    assert {(answer.status, answer.code) for answer in answers} == {(403, "forbidden")}


async def test_nobody_gets_anything(served: Served) -> None:
    description = (await served.nobody.get("/api/openapi.json")).body
    calls = [(method, path) for path, methods in description["paths"].items() for method in methods]
    assert len(calls) == 17
    for method, path in calls:
        if (method, path) != ("post", f"{V1}/session"):
            answer = await served.nobody.call(method.upper(), path.replace("{id}", "c_1"), {})
            assert (answer.status, answer.code) == (401, "not_signed_in"), (method, path)
            assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("lost", ["rights", "role"])
async def test_rights_that_were_taken_are_gone_at_the_next_call(served: Served, lost: str) -> None:
    agent: Caller = await served.member("lin")
    conversation = await served.world.ask_for_person("o1")
    assert (await agent.post(f"conversations/{conversation}/accept", {"epoch": 1})).status == 200
    values = {"accounts": ["other"]} if lost == "rights" else {"role": "trainer"}
    await served.world.db.write(lambda connection: connection.execute(update(staff_member).values(values)))
    assert (await agent.get(f"conversations/{conversation}")).status == (404 if lost == "rights" else 403)


async def test_an_agent_without_rights_any_more_is_offered_nothing(served: Served) -> None:
    agent = await served.member("lin", online=True)
    await served.world.db.write(lambda connection: connection.execute(update(staff_member).values(accounts=["other"])))
    await agent.post("presence/heartbeat")
    await served.world.ask_for_person("o1")
    assert await served.world.router.cycle() == 0
