"""One small reader per kind of column: text in, value or fault out. The registry below is the list of them
all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from matcher.intake.readers.base import Read, Reader
from matcher.intake.readers.dates import day_reader, workbook_day_reader
from matcher.intake.readers.isced import isced_list_reader, isced_reader
from matcher.intake.readers.languages import languages_reader
from matcher.intake.readers.lists import codes_reader, ref_list_reader
from matcher.intake.readers.numbers import decimal_reader, whole_reader
from matcher.intake.readers.texts import id_reader, text_reader
from matcher.intake.readers.words import choice_reader, country_reader, yes_no_reader
from models import columns as kinds

READERS: Final[Mapping[type[kinds.Kind], Callable[[kinds.Kind], Reader]]] = MappingProxyType(
    {
        kinds.Id: id_reader,
        kinds.Ref: id_reader,
        kinds.Text: text_reader,
        kinds.Whole: whole_reader,
        kinds.Decimal: decimal_reader,
        kinds.Day: day_reader,
        kinds.Choice: choice_reader,
        kinds.YesNo: yes_no_reader,
        kinds.Country: country_reader,
        kinds.Isced: isced_reader,
        kinds.IscedList: isced_list_reader,
        kinds.Languages: languages_reader,
        kinds.Codes: codes_reader,
        kinds.RefList: ref_list_reader,
    }
)
"""How each kind of cell is read."""

__all__ = ["READERS", "Read", "Reader", "reader_of"]


def reader_of(kind: kinds.Kind, *, workbook: bool) -> Reader:
    """The reader of a column; in a workbook a date may be a day number."""
    if workbook and isinstance(kind, kinds.Day):
        return workbook_day_reader(kind)
    return READERS[type(kind)](kind)
