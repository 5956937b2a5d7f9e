"""Members of staff as the command line handles them: made, listed, given new passwords and tokens, disabled."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from desk.presence import stand_down
from runtime.clock import Clock, SystemClock
from runtime.database import Database
from runtime.ids import new_id
from staff.audit import record_action
from staff.errors import BadMember, LoginTaken, MemberUnknown
from staff.passwords import LONGEST, SHORTEST, Passwords, hash_key, make_key, make_password
from staff.tables import ROLES, staff_member, staff_session, staff_token

_LOGIN = re.compile(r"[a-z0-9][a-z0-9._@-]{0,62}")


@dataclass(frozen=True)
class Member:
    """One member of staff. `accounts` are the keys of the WeChat accounts they have rights in."""

    member_id: str
    login: str
    name: str
    role: str
    accounts: tuple[str, ...]
    skills: tuple[str, ...] = ()
    slots_max: int = 5
    disabled: bool = False

    def may_see(self, account: str) -> bool:
        """Whether they have rights in this account."""
        return account in self.accounts


async def add_member(
    db: Database,
    login: str,
    name: str,
    role: str,
    accounts: Sequence[str],
    password: str | None = None,
    *,
    skills: Sequence[str] = (),
    slots_max: int = 5,
    clock: Clock | None = None,
    passwords: Passwords | None = None,
) -> str:
    """Makes a member and returns the password: the given one, or a random one that is printed once.

    `skills` empty: takes every skill. Raises LoginTaken, BadMember.
    """
    login, password = _checked_login(login), _checked_password(password)
    _check_member(name, role, accounts, slots_max)
    member_id, at = new_id("m"), (clock or SystemClock()).now()
    row = {
        "member_id": member_id,
        "login": login,
        "name": name.strip(),
        "role": role,
        "accounts": sorted(set(accounts)),
        "skills": sorted(set(skills)),
        "slots_max": slots_max,
        "password_hash": (passwords or Passwords()).make_hash(password),
        "created_at": at,
    }

    def work(connection: Connection) -> None:
        if connection.execute(select(staff_member.c.login).where(staff_member.c.login == login)).first() is not None:
            raise LoginTaken(f'the login "{login}" is taken; choose another, or reset its password')
        try:
            connection.execute(insert(staff_member), row)
        except IntegrityError as error:
            raise LoginTaken(f'the login "{login}" is taken; choose another, or reset its password') from error
        record_action(connection, "member_added", at, member_id=member_id)

    await db.write(work)
    return password


async def reset_password(
    db: Database, login: str, password: str | None = None, *, clock: Clock | None = None, passwords: Passwords | None = None
) -> str:
    """Gives a new password, ends all sessions, and lets a disabled member in again. Raises MemberUnknown, BadMember."""
    password = _checked_password(password)
    hashed = (passwords or Passwords()).make_hash(password)
    at = (clock or SystemClock()).now()

    def work(connection: Connection) -> None:
        member_id = _member_id(connection, login)
        connection.execute(
            update(staff_member).where(staff_member.c.member_id == member_id).values(password_hash=hashed, disabled=False)
        )
        connection.execute(delete(staff_session).where(staff_session.c.member_id == member_id))
        record_action(connection, "password_reset", at, member_id=member_id)

    await db.write(work)
    return password


async def disable(db: Database, login: str, *, clock: Clock | None = None) -> None:
    """Shuts a member out at once: sessions and tokens end, and what they hold goes back to the queue. Raises MemberUnknown."""
    at = (clock or SystemClock()).now()

    def work(connection: Connection) -> None:
        member_id = _member_id(connection, login)
        connection.execute(update(staff_member).where(staff_member.c.member_id == member_id).values(disabled=True))
        connection.execute(delete(staff_session).where(staff_session.c.member_id == member_id))
        connection.execute(
            update(staff_token)
            .where(staff_token.c.member_id == member_id, staff_token.c.revoked_at.is_(None))
            .values(revoked_at=at)
        )
        stand_down(connection, member_id, at)
        record_action(connection, "member_disabled", at, member_id=member_id)

    await db.write(work)


async def issue_token(db: Database, login: str, label: str = "api", *, clock: Clock | None = None) -> str:
    """Makes an API token for `Authorization: Bearer`; it is printed once and kept as a hash. Raises MemberUnknown."""
    token = f"wt_{make_key()}"
    at = (clock or SystemClock()).now()

    def work(connection: Connection) -> None:
        member_id = _member_id(connection, login)
        connection.execute(
            insert(staff_token),
            {"token_hash": hash_key(token), "member_id": member_id, "label": label[:64], "made_at": at},
        )
        record_action(connection, "token_issued", at, member_id=member_id)

    await db.write(work)
    return token


async def list_members(db: Database) -> tuple[Member, ...]:
    """All members by login."""

    def work(connection: Connection) -> tuple[Member, ...]:
        rows = connection.execute(select(staff_member).order_by(staff_member.c.login)).mappings()
        return tuple(member_from(row) for row in rows)

    return await db.read(work)


def member_from(row: Mapping[Any, Any]) -> Member:
    """A Member from a row of staff_member."""
    return Member(
        member_id=row["member_id"],
        login=row["login"],
        name=row["name"],
        role=row["role"],
        accounts=tuple(row["accounts"]),
        skills=tuple(row["skills"]),
        slots_max=row["slots_max"],
        disabled=row["disabled"],
    )


def _member_id(connection: Connection, login: str) -> str:
    row = connection.execute(select(staff_member.c.member_id).where(staff_member.c.login == login.strip().lower())).first()
    if row is None:
        raise MemberUnknown(f'nobody has the login "{login}"; `weiting staff list` shows those there are')
    return str(row.member_id)


def _check_member(name: str, role: str, accounts: Sequence[str], slots_max: int) -> None:
    if role not in ROLES:
        raise BadMember(f'the role is "{role}"; it must be one of {", ".join(ROLES)}')
    if not name.strip() or len(name) > 64:
        raise BadMember("the name must have 1 to 64 characters; it is shown to subscribers")
    if not accounts or not all(accounts):
        raise BadMember("at least one account is needed; its key stands in weiting.toml")
    if not 1 <= slots_max <= 100:
        raise BadMember("slots must be a number from 1 to 100")


def _checked_login(login: str) -> str:
    login = login.strip().lower()
    if not _LOGIN.fullmatch(login):
        raise BadMember("a login is 1 to 63 of a-z, 0-9 and . _ @ -, beginning with a letter or digit")
    return login


def _checked_password(password: str | None) -> str:
    if password is None:
        return make_password()
    if not SHORTEST <= len(password) <= LONGEST:
        raise BadMember(f"a password has {SHORTEST} to {LONGEST} characters")
    return password
