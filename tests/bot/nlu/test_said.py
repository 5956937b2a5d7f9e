"""Sums, volumes, numbers, kinds of use, products and places in whole messages (said.txt; the marks are those of said.py)."""

from pathlib import Path

import pytest

from tests.bot.nlu.said import marked, read

_FIGURES, _PLACES = (Path(__file__).parent / "said.txt").read_text("utf-8").split("# places\n")
MESSAGES = [line for line in _FIGURES.splitlines() if line and not line.startswith("#")]
PLACES = _PLACES.splitlines()
EVERY_KIND = {"amount", "data_volume", "phone_number", "sms_code", "product", "usage_kind"}


@pytest.mark.parametrize("message", MESSAGES)
def test_a_message(message: str) -> None:
    sent, found = marked(message)
    kinds = {entity for entity, _, _ in found} or EVERY_KIND
    assert [one for one in read(sent) if one[0] in kinds] == found


@pytest.mark.parametrize("message", PLACES)
def test_a_place(message: str) -> None:
    sent, found = marked(message)
    assert [one for one in read(sent) if one[0] == "place"] == found
