"""The methods, one file each: numbers in, numbers out.

A method is found because its module here sets ``SOLVER``; the other modules are what methods share. No module
is imported before it is asked for, so that nobody waits for OR-Tools who only wants to read a round.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from models.errors import UnknownName

if TYPE_CHECKING:  # who asks for the methods' names, as `matcher --help` does, does not wait for numpy
    from models.problem import Problem
    from solvers.interface import Limits, Solver

EXACT_REACH = 250_000
"""Options up to which ``choose`` takes the exact method where the round is no network."""

AUTO = "auto"
"""The name under which ``choose`` decides."""


@cache
def names() -> tuple[str, ...]:
    """Every method's name, in alphabetical order."""
    modules = (module.name for module in pkgutil.iter_modules(__path__) if not module.ispkg)
    return tuple(sorted(name for name in modules if _sets_solver(name)))


def _sets_solver(module: str) -> bool:
    text = Path(__path__[0], f"{module}.py").read_text(encoding="utf-8")
    return re.search(r"^SOLVER\b", text, re.MULTILINE) is not None


def get(name: str) -> Solver:
    """The method of that name; ``UnknownName`` with the nearest name where there is none."""
    if name not in names():
        near = get_close_matches(name, [*names(), AUTO], n=1, cutoff=0.0)
        hint = f" (nearest: {near[0]})" if near else ""
        raise UnknownName(f"no method {name!r}{hint}; there are {', '.join([AUTO, *names()])}")
    solver: Solver = importlib.import_module(f"{__name__}.{name}").SOLVER
    return solver


def choose(problem: Problem, limits: Limits) -> tuple[Solver, str]:  # noqa: ARG001 - a future choice may ask them
    """The method for a problem, and why, in a sentence."""
    from solvers.flow import Network, is_network  # noqa: PLC0415 - a method is imported when it is needed

    network = is_network(problem)
    if isinstance(network, Network):
        return get(
            "flow"
        ), "flow, because the round is a pure network, which minimum-cost flow solves exactly"
    if problem.options > EXACT_REACH:
        return get("large"), (
            f"large, because {problem.options} options are beyond the exact method's reach of {EXACT_REACH}, and the "
            f"round is not a pure network: {network}"
        )
    return get("exact"), f"exact, because the round is not a pure network: {network}"
