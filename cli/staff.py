"""`weiting staff …`: people, their passwords and tokens. Printed once, kept only as hashes."""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from typing import TypeVar

from cli.deployment import Deployment
from cli.migrate import migrate
from runtime.database import Database, make_engine
from runtime.errors import SettingsError
from staff import accounts

T = TypeVar("T")


def add(deployment: Deployment, login: str, name: str, role: str, keys: list[str] | None, *, with_token: bool) -> None:
    """Adds a person and prints one JSON line."""
    print_json(create(deployment, login, name, role, keys, with_token=with_token))


def create(
    deployment: Deployment, login: str, name: str, role: str, keys: list[str] | None, *, with_token: bool
) -> dict[str, object]:
    """The same, answered instead of printed. Raises SettingsError for an unknown account or role."""
    serves = tuple(keys or (one.key for one in deployment.settings.accounts))
    for key in serves:
        if not deployment.settings.serves(key):
            raise SettingsError("--account", f'"{key}" is no account of {deployment.config.name}')

    async def work(db: Database) -> dict[str, object]:
        password = await accounts.add_member(db, login, name, role, serves, clock=deployment.clock())
        line: dict[str, object] = {"login": login, "password": password, "role": role, "accounts": list(serves)}
        if with_token:
            line["token"] = await accounts.issue_token(db, login, clock=deployment.clock())
        return line

    return with_database(deployment, work)


def reset(deployment: Deployment, login: str) -> None:
    """A new password, all sessions ended."""

    async def work(db: Database) -> dict[str, object]:
        return {"login": login, "password": await accounts.reset_password(db, login, clock=deployment.clock())}

    print_json(with_database(deployment, work))


def disable(deployment: Deployment, login: str) -> None:
    """No more sign-in."""

    async def work(db: Database) -> dict[str, object]:
        await accounts.disable(db, login, clock=deployment.clock())
        return {"login": login, "disabled": True}

    print_json(with_database(deployment, work))


def show(deployment: Deployment) -> None:
    """One JSON line a person."""

    async def work(db: Database) -> list[dict[str, object]]:
        return [
            {"login": one.login, "name": one.name, "role": one.role, "accounts": list(one.accounts), "disabled": one.disabled}
            for one in await accounts.list_members(db)
        ]

    for line in with_database(deployment, work):
        print_json(line)


def with_database(deployment: Deployment, work: Callable[[Database], Awaitable[T]]) -> T:
    """Runs one piece of work on the migrated database; the core may be running beside it."""
    migrate(deployment)
    db = Database(make_engine(deployment.settings.database_url))
    try:
        return asyncio.run(_run(work, db))
    finally:
        db.close()


async def _run(work: Callable[[Database], Awaitable[T]], db: Database) -> T:
    return await work(db)


def print_json(line: object) -> None:
    """One line on standard output."""
    sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")
