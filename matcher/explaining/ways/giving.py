"""What can give way in an infeasible round, as columns of a problem: limits by amounts, promises and ties as a whole.

Amounts come in powers of two, so that their columns add up to any amount. What a solution really takes is measured
afterwards from its placements (``relieving``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import NamedTuple

import numpy as np

from matcher.explaining.changes import EFFORT, Change, edit, edit_all, points
from matcher.explaining.levers import STEPS
from matcher.explaining.probing import Obstacle
from matcher.explaining.relieving import BLOCKED_DAYS, Limit, limit_of, relief
from matcher.explaining.ways.words import say
from matcher.placements import Placements
from models.problem import FREE_ABOVE, FREE_BELOW, Block, Problem
from models.round import Round
from models.tables import Row

Measure = Callable[[Placements], Change | None]
"""The change that placements really need; None: none."""

SCALE = 10_000
"""One point of effort in the search: far above what a placement counts, and a whole number of it for one euro."""


class GiveStep(NamedTuple):
    """An amount by which something gives, its price in the search, and in which part of its rows (0: all)."""

    amount: int
    price: int
    part: int = 0


@dataclass
class Give:
    """Something that can give way. ``what`` tells it from everything else; ``steps`` are the amounts by which (1: as a
    whole); ``rows`` are (number of the block, row), how much one unit gives there (negative: at the lower side), and
    the part that the row belongs to.
    """

    what: str
    rule: str
    measure: Measure
    steps: list[GiveStep]
    rows: list[tuple[int, int, int, int]] = field(default_factory=list)

    @classmethod
    def whole(cls, rule: str, change: Change) -> Give:
        """A change that is made or not."""
        return cls(change.text, rule, lambda _: change, [GiveStep(1, max(1, change.effort) * SCALE)])

    @classmethod
    def counted(cls, what: str, rule: str, measure: Measure, each: int, most: int, part: int = 0) -> Give:
        """A limit that gives by one and one, up to ``most``, at a price for each."""
        return cls(what, rule, measure, [GiveStep(amount, each * amount, part) for amount in powers(most)])


def gives_of_limits(rnd: Round, problem: Problem, demand: int) -> list[Give]:
    """Everything that the rows of a problem can give, where so many learners have to be placed at most."""
    found: dict[str, Give] = {}
    defining = {id(family.definition) for family in problem.auxiliaries}
    for number, block in enumerate(problem.blocks):
        maker = _MAKERS.get(block.rule)
        if block.redundant or maker is None or id(block) in defining:
            continue
        for row in range(len(block)):
            for give, amount in maker(rnd, block, row, demand):
                known = found.setdefault(give.what, give)
                part = give.steps[0].part if give.steps else 0
                if part and known is not give:
                    known.steps += give.steps
                known.rows.append((number, row, amount, part))
    return list(found.values())


Made = Iterator[tuple[Give, int]]


def _upper(rnd: Round, block: Block, row: int, demand: int) -> Made:
    """A limit of heads, seats or learners that can be raised by one and one."""
    if block.upper[row] >= FREE_ABOVE:
        return
    limit = limit_of(Obstacle(block, row, 0))
    each = EFFORT[STEPS[block.rule]] * SCALE
    most = 2 * demand if block.rule in ("beds", "flow_heads") else demand  # every learner may need an escort
    what, measure = f"{limit.rule} {limit.which}", partial(_relieved, rnd, limit)
    part = 0
    if block.rule == "beds":  # a bed counts by the week, and nights are apart
        part, each = row + 1, each * _weeks(rnd, str(limit.which), _key(block, "day", row))
    yield Give.counted(what, block.rule, measure, each, most, part), 1


def _weeks(rnd: Round, host: str, day: str) -> int:
    """The weeks, or parts of them, of the shortest stay at a host that includes the day."""
    here = rnd.ref("flows", "host_id") == rnd.hosting_partners.position[host]
    first, last, night = rnd.flows["start"], rnd.flows["end"], np.datetime64(day)
    here &= (first <= night) & (night <= last)
    days = (last - first)[here].astype(np.int64) + 1
    return int(-(-int(days.min(initial=BLOCKED_DAYS)) // BLOCKED_DAYS)) if here.any() else 1


def _budget(rnd: Round, block: Block, row: int, demand: int) -> Made:
    limit = limit_of(Obstacle(block, row, 0))
    dearest = int(block.value[block.row == row].max(initial=0))
    each = SCALE * EFFORT["50 euros"] // 50
    measure = partial(_relieved, rnd, limit)
    yield Give.counted(f"budget {limit.which}", "budget", measure, each, 2 * demand * dearest), 1


def _min_group(rnd: Round, block: Block, row: int, _: int) -> Made:
    limit = limit_of(Obstacle(block, row, 0))
    least = int(rnd.flows["min_group"][rnd.flows.position[str(limit.which)]])
    each = points("minimum group") * SCALE
    measure = partial(_relieved, rnd, limit)
    yield Give.counted(f"min_group {limit.which}", "min_group", measure, each, least - 1), -1


def _quota(rnd: Round, block: Block, row: int, demand: int) -> Made:
    """A quota has a smallest and a largest number."""
    each, low, high = points("quota") * SCALE, int(block.lower[row]), int(block.upper[row])
    if low > FREE_BELOW:
        yield Give.counted(f"quotas {row} least", "quotas", partial(_fewer, rnd, row), each, low), -1
    if high < FREE_ABOVE:
        yield Give.counted(f"quotas {row} most", "quotas", partial(_more, rnd, row), each, demand), 1


def _inclusion(rnd: Round, _: Block, __: int, ___: int) -> Made:
    share = rnd.policy.min_fewer_opportunities_share
    give = Give(
        "inclusion",
        "inclusion",
        partial(_relieved, rnd, Limit("inclusion", "")),
        [GiveStep(1, points("policy point", share) * SCALE)],
    )
    yield give, -100 * len(rnd.learners)


def _pin(rnd: Round, block: Block, row: int, _: int) -> Made:
    who = _key(block, "learner", row)
    pins = [lock for lock in rnd.locks.records if lock.learner_id == who and lock.kind == "pin"]
    change = Change(points("lift pin", len(pins)), say("all_pins", learner=who), without_rows("locks", pins))
    yield Give.whole("locks", change), -1


def _group(rnd: Round, block: Block, row: int, _: int) -> Made:
    """A group whose members travel apart."""
    group = _key(block, "group", row)
    members = np.flatnonzero(rnd.learners["group_id"] == group).tolist()
    text = say("drop_group", group=group)
    change = Change(points("leave group"), text, edit_all("learners", members, group_id=None))
    yield Give.whole("groups", change), _towards(block, row) * len(rnd.flows)


def _pair(rnd: Round, block: Block, row: int, _: int) -> Made:
    one, other = _key(block, "a", row), _key(block, "b", row)
    rows = [pair for pair in rnd.pairs.records if {pair.learner_a, pair.learner_b} == {one, other}]
    change = Change(points("lift pair"), say("drop_pair", one=one, other=other), without_rows("pairs", rows))
    yield Give.whole("pairs", change), _towards(block, row)


def _towards(block: Block, row: int) -> int:
    """Which side of a row gives: its upper one (1), else its lower one (−1)."""
    return 1 if block.upper[row] < FREE_ABOVE else -1


_MAKERS: Mapping[str, Callable[[Round, Block, int, int], Made]] = {
    **dict.fromkeys(("seats", "beds", "flow_heads", "same_school"), _upper),
    "budget": _budget,
    "min_group": _min_group,
    "quotas": _quota,
    "inclusion": _inclusion,
    "locks": _pin,
    "groups": _group,
    "pairs": _pair,
}


def _key(block: Block, name: str, row: int) -> str:
    return str((block.keys or {})[name][row])


def _relieved(rnd: Round, limit: Limit, after: Placements) -> Change | None:
    return relief(rnd, after, limit)


def _fewer(rnd: Round, row: int, after: Placements) -> Change | None:
    """The quota's smallest number as far down as the placements need."""
    quota, placed = rnd.quotas.record(row), counted(rnd, row, after)
    before = quota.min_learners
    if before is None or placed >= before:
        return None
    text = _quota_text("least", quota, placed, before)
    return Change(points("quota", before - placed), text, edit("quotas", row, min_learners=placed))


def _more(rnd: Round, row: int, after: Placements) -> Change | None:
    """The quota's largest number as far up as the placements need."""
    quota, placed = rnd.quotas.record(row), counted(rnd, row, after)
    before = quota.max_learners
    if before is None or placed <= before:
        return None
    text = _quota_text("most", quota, placed, before)
    return Change(points("quota", placed - before), text, edit("quotas", row, max_learners=placed))


def _quota_text(side: str, quota: object, now: int, before: int) -> str:
    partner, host, stay = (getattr(quota, name) or "all" for name in ("partner_id", "host_id", "stay"))
    key = f"quota_{side}_both" if stay == "all" else f"quota_{side}"
    return say(key, partner=partner, host=host, stay=stay, now=now, before=before)


def counted(rnd: Round, row: int, after: Placements) -> int:
    """How many placements a quota counts."""
    seated, stay = after.seated, rnd.quotas["stay"][row]
    partner, host = (int(rnd.ref("quotas", column)[row]) for column in ("partner_id", "host_id"))
    inside = ((partner < 0) | (seated.partner == partner)) & ((host < 0) | (seated.host == host))
    if stay is not None:
        inside &= rnd.flows["stay"][seated.flow] == stay
    return int(inside.sum())


def powers(most: int) -> list[int]:
    """1, 2, 4, … that add up to ``most`` or more."""
    return [2**power for power in range(max(0, most).bit_length())]


def without_rows(table: str, rows: Sequence[Row]) -> Callable[[Round], Round]:
    """Leave out rows, by what stands in them: numbers would shift when several are left out one after another."""

    def apply(rnd: Round) -> Round:
        kept = [record for record in rnd.tables[table].records if record not in rows]
        return rnd.replace(rows={table: kept})

    return apply


def _is_equal(problem: Problem, block: Block) -> bool:
    """Whether the rows say that those who are tied are in the same places."""
    defines = any(block is family.definition for family in problem.auxiliaries)
    ties = block.rule in ("groups", "pairs") and not defines and not block.redundant
    return ties and len(block) > 0 and bool(((block.lower > FREE_BELOW) & (block.upper < FREE_ABOVE)).all())


def both_sides(problem: Problem) -> Problem:
    """The problem with every equality of ties as two inequalities, so that each side can give by itself."""
    blocks: list[Block] = []
    for block in problem.blocks:
        if _is_equal(problem, block):
            free = np.zeros(len(block), np.int64)
            blocks += [replace(block, lower=free + FREE_BELOW), replace(block, upper=free + FREE_ABOVE)]
        else:
            blocks.append(block)
    return replace(problem, blocks=tuple(blocks))
