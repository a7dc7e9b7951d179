"""What a repair changes for whom, and what each change is good for: in sentences by id."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np

from matcher.auditing import audit
from matcher.repairing.alternatives import Alternative, Frontier, Search
from matcher.repairing.keeping import Upset
from models.outcome import Placement

MOST_CLASHES = 3
"""So many of the breaches that staying would mean are told."""


class Change(NamedTuple):
    """A row of ``changes.csv``: places are written as offer and flow with a blank between, no place as nothing."""

    learner_id: str
    before: str
    after: str
    why: str


def changes(search: Search, one: Alternative) -> tuple[Change, ...]:
    """Everybody whose place (or its dates) an alternative changes, sorted by learner."""
    return tuple(sorted(_changes(search, one)))


def _changes(search: Search, one: Alternative) -> Iterator[Change]:
    upset = one.upset
    before = {row.learner_id: row for row in upset.before}
    after = {row.learner_id: row for row in upset.placements(one.chosen)}
    settled = set(upset.rnd.learners["id"][upset.settled].tolist())
    dropped, moved = set(upset.happened.dropped), {flow.flow_id: flow for flow in upset.happened.moved}
    for learner in sorted(before.keys() | after.keys()):
        old, new = before.get(learner), after.get(learner)
        if old == new:
            if new is not None and (flow := moved.get(new.flow_id)):
                why = f"flow {flow.flow_id} moves to {flow.start} – {flow.end}; the place is kept"
                yield Change(learner, place(old), place(new), why)
            continue
        if learner in dropped:
            why = "dropped out"
        elif old is None:
            why = _arrives(upset, learner)
        elif learner in settled:
            why = _gives_up(search, one, learner)
        else:
            why = _cannot_stay(upset, old) + (
                "" if new else "; without a place in the best with so few changes"
            )
        yield Change(learner, place(old), place(new), why)


def place(row: Placement | None) -> str:
    """Offer and flow."""
    return "" if row is None else f"{row.offer_id} {row.flow_id}"


def _arrives(upset: Upset, learner: str) -> str:
    late = " (late arrival)" if any(learner == one.id for one in upset.happened.late) else ""
    rnd = upset.rnd
    priority = rnd.learners["priority"][rnd.learners.position[learner]]
    return f"had no place{late}: placed rises by {priority}"


def _cannot_stay(upset: Upset, old: Placement) -> str:
    """Why a placement as it was is no option any more."""
    if old.offer_id not in upset.rnd.offers.position:
        return f"offer {old.offer_id} is withdrawn"
    found = [one for one in audit(upset.rnd, [old]).breaches if one.learners == (old.learner_id,)]
    return found[0].message if found else "the place is no option any more"


def _gives_up(search: Search, one: Alternative, learner: str) -> str:
    """Why somebody moves who could stay: what it buys, or with what staying clashes."""
    upset = one.upset
    without = None
    if one.changes:
        without = search.staying(one, upset.rnd.learners.position[learner])
    if without is not None and without.worth != one.worth:
        return f"could stay; the change buys {gains(without, one)}"
    own = [found.message for found in upset.clashes if learner in found.learners]
    clash = (own or [found.message for found in upset.clashes])[:MOST_CLASHES]
    reason = f"; if everybody stayed: {'; '.join(clash)}" if clash else ""
    each = len(upset.settled)
    return f"of {each} places that could be kept each by itself, {one.kept} are kept together{reason}"


def gains(worse: Alternative, better: Alternative) -> str:
    """What one alternative has more than another, goal by goal."""
    pairs = [(name, worse.values[name], value) for name, value in better.values.items()]
    found = [f"{name} {old} → {new}" for name, old, new in pairs if old != new]
    return ", ".join(found) or "nothing"


def bought(frontier: Frontier, number: int) -> str:
    """What an alternative has more than the one before it, and who moves for it that did not."""
    one = frontier.alternatives[number]
    if not number:
        arrivals = len(one.chosen) - one.kept
        each = len(one.upset.settled)
        stay = f"{one.kept} of {each} places that could be kept are kept"
        return f"{stay}, {arrivals} learner{'s' * (arrivals != 1)} placed anew"
    last = frontier.alternatives[number - 1]
    moves = "; ".join(f"{who}: {where}" for who, where in _moves(one, last).items())
    return f"buys {gains(last, one)} ({moves})"


def _moves(one: Alternative, last: Alternative) -> Mapping[str, str]:
    """Who stays in the last alternative and not in this one, with from and to."""
    upset = one.upset
    before = {row.learner_id: row for row in upset.before}
    after = {row.learner_id: row for row in upset.placements(one.chosen)}
    stayed = last.chosen[upset.current[last.chosen]]
    gone = np.setdiff1d(stayed, one.chosen)
    ids = upset.rnd.learners["id"][upset.options.learner[gone]].tolist()
    return {who: f"{place(before[who])} → {place(after.get(who))}" for who in ids}


def advice(frontier: Frontier) -> str:
    """What is recommended, and what one more change would buy."""
    first = "Recommended: alternative 0, the fewest changes."
    better = frontier.alternatives[1:]
    if better:
        count = better[0].changes
        more = "One more change" if count == 1 else f"{count} changes more (fewer buy nothing)"
        return f"{first} {more} {bought(frontier, 1)}."
    if frontier.complete:
        return f"{first} It is proven that no number of changes buys anything."
    if not frontier.asked:
        return f"{first} What more changes would buy was not asked."
    upto = "One more change buys" if frontier.asked == 1 else f"Up to {frontier.asked} changes buy"
    return f"{first} {upto} nothing."
