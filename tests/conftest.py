"""A clean environment for every test."""

import os

import pytest

SERVERS = {"served", "start", "script", "callback", "platform", "running"}
"""Fixtures that start a server: whoever asks for one is left out of the fast run."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks by what a test needs, so that nobody has to remember to."""
    for item in items:
        if SERVERS & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.slow)


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("WEITING_"):
            monkeypatch.delenv(name)
