"""What needs a browser is left out where there is none, as for the report."""

from tests.matcher.reporting.conftest import pytest_collection_modifyitems

__all__ = ["pytest_collection_modifyitems"]
