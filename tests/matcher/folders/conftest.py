"""What needs a browser is left out where there is none, as in the tests of reports."""

from tests.matcher.reporting.conftest import pytest_collection_modifyitems

__all__ = ["pytest_collection_modifyitems"]
