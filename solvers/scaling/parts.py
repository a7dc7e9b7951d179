"""Which parts of a round to look at together: neighbouring areas of a district, and those who are or would like to be
there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from models.problem import Areas, IntArray, Problem
from solvers.scaling.blocks import areas_of
from solvers.scaling.matrix import FloatArray, Mask, totals
from solvers.scaling.ranking import Breadth, broad, near_best, stretches
from solvers.scaling.standing import Standing
from solvers.scaling.view import Tied, Valued

FAVOURED = Breadth(8, 3, 6)
"""Options of an agent in a part, the best at the prices first."""
NEAR = 10
"""Options per agent, the nearest to the best, that say where else agents would like to be."""
LIKED = 5
"""Sweeps in which stretches go together that the same agents like. Once nearly all have their place, what is missed is
a chain of moves: stretches go together between which agents would move, where somebody without a place waits first.
"""
LABELS = 8
"""Labels of a tie in a part, the best first: those who choose together have to meet."""
LABELLED = 6
"""Options of an agent in each of them."""
WAITING = 0.6
"""How many agents without a place a part takes in, per agent who has one there (and ``AT_LEAST``)."""
AT_LEAST = 40
CHANCE = 1e-3
"""What stretches that nobody links count for, so that one of them follows where there is no other."""


@dataclass(frozen=True)
class Links:
    """How many agents link two stretches: of each stretch (from ``first`` on) the ``others``, and ``how_many``;
    ``demand`` is what those without a place miss in each.
    """

    first: IntArray
    others: IntArray
    how_many: FloatArray
    demand: FloatArray

    @staticmethod
    def of(one: IntArray, other: IntArray, demand: FloatArray) -> Links:
        """From pairs of stretches, in any order; those of one stretch with itself do not count."""
        count, apart = len(demand), one != other
        one, other = one[apart].astype(np.int64), other[apart].astype(np.int64)
        both, how_many = np.unique(
            np.concatenate([one * count + other, other * count + one]), return_counts=True
        )
        first = np.searchsorted(both, np.arange(count + 1) * count)
        return Links(first, both % max(1, count), how_many.astype(np.float64), demand)

    @staticmethod
    def of_likes(agent: IntArray, stretch: IntArray, count: int) -> Links:
        """From who (ascending) likes what: two stretches are linked by everybody who likes both."""
        liked = np.unique(agent.astype(np.int64) * count + stretch)
        agent, stretch = liked // max(1, count), liked % max(1, count)
        pairs = [(np.zeros(0, np.int64), np.zeros(0, np.int64))]
        for step in range(1, len(liked)):
            same = agent[step:] == agent[:-step]
            if not same.any():
                break
            pairs.append((stretch[:-step][same], stretch[step:][same]))
        one, other = (np.concatenate(each) for each in zip(*pairs, strict=True))
        return Links.of(one, other, np.zeros(count))

    def groups(self, size: int, rng: np.random.Generator) -> Iterator[list[int]]:
        """All stretches in groups of ``size``: one where much is missed, then time and again one of those that most
        agents link with it, luck allowing.
        """
        count = len(self.first) - 1
        free = np.ones(count, bool)
        order = np.argsort(-(self.demand + CHANCE) * rng.random(count), kind="stable")
        for seed in order.tolist():
            if not free[seed]:
                continue
            group, ties = [seed], np.zeros(count)
            free[seed] = False
            while len(group) < size and free.any():
                here = slice(self.first[group[-1]], self.first[group[-1] + 1])
                ties[self.others[here]] += self.how_many[here]
                chosen = int(np.argmax(np.where(free, (ties + CHANCE) * rng.random(count), -1.0)))
                group.append(chosen)
                free[chosen] = False
            yield group


@dataclass(frozen=True)
class Part:
    """Agents who choose anew, and the options that they choose among (both ascending)."""

    agents: IntArray
    options: IntArray


@dataclass(frozen=True)
class Wanted:
    """What each option is worth, and each label of the ``tied`` (None: there are no ties)."""

    worth: FloatArray
    tied: Valued | None


@dataclass(frozen=True)
class Parts:
    """The ways to divide a problem."""

    problem: Problem

    @cached_property
    def areas(self) -> Areas:
        """The problem's areas."""
        return areas_of(self.problem)

    @cached_property
    def _starts(self) -> IntArray:
        """Where the options of each agent that has some begin."""
        agent = self.problem.agent
        return (
            np.flatnonzero(np.append(True, agent[1:] != agent[:-1])) if len(agent) else np.zeros(0, np.int64)
        )

    @cached_property
    def mates(self) -> tuple[IntArray, IntArray]:
        """Agents in order of their bundles, and where each bundle begins."""
        order = np.argsort(self.problem.bundle, kind="stable")
        count = np.bincount(self.problem.bundle, minlength=int(self.problem.bundle.max(initial=-1)) + 1)
        return order, np.concatenate([[0], np.cumsum(count)])

    def sweep(
        self, standing: Standing, worth: FloatArray, size: int, chunks: int, turn: int
    ) -> Iterator[list[IntArray]]:
        """Sets of areas that cover everything once, each with about ``size`` agents in ``chunks`` stretches
        that agents link: who likes both, in the first sweeps; later who would move from one
        to the other. ``turn`` (from 1) varies where stretches begin and which go together.
        """
        load = np.bincount(self.areas.of_option[standing.chosen], minlength=len(self.areas.district))
        most = np.diff(self.areas.listed[1]) > 0
        divided = list(self._stretches(np.maximum(load, most), max(1, size // chunks), turn))
        stretch_of = np.zeros(len(load), np.int32)  # and so is the one per option
        for number, areas in enumerate(divided):
            stretch_of[areas] = number
        of_option = stretch_of[self.areas.of_option]
        if turn <= LIKED:
            near = np.flatnonzero(near_best(self._starts, worth, NEAR))
            links = Links.of_likes(self.problem.agent[near], of_option[near], len(divided))
        else:
            links = self._moves(standing, worth, of_option, len(divided))
        for group in links.groups(chunks, np.random.default_rng(turn)):
            yield [divided[number] for number in group]

    def _moves(self, standing: Standing, worth: FloatArray, stretch: IntArray, count: int) -> Links:
        """Who would move between the stretches of the options, and what those without a place miss there."""
        starts, agent, choice = self._starts, self.problem.agent, standing.choice
        near = np.flatnonzero(near_best(starts, worth, NEAR))
        near = near[choice[agent[near]] >= 0]
        best = np.maximum.reduceat(worth, starts) if len(starts) else np.zeros(0)
        without = np.flatnonzero((choice[agent[starts]] < 0) & (best > 0))
        edges = np.append(starts, len(worth))
        theirs = stretches(without, edges)
        missed = theirs[worth[theirs] >= np.repeat(best[without], np.diff(edges)[without])]
        demand = totals(stretch[missed], worth[missed], count)
        return Links.of(stretch[choice[agent[near]]], stretch[near], demand)

    def _stretches(self, load: IntArray, size: int, turn: int) -> Iterator[IntArray]:
        """Neighbouring areas with about ``size`` agents together, district by district."""
        order = np.lexsort((np.arange(len(load)), self.areas.along, self.areas.district))
        order = order[load[order] > 0]
        begin, total = 0, (turn % 3) * size / 3
        for place, area in enumerate(order.tolist()):
            if begin < place and (
                total + load[area] > size * 1.3
                or self.areas.district[area] != self.areas.district[order[place - 1]]
            ):
                yield order[begin:place]
                begin, total = place, 0.0
            total += load[area]
        if begin < len(order):
            yield order[begin:]

    def part(self, areas: list[IntArray], standing: Standing, wanted: Wanted, taken: Mask) -> Part | None:
        """Those placed in these areas and those who wait for a place there, with their mates; none who is ``taken``,
        and then marks them.
        """
        options = self.areas.options_in(np.concatenate(areas))
        agent = self.problem.agent[options]
        here = standing.choice[agent] == options
        free = np.zeros(self.problem.agents, bool)
        free[agent[here]] = True
        waiting = np.flatnonzero((standing.choice[agent] < 0) & ~taken[agent])
        free[self._keenest(agent[waiting], wanted.worth[options[waiting]], int(here.sum()))] = True
        agents = self._with_mates(np.flatnonzero(free), taken)
        if not len(agents):
            return None
        taken[agents] = True
        inside = np.zeros(self.problem.agents, bool)
        inside[agents] = True
        chosen = standing.choice[agents]
        favoured = self._favoured(np.concatenate(areas), options[inside[agent]], wanted)
        return Part(agents, np.union1d(favoured, chosen[chosen >= 0]))

    def family(self, agents: IntArray, standing: Standing, wanted: Wanted, taken: Mask) -> Part | None:
        """Agents (ascending) and their mates, none who is ``taken``, and then marks them; they may go anywhere."""
        agents = self._with_mates(agents, taken)
        options = stretches(agents, self._edges)
        if not len(options):
            return None
        taken[agents] = True
        chosen = standing.choice[agents]
        favoured = self._favoured(np.arange(len(self.areas.district)), options, wanted)
        return Part(agents, np.union1d(favoured, chosen[chosen >= 0]))

    @cached_property
    def _edges(self) -> IntArray:
        """Where the options of each agent begin, and one end more."""
        return np.searchsorted(self.problem.agent, np.arange(self.problem.agents + 1))

    def _keenest(self, agent: IntArray, worth: FloatArray, placed: int) -> IntArray:
        """Those waiting who stand to gain most."""
        if not len(agent):
            return agent
        first = np.flatnonzero(np.append(True, agent[1:] != agent[:-1]))
        who, best = agent[first], np.maximum.reduceat(worth, first)
        order = np.lexsort((who, -best))
        return who[order[: AT_LEAST + int(WAITING * placed)]]

    def _with_mates(self, agents: IntArray, taken: Mask) -> IntArray:
        """Whole bundles, without those of which somebody is taken."""
        order, first = self.mates
        bundles = np.unique(self.problem.bundle[agents])
        members = [order[first[bundle] : first[bundle + 1]] for bundle in bundles.tolist()]
        free = [each for each in members if not taken[each].any()]
        return np.sort(np.concatenate([np.zeros(0, np.int64), *free]))

    def _favoured(self, areas: IntArray, options: IntArray, wanted: Wanted) -> IntArray:
        """Each agent's best options; for agents who choose together, those that they like best together."""
        tied = wanted.tied
        alone = options if tied is None else options[~tied.tied.agents[self.problem.agent[options]]]
        agent, area = self.problem.agent[alone], self.areas.of_option[alone]
        found = broad(alone, agent, area, wanted.worth[alone], FAVOURED)
        if tied is None or len(alone) == len(options):
            return np.sort(found)
        inside = np.zeros(len(self.areas.district), bool)
        inside[areas] = True
        meeting = tied.favoured(inside[self._area_of_label], LABELS, LABELLED)
        return np.union1d(found, np.intersect1d(meeting, options, assume_unique=True))

    def wanted(self, worth: FloatArray) -> Wanted:
        """What options are worth, ready for many parts."""
        some = self._tied is not None and len(self._tied.option) > 0
        return Wanted(worth, Valued(self._tied, worth) if some and self._tied is not None else None)

    @cached_property
    def _area_of_label(self) -> IntArray:
        """The area of each label of a tie."""
        return np.zeros(0, np.int64) if self._tied is None else self._tied.where(self.areas.of_option)

    @cached_property
    def _tied(self) -> Tied | None:
        """The ties over all options."""
        ties = self.problem.ties
        return None if ties is None else Tied.of(ties, self.problem.agent)
