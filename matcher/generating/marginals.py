"""The distributions that rounds are fitted to: Erasmus+ KA1 2014-2019, cut to vocational learners (data/SOURCES.md)."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np

from matcher.generating.drawing import FloatArray, IntArray

SHORT_DAYS = 34.160707518780235
"""Mean days of VET learners' traineeships in companies, KA1 2014-2019."""
LONG_DAYS = 118.93298153034301
"""Mean days of ErasmusPro."""
MEAN_AGE = 20.944439477419284
"""Mean age of VET learners in companies."""


@dataclass(frozen=True)
class Marginal:
    """Values with their weights (which need not add up to 1)."""

    values: tuple[str, ...]
    weights: FloatArray

    @property
    def shares(self) -> FloatArray:
        """The weights, adding up to 1."""
        shares: FloatArray = self.weights / self.weights.sum()
        return shares

    @property
    def numbers(self) -> IntArray:
        """The values as whole numbers."""
        return np.array([int(value) for value in self.values], np.int64)

    def only(self, low: int, high: int) -> Marginal:
        """Only the values from ``low`` to ``high``, both included."""
        kept = [i for i, value in enumerate(self.values) if low <= int(value) <= high]
        return Marginal(tuple(self.values[i] for i in kept), self.weights[kept])

    def tilted(self, mean: float) -> Marginal:
        """The nearest distribution (relative entropy) of this mean: weights · exp(t · value), t by bisection."""
        values = self.numbers - self.numbers.mean()
        low, high, weights = -1.0, 1.0, self.weights
        for _ in range(80):
            middle = (low + high) / 2
            weights = self.weights * np.exp(np.clip(middle * values, -600, 600))
            reached = float((weights * self.numbers).sum() / weights.sum())
            low, high = (middle, high) if reached < mean else (low, middle)
        return Marginal(self.values, weights / weights.sum())


@cache
def marginal(name: str) -> Marginal:
    """A table of data/: its first column and the participants."""
    text = files("matcher.generating").joinpath("data", f"{name}.csv").read_text(encoding="utf-8")
    rows = list(csv.reader(text.splitlines()))[1:]
    return Marginal(tuple(row[0] for row in rows), np.array([float(row[1]) for row in rows]))


@cache
def fields() -> Marginal:
    """Detailed fields of education."""
    return marginal("fields")


@cache
def days(stay: str) -> Marginal:
    """Days of a stay, both ends included."""
    whole = marginal("durations")
    return whole.only(10, 89).tilted(SHORT_DAYS) if stay == "short" else whole.only(90, 365).tilted(LONG_DAYS)


@cache
def ages() -> Marginal:
    """Completed years on the first day."""
    return marginal("ages").tilted(MEAN_AGE)


@cache
def months() -> Marginal:
    """Month of the year in which mobilities begin."""
    return marginal("start_months")


@cache
def countries(direction: str) -> Marginal:
    """Countries of sending (``sending``) or receiving (``receiving``) organisations."""
    return marginal(direction)


@cache
def tongues() -> dict[str, tuple[str, tuple[str, ...]]]:
    """Each country's main language and those that its speakers get along with."""
    text = files("matcher.generating").joinpath("data", "languages.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    return {row["country"]: (row["main"], tuple(filter(None, row["near"].split(";")))) for row in rows}
