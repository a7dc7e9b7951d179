"""Where the places of an outcompeted learner went: which limits its options run into, counted, with the
places' ids.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from matcher.explaining.probing import Obstacle, Probe
from matcher.explaining.relieving import limit_of
from matcher.explaining.words import SHOWN, count, some_of


def crowding(probe: Probe, learner: int) -> str:
    """One sentence: how many options, how many of them each limit takes away, how many are free."""
    own = probe.own(learner)
    options = own[probe.bars[own] == 0]
    hits: dict[str, Counter[str]] = {}
    runs: Counter[str] = Counter()
    free = 0
    for number in options.tolist():
        obstacles = probe.obstacles(number)
        free += not obstacles
        for rule in dict.fromkeys(obstacle.block.rule for obstacle in obstacles):
            runs[rule] += 1
        for rule, what in dict.fromkeys((o.block.rule, what_is_short(o)) for o in obstacles):
            hits.setdefault(rule, Counter())[what] += 1
    order = [name for name in (*probe.masks, *hits) if name in hits]
    parts = [_phrase(rule, runs[rule], hits[rule]) for rule in dict.fromkeys(order)]
    places = probe.candidates.take(options)
    sizes = len(options), len(np.unique(places.offer)), len(np.unique(places.flow))
    return crowded_out(probe.standing.id(learner), sizes, free, parts)


def crowded_out(who: str, sizes: tuple[int, int, int], free: int, parts: Sequence[str]) -> str:
    """The sentence: who has how many options at how many offers in how many flows, and what takes them away."""
    options, offers, flows = sizes
    size = f"{count(options, 'option')} at {count(offers, 'offer')} in {count(flows, 'flow')}"
    left = f"{free} of them free, though the goals are better without" if free else "none of them free"
    return f"{who} has {size}, {left}" + (f": {', '.join(parts)}" if parts else "")


def what_is_short(obstacle: Obstacle) -> str:
    """What is short, for a list."""
    block, row = obstacle.block, obstacle.row
    keys = block.keys or {}
    if block.rule == "quotas":
        stay = "" if keys["stay"][row] == "all" else f" {keys['stay'][row]}"
        return f"{keys['partner'][row]}→{keys['host'][row]}{stay}, at most {keys['most'][row]}"
    if block.rule == "budget":
        owner = keys["partner"][row] if "partner" in keys else "the round"
        return f"{owner} ({keys['budget'][row]} EUR)"
    return str(limit_of(obstacle).which)


def _phrase(rule: str, options: int, hits: Mapping[str, int]) -> str:
    """The limits of one rule in words, those that take away most first."""
    names = sorted(hits, key=lambda what: (-hits[what], what))
    return phrase(rule, options, names[:SHOWN], len(names))


def phrase(rule: str, options: int, shown: Sequence[str], total: int) -> str:
    """The limits of one rule that take away so many options: some by name, of so many."""
    where = some_of(shown, total)
    what = _PHRASES.get(rule, f"rule {rule}")
    return f"{what} for {options} ({where})" if where else f"{what} for {options}"


_PHRASES: Mapping[str, str] = {
    "seats": "no seat left",
    "beds": "no bed left",
    "flow_heads": "no head left in the flow",
    "min_group": "too few of the partner in the flow",
    "quotas": "a full quota",
    "budget": "too little money left",
    "groups": "the group not in the same place",
    "pairs": "a pair in the way",
    "same_school": "as many of the school as allowed",
    "inclusion": "too small a share with fewer opportunities",
}
