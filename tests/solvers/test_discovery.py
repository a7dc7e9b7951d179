"""How methods are found by name, and chosen."""

from __future__ import annotations

import subprocess
import sys

import pytest

import solvers
from models.errors import UnknownName
from solvers.interface import Limits
from tests.solvers.problems import random_network, random_problem


def test_methods_are_the_modules_with_a_solver() -> None:
    """Helpers (the driver, the rows, the network) are not methods."""
    assert set(solvers.names()) >= {"cpsat", "enumerate", "exact", "flow", "greedy", "stable"}
    assert not {"interface", "lexicographic", "network", "rows"} & set(solvers.names())
    assert all(solvers.get(name).name == name for name in solvers.names())


def test_unknown_name_is_told_the_nearest() -> None:
    """A slip of the pen is answered with the method that was meant."""
    with pytest.raises(UnknownName, match="nearest: greedy"):
        solvers.get("gredy")


def test_flow_where_it_can_and_exact_elsewhere() -> None:
    """The choice says why in a sentence."""
    method, why = solvers.choose(random_network(0), Limits())
    assert method.name == "flow"
    assert "network" in why
    method, why = solvers.choose(random_problem(0), Limits())
    assert method.name == "exact"
    assert "not a pure network" in why


def test_names_wait_for_no_solver_library() -> None:
    """Asking for the names imports neither OR-Tools nor HiGHS."""
    code = "import sys, solvers; solvers.names(); print(sorted({'ortools', 'highspy'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
