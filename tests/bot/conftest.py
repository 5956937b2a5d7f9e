"""Rasa without TensorFlow, quiet, for every test of the bot."""

import os
import sys

import pytest

from bot.engine.standin import install

install()


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("WEITING_"):
            monkeypatch.delenv(name)


@pytest.fixture(scope="session", autouse=True)
def _quiet() -> None:
    from bot.engine.quiet import keep_quiet

    keep_quiet()
    assert "tensorflow" not in sys.modules or not hasattr(sys.modules["tensorflow"], "__version__")
