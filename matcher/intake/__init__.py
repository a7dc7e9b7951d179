"""From files to a round: CSV folders and workbooks as they really arrive, with every problem reported at
once.
"""

from matcher.intake.fixing import fix_report
from matcher.intake.loading import Examination, examine, load
from matcher.intake.partial import PartialExamination, examine_own, examine_table, read_csv_table
from matcher.intake.settings import SettingsExamination, examine_settings
from matcher.intake.writing import round_toml, workbook_of, write_round, write_table

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
