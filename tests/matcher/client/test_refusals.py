"""Problems of the service as exceptions."""

from __future__ import annotations

import pytest

from matcher.client import refusals
from matcher.client.refusals import FAULT_COLUMNS, Refused, refusal

FAULT = {
    "file": "learners.csv",
    "row": 17,
    "column": "languages",
    "value": "en:B7",
    "message": "no such level",
}


@pytest.mark.parametrize("status", refusals.BY_STATUS)
def test_every_refusal_of_the_service_has_its_own_exception(status: int) -> None:
    """The kind is that of the status; all of them are caught as ``Refused``."""
    assert type(refusal(status, {})) is refusals.BY_STATUS[status]
    assert isinstance(refusal(status, {}), Refused)


def test_statuses_without_an_exception_of_their_own_are_told_too() -> None:
    """500 and above are the service's fault, below it is a plain refusal."""
    assert type(refusal(502, {})) is refusals.ServiceFault
    assert type(refusal(405, {"title": "Method Not Allowed"})) is Refused


def test_what_is_wrong_is_a_table() -> None:
    """A row for each fault, with the same columns whether or not they are given."""
    wrong = refusal(
        422, {"title": "The content is wrong", "errors": [FAULT, {"message": "a required table"}]}
    )
    assert list(wrong.errors.columns) == FAULT_COLUMNS
    assert wrong.errors["row"].tolist()[0] == 17
    assert wrong.errors["row"].isna().tolist() == [False, True]
    assert wrong.warnings.empty
    assert list(wrong.warnings.columns) == FAULT_COLUMNS


def test_a_traceback_shows_the_first_faults() -> None:
    """The message has the detail and ten faults, and says how many more there are."""
    told = str(
        refusal(422, {"title": "The content is wrong", "detail": "12 errors.", "errors": [FAULT] * 12})
    )
    assert told.startswith("422 The content is wrong: 12 errors.\n")
    assert told.count("learners.csv, row 17, column languages: 'en:B7': no such level") == 10
    assert told.endswith("… and 2 more: see .errors")
