"""A clean environment for every test, and the servers that some of them ask for."""

import os
from typing import Any

import pytest

from tests.servers import (
    GIVEN,
    choose_databases,
    database_kind,
    database_url,
    embedded_redis_url,
    empty_sqlite,
    given_servers,
    make_database,
    migrated,
    postgres_server,
    redis_url,
    say_left_out,
)

__all__ = [
    "database_kind", "database_url", "embedded_redis_url", "empty_sqlite", "make_database", "migrated", "postgres_server", "redis_url",
]  # fmt: skip


SERVERS = frozenset({"served", "start", "script", "callback", "platform", "running"})
"""Fixtures that start a server: whoever asks for one is left out of the fast run."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks by what a test needs, so that nobody has to remember to."""
    for item in items:
        if SERVERS & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.slow)


def pytest_configure(config: pytest.Config) -> None:
    config.stash[GIVEN] = given_servers()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    choose_databases(metafunc)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    say_left_out(terminalreporter)


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("WEITING_"):
            monkeypatch.delenv(name)
