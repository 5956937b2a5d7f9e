"""A fresh carrier for every test."""

import pytest

from tests.actions.carrier.desk import CarrierDesk


@pytest.fixture
def desk() -> CarrierDesk:
    return CarrierDesk()
