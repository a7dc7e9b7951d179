"""From files to a round: CSV folders and workbooks as they really arrive, with every problem reported at
once.
"""

from matcher.intake.fixing import fix_report
from matcher.intake.loading import Examination, examine, load
from matcher.intake.writing import write_round

__all__ = ["Examination", "examine", "fix_report", "load", "write_round"]
