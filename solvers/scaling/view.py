"""Some of the options, ready to be asked again and again what everybody wants at given prices.

A view over all options proves bounds; a view over the few that have been near the best lately finds the prices.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar, cast

import numpy as np
import numpy.typing as npt

from models.bulk import narrow, numbers, spans
from models.problem import IntArray, Ties
from solvers.scaling.matrix import FloatArray, Layer, Matrix
from solvers.scaling.ranking import keenest, stretches
from solvers.scaling.sharing import Shares

A = TypeVar("A", bound=npt.NDArray[Any])

NOBODY = -1e18
"""The worth of what is not there."""


@dataclass(frozen=True)
class Wishes:
    """What everybody wants at some prices: the options (indices in the view), what they are worth together, and what
    every option of the view is worth.
    """

    wanted: IntArray
    total: float
    worth: FloatArray


@dataclass(frozen=True)
class View:
    """``options`` are ascending numbers (None: all of them); ``gain`` has one entry per option of the view."""

    matrix: Matrix
    shares: Shares
    options: IntArray | None
    gain: FloatArray

    @staticmethod
    def of(matrix: Matrix, shares: Shares, gain: FloatArray, options: IntArray | None = None) -> View:
        """A view; ``gain`` covers all options."""
        return View(matrix, shares, options, gain if options is None else gain[options])

    @cached_property
    def agent(self) -> IntArray:
        """The agent of each option."""
        return _part(self.matrix.problem.agent, self.options)

    @cached_property
    def starts(self) -> IntArray:
        """Where the options of each agent that has some begin."""
        if not len(self.agent):
            return np.zeros(0, np.int64)
        return np.flatnonzero(np.append(True, self.agent[1:] != self.agent[:-1]))

    @cached_property
    def layers(self) -> tuple[Layer, ...]:
        """The matrix's layers, for the options of the view."""
        return tuple(
            Layer(
                _part(layer.group, self.options),
                layer.sparse,
                None if layer.weight is None else _part(layer.weight, self.options),
            )
            for layer in self.matrix.layers
        )

    @cached_property
    def pair(self) -> IntArray:
        """The pair of agent and count that each option belongs to."""
        return _part(self.shares.pair, self.options)

    @cached_property
    def _singled(self) -> tuple[IntArray, IntArray]:
        """Options with single entries: where they stand in the view, and their numbers in the matrix's list."""
        if self.options is None:
            return self.matrix.singled, numbers(len(self.matrix.singled))
        return _common(self.options, self.matrix.singled)

    @cached_property
    def tied(self) -> Tied | None:
        """The ties, for the options of the view."""
        ties = self.matrix.problem.ties
        return None if ties is None else Tied.of(ties, self.agent, self.options)

    def worth(self, of_row: FloatArray, pays: FloatArray) -> FloatArray:
        """Gain less what the rows and the counts (``pays``, per pair) ask for, of every option."""
        worth = self.gain.copy()
        for layer in self.layers:
            price = layer.sparse.prices(of_row)
            for span in spans(0, len(worth)) if price.any() else ():
                paid = price[layer.group[span]]
                worth[span] -= paid if layer.weight is None else paid * layer.weight[span]
        here, there = self._singled
        worth[here] -= self.matrix.single.prices(of_row)[there]
        if len(pays):
            of_pair = np.append(pays, 0.0)
            for span in spans(0, len(worth)):
                worth[span] -= of_pair[self.pair[span]]
        return worth

    def wishes(self, of_row: FloatArray, pays: FloatArray) -> Wishes:
        """Everybody's best choice; nobody is made to choose at a loss."""
        worth = self.worth(of_row, pays)
        if not len(worth):
            return Wishes(np.zeros(0, np.int64), 0.0, worth)
        best = np.maximum.reduceat(worth, self.starts)
        free = best > 0
        if self.tied is not None:
            free &= ~self.tied.agents[self.agent[self.starts]]
        wanted = self._first_best(worth, best, free)
        total = float(best[free].sum())
        if self.tied is not None:
            more, gained = self.tied.wishes(worth)
            wanted, total = np.sort(np.concatenate([wanted, more])), total + gained
        return Wishes(wanted, total, worth)

    def _first_best(self, worth: FloatArray, best: FloatArray, free: npt.NDArray[np.bool_]) -> IntArray:
        enough = np.full(self.matrix.problem.agents, np.inf)
        enough[self.agent[self.starts[free]]] = best[free]
        good = np.empty(len(worth), bool)
        for span in spans(0, len(worth)):
            good[span] = worth[span] >= enough[self.agent[span]]
        hit = np.flatnonzero(good)
        agent = self.agent[hit]
        return hit[np.append(True, agent[1:] != agent[:-1])] if len(hit) else hit


@dataclass(frozen=True)
class Tied:
    """Ties over a view: options sorted by tie, label and agent.

    ``option`` are places in the view, ``member`` where a (tie, label, agent) begins, ``label`` where a (tie, label)
    begins among the members, ``tie`` where a tie begins among the labels. ``whole`` says of each label whether all of
    its tie have to come; such a label that not every member has is ``lame``; ``number`` are the ties' own numbers.
    """

    agents: npt.NDArray[np.bool_]
    option: IntArray
    member: IntArray
    label: IntArray
    tie: IntArray
    lame: npt.NDArray[np.bool_]
    whole: npt.NDArray[np.bool_]
    number: IntArray

    @staticmethod
    def of(ties: Ties, agents: IntArray, options: IntArray | None = None) -> Tied:
        """Lay the ties out over ``options`` (ascending; None: all), whose agents are ``agents``."""
        place, label = ties.option, ties.label
        if options is not None:
            place, at = _common(options, ties.option)
            label = ties.label[at]
        agent = agents[place]
        tie = ties.of_agent[agent]
        order = np.lexsort((agent, label, tie))
        tie, label, agent, option = tie[order], label[order], agent[order], place[order]
        fresh_tie = _fresh(tie)
        fresh_label = fresh_tie | _fresh(label)
        fresh_member = fresh_label | _fresh(agent)
        member = np.flatnonzero(fresh_member)
        labels = np.flatnonzero(fresh_label[member])
        tied = np.flatnonzero(fresh_tie[member][labels])
        members = np.diff(np.append(labels, len(member)))
        of_label = tie[member][labels]
        size = np.bincount(ties.of_agent[ties.of_agent >= 0], minlength=len(ties.whole))
        whole = ties.whole[of_label]
        return Tied(
            ties.of_agent >= 0,
            narrow(option),
            narrow(member),
            narrow(labels),
            tied,
            whole & (members < size[of_label]),
            whole,
            tie[member][labels][tied],
        )

    @cached_property
    def tie_of_label(self) -> IntArray:
        """The tie of each label."""
        return self.number[np.repeat(np.arange(len(self.tie)), np.diff(np.append(self.tie, len(self.label))))]

    @cached_property
    def _edges(self) -> tuple[IntArray, IntArray]:
        """Where the members of each label begin, and the options of each member, and one end more."""
        return np.append(self.label, len(self.member)), np.append(self.member, len(self.option))

    @cached_property
    def _of_member(self) -> npt.NDArray[np.bool_]:
        """Whether each (tie, label, agent) is of a whole tie."""
        return np.repeat(self.whole, np.diff(np.append(self.label, len(self.member))))

    def totals(self, worth: FloatArray) -> FloatArray:
        """What each label is worth to its tie."""
        return self._totals(np.maximum.reduceat(worth[self.option], self.member))

    def _totals(self, best: FloatArray) -> FloatArray:
        counted = np.where(self._of_member, best, np.maximum(best, 0.0))
        return np.where(self.lame, NOBODY, np.add.reduceat(counted, self.label))

    def gained(self, worth: FloatArray) -> float:
        """What the best labels of all ties are worth together."""
        if not len(self.option):
            return 0.0
        return float(np.maximum(np.maximum.reduceat(self.totals(worth), self.tie), 0.0).sum())

    def where(self, of_option: IntArray) -> IntArray:
        """Where each label is, as its first option is; ``of_option`` has an entry per option of the view."""
        found: IntArray = of_option[self.option[self.member[self.label]]]
        return found

    def near(self, worth: FloatArray, labels: IntArray, most: int) -> IntArray:
        """The options of some labels, the best of each member (at most ``most``), ascending."""
        return np.sort(self.option[self.best_of(worth, labels, most)[0]])

    def best_of(self, worth: FloatArray, labels: IntArray, most: int) -> tuple[IntArray, IntArray]:
        """The best places in ``option`` of each member in each of some labels (at most ``most``): label after label,
        member after member, by falling worth; and which of the labels each is of.
        """
        of_label, of_member = self._edges
        members = stretches(labels, of_label)
        place = stretches(members, of_member)
        sizes = of_member[members + 1] - of_member[members]
        member = np.repeat(np.arange(len(members)), sizes)
        order, rank = keenest(np.arange(len(place)), member, worth[self.option[place]])
        kept = order[rank < most]
        label = np.repeat(np.arange(len(labels)), of_label[labels + 1] - of_label[labels])
        return place[kept], label[member[kept]]

    def wishes(self, worth: FloatArray) -> tuple[IntArray, float]:
        """The best label of every tie: the options that its members take, and what they are worth."""
        if not len(self.option):
            return self.option, 0.0
        own = worth[self.option]
        best = np.maximum.reduceat(own, self.member)
        of_member = self._of_member
        of_label = self._totals(best)
        of_tie = np.maximum.reduceat(of_label, self.tie)
        labels = np.diff(np.append(self.tie, len(self.label)))
        taken = _first(of_label >= np.repeat(np.where(of_tie > 0, of_tie, np.inf), labels), self.tie)
        members = np.repeat(taken, np.diff(np.append(self.label, len(self.member)))) & (
            of_member | (best > 0)
        )
        sizes = np.diff(np.append(self.member, len(own)))
        options = _first(own >= np.repeat(np.where(members, best, np.inf), sizes), self.member)
        return self.option[options], float(np.maximum(of_tie, 0.0).sum())


@dataclass(frozen=True)
class Valued:
    """Ties at some worth of the options: what each label is worth is reckoned once for many questions."""

    tied: Tied
    worth: FloatArray

    @cached_property
    def totals(self) -> FloatArray:
        """What each label is worth to its tie."""
        return self.tied.totals(self.worth)

    def favoured(self, inside: npt.NDArray[np.bool_], labels: int, most: int) -> IntArray:
        """The options (ascending) of each tie's best ``labels`` labels out of those ``inside``, ``most`` of each member
        in each: what single members like best need not have a label in common.
        """
        place = np.flatnonzero(inside & ~self.tied.lame)
        order, rank = keenest(place, self.tied.tie_of_label[place], self.totals[place])
        return self.tied.near(self.worth, np.sort(order[rank < labels]), most)


def segments_best(worth: FloatArray, starts: IntArray) -> FloatArray:
    """The best of each stretch that begins at ``starts``, never below 0."""
    if not len(starts):
        return np.zeros(0)
    best: FloatArray = np.maximum(np.maximum.reduceat(worth, starts), 0.0)
    return best


def _common(one: IntArray, other: IntArray) -> tuple[IntArray, IntArray]:
    """Where what two ascending lists have in common stands in the one, and in the other: looked up, since sorting them
    together would take many times their memory.
    """
    place = np.searchsorted(one, other)
    inside = np.flatnonzero(np.append(one, -1)[place] == other)
    return place[inside], inside


def _part(values: A, options: IntArray | None) -> A:
    return values if options is None else cast("A", values[options])


def _fresh(values: IntArray) -> npt.NDArray[np.bool_]:
    fresh = np.ones(len(values), bool)
    fresh[1:] = values[1:] != values[:-1]
    return fresh


def _first(hit: npt.NDArray[np.bool_], starts: IntArray) -> npt.NDArray[np.bool_]:
    """Of each stretch that begins at ``starts`` the first hit alone."""
    before: IntArray = np.cumsum(hit) - hit
    stretch: IntArray = np.repeat(before[starts], np.diff(np.append(starts, len(hit))))
    first: npt.NDArray[np.bool_] = hit & (before == stretch)
    return first
