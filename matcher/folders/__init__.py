"""The folder of a run: read back, studies of the same allocation taken into its report, the page made anew.

from pathlib import Path
from matcher import load
from matcher.folders import read, rebuild

round_ = load("sample_data/intervet")
refused = rebuild(read(Path("out"), round_))

``report.html`` follows from the round's tables and the folder's other files alone: the same bytes, whenever it is made.
"""

from matcher.folders.run import Run, insist_on_allocation, is_run, read, standing_in
from matcher.folders.studies import FILES, rebuild, studies_in

__all__ = [
    "FILES",
    "Run",
    "insist_on_allocation",
    "is_run",
    "read",
    "rebuild",
    "standing_in",
    "studies_in",
]
