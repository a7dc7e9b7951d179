"""What explanations claim, confirmed by somebody else: changed rounds are solved anew, conflicts tried row by row."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

import solvers
from matcher import Result, match
from matcher.explaining.changes import Change
from matcher.explaining.conflicts import conflict_rows
from matcher.explaining.reseating import joined
from matcher.explaining.standing import Standing
from matcher.explaining.verifying import Fix
from matcher.explaining.ways import Ways
from matcher.explaining.why import why_learner
from matcher.explaining.why.filling import filling
from matcher.explaining.why.place import offers_of
from models.outcome import Status
from models.problem import Block
from models.round import Round
from models.tables import Lock
from solvers.interface import Limits, never, silent

SECONDS = 300.0
"""For a large round: what is asked for is an allocation that is good enough, not the proof that none is better."""


class Undecided(Exception):
    """Time was up before a claim was confirmed or refuted."""


def confirmed(rnd: Round, fix: Fix) -> bool:
    """Whether the changed round has an allocation with the learner where it is claimed, and as many placed as claimed:
    by the exact method over the whole round, with the learner pinned.

    Raises
    ------
    Undecided
        When time is up, and what was found by then falls short of the claim: that refutes nothing.
    """
    there = next(row for row in fix.placements if row.learner_id == fix.learner)
    pin = Lock(learner_id=fix.learner, kind="pin", offer_id=there.offer_id, flow_id=there.flow_id)
    after = changed(rnd, fix.change)
    kept = [lock for lock in after.locks.records if (lock.learner_id, lock.kind) != (fix.learner, "pin")]
    rules = {name: held for name, held in after.policy.rules.items() if name != "locks"} | {"locks": True}
    if not after.policy.holds("locks"):
        kept = []  # a pin is asked about in a round that heeds none
    policy = after.policy.model_copy(update={"goals": ("placed",), "weights": None, "rules": rules})
    again = match(
        after.replace(rows={"locks": [*kept, pin]}, policy=policy), method="exact", time_limit=SECONDS
    )
    placed = {row.learner_id for row in fix.placements}
    worth = sum(rnd.learners["priority"][rnd.learners.position[who]] for who in placed)
    if again.audit is None or again.audit.goals["placed"] < worth:
        if again.status not in {Status.OPTIMAL, Status.INFEASIBLE}:
            raise Undecided
        return False
    found = again.placements.set_index("learner_id").loc[fix.learner]
    return (found["offer_id"], found["flow_id"]) == (there.offer_id, there.flow_id)


def changed(rnd: Round, change: Change | None) -> Round:
    """The round that a change makes."""
    return change.apply(rnd) if change else rnd


def claims(result: Result, learners: list[str]) -> list[tuple[str, Fix]]:
    """What is claimed for learners, placed or not."""
    found = []
    for learner in learners:
        why = why_learner(result, learner, resolved=0)
        if why.smallest is not None:
            found.append((why.smallest.aim, why.smallest.fix))
    return found


def claims_at(result: Result, what: str, keys: list[str]) -> list[tuple[str, Fix]]:
    """What is claimed to fill a seat somewhere."""
    standing, found = Standing.of(result), []
    for key in keys:
        told = filling(standing, offers_of(standing, what, key), known=True)
        found += [("fill", one.fix) for one in (told.here, told.elsewhere) if one is not None]
    return found


def statuses(result: Result) -> list[Status]:
    """With the members of the conflict and what everybody knows alone; then without each member in turn."""
    members = conflict_rows(result).rows
    defining = {id(family.definition) for family in result.problem.auxiliaries}
    always = [
        block
        for block in result.problem.blocks
        if block.rule == "one_placement" or id(block) in defining or block.redundant
    ]
    found = []
    for dropped in (None, *members):
        kept = [_row(result.problem.blocks[block], row) for block, row in members if (block, row) != dropped]
        part = replace(result.problem, blocks=(*always, *kept), goals=(), weighted=None)
        found.append(solvers.get("cpsat").solve(part, Limits(), silent, never).status)
    return found


def _row(block: Block, row: int) -> Block:
    inside = block.row == row
    return Block(
        block.rule,
        np.zeros(int(inside.sum()), np.int64),
        block.column[inside],
        block.value[inside],
        block.lower[[row]],
        block.upper[[row]],
    )


def irreducible(result: Result) -> bool:
    """Infeasible together, feasible without any one."""
    together, *without = statuses(result)
    return together is Status.INFEASIBLE and all(status is Status.OPTIMAL for status in without)


def way_faults(result: Result, found: Ways) -> Iterator[str]:
    """What is wrong with ways out: one that leaves the round infeasible, one that does not need all its changes, two
    alike, or an order that is not by price.
    """
    rnd = result.round
    for way in found.ways:
        if solved_status(way.apply(rnd)) is not Status.OPTIMAL:
            yield f"no way out: {way.as_dict()}"
        for left in range(len(way.changes)):
            part = joined([change for at, change in enumerate(way.changes) if at != left])
            if (
                way.irreducible
                and part is not None
                and solved_status(part.apply(rnd)) is not Status.INFEASIBLE
            ):
                yield f"not all of it is needed: {way.as_dict()}"
    sets = [frozenset(step.text for step in way.steps) for way in found.ways]
    if any(one <= other for one in sets for other in sets if one is not other):
        yield f"one way holds another: {sets}"
    if [way.effort for way in found.ways] != sorted(way.effort for way in found.ways):
        yield "not in the order of their prices"


def solved_status(rnd: Round) -> Status:
    """Whether a round has an allocation, by the exact method over all of it."""
    policy = rnd.policy.model_copy(update={"goals": ("placed",), "weights": None})
    return match(rnd.replace(policy=policy), method="exact").status
