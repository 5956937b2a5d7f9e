"""One deployment for the whole folder, with the demo carrier loaded: each test uses a subscriber of its own."""

from collections.abc import Iterator

import pytest

from tests.e2e.driver import ROOT, Running, free_base


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    one = Running(tmp_path_factory.mktemp("data"), free_base())
    try:
        one.start()
        done = one.command("sandbox", "load", str(ROOT / "data" / "demo" / "carrier.yml"))
        assert done.returncode == 0, done.stderr
        yield one
    finally:
        one.stop()


@pytest.fixture(scope="session")
def agent_token(running: Running) -> str:
    return str(running.add_staff("lin", "--name", "小林")["token"])
