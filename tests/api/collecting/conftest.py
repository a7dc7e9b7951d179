"""The small round with its people, for every test that asks for them."""

from __future__ import annotations

import pytest

from tests.api.collecting.people import People
from tests.api.conftest import Service


@pytest.fixture
def people(service: Service) -> People:
    """A round in ``draft`` whose partners take part, with nothing loaded."""
    return People(service)
