"""Bindings and rights: what every identity must do. Runs over the one in memory and the one in the database."""

import pytest

from business.identity.errors import CodeWrong, NoCodeSent, NotBound, NumberNotServed, ProofNeeded
from tests.business.identity.conftest import MINE, OTHER, Stage


async def test_a_code_works_only_for_its_openid_its_number_and_its_account(ready: Stage) -> None:
    await ready.add_line("other", MINE)
    for account, openid in (("demo", "oB"), ("other", "oA")):
        await ready.identity.record_consent(account, openid, "c")
    await ready.identity.send_code("demo", "oA", MINE, "t1")
    code = ready.sms.code_for(MINE)
    for account, openid, phone in (("demo", "oB", MINE), ("demo", "oA", OTHER), ("other", "oA", MINE)):
        with pytest.raises(NoCodeSent):
            await ready.identity.check_code(account, openid, phone, code, "t2")
    ready.clock.advance(60)
    await ready.identity.send_code("demo", "oB", MINE, "t3")
    if ready.sms.code_for(MINE) != code:
        with pytest.raises(CodeWrong):
            await ready.identity.check_code("demo", "oB", MINE, code, "t4")
    assert await ready.identity.lines("other", "oA") == ()


async def test_two_people_of_a_family_may_share_a_number(ready: Stage) -> None:
    line_id = await ready.bind("demo", "oA", MINE)
    ready.clock.advance(60)
    assert await ready.bind("demo", "oB", MINE) == line_id
    binds = [(row.openid, row.outcome) for row in await ready.audit() if row.action == "bind"]
    assert binds == [("oA", "bound"), ("oB", "shared")]


async def test_accounts_never_meet(ready: Stage) -> None:
    await ready.bind("demo", "oA", MINE)
    assert await ready.identity.proof_level("other", "oA") == 0
    with pytest.raises(NotBound):
        await ready.identity.access_figures("other", "oA", 1, "p", "t1")
    await ready.identity.record_consent("other", "oA", "c")
    with pytest.raises(NumberNotServed):
        await ready.identity.send_code("other", "oA", MINE, "t2")


async def test_two_lines_the_first_stays_the_default_until_told(ready: Stage) -> None:
    first = await ready.bind("demo", "oA", MINE, "b1")
    ready.clock.advance(60)
    second = await ready.bind("demo", "oA", OTHER, "b2")
    identity = ready.identity
    assert [line.line_id for line in await identity.lines("demo", "oA")] == [first, second]
    named = await identity.access_figures("demo", "oA", 1, "p", "t1", line_id=second)
    assert (named.line.line_id, [line.line_id for line in named.lines]) == (second, [first, second])
    assert (await identity.set_default("demo", "oA", second, "t2")).line_id == second
    assert (await identity.set_default("demo", "oA", second, "t2")).line_id == second
    assert (await identity.access_figures("demo", "oA", 1, "p", "t3")).line.line_id == second
    with pytest.raises(NotBound):
        await identity.set_default("demo", "oA", "line_nobody", "t4")
    with pytest.raises(NotBound):
        await identity.access_figures("demo", "oA", 1, "p", "t5", line_id="line_nobody")


async def test_a_fresh_code_opens_its_own_line_only(ready: Stage) -> None:
    await ready.bind("demo", "oA", MINE, "b1")
    ready.clock.advance(700)
    second = await ready.bind("demo", "oA", OTHER, "b2")
    with pytest.raises(ProofNeeded) as needed:
        await ready.identity.access_figures("demo", "oA", 2, "p", "t1")
    assert needed.value.masked == "179****0001"
    assert (await ready.identity.access_figures("demo", "oA", 2, "p", "t2", line_id=second)).level == 2


async def test_unbinding_hands_the_default_on_and_ends_the_right(ready: Stage) -> None:
    first = await ready.bind("demo", "oA", MINE, "b1")
    ready.clock.advance(60)
    second = await ready.bind("demo", "oA", OTHER, "b2")
    await ready.identity.unbind("demo", "oA", first, "t1")
    await ready.identity.unbind("demo", "oA", first, "t1")
    with pytest.raises(NotBound):
        await ready.identity.unbind("demo", "oA", first, "t2")
    assert (await ready.identity.access_figures("demo", "oA", 1, "p", "t3")).line.line_id == second
    with pytest.raises(NotBound):
        await ready.identity.access_figures("demo", "oA", 1, "p", "t4", line_id=first)
    await ready.identity.unbind("demo", "oA", second, "t5")
    assert await ready.identity.lines("demo", "oA") == ()
    ready.clock.advance(60)
    assert await ready.bind("demo", "oA", MINE, "b3") == first


async def test_a_number_given_to_another_customer_ends_the_old_binding(ready: Stage) -> None:
    await ready.bind("demo", "oA", MINE)
    await ready.add_line("demo", MINE, "new_customer")
    assert await ready.identity.lines("demo", "oA") == ()
    with pytest.raises(NotBound):
        await ready.identity.access_figures("demo", "oA", 1, "p", "t1")
    ready.clock.advance(60)
    await ready.bind("demo", "oA", MINE, "b2")
    access = await ready.identity.access_figures("demo", "oA", 1, "p", "t2")
    assert access.line.customer_id == "new_customer"


@pytest.mark.parametrize(("birth_year", "elderly"), [(1950, True), (1961, True), (1962, False), (1990, False)])
async def test_sixty_five_by_year_of_birth(stage: Stage, birth_year: int, elderly: bool) -> None:
    await stage.add_line("demo", MINE, "c", birth_year)
    assert not await stage.identity.is_elderly("demo", "oA")
    await stage.bind("demo", "oA", MINE)
    assert await stage.identity.is_elderly("demo", "oA") is elderly


async def test_every_opening_is_in_the_audit_refused_or_not(ready: Stage) -> None:
    with pytest.raises(NotBound):
        await ready.identity.access_figures("demo", "oA", 1, "query_points", "t1")
    line_id = await ready.bind("demo", "oA", MINE)
    await ready.identity.access_figures("demo", "oA", 1, "query_points", "t2")
    ready.clock.advance(601)
    with pytest.raises(ProofNeeded):
        await ready.identity.access_figures("demo", "oA", 2, "query_bill", "t3")
    rows = [row for row in await ready.audit() if row.action == "access_figures"]
    assert [(row.outcome, row.line_id, row.purpose, row.level, row.turn_id) for row in rows] == [
        ("not_bound", None, "query_points", 1, "t1"),
        ("granted", line_id, "query_points", 1, "t2"),
        ("proof_needed", line_id, "query_bill", 2, "t3"),
    ]
    assert all((row.account, row.openid) == ("demo", "oA") for row in rows)


async def test_who_leaves_is_forgotten_but_for_the_audit(ready: Stage) -> None:
    await ready.bind("demo", "oA", MINE)
    before = len(await ready.audit())
    await ready.identity.forget("demo", "oA", "t9")
    await ready.identity.forget("demo", "oA", "t9")
    assert await ready.identity.lines("demo", "oA") == ()
    assert not await ready.identity.has_consented("demo", "oA")
    with pytest.raises(NoCodeSent):
        await ready.identity.check_code("demo", "oA", MINE, ready.sms.code_for(MINE), "bind:check")
    rows = await ready.audit()
    assert len(rows) == before
    assert {row.openid for row in rows}.isdisjoint({"oA"})
    assert len({row.openid for row in rows}) == 1
