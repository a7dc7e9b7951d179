"""What would help a learner for whom no change was searched: the nearest one, counted from what stands in the way.

A count of rows and bars, not an audited allocation, and the sentence says so. It costs next to nothing, so that
everybody who is left out of a large round is told something true.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from matcher.explaining.changes import EFFORT
from matcher.explaining.relieving import Limit
from matcher.explaining.standing import Standing
from matcher.explaining.tallying import Tally
from matcher.explaining.words import count
from models.round import IntArray

COUNTED = "(counted, not searched)"

UNITS: Mapping[str, str] = {
    "seats": "seat",
    "beds": "bed",
    "flow_heads": "head",
    "quotas": "quota",
    "same_school": "same school",
    "min_group": "minimum group",
    "groups": "leave group",
    "pairs": "lift pair",
}
"""The kind of change (of ``EFFORT``) that gives way to each rule's limits."""


def hints(tally: Tally) -> Mapping[int, str]:
    """A sentence for each of the tally's learners, who have options, by row number."""
    best = _best(tally)
    return {
        learner: _sentence(tally, number, best.get(number))
        for number, learner in enumerate(tally.learners.tolist())
    }


def hints_without_options(standing: Standing, learners: IntArray) -> Mapping[int, str]:
    """A sentence for each of the learners (row numbers, ascending) all of whose candidate places are barred."""
    alone = standing.barred.alone_of(learners)
    counts = np.array([alone[name] for name in alone], np.int64).reshape(len(alone), len(learners))
    most = counts.max(axis=0, initial=0).tolist()
    rules = (
        [list(alone)[number] for number in counts.argmax(axis=0).tolist()] if alone else [""] * len(learners)
    )
    totals = standing.barred.candidates[learners].tolist()
    cases = zip(learners.tolist(), rules, most, totals, strict=True)
    return {learner: _barred(standing.id(learner), *case) for learner, *case in cases}


def _barred(who: str, rule: str, alone: int, total: int) -> str:
    """The sentence for a learner with so many candidate places, of which the rule alone bars the most."""
    if not total:
        return f"a flow and an offer for the stay of {who} at one host {COUNTED}"
    if not alone:
        every = "the one candidate place" if total == 1 else f"each of {total} candidate places"
        return f"no one rule given way would do: two or more bar {every} {COUNTED}"
    places = count(total, "candidate place")
    return f"{rule} given way at one place: it alone bars {alone} of {places} {COUNTED}"


def _best(tally: Tally) -> Mapping[int, tuple[int, int, int]]:
    """The option of each of the learners with nothing or one limit against it that asks least: option, limit
    (-1: none), excess.
    """
    hits = tally.hits
    single = tally.limits_hit[hits.option] == 1
    option, limit, excess = hits.option[single], hits.limit[single], hits.excess[single]
    free = np.flatnonzero(tally.limits_hit == 0)
    effort = np.concatenate([np.zeros(len(free), np.int64), _efforts(tally, limit, excess)])
    option = np.concatenate([free, option])
    limit = np.concatenate([np.full(len(free), -1), limit])
    excess = np.concatenate([np.zeros(len(free), np.int64), excess])
    order = np.lexsort((option, effort, tally.owner[option]))
    owner, first = np.unique(tally.owner[option[order]], return_index=True)
    rows = (column[order][first].tolist() for column in (option, limit, excess))
    return dict(zip(owner.tolist(), zip(*rows, strict=True), strict=True))


def _efforts(tally: Tally, limit: IntArray, excess: IntArray) -> IntArray:
    """About how much each change asks of somebody, in the points of ``changes``."""
    rules = [tally.names[short.rule] for short in tally.shorts]
    each = np.array([EFFORT.get(UNITS.get(rule, ""), EFFORT["policy point"]) for rule in rules], np.int64)
    money = np.array([rule == "budget" for rule in rules], bool)
    once = np.array([rule in {"groups", "pairs"} for rule in rules], bool)
    amount = np.where(money[limit], -(-excess // 50), np.where(once[limit], 1, excess))
    return np.where(money[limit], EFFORT["50 euros"], each[limit]) * amount


def _sentence(tally: Tally, number: int, best: tuple[int, int, int] | None) -> str:
    standing, rnd = tally.standing, tally.standing.rnd
    if best is None:
        options = count(int(tally.sizes[number]), "option")
        return f"no one limit given way would do: two or more stand in the way of each of {options} {COUNTED}"
    option, limit, excess = best
    who = standing.id(int(tally.learners[number]))
    offer, flow = rnd.offers["id"][tally.options.offer[option]], rnd.flows["id"][tally.options.flow[option]]
    place = f"{who} fits at offer {offer} in flow {flow}"
    if limit < 0:
        return f"nothing need change: {place} {COUNTED}"
    short = tally.shorts[limit]
    change = _change(tally.names[short.rule], short.limit, short.what, excess, who)
    return f"{change}: then {place} {COUNTED}"


def _change(rule: str, limit: Limit, what: str, excess: int, who: str) -> str:
    """What gives way, in words."""
    which = str(limit.which)
    match rule:
        case "seats":
            return f"{count(excess, 'seat')} more at offer {which}"
        case "beds":
            return f"{count(excess, 'bed')} more at {which}"
        case "flow_heads":
            return f"room for {count(excess, 'head')} more in flow {which}"
        case "quotas":
            return f"{excess} more in quota {what}"
        case "budget":
            return f"{excess} EUR more for the budget of {which or 'the round'}"
        case "same_school":
            return f"{count(excess, 'learner')} more of one school at company {which}"
        case "min_group":
            return f"a smallest group of {excess} fewer in flow {which}"
        case "groups":
            return f"{who} travels without group {which}"
        case "pairs":
            return f"lift the pair of {which}"
        case _:
            return f"rule {rule} given way"
