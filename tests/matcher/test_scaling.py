"""What the method for large rounds is made of, each part against something slower that says the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any, TypeVar

import numpy as np
import pytest

import solvers
from matcher.compiling import compile_problem, options_of
from matcher.generating import Spec, generate
from models import bulk
from models.outcome import Status
from models.problem import FREE_BELOW, Block, Goal, IntArray, Problem, Ties, Weighted
from solvers.crew import Alone
from solvers.giving import NOTHING
from solvers.interface import Limits, never, silent
from solvers.scaling import rounding
from solvers.scaling.blocks import Districts
from solvers.scaling.efforts import Effort
from solvers.scaling.improving import Improver
from solvers.scaling.labels import Labels
from solvers.scaling.local import Local, _Growing
from solvers.scaling.lowering import Lowering
from solvers.scaling.matrix import FloatArray, Matrix, matrix_of, totals
from solvers.scaling.meeting import meeting
from solvers.scaling.parts import Links, Parts
from solvers.scaling.piece import cut_out
from solvers.scaling.prices import Descent, Market
from solvers.scaling.ranking import Breadth, broad, near_best
from solvers.scaling.relaxation import Program
from solvers.scaling.rounding import _Rounding, solve
from solvers.scaling.settling import Settling
from solvers.scaling.sharing import Sharing
from solvers.scaling.simplex import relaxed
from solvers.scaling.standing import EPSILON, Standing, mended
from solvers.scaling.trying import Change, Trying
from solvers.scaling.view import Valued, _common
from solvers.stage import Clock, simple_bound, targets_of
from tests.begun import SHAPES, begun
from tests.strategies import random_round

R = TypeVar("R")
NOBODY = np.zeros(0, np.int64)


def compiled(shape: str, learners: int = 120, seed: int = 4) -> Problem:
    """A generated round as numbers, with one weighted objective."""
    rnd = generate(Spec.of_shape(shape, learners), seed)
    problem = compile_problem(rnd, options_of(rnd)[0])
    return replace(problem, weighted=Weighted((100_000, 100, 1)[: len(problem.goals)], 1))


def market_of(problem: Problem) -> Market:
    """The market of the first goal."""
    goal = targets_of(problem)[0]
    return Market(matrix_of(problem), (goal.sense * goal.dense(problem.columns)).astype(np.float64))


def lowering_of(market: Market) -> Lowering:
    """Blocks in this process, without noise."""
    noise = np.zeros(market.matrix.problem.options)
    return Lowering(market, Districts(market.matrix), Alone(), Clock(silent, never), noise)


def breaks(matrix: Matrix, standing: Standing) -> FloatArray:
    """By how much each row's upper side is exceeded."""
    over: FloatArray = standing.activity - matrix.upper
    return over[over > EPSILON]


@pytest.mark.parametrize("shape", SHAPES)
def test_rows_lie_in_the_district_of_all_their_options(shape: str) -> None:
    """Spelled out option by option, a row has the district that is stated, or options in several."""
    matrix = matrix_of(compiled(shape))
    districts = Districts(matrix)
    at, row, _ = matrix.entries(np.arange(matrix.problem.options))
    for number in range(len(matrix)):
        mine = np.unique(districts.of_option[at[row == number]])
        assert districts.of_row[number] == (mine[0] if len(mine) == 1 else -1)


@pytest.mark.parametrize("agents", [10, 60, 1000])
def test_blocks_cover_every_district_once(agents: int) -> None:
    """Whatever their size, and whichever go together."""
    districts = Districts(matrix_of(compiled("national")))
    for turn in range(3):
        blocks = list(districts.blocks(agents, turn))
        every = np.sort(np.concatenate(blocks))
        assert every.tolist() == np.flatnonzero(districts.size).tolist()
        options = np.concatenate([districts.options_in(block) for block in blocks])
        assert np.sort(options).tolist() == list(range(districts.problem.options))


@pytest.mark.parametrize("shape", SHAPES)
def test_some_options_pay_what_all_pay(shape: str) -> None:
    """Prices of a selection are a selection of the prices."""
    matrix = matrix_of(compiled(shape))
    rng = np.random.default_rng(1)
    prices = rng.normal(0, 5, len(matrix))
    some = np.sort(rng.choice(matrix.problem.options, matrix.problem.options // 3, replace=False))
    assert np.allclose(matrix.prices_of(prices, some), matrix.option_prices(prices)[some])


@pytest.mark.parametrize("shape", SHAPES)
def test_blocks_lower_the_bound_and_state_it_truly(shape: str) -> None:
    """The bound falls (strictly, where steps alone were few), and is what a market says afresh of these prices."""
    market = market_of(compiled(shape))
    before = Descent(market, market.begin()).go(10, 0.0, NOBODY, never)
    lowering = lowering_of(market)
    told: list[float] = []
    after = lowering.go(before, 40, 0, told.append)
    assert after.bound < before.bound
    assert told == sorted(told, reverse=True)
    assert told[-1] == pytest.approx(after.bound, rel=1e-7)


@pytest.mark.parametrize("seed", range(16))
def test_blocks_never_prove_too_much(seed: int) -> None:
    """On random rounds of all rules the bound stays at the optimum or above."""
    rnd = random_round(seed + 700)
    problem = compile_problem(rnd, options_of(rnd)[0])
    truth = solvers.get("exact").solve(problem, Limits(60), silent, never)
    if truth.status is not Status.OPTIMAL or not problem.options:
        return
    goal, best = targets_of(problem)[0], truth.goals[0].value
    assert best is not None
    market = market_of(problem)
    market = Market(meeting(market.matrix), market.gain)
    priced = market.begin()
    for turn in range(3):
        priced = lowering_of(market).go(priced, 3, turn, lambda _: None)
        assert priced.bound >= goal.sense * best - 1e-6


class Recording(Alone):
    """One worker that keeps what it was given."""

    def __init__(self) -> None:
        super().__init__()
        self.items: list[tuple[Any, ...]] = []

    def run(
        self,
        task: Callable[..., R],
        items: Sequence[tuple[Any, ...]],
        *,
        clock: Clock | None = None,
        meanwhile: Iterator[object] = NOTHING,
    ) -> list[R] | None:
        """Keep the items."""
        self.items += items
        return super().run(task, items, clock=clock, meanwhile=meanwhile)


@pytest.mark.parametrize("shape", SHAPES)
def test_a_program_that_grew_is_what_it_is_afresh(shape: str) -> None:
    """Options and rows of pairs taken in with the basis kept: the optimum is that of all of them at once."""
    market, hands = market_of(compiled(shape)), Recording()
    lowering = replace(lowering_of(market), hands=hands)
    lowering.go(Descent(market, market.begin()).go(10, 0.0, NOBODY, never), 40, 0, lambda _: None)
    grew = 0
    for item in hands.items:
        program = _Growing(Local(*item))
        assert program.solve() is not None
        afresh = _Growing(replace(program.local, inside=program.inside))
        afresh._insist(program.cuts)
        assert relaxed(afresh.highs)
        assert relaxed(program.highs)
        best = program.highs.getInfo().objective_function_value
        assert best == pytest.approx(afresh.highs.getInfo().objective_function_value, rel=1e-6, abs=1e-3)
        grew += int(program.inside.sum() > program.local.inside.sum()) + bool(len(program.cuts))
    assert grew or shape == "national_plain"


def test_a_piece_gains_no_less_where_some_of_the_settled_may_move(monkeypatch: pytest.MonkeyPatch) -> None:
    """... and more in some pieces: who is placed whole by the linear program may be in the way of whole escorts."""
    there, hands = begun("groups_heavy", 300), Recording()
    parts = Parts(there.matrix.problem)
    improver = Improver(there.matrix, there.gain, parts, hands, Clock(silent, never))
    standing = there.standing
    for turn in range(1, 4):
        *_, standing = improver.sweep(standing, there.worth, Effort(60, 3, 10, 3e-4), turn)
    freed = [gained(item) for item in hands.items]
    monkeypatch.setattr(rounding, "FREED", ((0, 0.0),))
    held = [gained(item) for item in hands.items]
    assert all(more >= less - 1e-6 for more, less in zip(freed, held, strict=True))
    assert any(more > less + 1.0 for more, less in zip(freed, held, strict=True))


def gained(item: tuple[Any, ...]) -> float:
    """What the answer of a piece gains over what holds at present; 0 where there is none."""
    answer, program = solve(*item), Program(*item[:-2])
    return 0.0 if answer is None else float(program.gain @ answer - program.gain @ program.now)


@pytest.mark.parametrize("shape", SHAPES)
def test_a_change_is_reckoned_as_if_everything_were(shape: str) -> None:
    """Random prices and shares of a block's rows and counts, made and taken back: costs, shares and what is fixed are
    what a market says afresh.
    """
    market, rng = market_of(compiled(shape)), np.random.default_rng(3)
    districts = Districts(market.matrix)
    trying = Trying.of(market, Descent(market, market.begin()).go(10, 0.0, NOBODY, never))
    before = trying.of_row.copy(), trying.cost.copy(), trying.sharing.copy(), trying.fixed
    for block in districts.blocks(40, 1):
        rows, counts = districts.rows_in(block), districts.counts_in(block)
        assert rows.tolist() == np.flatnonzero(np.isin(districts.of_row, block)).tolist()
        assert counts.tolist() == np.flatnonzero(np.isin(districts.of_auxiliary, block)).tolist()
        prices = np.where(market.priced[rows], market.within(rng.normal(0, 50, len(rows)), rows), 0.0)
        cost = trying.cost_at(rows, prices, counts)
        defining = rng.random(len(counts)) * cost
        paying = np.flatnonzero(np.isin(market.shares.count, counts))[::2]
        shared = trying.sharing.shared(counts, cost, defining, paying, 9 * rng.random(len(paying)))
        change = Change(rows, prices, shared)
        back = trying.make(change)
        assert np.allclose(trying.cost, market.cost(trying.of_row))
        assert np.allclose(trying.cost[counts], cost)
        afresh = market.fixed(trying.of_row, trying.cost, trying.sharing)
        assert trying.fixed == pytest.approx(afresh, rel=1e-9, abs=1e-3)
        trying.make(back)
        assert trying.of_row.tolist() == before[0].tolist()
        assert np.allclose(trying.cost, before[1])
        assert trying.sharing.own.tolist() == before[2].own.tolist()
        assert trying.sharing.common.tolist() == before[2].common.tolist()
        assert trying.sharing.over.tolist() == before[2].over.tolist()
        assert trying.fixed == pytest.approx(before[3], rel=1e-9, abs=1e-3)


def together(seats: tuple[int, ...], members: int) -> Problem:
    """``members`` agents, together at one of several places (option ``members · place + agent`` sorted by agent), each
    with so many seats.
    """
    places = len(seats)
    agent = np.repeat(np.arange(members), places)
    label = np.tile(np.arange(places), members)
    options = np.arange(members * places)
    seat = Block(
        "seats", label, options, np.ones(len(options), np.int64), np.full(places, FREE_BELOW), np.array(seats)
    )
    ties = Ties(np.zeros(members, np.int64), np.ones(1, bool), options, label)
    gain = Goal("placed", 1, options, np.ones(len(options), np.int64))
    bundle = np.zeros(members, np.int64)
    return Problem(len(options), members, agent, label, bundle, (seat,), (), (gain,), ties=ties)


def test_three_who_stay_together_meet_where_there_are_three_seats() -> None:
    """Of places with 2, 3 and 4 seats the first is out (3 > 2); a pair may choose all of them."""
    for members, kept in ((3, [1, 2]), (2, [0, 1, 2])):
        ties = meeting(matrix_of(together((2, 3, 4), members))).problem.ties
        assert ties is not None
        assert ties.label.tolist() == kept * members


def test_the_bound_knows_that_nobody_is_placed_by_halves() -> None:
    """Two together, ten places of one seat: without looking at where they meet no prices prove less than 1, as the seat
    is worth that much or both gain; nobody can be placed.
    """
    market = market_of(together((1,) * 10, 2))
    assert market.begin().bound == pytest.approx(2.0)
    goal = np.ones(20)
    assert Market(meeting(market.matrix), goal).begin().bound == pytest.approx(0.0)


@pytest.mark.parametrize("seed", range(60))
def test_no_allocation_holds_an_option_that_is_ruled_out(seed: int) -> None:
    """On random rounds of all rules: asked for as many of them as possible, the exact method finds none."""
    rnd = random_round(seed + 900)
    problem = compile_problem(rnd, options_of(rnd)[0])
    ties = meeting(matrix_of(problem)).problem.ties
    if problem.ties is None or ties is None:
        assert ties is problem.ties
        return
    out = np.setdiff1d(problem.ties.option, ties.option)
    assert problem.ties.whole[problem.ties.of_agent[problem.agent[out]]].all()
    held = replace(problem, goals=(Goal("held", 1, out, np.ones(len(out), np.int64)),), weighted=None)
    most = solvers.get("exact").solve(held, Limits(60), silent, never)
    assert most.chosen is None or most.goals[0].bound == 0


@pytest.mark.parametrize("shape", SHAPES)
def test_ties_are_worth_the_same_however_they_are_asked(shape: str) -> None:
    """Best labels added up, or the options that members take: one sum."""
    market = market_of(compiled(shape))
    tied = market.every.tied
    worth = market.every.gain + np.random.default_rng(2).normal(0, 50, len(market.every.gain))
    if tied is None:
        return
    options, total = tied.wishes(worth)
    assert total == pytest.approx(tied.gained(worth))
    assert total == pytest.approx(float(worth[options].sum()))


@pytest.mark.parametrize("shape", SHAPES)
def test_labels_kept_up_to_date_are_worth_what_they_are_afresh(shape: str) -> None:
    """A third of the options change; only labels that hold one of them are reckoned anew, and what they were worth
    before is given back.
    """
    market = market_of(compiled(shape))
    rng = np.random.default_rng(3)
    worth = market.every.gain + rng.normal(0, 50, len(market.every.gain))
    labels = Labels.of(market.every.tied, worth)
    if labels is None:
        return
    some = np.sort(rng.choice(len(worth), len(worth) // 3, replace=False))
    changed = labels.holding(some)
    assert len(changed) > 0
    before = labels.totals.copy()
    worth[some] += rng.normal(0, 50, len(some))
    assert labels.renew(worth, changed).tolist() == before[changed].tolist()
    assert labels.totals == pytest.approx(labels.tied.totals(worth))
    assert float(labels.best().sum()) == pytest.approx(labels.tied.gained(worth))


@pytest.mark.parametrize("shape", SHAPES)
def test_settled_blocks_break_no_limit(shape: str) -> None:
    """Whatever blocks are settled in which order, all upper sides hold, and somebody is placed."""
    market = market_of(compiled(shape))
    priced = Descent(market, market.begin()).go(40, 0.0, NOBODY, never)
    districts = Districts(market.matrix)
    settling = Settling(
        market, market.gain, 1.0, priced, priced.worth, districts, Alone(), Clock(silent, never)
    )
    standing = settling.go(30, 10, 1e-3)
    assert len(standing.chosen) > 0
    assert not len(breaks(market.matrix, standing))


@pytest.mark.parametrize("shape", SHAPES)
def test_an_allocation_is_mended_by_leaving_people_out(shape: str) -> None:
    """Everybody at the first option breaks rows; without those in them none is broken, and nobody has moved."""
    market = market_of(compiled(shape))
    first = np.flatnonzero(np.diff(market.matrix.problem.agent, prepend=-1))
    before = Standing.of(market.matrix, market.gain, first)
    after = mended(market.matrix, market.gain, before)
    assert before.broken(market.matrix).any()
    assert not after.broken(market.matrix).any()
    assert set(after.chosen.tolist()) < set(first.tolist())


def whole_piece(problem: Problem, market: Market) -> tuple[IntArray, IntArray]:
    """Everybody chooses anew among everything: the piece's options, and its answer."""
    standing = Standing.of(market.matrix, market.gain, NOBODY)
    agents, options = np.unique(problem.agent), np.arange(problem.options)
    piece = cut_out(
        market.matrix, market.gain, standing, agents, options, np.zeros(len(market.matrix), np.int64)
    )
    answer = solve(*piece.task(50, 1e-4))
    assert answer is not None
    return piece.options, answer


@pytest.mark.parametrize("shape", SHAPES)
def test_a_piece_made_whole_holds_its_rows_and_is_good(shape: str) -> None:
    """The rounded linear program of a whole round: no limit broken, and near what the exact method proves."""
    problem = compiled(shape, 60)
    market = market_of(problem)
    options, answer = whole_piece(problem, market)
    chosen = options[answer[: len(options)] > 0]
    standing = Standing.of(market.matrix, market.gain, chosen)
    assert not len(breaks(market.matrix, standing))
    truth = solvers.get("exact").solve(problem, Limits(60), silent, never)
    assert truth.objective is not None
    assert truth.objective.value is not None
    assert standing.value >= 0.9 * truth.objective.value


def test_a_minimum_that_nobody_reaches_draws_nobody() -> None:
    """Eight places with a minimum of four each that three can reach, two of them beside four that seven can: a count
    that is a third of a unit in the linear program hides that it asks for more than there are.
    """
    agents, places = 20, 8
    can = [(a, p) for a in range(agents) for p in range(places) if (a + p) % 3 or a % 5 < 2]
    options = len(can)
    row: list[int] = []
    column: list[int] = []
    value: list[float] = []
    lower: list[float] = []
    upper: list[float] = []
    for place in range(places):
        count, here = options + place, [o for o, (_, p) in enumerate(can) if p == place]
        for entries, low, high in (
            ([(o, -1.0) for o in here] + [(count, 10.0)], 0.0, np.inf),
            ([(o, 1.0) for o in here] + [(count, -4.0)], 0.0, np.inf),
            ([(o, 1.0) for o in here], -np.inf, 3.0 if place < 4 else 5.0),
        ):
            row += [len(lower)] * len(entries)
            column += [each for each, _ in entries]
            value += [each for _, each in entries]
            lower.append(low)
            upper.append(high)
    for agent in range(agents):
        mine = [o for o, (a, _) in enumerate(can) if a == agent]
        row += [len(lower)] * len(mine)
        column += mine
        value += [1.0] * len(mine)
        lower.append(-np.inf)
        upper.append(1.0)
    gain = np.array([20.0 if p < 4 else 10.0 + a % 3 for a, p in can] + [0.0] * places)
    numbers = (
        *(np.array(row), np.array(column), np.array(value), np.array(lower), np.array(upper)),
        *(np.ones(options + places), gain, np.zeros(options + places), np.zeros(0, np.int64)),
        *(np.arange(options), np.arange(options), np.array([place for _, place in can])),
        *(3 * np.arange(places), np.array(options)),
    )
    found = solve(*numbers, 10, 1e-4)
    assert found is not None
    placed = np.bincount([can[o][1] for o in np.flatnonzero(found[:options])], minlength=places)
    assert placed[:4].tolist() == [0, 0, 0, 0]
    assert placed[4:].sum() == agents


def knapsacks(agents: int, rows: int) -> tuple[Any, ...]:
    """The numbers of a program in which nobody is in anybody's way but for some rows with uneven weights."""
    rng = np.random.default_rng(3)
    weight = rng.integers(20, 60, (rows, agents)).astype(np.float64)
    row, column = np.divmod(np.arange((rows + agents) * agents), agents)
    value = np.concatenate([weight, np.eye(agents)]).ravel()
    upper = np.concatenate([np.floor(weight.sum(axis=1) / 2), np.ones(agents)])
    gain = 100.0 + rng.integers(0, 9, agents)
    return (
        *(row[value != 0], column[value != 0], value[value != 0], np.full(rows + agents, -np.inf), upper),
        *(np.ones(agents), gain, np.zeros(agents), NOBODY, NOBODY, NOBODY, NOBODY, NOBODY),
        np.array(agents),
    )


def asked(nodes: int, numbers: tuple[Any, ...]) -> tuple[int, list[int]]:
    """How often HiGHS asks whether to go on in the integer program over everything, and its answer."""
    there, events = _Rounding(Program(*numbers), nodes, 0.0), list[object]()
    assert there.begin()
    there.highs.cbMipInterrupt.subscribe(events.append)
    found = there._integer(NOBODY)
    assert found is not None
    return len(events), found.tolist()


def test_an_integer_program_ends_after_so_many_looks() -> None:
    """... whatever the time, with the best that it has found by then: one of hundreds had held all others up."""
    numbers = knapsacks(60, 6)
    program, limit = Program(*numbers), 4 * rounding.LOOKS
    looks, answer = asked(4, numbers)
    assert looks == limit + 1
    assert asked(400, numbers)[0] > 3 * limit
    assert asked(4, numbers) == (looks, answer)
    used = totals(program.row, program.value * np.array(answer)[program.column], len(program.upper))
    assert np.all(used <= program.upper)
    assert sum(answer) > 20


def test_the_broadest_choice_is_the_best_of_the_best_areas() -> None:
    """Two areas of each agent, two options of each, by merit; more of an area where there is no other."""
    agent = np.repeat([0, 1, 3], [7, 2, 5])
    area = np.array([5, 5, 5, 6, 7, 7, 7, 5, 6, 4, 4, 4, 4, 4])
    merit = np.array([9.0, 8, 7, 1, 3, 6, 5, 2, 2, 1, 2, 3, 4, 5])
    found = broad(np.arange(14), agent, area, merit, Breadth(2, 2, 4))
    assert sorted(found.tolist()) == [0, 1, 5, 6, 7, 8, 10, 11, 12, 13]


def test_stretches_that_the_same_agents_like_go_together() -> None:
    """Two circles of friends over six stretches, and one that nobody likes: every stretch once, friends together."""
    agent = np.repeat(np.arange(40), 3)
    stretch = np.concatenate([[0, 2, 4] if each % 2 else [1, 3, 5] for each in range(40)])
    links = Links.of_likes(agent, stretch, 7)
    for seed in range(5):
        groups = list(links.groups(3, np.random.default_rng(seed)))
        assert sorted(number for group in groups for number in group) == list(range(7))
        together = [set(group) for group in groups if len(group) == 3 and 6 not in group]
        assert together
        assert all(len({number % 2 for number in group}) == 1 for group in together)


def test_groups_of_stretches_begin_where_most_is_missed() -> None:
    """Somebody without a place misses one in stretch 3: it goes first, with that of those who would leave."""
    links = Links.of(np.array([3, 3, 0]), np.array([5, 5, 1]), np.array([0, 0, 0, 9.0, 0, 0]))
    for seed in range(5):
        assert next(links.groups(2, np.random.default_rng(seed))) == [3, 5]


@pytest.mark.parametrize(("one", "other"), [((), ()), ((), (3,)), ((3,), ()), ((0, 4, 9), (0, 3, 4, 7, 12))])
def test_what_two_lists_have_in_common(one: tuple[int, ...], other: tuple[int, ...]) -> None:
    """0 and 4 stand first and second in the one, first and third in the other; nothing is common with nothing."""
    here, there = _common(np.array(one, np.int32), np.array(other, np.int32))
    assert [one[place] for place in here] == [other[place] for place in there] == sorted({*one} & {*other})


def test_the_nearest_to_the_best_are_so_many() -> None:
    """Two per agent: 9 and 7 of the first, 5, 4 and (as far behind as the first's 7) 3 of the second."""
    worth = np.array([9.0, 5, 7, 1, 5, 4, 3, 0])
    before = worth.copy()
    assert near_best(np.array([0, 4]), worth, 2).tolist() == [
        True,
        False,
        True,
        False,
        True,
        True,
        True,
        False,
    ]
    assert near_best(np.array([0, 4]), worth, 4).all()
    assert worth.tolist() == before.tolist()


@pytest.mark.parametrize("shape", SHAPES)
def test_how_many_are_looked_at_together_changes_nothing(shape: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bounds, prices of options, pairs, wishes and sums are the same number for number, 50 options at a time."""

    def found() -> list[object]:
        problem = compiled(shape)
        market, (goal,) = market_of(problem), targets_of(problem)
        matrix = market.matrix
        prices = market.within(np.random.default_rng(3).random(len(matrix)))
        wishes, bound = market.wishes(market.every, prices, Sharing.begin(market.shares))
        some = np.arange(0, problem.options, 3)
        return [
            *(goal.column.tolist(), goal.value.tolist(), simple_bound(problem, goal), bound),
            *(
                wishes.wanted.tolist(),
                wishes.worth.tolist(),
                market.shares.pair.tolist(),
                market.scale.tolist(),
            ),
            *(market.shares.count.tolist(), matrix.option_prices(prices, 70, 200).tolist()),
            *(matrix.prices_of(prices, some).tolist(), [each.tolist() for each in matrix.most_and_least()]),
            Districts(matrix).of_row.tolist(),
        ]

    at_once = found()
    monkeypatch.setattr(bulk, "AT_ONCE", 50)
    assert found() == at_once


def test_tied_agents_get_options_of_labels_that_they_share() -> None:
    """Whoever chooses with others gets the options in which they can meet, however much better others look alone."""
    problem = compiled("national", 300)
    market = market_of(problem)
    tied, ties = market.every.tied, problem.ties
    assert tied is not None
    assert ties is not None
    worth = np.random.default_rng(1).random(problem.options)
    chosen = Valued(tied, worth).favoured(np.ones(len(tied.label), bool), 2, 3)
    label_of = dict(zip(ties.option.tolist(), ties.label.tolist(), strict=True))
    seen = 0
    for tie in np.flatnonzero(ties.whole).tolist():
        members = np.flatnonzero(ties.of_agent == tie)
        own = [{label_of[o] for o in chosen.tolist() if problem.agent[o] == member} for member in members]
        if any(own):
            assert set.intersection(*own) == set.union(*own)
            seen += 1
    assert seen
