"""What is said of runs' folders and of studies that do not belong there, in one place."""

from __future__ import annotations

from typing import Final

NO_RUN: Final = "there is no report.json: this is not the folder of a solved run"
UNREADABLE_RUN: Final = "this is no report of this version: solve the round again"
OTHER_FILE: Final = "this is not the file that was written with report.json: solve the round again"
UNREADABLE: Final = "cannot be read: ask again"
NO_BASIS: Final = "does not say of which round it is, as an earlier version wrote it: ask again"
OTHER_ROUND: Final = "is of another round, or of this one before something in it was changed"
OTHER_ALLOCATION: Final = "is of another allocation than placements.csv"
NO_ALLOCATION: Final = "compares allocations among which the one in placements.csv is not the first"


def other_round(solved: str, given: str) -> str:
    """The run in the folder is of another round."""
    if solved == given:
        return (
            f"the run in this folder is of round {solved} with other tables, rates or policy: give the round that was "
            "solved (of a rematch: the one that --round-out wrote), or another folder"
        )
    return f"the run in this folder is of round {solved}, not of {given}: give another folder"


def other_allocation(own: str) -> str:
    """What is asked about is not the folder's allocation."""
    return f"this is another allocation than {own}, whose report cannot take it in: give another folder"


def refused(file: str, why: str) -> str:
    """A file that the report does not take in, and why."""
    return f"{file} {why}."
