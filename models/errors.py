"""Everything that can go wrong, as one tree.

    MatcherError
    ├── InputErrors        the round's files are wrong: every problem at once (exit code 1)
    ├── InfeasibleRound    no allocation satisfies the rules (exit code 2)
    ├── UnsuitableMethod   a method that does not take rounds of this kind or size (exit code 1)
    ├── NoCluster          the cluster that the caller named cannot be reached or used (exit code 1)
    ├── UnknownName        a method, goal, rule, learner or company that does not exist (exit code 1)
    └── EngineFault        our fault (exit code 3)
        ├── AuditFailed    a solver's answer breaks a rule or misstates a goal
        └── SolverFault    a solver stopped in a way that it should not

Messages carry ids, never names of people.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class MatcherError(Exception):
    """The root of the tree."""

    exit_code = 3


@dataclass(frozen=True, order=True)
class InputProblem:
    """One thing wrong with the input, with what would be right.

    ``file`` is the file or sheet; ``row`` counts as a spreadsheet does (the header is row 1; None: the whole
    file); ``column`` the column's name as it stands in the file; ``value`` the text found there; ``nearest``
    the nearest valid thing.
    """

    file: str
    row: int | None
    column: str | None
    value: str | None
    message: str
    nearest: str | None = None

    def __str__(self) -> str:
        place = self.file
        place += f", row {self.row}" if self.row is not None else ""
        place += f", column {self.column}" if self.column is not None else ""
        found = f": {self.value!r}" if self.value is not None else ""
        hint = f" (nearest: {self.nearest})" if self.nearest else ""
        return f"{place}{found}: {self.message}{hint}"


class InputErrors(MatcherError):
    """The input is wrong; ``problems`` lists everything that was found: what concerns a whole file first, what
    may only follow from other errors last, and so in file, row and column order.
    """

    exit_code = 1

    def __init__(self, problems: Sequence[InputProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__(
            f"{len(self.problems)} input problem(s); first: {self.problems[0] if problems else '-'}"
        )


class UnknownName(MatcherError):
    """A name that the caller used does not exist; the message names the nearest that does."""

    exit_code = 1


class UnsuitableMethod(MatcherError):
    """The method that was asked for does not take rounds of this kind or size; the message says why."""

    exit_code = 1


class NoCluster(MatcherError):
    """The cluster that the caller named cannot be reached or used; the message says why, and never holds a password."""

    exit_code = 1


class InfeasibleRound(MatcherError):
    """No allocation satisfies the rules; the message names a smallest conflicting set."""

    exit_code = 2


class EngineFault(MatcherError):
    """Something that is our fault."""


class AuditFailed(EngineFault):
    """A solver returned an allocation that the audit rejects: never handed out."""


class SolverFault(EngineFault):
    """A solver stopped in a way that it should not."""
