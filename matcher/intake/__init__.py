"""From files to a round: CSV folders and workbooks as they really arrive, with every problem reported at
once.
"""

from typing import TYPE_CHECKING

from matcher.intake.loading import Examination, examine, load
from matcher.intake.partial import PartialExamination, examine_own, examine_table, read_csv_table
from matcher.intake.settings import SettingsExamination, examine_settings
from matcher.intake.writing import round_toml, workbook_of, write_round, write_table

if TYPE_CHECKING:
    from matcher.intake.fixing import fix_report

__all__ = [
    "Examination",
    "PartialExamination",
    "SettingsExamination",
    "examine",
    "examine_own",
    "examine_settings",
    "examine_table",
    "fix_report",
    "load",
    "read_csv_table",
    "round_toml",
    "workbook_of",
    "write_round",
    "write_table",
]


def __getattr__(name: str) -> object:
    """``fix_report`` when it is first asked for: whoever reads a round does not wait for what writes workbooks."""
    if name != "fix_report":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from matcher.intake.fixing import fix_report  # noqa: PLC0415 - see above

    return fix_report
