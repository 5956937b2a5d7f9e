"""Relative and fixed moments of a file."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from business.carrier.moments import month_bounds, read_moment, read_month
from runtime.clock import SHANGHAI

NOW = datetime(2026, 11, 22, 20, 30, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("today", "2026-11-22T00:00:00", "2026-11-22T23:59:59"),
        ("today-3d", "2026-11-19T00:00:00", "2026-11-19T23:59:59"),
        ("today 08:05", "2026-11-22T08:05:00", "2026-11-22T08:05:00"),
        ("today-1w 8:05", "2026-11-15T08:05:00", "2026-11-15T08:05:00"),
        ("today+36h", "2026-11-23T12:00:00", "2026-11-24T11:59:59"),
        ("now", "2026-11-22T20:30:00", "2026-11-22T20:30:00"),
        ("now-2h", "2026-11-22T18:30:00", "2026-11-22T18:30:00"),
        ("now-45min", "2026-11-22T19:45:00", "2026-11-22T19:45:00"),
        ("now-1m", "2026-10-22T20:30:00", "2026-10-22T20:30:00"),
        ("start_of_month", "2026-11-01T00:00:00", "2026-11-01T23:59:59"),
        ("start_of_month-1m+14d", "2026-10-15T00:00:00", "2026-10-15T23:59:59"),
        ("end_of_month", "2026-11-30T00:00:00", "2026-11-30T23:59:59"),
        ("end_of_month+1m", "2026-12-31T00:00:00", "2026-12-31T23:59:59"),
        ("end_of_month+3m", "2027-02-28T00:00:00", "2027-02-28T23:59:59"),
        ("end_of_year+3y", "2029-12-31T00:00:00", "2029-12-31T23:59:59"),
        ("start_of_year-1y+40d", "2025-02-10T00:00:00", "2025-02-10T23:59:59"),
        ("2026-11-30", "2026-11-30T00:00:00", "2026-11-30T23:59:59"),
        ("2026-11-22 08:05", "2026-11-22T08:05:00", "2026-11-22T08:05:00"),
        ("2026-11-22T08:05:06+08:00", "2026-11-22T08:05:06", "2026-11-22T08:05:06"),
        ("2026-11-22T00:05:06Z", "2026-11-22T08:05:06", "2026-11-22T08:05:06"),
    ],
)
def test_moments(text: str, start: str, end: str) -> None:
    for expected, is_end in ((start, False), (end, True)):
        found = read_moment(text, NOW, end=is_end)
        assert found == datetime.fromisoformat(expected).replace(tzinfo=SHANGHAI)


NO_MOMENTS = (
    "|tomorrow|today-3|today -3d|yesterday|2026-13-01|2026-02-30|today 25:00|now+99999y|1800-01-01|9999-12-31|end_of_month+-1m"
)


@pytest.mark.parametrize("text", NO_MOMENTS.split("|"))
def test_what_is_no_moment(text: str) -> None:
    with pytest.raises(ValueError, match="must be"):
        read_moment(text, NOW)


def test_a_long_month_falls_back_to_the_last_day_of_a_short_one() -> None:
    assert read_moment("today-1m", datetime(2026, 3, 31, 12, tzinfo=SHANGHAI)).date().isoformat() == "2026-02-28"
    assert read_moment("end_of_month-1m", datetime(2028, 3, 31, 12, tzinfo=SHANGHAI)).date().isoformat() == "2028-02-29"


def test_a_machine_elsewhere_loads_shanghais_day() -> None:
    late = datetime.fromisoformat("2026-11-30T16:30:00+00:00")
    assert read_moment("today", late).isoformat() == "2026-12-01T00:00:00+08:00"
    assert read_month("month", late) == "2026-12"


@pytest.mark.parametrize(
    ("text", "month"),
    [("month", "2026-11"), ("month-1", "2026-10"), ("month-11", "2025-12"), ("month+2", "2027-01"), ("2025-02", "2025-02")],
)
def test_months(text: str, month: str) -> None:
    assert read_month(text, NOW) == month


@pytest.mark.parametrize("text", ["", "2026", "2026-00", "2026-13", "2026-1", "month-", "month-1m", "9999-12", "11"])
def test_what_is_no_month(text: str) -> None:
    with pytest.raises(ValueError, match="must be a month"):
        read_month(text, NOW)


def test_bounds_of_a_leap_february() -> None:
    first, last = month_bounds("2028-02")
    assert (first.isoformat(), last.isoformat()) == ("2028-02-01T00:00:00+08:00", "2028-02-29T23:59:59+08:00")


@given(st.text(max_size=30), st.booleans())
def test_any_text_is_a_moment_or_refused(text: str, end: bool) -> None:
    try:
        found = read_moment(text, NOW, end=end)
    except ValueError:
        return
    assert found.tzinfo is not None
