"""Sets of options that nest: which rows say something new, and how they part into two families.

Options that are in the same sets are one *atom*, and sets are lists of atoms; an agent's own set of options is
kept apart, for there are as many as agents, and their meetings with rows are as many as options.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.problem import IntArray, Problem
from solvers.counting import NotANetworkError, Rows, spell_out

PAIRS = 20_000_000
"""More meetings of two rows in an atom than this are not looked at."""

NO_LIMIT = 2**31 - 1
"""Counts are at most this."""


@dataclass(frozen=True)
class Sets:
    """Sets of options with limits on how many are chosen. Entry i says that ``atom[i]`` is in set ``row[i]``.

    ``of_option`` is the atom of each option, ``atoms`` how many options each atom has, ``size`` how many each set
    has, and ``rule`` who states the set.
    """

    row: IntArray
    atom: IntArray
    size: IntArray
    lower: IntArray
    upper: IntArray
    rule: Sequence[str]
    number: IntArray
    of_option: IntArray
    atoms: IntArray

    def __len__(self) -> int:
        return len(self.size)

    def limited(self, lower: IntArray, upper: IntArray) -> Sets:
        """With other limits, and without the sets on which these say nothing."""
        upper = np.minimum(upper, self.size)
        kept = (lower > 0) | (upper < self.size)
        number, entries = np.cumsum(kept) - 1, kept[self.row]
        return Sets(
            number[self.row[entries]],
            self.atom[entries],
            self.size[kept],
            lower[kept],
            upper[kept],
            self.rule,
            self.number[kept],
            self.of_option,
            self.atoms,
        )


def sets_of(problem: Problem, layers: Sequence[Rows]) -> Sets:
    """The rows over atoms."""
    of_option: IntArray = np.zeros(problem.options, np.int32)
    for layer in layers:
        of_option = _split(of_option, layer)
    atoms = np.bincount(of_option)
    option = np.zeros(len(atoms), np.int64)
    option[of_option] = np.arange(problem.options)
    begin = np.cumsum([0, *(len(layer) for layer in layers)])
    entries = [_over_atoms(layer, of_option, option) for layer in layers]
    nothing = np.zeros(0, np.int64)
    row = np.concatenate([nothing, *(row + first for (row, _), first in zip(entries, begin, strict=False))])
    atom = np.concatenate([nothing, *(atom for _, atom in entries)])
    size = np.zeros(begin[-1], np.int64)
    np.add.at(size, row, atoms[atom])
    low = np.concatenate([nothing, *(layer.lower for layer in layers)])
    high = np.concatenate([nothing, *(layer.upper for layer in layers)])
    return Sets(
        row,
        atom,
        size,
        np.clip(low, 0, size + 1),
        np.clip(high, -1, size),
        [layer.rule for layer in layers],
        np.repeat(np.arange(len(layers)), np.diff(begin)),
        of_option,
        atoms,
    )


def _split(of_option: IntArray, layer: Rows) -> IntArray:
    """Atoms split further, by what the layer's rows say of their options."""
    if layer.of_option is None:
        return _split_some(of_option, layer)
    kind = _kinds(layer)[layer.of_option]
    atoms, kinds = int(of_option.max(initial=-1)) + 1, int(kind.max(initial=0)) + 1
    found = np.zeros(atoms, kind.dtype)
    found[of_option] = kind
    if np.array_equal(found[of_option], kind):
        return of_option
    return _close_ranks(of_option * np.int64(kinds) + kind, atoms * kinds)


def _kinds(layer: Rows) -> IntArray:
    """A number for each member, the same for those that are in the same rows; the last is for −1. In no row: 0."""
    members = int(max(layer.member.max(initial=-1), layer.of_option.max(initial=-1))) + 1  # type: ignore[union-attr]  # the caller asked
    name = _names(layer.row, layer.member, len(layer), members + 1)
    name[name == 0] = np.iinfo(np.int64).min
    return np.unique(np.append(name, np.iinfo(np.int64).min), return_inverse=True)[1][:-1].astype(np.int32)


def _names(row: IntArray, thing: IntArray, rows: int, things: int) -> IntArray:
    """For each thing a sum of random numbers, one per row that it is in; 0 in none.

    Sums wrap round: two different lists of rows have the same name once in 2^63.
    """
    weight = np.random.default_rng(1).integers(1, 2**63, rows)
    name = np.zeros(things, np.int64)
    np.add.at(name, thing, weight[row])
    return name


def _close_ranks(key: IntArray, keys: int) -> IntArray:
    """The same partition, with numbers from 0 on without gaps."""
    if keys <= 4 * len(key) + 1_000_000:
        seen = np.zeros(keys, bool)
        seen[key] = True
        number: IntArray = (np.cumsum(seen) - 1).astype(np.int32)
        return number[key]
    return np.unique(key, return_inverse=True)[1].astype(np.int32)


def _split_some(of_option: IntArray, layer: Rows) -> IntArray:
    """Atoms split by rows that name single options."""
    option, same = np.unique(layer.member, return_inverse=True)
    _, name = np.unique(_names(layer.row, same, len(layer), len(option)), return_inverse=True)
    atoms = int(of_option.max(initial=-1)) + 1
    split = of_option.astype(np.int64)
    split[option] += atoms * (1 + name)
    return _close_ranks(split, int(split.max(initial=-1)) + 1)


def _over_atoms(layer: Rows, of_option: IntArray, option: IntArray) -> tuple[IntArray, IntArray]:
    """The layer's entries as (row, atom). ``option``: one option of each atom."""
    if layer.of_option is not None:
        row, atom, _ = spell_out(layer.row, layer.member, layer.of_option[option])
        return row, atom
    atoms = len(option)
    pair = np.unique(layer.row * np.int64(max(1, atoms)) + of_option[layer.member])
    return pair // max(1, atoms), pair % max(1, atoms)


def merged(sets: Sets) -> Sets:
    """One set for all rows with the same options, and none where the limits say nothing."""
    name = _names(sets.atom, sets.row, len(sets.atoms), len(sets))
    _, first, same = np.unique(name, return_index=True, return_inverse=True)
    lower, upper = np.zeros(len(first), np.int64), sets.size[first]
    np.maximum.at(lower, same, sets.lower)
    np.minimum.at(upper, same, sets.upper)
    low, high = np.zeros(len(sets), np.int64), np.full(len(sets), NO_LIMIT)
    low[first], high[first] = lower, upper
    return sets.limited(low, high)


@dataclass(frozen=True)
class Meetings:
    """Pairs of sets, ``first`` < ``second``, that have ``shared`` > 0 options in common."""

    first: IntArray
    second: IntArray
    shared: IntArray

    @staticmethod
    def of(sets: Sets) -> Meetings:
        """All pairs of sets with something in common. Raises ``NotANetworkError`` where there are too many."""
        order = np.lexsort((sets.row, sets.atom))
        row, atom = sets.row[order], sets.atom[order]
        many = np.bincount(atom)
        if (many * (many - 1) // 2).sum() > PAIRS:
            raise NotANetworkError("there are too many overlapping rows")
        keys: list[IntArray] = [np.zeros(0, np.int64)]
        amounts: list[IntArray] = [np.zeros(0, np.int64)]
        for step in range(1, int(many.max(initial=0))):
            together = np.flatnonzero(atom[step:] == atom[:-step])
            keys.append(row[together] * len(sets) + row[together + step])
            amounts.append(sets.atoms[atom[together]])
        pair, same = np.unique(np.concatenate(keys), return_inverse=True)
        shared = np.zeros(len(pair), np.int64)
        np.add.at(shared, same, np.concatenate(amounts))
        return Meetings(pair // max(1, len(sets)), pair % max(1, len(sets)), shared)

    def nested(self, sets: Sets) -> tuple[IntArray, IntArray]:
        """The pairs of which one contains the other: (inner, outer)."""
        inner = self.shared == sets.size[self.first]
        outer = (self.shared == sets.size[self.second]) & ~inner
        return (
            np.concatenate([self.first[inner], self.second[outer]]),
            np.concatenate([self.second[inner], self.first[outer]]),
        )

    def crossing(self, sets: Sets) -> tuple[IntArray, IntArray]:
        """The pairs of which neither contains the other."""
        cross = self.shared < np.minimum(sets.size[self.first], sets.size[self.second])
        return self.first[cross], self.second[cross]


def without_implied(sets: Sets, meetings: Meetings) -> Sets:
    """Without limits that follow from a set that contains, or is contained in, another."""
    inner, outer = meetings.nested(sets)
    lower, upper = sets.lower.copy(), sets.upper.copy()
    upper[inner[sets.upper[inner] >= sets.upper[outer]]] = NO_LIMIT
    lower[outer[sets.lower[outer] <= sets.lower[inner]]] = 0
    return sets.limited(lower, upper)
