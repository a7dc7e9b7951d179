"""OR-Tools and HiGHS in one process: newer HiGHS wheels cannot be loaded beside OR-Tools."""

import subprocess
import sys
from datetime import timedelta

import highspy
import pytest
from ortools.graph.python import min_cost_flow
from ortools.math_opt.python import mathopt
from ortools.sat.python import cp_model

# maximise 3x + 2y  with  x + y ≤ 4,  x + 3y ≤ 6,  x ≤ 3  in whole numbers: x = 3, y = 1, value 11.
BEST = 11


def by_cp_sat() -> float:
    """The model above by CP-SAT."""
    model = cp_model.CpModel()
    x, y = model.new_int_var(0, 3, "x"), model.new_int_var(0, 4, "y")
    model.add(x + y <= 4)
    model.add(x + 3 * y <= 6)
    model.maximize(3 * x + 2 * y)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    assert solver.solve(model) == cp_model.OPTIMAL
    return float(solver.objective_value)


def by_math_opt() -> float:
    """The model above by the HiGHS inside OR-Tools."""
    model = mathopt.Model(name="two")
    x = model.add_integer_variable(lb=0, ub=3)
    y = model.add_integer_variable(lb=0, ub=4)
    model.add_linear_constraint(x + y <= 4)
    model.add_linear_constraint(x + 3 * y <= 6)
    model.maximize(3 * x + 2 * y)
    limits = mathopt.SolveParameters(time_limit=timedelta(seconds=30))
    result = mathopt.solve(model, mathopt.SolverType.HIGHS, params=limits)
    assert result.termination.reason == mathopt.TerminationReason.OPTIMAL
    value: float = result.objective_value()
    return value


def by_highs() -> float:
    """The model above by HiGHS itself."""
    solver = highspy.Highs()
    solver.silent()
    x = solver.addIntegral(lb=0, ub=3)
    y = solver.addIntegral(lb=0, ub=4)
    solver.addConstr(x + y <= 4)
    solver.addConstr(x + 3 * y <= 6)
    solver.maximize(3 * x + 2 * y)
    assert solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
    value: float = solver.getInfo().objective_function_value
    return value


IMPORTS = (
    "import highspy",
    "from ortools.math_opt.python import mathopt",
    "from ortools.sat.python import cp_model",
)


def test_three_solvers_agree_in_one_process() -> None:
    """CP-SAT, MathOpt's HiGHS and HiGHS itself reach 11 one after the other, then in the other order."""
    solvers = [by_cp_sat, by_math_opt, by_highs]
    assert [round(solve()) for solve in [*solvers, *reversed(solvers)]] == [BEST] * 6


@pytest.mark.parametrize("lines", [IMPORTS, IMPORTS[::-1]], ids=["highs first", "ortools first"])
def test_they_load_in_either_order(lines: tuple[str, ...]) -> None:
    """A fresh process may import them in either order (the undefined symbol of newer wheels shows here)."""
    done = subprocess.run(
        [sys.executable, "-c", "; ".join(lines)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_min_cost_flow_loads_beside_them() -> None:
    """One unit from 0 to 1 over the cheaper of two arcs costs 2."""
    flow = min_cost_flow.SimpleMinCostFlow()
    flow.add_arc_with_capacity_and_unit_cost(0, 1, 1, 5)
    flow.add_arc_with_capacity_and_unit_cost(0, 1, 1, 2)
    flow.set_node_supply(0, 1)
    flow.set_node_supply(1, -1)
    assert flow.solve() == flow.OPTIMAL
    assert flow.optimal_cost() == 2


def test_highs_is_older_than_the_faulty_release() -> None:
    """HiGHS is below 1.14, as pyproject.toml pins it."""
    version = tuple(int(part) for part in highspy.Highs().version().split(".")[:2])
    assert version < (1, 14)
