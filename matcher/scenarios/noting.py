"""Collects what is wrong in a file of scenarios: every mistake at once, each with its place and what would be right."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from matcher.intake.findings import Bad, cut
from models.errors import InputProblem
from models.vocabulary import nearest


@dataclass(frozen=True)
class Place:
    """A key in the file (with dots), and the list that takes down what is wrong anywhere in it."""

    file: str
    key: str = ""
    problems: list[InputProblem] = field(default_factory=list)

    def at(self, key: object) -> Place:
        """A key below this one."""
        return replace(self, key=f"{self.key}.{key}" if self.key else str(key))

    def numbered(self, number: int) -> Place:
        """An entry of a list, counted from 1."""
        return replace(self, key=f"{self.key}[{number}]")

    def wrong(self, message: str, value: object = None, near: str | None = None) -> None:
        """Take down a mistake."""
        self.problems.append(InputProblem(self.file, None, self.key or None, shown(value), message, near))

    def bad(self, fault: Bad, value: object) -> None:
        """Take down what a reader says of a value."""
        self.wrong(fault.message, value if fault.shown else None, fault.nearest)

    def unknown(self, key: str, known: Iterable[str]) -> None:
        """Take down a key that does not exist here, with the nearest that does, or with all."""
        listed = list(known)
        self.at(key).wrong("no such key", None, nearest(key, listed) or ", ".join(listed))


def shown(value: object) -> str | None:
    """A value of a TOML file as messages show it."""
    if value is None:
        return None
    return cut(str(value).lower() if isinstance(value, bool) else str(value))


def is_number(value: object) -> bool:
    """Whether a value of a TOML file is a finite number."""
    if isinstance(value, Decimal):
        return value.is_finite()
    return isinstance(value, int) and not isinstance(value, bool)


def text_of(value: object) -> str | None:
    """A value of a TOML file as a cell of a table would have it; None: no cell can hold it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return value
    if is_number(value):
        return str(value)
    if type(value) is date:
        return value.isoformat()
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return ";".join(value)
    return None
