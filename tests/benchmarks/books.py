"""Books made by hand: two contestants and a peer on one instance."""

from __future__ import annotations

from typing import Any

from benchmarks.jobs import Run
from benchmarks.results import Book

MACHINE = {"processor": "P", "cores": 2, "memory_gb": 8.0, "system": "Linux x86_64", "python": "3.11.9"}


def goal(name: str, value: int | None, bound: int | None, sense: int = 1) -> dict[str, Any]:
    """A goal as a run states it."""
    return {"name": name, "sense": sense, "value": value, "bound": bound, "proven": value == bound}


def run(who: str, values: list[dict[str, Any]], solve: float | None = 1.0, **more: Any) -> Run:
    """A run on `toy-100-0`, feasible unless said otherwise."""
    given = {
        "family": "toy",
        "instance": "toy-100-0",
        "size": 100,
        "peer": False,
        "repetition": 0,
        "limit": 60.0,
    }
    given |= {"workers": 2, "status": "feasible", "goals": values, "peak_mb": 100.0, "solve_cpu": solve}
    given |= {"seconds": {} if solve is None else {"intake": 0.5, "solve": solve}}
    return Run(contestant=who, **{**given, **more})


def book(*runs: Run, goals: dict[str, int] | None = None, status: str | None = None) -> Book:
    """A book of runs; what is known of every instance is the same."""
    known = {"status": status, "goals": goals or {}, "source": "by hand"}
    head = {
        "command": "matcher bench",
        "started": "2024-05-01T10:00:00+00:00",
        "machine": MACHINE,
        "versions": {"x": "1"},
    }
    instances = {
        each.instance: {"family": "toy", "series": "toy", "size": each.size, "seed": 0, "known": known}
        for each in runs
    }
    contestants = {each.contestant: {"peer": each.peer, "about": "hand made", "blind": []} for each in runs}
    return Book(head, instances, contestants, {"toy": "a family for tests"}, list(runs))
