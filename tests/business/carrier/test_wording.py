"""How figures are written."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from business.carrier import wording
from business.carrier.answers import load_texts
from business.carrier.model import UsageKind
from runtime.clock import SHANGHAI

NOW = datetime(2026, 11, 22, 8, 5, tzinfo=SHANGHAI)
UNITS = wording.Units(load_texts()["units"])
MB, GB = 1024**2, 1024**3


@pytest.mark.parametrize(
    ("fen", "text"), [(3280, "32.80元"), (0, "0.00元"), (-5, "-0.05元"), (-520, "-5.20元"), (10**11, "1000000000.00元")]
)
def test_money(fen: int, text: str) -> None:
    assert UNITS.yuan(fen) == text


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0MB"),
        (1, "0.00MB"),
        (MB // 2, "0.50MB"),
        (512 * MB, "512MB"),
        (GB - 1, "1.00GB"),
        (GB - MB, "1023MB"),
        (GB, "1GB"),
        (3_435_973_836, "3.20GB"),
        (20 * GB, "20GB"),
        (1500 * GB, "1500GB"),
    ],
)
def test_data(size: int, text: str) -> None:
    assert wording.volume(size) == text


@given(st.integers(0, 2**50))
def test_a_volume_is_off_by_less_than_one_in_its_last_place(size: int) -> None:
    text = wording.volume(size)
    unit = GB if text.endswith("GB") else MB
    assert abs(float(text[:-2]) * unit - size) <= unit * 0.0051


@given(st.integers(0, 10**6), st.integers(0, 10**4))
def test_minutes_used_and_left_add_up(used: int, minutes: int) -> None:
    total = used // 60 * 60 + 60 + minutes * 60
    parts = [UNITS.quantity(UsageKind.VOICE, used, up=True), UNITS.quantity(UsageKind.VOICE, total - used)]
    assert sum(int(part.removesuffix("分钟")) for part in parts) == total // 60


def test_dates_carry_their_year_when_it_is_another() -> None:
    assert wording.day(NOW, NOW) == "11-22"
    assert wording.moment(NOW, NOW) == "11-22 08:05"
    assert wording.day(NOW + timedelta(days=365), NOW) == "2027-11-22"
    assert wording.moment(NOW - timedelta(days=365), NOW) == "2025-11-22 08:05"


def test_midnight_belongs_to_the_day_before() -> None:
    midnight = datetime(2026, 12, 1, tzinfo=SHANGHAI)
    assert wording.last_day(midnight, NOW) == "11-30"
    assert wording.last_day(midnight - timedelta(seconds=1), NOW) == "11-30"


def test_dates_are_shanghais() -> None:
    assert wording.moment(datetime.fromisoformat("2026-12-31T16:00:00+00:00"), NOW) == "2027-01-01 00:00"


def test_points_and_months() -> None:
    assert (wording.points(1_234_567), wording.points(-50)) == ("1,234,567", "-50")
    assert UNITS.month("2026-01") == "2026年1月"
