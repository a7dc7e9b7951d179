"""Each reader of a kind of cell: what it takes, what it understands and reports, what it refuses and
suggests.
"""

from __future__ import annotations

from datetime import date

import pytest

from matcher.intake.findings import Bad
from matcher.intake.readers import READERS, Read, reader_of
from models import columns as kinds
from models.tables import TABLES, columns_of

YEAR = date(2022, 9, 1)


def read(kind: kinds.Kind, text: str, *, workbook: bool = False) -> Read | Bad:
    """One text through the reader of its kind."""
    return reader_of(kind, workbook=workbook)(text)


def test_every_kind_of_every_table_has_a_reader() -> None:
    """No column of the contract is without a reader."""
    used = {type(note.kind) for row in TABLES.values() for note in columns_of(row).values()}
    assert used <= set(READERS)


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (kinds.Id(), "L0001", "L0001"),
        (kinds.Id(), "ш" * 64, "ш" * 64),
        (kinds.Text(), "=HYPERLINK(1)", "=HYPERLINK(1)"),
        (kinds.Whole(1, 8), "8", 8),
        (kinds.Whole(), "0", 0),
        (kinds.Decimal(-90, 90), "-5.9732", -5.9732),
        (kinds.Decimal(0, 10), "1e-3", 0.001),
        (kinds.Day(), "2024-02-29", date(2024, 2, 29)),
        (kinds.Choice(("short", "long")), "long", "long"),
        (kinds.YesNo(), "yes", True),
        (kinds.Country(), "XK", "XK"),
        (kinds.Isced((3, 4)), "0714", "0714"),
        (kinds.IscedList((2, 3, 4)), "071; 0613;07", ("071", "0613", "07")),
        (kinds.Languages(), "it:A2;en:B1", (("en", 3), ("it", 2))),
        (
            kinds.Codes(("stay:", "work:")),
            "stay:step_free;work:day_shift",
            ("stay:step_free", "work:day_shift"),
        ),
        (kinds.RefList(("companies",)), "c2;c1", ("c2", "c1")),
    ],
)
def test_what_the_contract_says_is_read_without_a_remark(kind: kinds.Kind, text: str, value: object) -> None:
    """The contract's own forms are read as they stand."""
    assert read(kind, text) == Read(value)


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (kinds.Whole(1, 8), "EQF 4", 4),
        (kinds.Whole(1, 8), "EQF level 5", 5),
        (kinds.Whole(), "900.0", 900),
        (kinds.Decimal(-90, 90), "44,4938", 44.4938),
        (kinds.Day(), "01/09/2022", YEAR),
        (kinds.Day(), "1.9.2022", YEAR),
        (kinds.Day(), "01.09.2022.", YEAR),
        (kinds.Day(), "1. 9. 2022", YEAR),
        (kinds.Day(), "2022-09-01 00:00:00", YEAR),
        (kinds.Day(), "2022/9/1", YEAR),
        (kinds.Choice(("short", "long")), "Short-term", "short"),
        (kinds.Choice(("short", "long")), "ErasmusPro", "long"),
        (kinds.Choice(("same_flow", "all_or_none")), "All or none", "all_or_none"),
        (kinds.YesNo(), "TRUE", True),
        (kinds.YesNo(), "Sí", True),
        (kinds.YesNo(), "ne", False),
        (kinds.Country(), "EL", "GR"),
        (kinds.Country(), "Slovenia", "SI"),
        (kinds.Country(), "rs", "RS"),
        (kinds.Isced((3, 4)), "714", "0714"),
        (kinds.Isced((3, 4)), "714.0", "0714"),
        (kinds.Isced((3, 4)), "71", "071"),
        (kinds.Isced((3, 4)), "1013.0", "1013"),
        (kinds.IscedList((2, 3, 4)), "714, 613", ("0714", "0613")),
        (kinds.Languages(), "EN: B1, it A2", (("en", 3), ("it", 2))),
        (kinds.Languages(), "English (B1)\nItalian - A2", (("en", 3), ("it", 2))),
        (kinds.Languages(), "eng=b2 / ger=a1", (("de", 1), ("en", 4))),
        (kinds.Languages(), "en B1 it A2", (("en", 3), ("it", 2))),
        (kinds.Languages(), "srpski C2; engleski B1", (("en", 3), ("sr", 6))),
        (kinds.Languages(), "en:B1;en:B1", (("en", 3),)),
        (kinds.Languages(), "cnr:C2", (("sr", 6),)),
        (kinds.Codes(), "Rural; Low income", ("rural", "low_income")),
        (kinds.RefList(("companies",)), "c2, c1", ("c2", "c1")),
    ],
)
def test_other_forms_that_arrive_are_understood_and_reported(
    kind: kinds.Kind, text: str, value: object
) -> None:
    """A form that can mean one thing only is accepted, and says how it was read."""
    found = read(kind, text)
    assert isinstance(found, Read), found
    assert found.value == value
    assert found.note
    assert found.how


@pytest.mark.parametrize(
    ("kind", "text", "nearest"),
    [
        (kinds.Id(), "L 1", "L-1"),
        (kinds.Id(), "a;b", "a-b"),
        (kinds.Id(), "x" * 65, None),
        (kinds.Id(), "=A1", "A1"),
        (kinds.Id(), "@cmd", "cmd"),
        (kinds.Whole(1, 8), "0", "1"),
        (kinds.Whole(1, 8), "four", None),
        (kinds.Whole(), "900.000", "900000"),
        (kinds.Whole(), "900,000", "900000"),
        (kinds.Whole(), "€ 1 250", "1250"),
        (kinds.Whole(), "12.5", "12"),
        (kinds.Whole(), "=1+1", "1"),
        (kinds.Whole(), "٣x", "3"),
        (kinds.Decimal(-90, 90), "144.5", "90"),
        (kinds.Decimal(-90, 90), "nan", None),
        (kinds.Decimal(-90, 90), "inf", None),
        (kinds.Decimal(0, 10), "1.234,5", "1.234"),
        (kinds.Day(), "09/25/2022", "2022-09-25"),
        (kinds.Day(), "31.02.2022", "2022-02-28"),
        (kinds.Day(), "2022-13-01", "2022-01-13"),
        (kinds.Day(), "01.09.22", None),
        (kinds.Day(), "44805", "2022-09-01"),
        (kinds.Day(), "0001-01-01", None),
        (kinds.Day(), "2022-09-01 10:30:00", "2022-09-01"),
        (kinds.Day(), "autumn", None),
        (kinds.Choice(("short", "long")), "shrt", "short"),
        (kinds.YesNo(), "yess", "yes"),
        (kinds.Country(), "Sloveenia", "SI"),
        (kinds.Isced((3, 4)), "07", "070"),
        (kinds.Isced((3, 4)), "11", "011"),
        (kinds.Isced((3, 4)), "0714 - Electronics", "0714"),
        (kinds.Isced((3, 4)), "electronics", "0714"),
        (kinds.IscedList((2, 3, 4)), "0714;9x", None),
        (kinds.Languages(), "en", "en:A1"),
        (kinds.Languages(), "en:B3", "en:B2"),
        (kinds.Languages(), "en:D1", "en:C1"),
        (kinds.Languages(), "Englsh:B1", "en:B1"),
        (kinds.Languages(), "en:B1;en:B2", "en:B1"),
        (kinds.Languages(), ";;", None),
        (kinds.Codes(("stay:", "work:")), "step-free", "stay:step_free"),
        (kinds.Codes(("stay:",)), "work:step_free", None),
        (kinds.Codes(("stay:",)), "stay:", None),
        (kinds.RefList(("companies",)), "c1;c 2", "c-2"),
    ],
)
def test_anything_else_is_refused_with_the_nearest_valid_thing(
    kind: kinds.Kind, text: str, nearest: str | None
) -> None:
    """A text that means nothing, or more than one thing, is a fault; the suggestion can itself be read."""
    found = read(kind, text)
    assert isinstance(found, Bad), found
    assert found.message
    assert found.nearest == nearest
    assert nearest is None or isinstance(read(kind, nearest), Read)


def test_a_number_is_a_date_in_a_workbook_only() -> None:
    """Excel counts days: 44805 is 1 September 2022; in a CSV file it is refused."""
    found = read(kinds.Day(), "44805", workbook=True)
    assert isinstance(found, Read)
    assert found.value == YEAR
    assert isinstance(read(kinds.Day(), "44805"), Bad)


@pytest.mark.parametrize(
    "text", ["diabetes type 1", "stay:Gluten free because of coeliac (serious!)", "ima astmu"]
)
def test_needs_that_are_no_codes_are_never_repeated(text: str) -> None:
    """What stands in ``needs`` may be health data: neither the message nor the suggestion holds it."""
    found = read(kinds.Codes(("stay:", "work:")), text)
    assert isinstance(found, Bad)
    assert not found.shown
    assert not any(word in f"{found.message} {found.nearest}" for word in text.split() if len(word) > 4)
