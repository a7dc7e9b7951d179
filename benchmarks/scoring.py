"""How good every run is against the best that is known, from the runs of one book alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

import numpy as np

from benchmarks.jobs import Run
from benchmarks.results import Book

ROUNDING = 1e-6
"""Relative: objectives are stated in floating point."""


@dataclass(frozen=True)
class Score:
    """A goal (or the weighted objective) of a run: value as judged, bound as claimed."""

    name: str
    sense: int
    value: float | None
    bound: float | None


@dataclass(frozen=True)
class Row:
    """A contestant on an instance over its repetitions: medians of times, the largest memory, the worst gap.

    ``gap`` is the relative distance to the best known of the first goal that falls short (``gap_goal``); 0 where
    nothing does; None without a valid allocation. ``claimed`` is the largest relative gap between its own values and
    bounds (None: no bound). A run that was killed has no times.
    """

    instance: str
    contestant: str
    peer: bool
    status: str
    note: str
    scores: tuple[Score, ...]
    gap: float | None
    gap_goal: str | None
    claimed: float | None
    breaches: Mapping[str, int]
    solve: float | None
    total: float | None
    cpu: float | None
    solve_cpu: float | None
    peak_mb: float | None
    settled: bool
    valid: bool
    out_of_time: bool
    repetitions: int


def scores(run: Run) -> tuple[Score, ...]:
    """What counts: the objective of a weighted policy, else the goals in order."""
    if run.objective is not None:
        return (Score("objective", 1, run.objective["value"], run.objective["bound"]),)
    return tuple(Score(goal["name"], goal["sense"], goal["value"], goal["bound"]) for goal in run.goals)


def vector(run: Run) -> tuple[float, ...] | None:
    """A valid run's values, larger is better, the first matters most; None without a valid allocation."""
    found = [(score.sense, score.value) for score in scores(run)]
    if not run.valid or any(value is None for _, value in found):
        return None
    return tuple(sense * value for sense, value in found if value is not None)


def reference(runs: Sequence[Run], known: Mapping[str, Any]) -> tuple[float, ...] | None:
    """The best known of each goal, larger is better: what is known, else the tightest bound that the runs claim
    given the best values before, else the best value. None where no run has a valid allocation.
    """
    vectors = {id(run): found for run in runs if (found := vector(run)) is not None}
    if not vectors:
        return None
    best = max(vectors.values())
    sample = next(scores(run) for run in runs if id(run) in vectors)
    if known["goals"]:
        return tuple(score.sense * known["goals"][score.name] for score in sample)
    return tuple(
        min([*bounds(runs, vectors, best, number)], default=value) for number, value in enumerate(best)
    )


def bounds(
    runs: Sequence[Run], vectors: Mapping[int, tuple[float, ...]], best: tuple[float, ...], number: int
) -> Iterator[float]:
    """The bounds on one goal that hold with the best values of the goals before; a bound on the first holds always,
    also that of a contestant which is blind to some rules.
    """
    for run in runs:
        claims = scores(run)
        same = number == 0 or (id(run) in vectors and vectors[id(run)][:number] == best[:number])
        if same and number < len(claims) and (bound := claims[number].bound) is not None:
            yield claims[number].sense * bound


def shortfall(values: tuple[float, ...], best: tuple[float, ...]) -> tuple[int, float]:
    """The first goal that falls short of the best known, and by how much of it; (0, 0.0) where none does."""
    for number, (value, most) in enumerate(zip(values, best, strict=True)):
        gap = (most - value) / max(1.0, abs(most))
        if gap > ROUNDING:
            return number, gap
    return 0, 0.0


def rows(book: Book) -> list[Row]:
    """A row per instance and contestant, in the order of the runs."""
    found = []
    for instance, known in book.instances.items():
        runs = [run for run in book.runs if run.instance == instance]
        best = reference(runs, known["known"])
        names = dict.fromkeys(run.contestant for run in runs)
        found += [row([run for run in runs if run.contestant == name], best) for name in names]
    return found


def row(runs: Sequence[Run], best: tuple[float, ...] | None) -> Row:
    """The repetitions of one contestant on one instance."""
    judged = [(run, *shortfall(found, best)) for run in runs if best and (found := vector(run)) is not None]
    worst, number, gap = max(judged, key=lambda each: each[1:], default=(runs[0], 0, None))
    goals = scores(worst)
    return Row(
        instance=worst.instance,
        contestant=worst.contestant,
        peer=worst.peer,
        status=worst.status,
        note=worst.note,
        scores=goals,
        gap=gap,
        gap_goal=goals[number].name if gap else None,
        claimed=claimed_gap(goals),
        breaches=worst.breaches,
        solve=middle([run.solve for run in runs]),
        total=middle([run.total for run in runs]),
        cpu=middle([run.cpu for run in runs]),
        solve_cpu=middle([run.solve_cpu for run in runs]),
        peak_mb=max((run.peak_mb for run in runs if run.peak_mb is not None), default=None),
        settled=all(run.settled for run in runs),
        valid=all(run.valid for run in runs),
        out_of_time=any(out_of_time(run) for run in runs),
        repetitions=len(runs),
    )


def out_of_time(run: Run) -> bool:
    """Whether a run used up its limit without a proof."""
    return run.status == "killed" or (not run.settled and (run.solve or 0.0) >= 0.9 * run.limit)


def middle(values: Sequence[float | None]) -> float | None:
    """The median of what was measured."""
    known = [value for value in values if value is not None]
    return median(known) if known else None


def claimed_gap(goals: Sequence[Score]) -> float | None:
    """The largest relative distance between a value and its own bound; None where one of the two is missing."""
    gaps = [
        abs(goal.bound - goal.value) / max(1.0, abs(goal.value))
        for goal in goals
        if goal.bound is not None and goal.value is not None
    ]
    return max(gaps) if gaps and len(gaps) == len(goals) else None


def ratio(row: Row, peer: Row) -> Ratio | None:
    """A peer's seconds of solving over a contestant's; None where one of the two gave nothing to compare."""
    if row.solve is None or peer.solve is None or (row.gap is None and not row.settled):
        return None
    if not (peer.out_of_time or peer.status in {"optimal", "feasible", "infeasible"}):
        return None
    unfinished = row.settled and not peer.settled
    worse = unfinished or (row.gap is not None and (peer.gap is None or peer.gap > row.gap + ROUNDING))
    flaw = "invalid" if peer.breaches else "worse" if worse else ""
    return Ratio(peer.solve / max(row.solve, 1e-3), flaw, out_of_time=peer.out_of_time)


@dataclass(frozen=True)
class Ratio:
    """A peer's time over one's own. ``flaw``: ``invalid`` where the peer's allocation breaks rules, ``worse`` where it
    was not as good, or no proof where there is one; ``out_of_time``: and the peer had not ended by itself, so that the
    ratio is a lower limit.
    """

    value: float
    flaw: str
    out_of_time: bool

    def __str__(self) -> str:
        limit = "> " if self.flaw and self.out_of_time else ""
        return f"{limit}{self.value:.3g}{f' ({self.flaw})' if self.flaw else ''}"


@dataclass(frozen=True)
class Growth:
    """How a contestant's cost grows with size within a series: cost ∝ size ^ exponent, least squares of logarithms."""

    series: str
    contestant: str
    sizes: tuple[int, ...]
    solve: float | None
    total: float | None
    memory: float | None


def growth(book: Book) -> list[Growth]:
    """Exponents of every contestant that has valid runs in two sizes or more of a series."""
    by: dict[tuple[str, str], list[tuple[int, Row]]] = {}
    for each in rows(book):
        entry = book.instances[each.instance]
        if each.valid:
            by.setdefault((entry["series"], each.contestant), []).append((entry["size"], each))
    found = []
    for (series, contestant), points in by.items():
        sizes = sorted({size for size, _ in points})
        if len(sizes) > 1:
            exponents = [exponent(points, name) for name in ("solve", "total", "peak_mb")]
            found.append(Growth(series, contestant, tuple(sizes), *exponents))
    return found


def exponent(points: Sequence[tuple[int, Row]], name: str) -> float | None:
    """The slope of log cost over log size."""
    known = [(size, value) for size, each in points if (value := getattr(each, name))]
    if len({size for size, _ in known}) < 2:
        return None
    sizes, values = np.log(np.array(known, float)).T
    return float(np.polyfit(sizes, values, 1)[0])


def contradictions(book: Book) -> list[str]:
    """What cannot all be true: wrong claims about what is known, and bounds that somebody's allocation beats."""
    found = []
    for instance, entry in book.instances.items():
        runs = [run for run in book.runs if run.instance == instance]
        found += [f"{instance}: {fault}" for fault in _faults(runs, entry["known"])]
    return found


def _faults(runs: Sequence[Run], known: Mapping[str, Any]) -> Iterator[str]:
    placed = [run for run in runs if vector(run) is not None]
    for run in runs:
        who = run.contestant
        if run.status in {"rejected", "crashed"} and not run.peer:
            yield f"{who} {run.status}: {run.note}"
        if run.breaches and not run.peer:
            yield f"{who} breaks {', '.join(run.breaches)}"
        if run.status == "infeasible" and (placed or known["status"] not in {None, "infeasible"}):
            yield f"{who} claims that there is no allocation"
        if run.valid and known["status"] == "infeasible":
            yield f"{who} has an allocation where there is none"
        yield from _beaten(run, placed)
        if run.status == "optimal" and run.valid and known["goals"]:
            values = {score.name: score.value for score in scores(run)}
            if values != known["goals"]:
                yield f"{who} claims {values}, best is {known['goals']}"


def _beaten(run: Run, placed: Sequence[Run]) -> Iterator[str]:
    """The bounds of a run that another run's allocation beats."""
    own = vector(run)
    for other in placed:
        theirs = vector(other)
        for number, claim in enumerate(scores(run)):
            same = number == 0 or (own is not None and theirs is not None and own[:number] == theirs[:number])
            if not same or claim.bound is None or theirs is None:
                continue
            if theirs[number] - claim.sense * claim.bound > ROUNDING * max(1.0, abs(claim.bound)):
                value = claim.sense * theirs[number]
                yield f"{run.contestant} claims {claim.name} at best {claim.bound}, {other.contestant} has {value}"
