"""Signing in, sessions, tokens, CSRF, and who may not."""

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select

from staff import accounts
from staff.errors import BadMember, LoginTaken, MemberUnknown
from staff.tables import staff_audit, staff_member, staff_session, staff_token
from tests.desk.world import World
from tests.staff.served import PASSWORD, QUICK, Answer, Caller, Served

BOTH_DATABASES = True


async def _sign_in(served: Served, login: str, password: str = PASSWORD) -> Answer:
    return await served.nobody.post("session", {"login": login, "password": password})


def _page(served: Served, signed_in: Answer) -> Caller:
    """The page that signed in, with its cookie and token."""
    cookie = signed_in.headers["Set-Cookie"].partition(";")[0]
    return Caller(served.http, served.base, {"Cookie": cookie, "X-CSRF-Token": signed_in.body["csrf"]})


async def test_sign_in_and_out(served: Served) -> None:
    await served.member("lin")
    answer = await _sign_in(served, " LIN ")
    assert answer.status == 200
    assert answer.body["agent"] | {"agent_id": ""} == {
        "agent_id": "", "login": "lin", "name": "Lin", "role": "agent", "status": "offline", "slots_used": 0, "slots_max": 2,
        "accounts": ["demo"],
    }  # fmt: skip
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert "Path=/" in cookie
    assert answer.headers["Cache-Control"] == "no-store"
    assert datetime.fromisoformat(answer.body["now"]) == served.world.clock.now()
    page = _page(served, answer)
    assert (await page.get("session")).body == answer.body
    served.world.clock.advance(3600)
    assert datetime.fromisoformat((await page.get("session")).body["now"]) == served.world.clock.now()
    gone = await page.call("DELETE", "session")
    assert gone.status == 204
    assert "Max-Age=0" in gone.headers["Set-Cookie"]
    assert (await page.get("session")).code == "not_signed_in"


async def test_nothing_is_kept_that_could_be_used(served: Served) -> None:
    caller = await served.member("lin")
    answer = await _sign_in(served, "lin")
    session = answer.headers["Set-Cookie"].partition(";")[0].partition("=")[2]
    token = caller.headers["Authorization"].partition(" ")[2]

    def stored(connection: object) -> str:
        return str([list(connection.execute(select(table))) for table in (staff_member, staff_session, staff_token, staff_audit)])  # type: ignore[attr-defined]

    kept = await served.world.db.read(stored)
    assert "$argon2id$" in kept
    assert not any(secret in kept for secret in (PASSWORD, session, token))


async def test_wrong_login_and_wrong_password_look_the_same(served: Served) -> None:
    await served.member("lin")
    wrong = await _sign_in(served, "lin", "wrong password")
    unknown = await _sign_in(served, "nobody", "wrong password")
    assert (wrong.status, wrong.body) == (unknown.status, unknown.body)
    assert wrong.code == "bad_credentials"
    assert wrong.body["error"]["message"]
    assert any("\u4e00" <= letter <= "\u9fff" for letter in wrong.body["error"]["message_zh"])
    assert "Set-Cookie" not in wrong.headers


async def test_five_wrong_tries_a_minute(served: Served) -> None:
    await served.member("lin")
    for _ in range(5):
        assert (await _sign_in(served, "lin", "wrong password")).status == 401
    assert (await _sign_in(served, "lin")).code == "too_many_attempts"
    assert (await _sign_in(served, "Lin ")).status == 429
    assert (await _sign_in(served, "other")).status == 401
    served.world.clock.advance(61)
    assert (await _sign_in(served, "lin")).status == 200


async def test_good_sign_ins_use_up_nothing(served: Served) -> None:
    await served.member("lin")
    assert [(await _sign_in(served, "lin")).status for _ in range(7)] == [200] * 7


async def test_a_session_ends_after_its_time(served: Served) -> None:
    await served.member("lin")
    page = _page(served, await _sign_in(served, "lin"))
    served.world.clock.advance(12 * 3600 - 1)
    assert (await page.get("session")).status == 200
    served.world.clock.advance(1)
    assert (await page.get("session")).status == 401


async def test_changes_need_the_pages_own_token(served: Served) -> None:
    await served.member("lin")
    page = _page(served, await _sign_in(served, "lin"))
    for wrong in ({}, {"X-CSRF-Token": ""}, {"X-CSRF-Token": "x" * 43}, {"X-CSRF-Token": "\u00e9"}):
        bare = Caller(served.http, served.base, {"Cookie": page.headers["Cookie"], **wrong})
        refused = await bare.put("presence", {"status": "online"})
        assert (refused.status, refused.code) == (403, "bad_csrf")
        assert (await bare.get("session")).status == 200
    other = await _sign_in(served, "lin")
    mixed = Caller(served.http, served.base, {"Cookie": page.headers["Cookie"], "X-CSRF-Token": other.body["csrf"]})
    assert (await mixed.put("presence", {"status": "online"})).code == "bad_csrf"
    assert (await page.put("presence", {"status": "online"})).status == 200


async def test_a_token_needs_no_csrf_and_ends_with_its_member(served: Served) -> None:
    caller = await served.member("lin")
    session = await caller.get("session")
    assert (session.status, session.body["csrf"]) == (200, None)
    assert (await caller.put("presence", {"status": "online"})).body["status"] == "online"
    page = _page(served, await _sign_in(served, "lin"))
    await accounts.disable(served.world.db, "lin", clock=served.world.clock)
    assert (await caller.get("session")).status == 401
    assert (await page.get("session")).status == 401
    assert (await _sign_in(served, "lin")).code == "bad_credentials"
    state = await served.world.desk.agent(session.body["agent"]["agent_id"])
    assert state is not None
    assert state.status == "offline"


async def test_bad_tokens(served: Served) -> None:
    for header in ("Bearer", "Bearer ", "Bearer x", "Basic bGluOmxpbg==", "wt_x", "Bearer " + "x" * 3000, "Bearer \u00e9", "bearer  wt_"):
        answer = await Caller(served.http, served.base, {"Authorization": header}).get("session")
        assert (answer.status, answer.code) == (401, "not_signed_in")


async def test_a_bad_token_is_not_made_good_by_a_cookie(served: Served) -> None:
    await served.member("lin")
    page = _page(served, await _sign_in(served, "lin"))
    page.headers["Authorization"] = "Bearer nonsense"
    assert (await page.get("session")).status == 401


async def test_a_new_password_ends_all_sessions(served: Served) -> None:
    await served.member("lin")
    page = _page(served, await _sign_in(served, "lin"))
    password = await accounts.reset_password(served.world.db, "Lin", passwords=QUICK)
    assert (await page.get("session")).status == 401
    assert (await _sign_in(served, "lin")).status == 401
    assert (await _sign_in(served, "lin", password)).status == 200


async def test_what_the_command_line_refuses(world: World) -> None:
    db = world.db
    first = await accounts.add_member(db, "Lin", "小林", "agent", ["demo"], passwords=QUICK)
    second = await accounts.add_member(db, "wang", "小王", "supervisor", ["demo", "demo", "b"], passwords=QUICK)
    assert len(first) == 12
    assert first != second
    with pytest.raises(LoginTaken):
        await accounts.add_member(db, "LIN", "Other", "agent", ["demo"], passwords=QUICK)
    good: dict[str, Any] = {"login": "x", "name": "n", "role": "agent", "accounts": ["demo"]}
    for key, wrong in (("login", "a b"), ("login", ""), ("login", "x" * 65), ("name", " "), ("role", "boss"), ("accounts", [""])):
        with pytest.raises(BadMember):
            await accounts.add_member(db, **(good | {key: wrong}), passwords=QUICK)
    with pytest.raises(BadMember):
        await accounts.add_member(db, "x", "n", "agent", ["demo"], "short", passwords=QUICK)
    for unknown in (accounts.reset_password(db, "x", passwords=QUICK), accounts.disable(db, "x"), accounts.issue_token(db, "x")):
        with pytest.raises(MemberUnknown):
            await unknown
    members = await accounts.list_members(db)
    assert [(one.login, one.role, one.accounts) for one in members] == [("lin", "agent", ("demo",)), ("wang", "supervisor", ("b", "demo"))]
