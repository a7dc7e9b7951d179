"""The cheapest ways out of an infeasible round, by an integer program over everything that can give way.

Its columns are the options, the nearest places that rules bar for those who must be placed, and the amounts by which
limits, quotas, promises and ties can give (``giving``, ``opening``). It keeps every row and asks for the least effort.
Then it is asked again without the sets that are known already, or anything around them. Every answer is a claim: the
changes are measured from its placements, the changed round is audited, and it is proven that no change can be spared.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

import solvers
from matcher.auditing import audit
from matcher.columns import at_most
from matcher.compiling import compile_problem, options_of
from matcher.engine import placements_of
from matcher.explaining.changes import Change
from matcher.explaining.problems import grown
from matcher.explaining.reseating import joined
from matcher.explaining.standing import plain
from matcher.explaining.ways.giving import Give, both_sides, gives_of_limits
from matcher.explaining.ways.opening import MOST_FOR_QUOTA, MOST_PLACES, Opening, forced, openings
from matcher.explaining.ways.way import Step, Way, Ways
from matcher.explaining.ways.words import say
from matcher.options import Options
from matcher.placements import Placements
from matcher.result import Result
from models.outcome import Outcome, Status
from models.problem import Block, Goal
from models.round import Round
from solvers.interface import Limits, never, silent

WANTED = 3
"""So many ways are looked for."""

MOST_OPTIONS = 100_000
"""Rounds with more options are not searched: every question is about the whole round."""

MOST_DISCARDED = 5
"""So many sets whose changes cannot all be made at once are passed over."""

SECONDS = 60.0
"""For one question: an emergency brake, and said where it was used."""


def ways_out(result: Result, wanted: int = WANTED) -> Ways:
    """The cheapest sets of changes with which an infeasible round has an allocation; none for any other round."""
    if result.status is not Status.INFEASIBLE:
        return Ways((), 0, ())
    if len(result.options) > MOST_OPTIONS:
        return Ways((), 0, (say("too_many_options", options=len(result.options), most=MOST_OPTIONS),))
    return _Search(result.round, openings(result.round, result.options), result).ways(wanted)


class _Search:
    """The integer program and what is known of its answers."""

    def __init__(self, rnd: Round, opening: Opening, result: Result) -> None:
        self.rnd, self.opening = rnd, opening
        self.options = opening.joined(result.options)
        self.problem = both_sides(compile_problem(plain(rnd), self.options))
        opened = {
            change.text: Give.whole(clause.rule, change)
            for clauses in opening.places.values()
            for clause in clauses
            for change in clause.changes
        }
        self.gives = [*gives_of_limits(rnd, self.problem, self._demand()), *opened.values()]
        self.number = {give.what: at for at, give in enumerate(self.gives)}
        self.steps = [(give, step) for give in self.gives for step in give.steps]
        self.owner = np.array([at for at, give in enumerate(self.gives) for _ in give.steps], np.int64)
        self.known: list[frozenset[int]] = []
        self.discarded = 0
        self.notes: list[str] = []

    def _demand(self) -> int:
        """How many learners have to be placed at most, as pins, ties and quotas ask."""
        rnd, holds = self.rnd, self.rnd.policy.holds
        least = rnd.quotas["min_learners"] if holds("quotas") else np.empty(0)
        asked = len(forced(rnd)) + int(np.nansum(least))
        asked *= int(rnd.flows["min_group"].max(initial=1)) if holds("min_group") else 1
        asked *= 100 if holds("inclusion") and rnd.policy.min_fewer_opportunities_share else 1
        return max(1, min(len(rnd.learners), asked))

    def ways(self, wanted: int) -> Ways:
        """The ways, the least effort first."""
        found = list(self._found(wanted))
        if self.discarded:
            self.notes.append(say("discarded", number=self.discarded))
        if self.opening.cut:
            self.notes.append(say("nearest_only", places=MOST_PLACES, changes=MOST_FOR_QUOTA))
        return Ways(tuple(sorted(found, key=lambda way: way.effort)), len(self.gives), tuple(self.notes))

    def _found(self, wanted: int) -> Iterator[Way]:
        count = 0
        while count < wanted and self.discarded <= MOST_DISCARDED:
            outcome = self._ask()
            if outcome.chosen is None:
                cut = outcome.status is not Status.INFEASIBLE
                key = "cut" if cut else "fewer" if count else "none"
                self.notes.append(say(key, seconds=f"{SECONDS:.0f}", considered=len(self.gives)))
                return
            way = self._way(outcome)
            if way is None:
                self.discarded += 1
            else:
                count += 1
                yield way

    def _ask(self) -> Outcome:
        """The least effort, and as few placements as that takes."""
        first, steps = len(self.options), len(self.owner)
        entries = [
            (block, row, column, -each * step.amount)
            for column, (give, step) in enumerate(self.steps)
            for block, row, each, part in give.rows
            if part == step.part
        ]
        prices = np.array([step.price for _, step in self.steps], np.int64)
        columns = np.arange(first + steps)
        goal = Goal("effort", -1, columns, np.concatenate([np.ones(first, np.int64), prices]))
        rows = [self._used(), self._opened(), self._unlike()]
        who = np.arange(steps + len(self.gives))
        problem = grown(self.problem, who, entries, [row for row in rows if len(row)], goal)
        return solvers.get("exact").solve(problem, Limits(seconds=SECONDS), silent, never)

    def _used(self) -> Block:
        """What gives in some step gives at all: the last columns say which."""
        steps, first = len(self.owner), len(self.options)
        row = np.tile(np.arange(steps), 2)
        column = np.concatenate([first + np.arange(steps), first + steps + self.owner])
        value = np.repeat(np.array([1, -1]), steps)
        return at_most("used", row, column, np.zeros(steps, np.int64), "", {}, value)

    def _opened(self) -> Block:
        """A place that rules bar asks for a change of each of its clauses."""
        rnd, first = self.rnd, len(self.options)
        step = first + np.searchsorted(
            self.owner, np.arange(len(self.gives))
        )  # what is made or not has one step
        places = np.array(list(self.opening.places), np.int64).reshape(-1, 3).T
        option = np.searchsorted(self.options.keys, Options(rnd, *places).keys).tolist()
        entries = []
        row = 0
        for number, clauses in zip(option, self.opening.places.values(), strict=True):
            for clause in clauses:
                entries.append((row, number, 1))
                entries += [(row, int(step[self.number[change.text]]), -1) for change in clause.changes]
                row += 1
        rows, columns, values = np.array(entries, np.int64).reshape(-1, 3).T
        return at_most("opened", rows, columns, np.zeros(row, np.int64), "", {}, values)

    def _unlike(self) -> Block:
        """Not all of what gives in a set that is known already."""
        last = len(self.options) + len(self.owner)
        row = np.repeat(np.arange(len(self.known)), [len(known) for known in self.known])
        column = np.array([last + give for known in self.known for give in sorted(known)], np.int64)
        upper = np.array([len(known) - 1 for known in self.known], np.int64)
        return at_most("unlike", row, column, upper, "", {})

    def _way(self, outcome: Outcome) -> Way | None:
        """What an answer says, measured and proven; None where its changes cannot all be made."""
        assert outcome.chosen is not None
        first, steps = len(self.options), len(self.owner)
        placements = placements_of(self.options, outcome.chosen[outcome.chosen < first])
        pulled = outcome.chosen[(outcome.chosen >= first) & (outcome.chosen < first + steps)] - first
        gives = sorted(set(self.owner[pulled].tolist()))
        after = Placements(self.rnd, placements)
        measured = [(give, self.gives[give].measure(after)) for give in gives]
        changes = {give: change for give, change in measured if change is not None}
        self.known.append(frozenset(gives))
        whole = joined(list(changes.values()))
        if whole is None or not audit(plain(whole.apply(self.rnd)), placements).valid:
            return None
        changes, proven = self._needed(changes)
        self.known[-1] = frozenset(changes)
        return Way(
            tuple(self._step(give, change) for give, change in changes.items()),
            feasible=True,
            irreducible=proven,
            cheapest=outcome.status is Status.OPTIMAL,
            changes=tuple(changes.values()),
        )

    def _needed(self, changes: dict[int, Change]) -> tuple[dict[int, Change], bool]:
        """The changes without those that can be spared, and whether it is proven that none of the rest can."""
        proven = True
        for give in sorted(changes, key=lambda one: -changes[one].effort) if len(changes) > 1 else ():
            others = joined([change for one, change in changes.items() if one != give])
            status = Status.INFEASIBLE if others is None else feasibility(others.apply(self.rnd))
            if status is Status.OPTIMAL:
                changes = {one: change for one, change in changes.items() if one != give}
            proven &= status in (Status.OPTIMAL, Status.INFEASIBLE)
        return changes, proven

    def _step(self, give: int, change: Change) -> Step:
        rule = self.gives[give].rule
        euros = euros_of(self.rnd, change) if rule == "budget" else None
        return Step(rule, change.text, change.effort, euros)


def feasibility(rnd: Round) -> Status:
    """Whether a round has an allocation at all: by another method than the one that looks for ways."""
    options, _ = options_of(rnd)
    bare = replace(compile_problem(plain(rnd), options), goals=(), weighted=None)
    return solvers.get("cpsat").solve(bare, Limits(seconds=SECONDS), silent, never).status


def euros_of(rnd: Round, change: Change) -> int:
    """How much more money a change of budgets grants."""
    after = change.apply(rnd)
    more = (after.budget_eur or 0) - (rnd.budget_eur or 0)
    now, then = (np.nansum(one.sending_partners["budget_eur"].astype(float)) for one in (rnd, after))
    return more + int(then - now)
