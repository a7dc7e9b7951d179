"""Counts rounded up: the rows that tighten them, and who pays for them, against everything that there is."""

from __future__ import annotations

from itertools import combinations, product

import numpy as np
import pytest

from models.problem import IntArray
from solvers.scaling.counting import Counted, Cuts
from solvers.scaling.matrix import FloatArray
from solvers.scaling.sharing import Shared, Shares, Sharing
from solvers.scaling.simplex import model, relaxed, solver

ROUNDS = 60


def best_whole(gain: FloatArray, cost: float, divisor: int, others: int) -> float:
    """The best of all choices of agents with the units that they and the others ask for."""
    return max(
        float(gain @ np.array(chosen)) - cost * -(-(sum(chosen) + others) // divisor)
        for chosen in product((0, 1), repeat=len(gain))
    )


def best_relaxed(gain: FloatArray, cost: float, divisor: int, others: int) -> tuple[float, list[Cuts]]:
    """The optimum of the linear program once no row of the count is broken any more, and those rows."""
    agents, taken = len(gain), list[Cuts]()
    counted = Counted(np.zeros(agents, np.int64), np.array([float(divisor)]), np.array([float(others)]))
    highs = solver()
    columns = np.arange(agents + 1)
    entries = (np.zeros(agents + 1, np.int64), columns, np.append(-np.ones(agents), float(divisor)))
    most = np.append(np.ones(agents), 99.0)
    highs.passModel(model(entries, np.append(gain, -cost), most, np.array([others]), np.array([np.inf])))
    for _ in range(ROUNDS):
        assert relaxed(highs)
        values = np.array(highs.getSolution().col_value)
        cuts = counted.broken(values[:agents], values[agents:])
        if not len(cuts):
            return float(gain @ values[:agents] - cost * values[agents]), taken
        taken.append(cuts)
        for number in range(len(cuts)):
            mine = cuts.pair[cuts.row == number]
            column = np.append(mine, agents).astype(np.int32)
            value = np.append(-np.ones(len(mine)), cuts.units[number])
            highs.addRow(float(cuts.least[number]), np.inf, len(column), column, value)
    raise AssertionError("rows without end")


@pytest.mark.parametrize("seed", range(40))
def test_the_rows_of_a_count_leave_whole_values_only(seed: int) -> None:
    """One count, random gains: with its rows the linear program is worth what the best whole choice is."""
    rng = np.random.default_rng(seed)
    agents, divisor, others = int(rng.integers(1, 10)), int(rng.integers(1, 6)), int(rng.integers(0, 7))
    gain, cost = rng.integers(0, 40, agents).astype(float), float(rng.integers(1, 120))
    found, cuts = best_relaxed(gain, cost, divisor, others)
    whole = best_whole(gain, cost, divisor, others)
    assert found >= whole - 1e-6
    assert found <= whole + 0.02 * (cost + gain.max()) * (len(cuts) + 1)  # rows broken by less are left
    for each in cuts:
        for chosen in product((0, 1), repeat=agents):
            units = -(-(sum(chosen) + others) // divisor)
            paid = np.bincount(each.row, weights=np.array(chosen)[each.pair], minlength=len(each))
            assert (each.units * units - paid >= each.least - 1e-9).all(), "no whole choice is lost"


def test_several_agents_ask_for_the_last_unit_together() -> None:
    """Thirteen of whom ten fill a unit, at 1.3 units: three in the second one, so that 3 · z − Σ x ≥ 2 · 3 − 13."""
    counted = Counted(np.zeros(13, np.int64), np.array([10.0]), np.zeros(1))
    (cuts,) = [counted.broken(np.ones(13), np.array([1.3]))]
    assert cuts.units.tolist() == [3.0]
    assert cuts.least.tolist() == [-7.0]
    assert cuts.pair.tolist() == list(range(13))
    unknown = Counted(np.zeros(13, np.int64), np.array([np.nan]), np.zeros(1))
    assert not len(unknown.broken(np.ones(13), np.array([1.3])))


def shares(members: tuple[int, ...], divisor: int, upper: int) -> Shares:
    """Counts with so many pairs each."""
    count = np.repeat(np.arange(len(members)), members)
    every: IntArray = np.ones(len(members), np.int64)
    size = np.full(len(members), float(divisor))
    return Shares(np.arange(len(count)), count, 0 * every, size, every * upper)


def collected(sharing: Sharing, count: int) -> float:
    """What any of the pairs of a count pay together beyond the units that they ask for, at most."""
    mine = np.flatnonzero(sharing.shares.count == count)
    divisor = float(sharing.shares.divisor[count])
    pays = sharing.own[mine] + sharing.common[count] / divisor
    beyond = [
        sum(some) - -(-size // divisor)
        for size in range(len(mine) + 1)
        for some in combinations(pays.tolist(), size)
        if -(-size // divisor) <= sharing.shares.upper[count]
    ]
    return float(max(beyond))


@pytest.mark.parametrize("seed", range(40))
def test_what_is_collected_beyond_a_cost_is_known(seed: int) -> None:
    """Whatever some pairs pay, of all sets of pairs none pays more beyond its units than is stated; what a later step
    or the mean of two ways states is no less than that.
    """
    rng = np.random.default_rng(seed)
    known = shares(
        (int(rng.integers(1, 9)), int(rng.integers(1, 9))), int(rng.integers(1, 5)), int(rng.integers(1, 4))
    )
    sharing, counts = Sharing.begin(known), np.arange(2)
    sharing.take(paid(sharing, counts, rng))
    for count in counts.tolist():
        assert sharing.over[count] == pytest.approx(max(0.0, collected(sharing, count)))
    sharing.learn(np.flatnonzero(rng.random(len(known.count)) < 0.5), 0.3)
    for count in counts.tolist():
        assert sharing.over[count] >= collected(sharing, count) - 1e-9


def paid(sharing: Sharing, counts: IntArray, rng: np.random.Generator) -> Shared:
    """Counts paid at random, some pairs of them too."""
    some = np.flatnonzero(rng.random(len(sharing.own)) < 0.6)
    defining = rng.random(len(counts)) * (rng.random(len(counts)) < 0.7)
    return sharing.shared(counts, np.full(len(counts), 1.5), defining, some, rng.random(len(some)))


def test_who_pays_too_little_pays_in_proportion() -> None:
    """Two who pay 0.2 and 0.1 of a unit that costs 1 pay 2/3 and 1/3; where nobody pays, everybody pays a k-th."""
    sharing = Sharing.begin(shares((2,), 5, 3))
    counts = np.zeros(1, np.int64)
    shared = sharing.shared(counts, np.ones(1), np.zeros(1), np.arange(2), np.array([0.2, 0.1]))
    assert shared.own.tolist() == pytest.approx([2 / 3, 1 / 3])
    assert shared.over.tolist() == [0.0]
    nothing = sharing.shared(counts, np.ones(1), np.zeros(1), np.zeros(0, np.int64), np.zeros(0))
    assert nothing.common.tolist() == [1.0]


def test_twelve_pay_for_two() -> None:
    """Of ten to a unit: twelve who pay a sixth each pay for two units, and ten of them two thirds more than for one."""
    sharing = Sharing.begin(shares((12,), 10, 3))
    shared = sharing.shared(np.zeros(1, np.int64), np.ones(1), np.zeros(1), np.arange(12), np.full(12, 1 / 6))
    assert shared.own.tolist() == pytest.approx([1 / 6] * 12)
    assert shared.over.tolist() == pytest.approx([2 / 3])
