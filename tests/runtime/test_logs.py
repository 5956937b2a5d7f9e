"""Logs hold ids, never people."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from runtime.logs import configure_logging


@pytest.fixture
def lines() -> io.StringIO:
    out = io.StringIO()
    configure_logging(out)
    return out


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def test_a_line_is_json_with_ids_and_without_people(lines: io.StringIO) -> None:
    structlog.get_logger("x").info("turn_done", turn_id="t_1", text="我的号17900000001", openid="oA", reason="call 17900000001")
    line = json.loads(lines.getvalue())
    assert line["event"] == "turn_done"
    assert line["turn_id"] == "t_1"
    assert "17900000001" not in lines.getvalue()
    assert "oA" not in lines.getvalue()


def test_a_traceback_shows_no_values(lines: io.StringIO) -> None:
    said = "我的密码是abc"
    try:
        dict[int, str]()[len(said)]
    except KeyError:
        structlog.get_logger("x").exception("broke", turn_id="t_1")
        logging.getLogger("lib").exception("broke too")
    assert "abc" not in lines.getvalue()
    found = [json.loads(line) for line in lines.getvalue().splitlines()]
    assert [one["event"] for one in found] == ["broke", "broke too"]
    assert all("KeyError" in one["exception"] for one in found)
