"""Deployments in a folder of their own."""

from collections.abc import Callable
from pathlib import Path

import pytest

from cli.deployment import Deployment, load_deployment
from tests.e2e.driver import ROOT

Make = Callable[..., Deployment]


@pytest.fixture
def make_deployment(tmp_path: Path) -> Make:
    """A deployment of weiting.toml on a folder of its own; `database` names another place for its tables."""

    def make(name: str = "a", database: str | None = None, ports: int | None = None) -> Deployment:
        environ = {"WEITING_DATABASE_URL": database} if database else {}
        return load_deployment(ROOT / "weiting.toml", tmp_path / name, ports, environ)

    return make
