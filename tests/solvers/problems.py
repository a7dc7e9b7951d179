"""Problems made by hand, by chance, and as pure networks, for the tests of the methods."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from models.outcome import Outcome
from models.problem import FREE_ABOVE, FREE_BELOW, Auxiliary, Block, Goal, IntArray, Problem, Weighted

Solve = Callable[..., Outcome]
"""Solves a problem by a method's name, with limits by name."""
Term = tuple[int, int]
"""A column and its value."""
Row = tuple[int, Sequence[Term], int]
"""Lower side, terms, upper side."""


def block(rule: str, rows: Iterable[Row], *, redundant: bool = False) -> Block:
    """Rows from a list of (lower, terms, upper)."""
    rows = list(rows)
    entries = [
        (number, column, value) for number, (_, terms, _) in enumerate(rows) for column, value in terms
    ]
    row, column, value = np.array(entries, np.int64).reshape(-1, 3).T
    lower = np.array([low for low, _, _ in rows], np.int64)
    upper = np.array([high for _, _, high in rows], np.int64)
    keys = {"number": np.arange(len(rows))}
    return Block(rule, row, column, value, lower, upper, rule + " {number}", keys, redundant)


def at_most(columns: Iterable[int], limit: int) -> Row:
    """No more than ``limit`` of the columns."""
    return (FREE_BELOW, [(column, 1) for column in columns], limit)


def at_least(columns: Iterable[int], limit: int) -> Row:
    """No fewer than ``limit`` of the columns."""
    return (limit, [(column, 1) for column in columns], FREE_ABOVE)


def goal(name: str, sense: int, value: Sequence[int] | IntArray, extra: Sequence[Term] = ()) -> Goal:
    """A goal from one value per option and (column, value) pairs for auxiliaries."""
    column = np.concatenate([np.arange(len(value)), [c for c, _ in extra]]).astype(np.int64)
    more = np.array([v for _, v in extra], np.int64)
    return Goal(name, sense, column, np.concatenate([np.array(value, np.int64), more]))


def problem(
    agent: Sequence[int] | IntArray,
    blocks: Iterable[Block],
    goals: Iterable[Goal],
    *,
    agents: int | None = None,
    auxiliaries: Iterable[Auxiliary] = (),
    weights: Sequence[int] = (),
    bundle: Sequence[int] | IntArray | None = None,
    rank: Sequence[int] | IntArray | None = None,
) -> Problem:
    """A problem in which an agent takes at most one option; ranks count an agent's options in order unless
    given.
    """
    owner = np.array(agent, np.int64)
    count = int(owner.max(initial=-1)) + 1 if agents is None else agents
    once = block("one_placement", [at_most(np.flatnonzero(owner == a).tolist(), 1) for a in range(count)])
    order = [int((owner[:option] == owner[option]).sum()) for option in range(len(owner))]
    return Problem(
        options=len(owner),
        agents=count,
        agent=owner,
        rank=np.array(order if rank is None else rank, np.int64),
        bundle=np.arange(count) if bundle is None else np.array(bundle, np.int64),
        blocks=(once, *blocks),
        auxiliaries=tuple(auxiliaries),
        goals=tuple(goals),
        weighted=Weighted(tuple(weights), 100) if weights else None,
    )


def ceiling(name: str, first: int, members: Sequence[Sequence[int]], divisor: int) -> Auxiliary:
    """Member i: the number of chosen options in ``members[i]``, divided by ``divisor``, rounded up."""
    rows: list[Row] = [
        (0, [(first + i, divisor), *((option, -1) for option in options)], FREE_ABOVE)
        for i, options in enumerate(members)
    ]
    upper = np.array([-(-len(options) // divisor) for options in members], np.int64)
    return Auxiliary(name, first, upper, -1, block(name, rows))


def random_problem(seed: int, *, agents: int = 6, weighted: bool | None = None) -> Problem:
    """A small problem with seats, beds, escorts, minimum groups, quotas, budget, pairs, shares and up to four
    goals.

    About one in four has no solution.
    """
    rng = np.random.default_rng(seed)
    per_agent = rng.integers(0, 4, agents)
    agent = np.repeat(np.arange(agents), per_agent)
    count = len(agent)
    flow, offer, cost = rng.integers(0, 3, count), rng.integers(0, 4, count), rng.integers(1, 9, count)
    partner, fit = (agent % 2), rng.integers(0, 6, count)
    clusters = [np.flatnonzero((flow == f) & (partner == p)).tolist() for f in range(3) for p in range(2)]
    escorts = ceiling("escorts", count, clusters, int(rng.integers(2, 4)))
    opened = ceiling("opened", count + 6, clusters, agents)
    seats = [at_most(np.flatnonzero(offer == o).tolist(), int(rng.integers(1, 3))) for o in range(4)]
    beds = [_heads(flow, f, count, int(rng.integers(2, 6))) for f in range(3)]
    follows = [(0, [(count + c, 1), (o, -1)], FREE_ABOVE) for c in range(6) for o in clusters[c]]
    blocks = [block("seats", seats), block("beds", beds), block("presence", follows, redundant=True)]
    if rng.random() < 0.5:
        blocks.append(block("min_group", [_group(clusters[c], count + 6 + c, 2) for c in range(6)]))
    if rng.random() < 0.5:
        low = int(rng.integers(0, 3))
        blocks.append(block("quotas", [(low, [(int(o), 1) for o in np.flatnonzero(partner == 0)], low + 1)]))
    if rng.random() < 0.5:
        spend = [(option, int(cost[option])) for option in range(count)]
        blocks.append(block("budget", [(FREE_BELOW, [*spend, *((count + c, 3) for c in range(6))], 15)]))
    if rng.random() < 0.5:
        blocks.append(block("pairs", [_together(agent, flow, f) for f in range(3)]))
    if rng.random() < 0.3:
        value = np.where(agent % 3 == 0, 60, -40)
        blocks.append(
            block("inclusion", [(0, [(option, int(value[option])) for option in range(count)], FREE_ABOVE)])
        )
    goals = [
        goal("placed", 1, rng.integers(1, 4, agents)[agent]),
        goal("equity", 1, [0] * count, [(count + 12, 1)]),
        goal("fit", 1, fit),
        goal("cost", -1, cost, [(count + c, 3) for c in range(6)]),
    ]
    auxiliaries = (escorts, opened, share("equity", count + 12, partner, agents))
    picked = [goals[0], *(goals[int(g)] for g in rng.permutation([1, 2, 3]))]
    as_sum = rng.random() < 0.3 if weighted is None else weighted
    return problem(
        agent,
        blocks,
        picked,
        agents=agents,
        auxiliaries=auxiliaries,
        weights=(300, 7, 20, 50) if as_sum else (),
    )


def share(name: str, first: int, partner: IntArray, agents: int) -> Auxiliary:
    """The largest t ≤ 10 with 10 · (options chosen of p) ≥ t · (agents of p) for partners 0 and 1, agents in
    turn.
    """
    rows: list[Row] = [
        (
            0,
            [*((int(o), 10) for o in np.flatnonzero(partner == p)), (first, -((agents + 1 - p) // 2))],
            FREE_ABOVE,
        )
        for p in range(2)
    ]
    return Auxiliary(name, first, np.array([10]), 1, block(name, rows))


def _heads(flow: IntArray, number: int, options: int, limit: int) -> Row:
    """Options in a flow, and the escorts of its two clusters, within the beds."""
    members = [(int(option), 1) for option in np.flatnonzero(flow == number)]
    return (FREE_BELOW, [*members, (options + 2 * number, 1), (options + 2 * number + 1, 1)], limit)


def _group(cluster: Sequence[int], opened: int, size: int) -> Row:
    """None of the cluster, or at least ``size``."""
    return (0, [*((option, 1) for option in cluster), (opened, -size)], FREE_ABOVE)


def _together(agent: IntArray, flow: IntArray, number: int) -> Row:
    """Agents 0 and 1 both in the flow or both not."""
    first = [(int(option), 1) for option in np.flatnonzero((agent == 0) & (flow == number))]
    second = [(int(option), -1) for option in np.flatnonzero((agent == 1) & (flow == number))]
    return (0, [*first, *second], 0)


def random_network(
    seed: int, *, agents: int = 6, per_agent: int = 4, offers: int = 4, spread: int = 100, minima: bool = True
) -> Problem:
    """Seats within offers within flows within a host, and quotas of partners; sometimes with minima.

    Each option is (agent, seat kind, flow): seats per (offer, flow), heads per flow, beds over all flows;
    each partner has a quota over its agents.
    """
    rng = np.random.default_rng(seed)
    agent = np.repeat(np.arange(agents), per_agent)
    count, flows = len(agent), max(2, offers // 8)
    offer = rng.integers(0, offers, count)
    flow, partner = offer % flows, agent % 3
    seats = _limits("seats", offer, rng.integers(1, 3 + agents // offers, offers))
    heads = _limits("flow_heads", flow, rng.integers(1, 2 + agents // flows, flows))
    low = rng.integers(0, 2, 3) if minima else np.zeros(3, np.int64)
    quotas = _limits("quotas", partner, low + rng.integers(1, 2 + agents // 3, 3), low)
    fit = rng.integers(0, spread, count)
    goals = [
        goal("placed", 1, rng.integers(1, 3, agents)[agent]),
        goal("fit", 1, fit),
        goal("cost", -1, rng.integers(1, 20 * spread, count)),
    ]
    once = _limits("one_placement", agent, np.ones(agents, np.int64))
    rank = np.tile(np.arange(per_agent), agents)
    return Problem(
        count, agents, agent, rank, np.arange(agents), (once, seats, heads, quotas), (), tuple(goals)
    )


def _limits(rule: str, row: IntArray, upper: IntArray, lower: IntArray | None = None) -> Block:
    """One row per number in ``row``: no more of its options than ``upper``, no fewer than ``lower``."""
    low = np.full(len(upper), FREE_BELOW) if lower is None else lower
    keys = {"number": np.arange(len(upper))}
    ones = np.ones(len(row), np.int64)
    return Block(rule, row, np.arange(len(row)), ones, low, upper, rule + " {number}", keys)
