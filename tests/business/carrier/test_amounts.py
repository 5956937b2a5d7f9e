"""Amounts as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from business.carrier.amounts import read_fen, read_measure, read_quantity
from business.carrier.model import UsageKind
from business.carrier.wording import decimal


@pytest.mark.parametrize(
    ("text", "fen"),
    [("59", 5900), ("32.80", 3280), ("32.8", 3280), ("-5.20", -520), ("0", 0), ("+0.01", 1), ("999999999.99", 99_999_999_999)],
)
def test_yuan(text: str, fen: int) -> None:
    assert read_fen(text) == fen


@pytest.mark.parametrize("text", ["", "1.234", "1,000", "1e3", "nan", "59元", ".5", "5.", "--1", "1234567890", "0x10"])
def test_what_is_no_money(text: str) -> None:
    with pytest.raises(ValueError, match="must be yuan"):
        read_fen(text)


@given(st.integers(-99_999_999_999, 99_999_999_999))
def test_money_written_and_read_is_the_same(fen: int) -> None:
    assert read_fen(decimal(fen)) == fen


@pytest.mark.parametrize(
    ("kind", "text", "amount"),
    [
        (UsageKind.DATA, "20GB", 20 * 1024**3),
        (UsageKind.DATA, "0.5 gb", 1024**3 // 2),
        (UsageKind.DATA, "16.8GB", 18_038_862_643),
        (UsageKind.DATA, "1048576", 1_048_576),
        (UsageKind.VOICE, "100min", 6000),
        (UsageKind.VOICE, "2h", 7200),
        (UsageKind.VOICE, "90s", 90),
        (UsageKind.SMS, "50", 50),
    ],
)
def test_quantities(kind: UsageKind, text: str, amount: int) -> None:
    assert read_quantity(kind, text) == amount


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (UsageKind.DATA, "20min"),
        (UsageKind.DATA, "-1GB"),
        (UsageKind.DATA, "1.5"),
        (UsageKind.DATA, "999999999999999TB"),
        (UsageKind.VOICE, "2GB"),
        (UsageKind.SMS, "5.5"),
        (UsageKind.SMS, "50条"),
        (UsageKind.DATA, ""),
    ],
)
def test_what_is_no_quantity(kind: UsageKind, text: str) -> None:
    with pytest.raises(ValueError, match="must be"):
        read_quantity(kind, text)


@pytest.mark.parametrize(
    ("text", "measure"), [("2GB", (2 * 1024**3, "byte")), ("30min", (1800, "second")), ("1month", (1, "month")), ("3", (3, "item"))]
)
def test_measures(text: str, measure: tuple[int, str]) -> None:
    assert read_measure(text) == measure


@pytest.mark.parametrize("text", ["", "1.5", "1.5month", "three", "3kg"])
def test_what_is_no_measure(text: str) -> None:
    with pytest.raises(ValueError, match="must be"):
        read_measure(text)
