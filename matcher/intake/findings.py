"""Collects everything that is wrong, and everything that was read otherwise than written, while a round is
read.
"""

from __future__ import annotations

from collections import Counter
from enum import IntEnum
from typing import NamedTuple

from matcher.intake import limits
from models.errors import InputProblem


class Unreadable(Exception):
    """A file that cannot be read at all; the message says what would be right.

    ``row`` is the spreadsheet row where reading stopped, when that is known.
    """

    def __init__(self, message: str, row: int | None = None) -> None:
        super().__init__(message)
        self.row = row


class Weight(IntEnum):
    """Which errors are told first: what one file is spoilt by may be what many lines of others follow from."""

    WHOLE = 0
    """Of a whole file, or of one of its columns."""
    PLACE = 1
    """Of one place in a file."""
    FOLLOWS = 2
    """Perhaps only because of another error."""


class Bad(NamedTuple):
    """What is wrong with a text, the nearest valid thing, and whether the text may be repeated."""

    message: str
    nearest: str | None = None
    shown: bool = True


class Findings:
    """The errors and warnings found so far; at most ``limits.PROBLEMS`` errors are listed for one file."""

    def __init__(self) -> None:
        self._errors: list[tuple[Weight, InputProblem]] = []
        self._warnings: list[InputProblem] = []
        self._per_file: Counter[str] = Counter()

    def error(
        self,
        file: str,
        message: str,
        *,
        row: int | None = None,
        column: str | None = None,
        value: str | None = None,
        nearest: str | None = None,
        weight: Weight | None = None,
    ) -> None:
        """Add an error; by its ``weight`` it is told before others (None: what names no row is of the whole file)."""
        self._per_file[file] += 1
        if self._per_file[file] <= limits.PROBLEMS:
            known = weight if weight is not None else Weight.WHOLE if row is None else Weight.PLACE
            self._errors.append((known, InputProblem(file, row, cut(column), cut(value), message, nearest)))

    def warn(
        self,
        file: str,
        message: str,
        *,
        row: int | None = None,
        column: str | None = None,
        value: str | None = None,
        nearest: str | None = None,
    ) -> None:
        """Add a warning: the round can be read, but somebody should know."""
        self._warnings.append(InputProblem(file, row, cut(column), cut(value), message, nearest))

    def unreadable(self, file: str, error: Unreadable) -> None:
        """Add the error of a file that cannot be read."""
        self.error(file, str(error), row=error.row, weight=Weight.WHOLE)

    @property
    def errors(self) -> tuple[InputProblem, ...]:
        """Every error: those of whole files, those of places, those that may only follow from others, each of the three
        in file, row and column order; per file, first how many are not listed.
        """
        more = [
            (
                Weight.PLACE,
                InputProblem(
                    file, None, None, None, f"{count - limits.PROBLEMS} more problems are not listed"
                ),
            )
            for file, count in self._per_file.items()
            if count > limits.PROBLEMS
        ]
        every = sorted([*self._errors, *more], key=lambda found: (found[0], *_place(found[1])))
        return tuple(problem for _, problem in every)

    @property
    def warnings(self) -> tuple[InputProblem, ...]:
        """Every warning in file, row and column order."""
        return tuple(sorted(self._warnings, key=_place))


def _place(problem: InputProblem) -> tuple[str, int, str, str, str]:
    return problem.file, problem.row or 0, problem.column or "", problem.message, problem.value or ""


def cut(value: str | None) -> str | None:
    """The value as it stands in messages: not longer than ``limits.VALUE_SHOWN`` characters."""
    if value is None or len(value) <= limits.VALUE_SHOWN:
        return value
    return value[: limits.VALUE_SHOWN - 1] + "…"
