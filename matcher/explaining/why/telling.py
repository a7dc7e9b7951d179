"""Why and why not in lines of text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from matcher.explaining.why.filling import Filling
from matcher.explaining.why.helping import Smallest
from matcher.explaining.why.learner import Bar, Full, InTheWay, LearnerWhy, Possible
from matcher.explaining.why.place import PlaceWhy
from matcher.explaining.why.places import Where
from matcher.explaining.why.sharing import LearnerShared, PlaceShared
from matcher.explaining.why.weighing import EXACT, IMPOSSIBLE, SECONDS, UNDECIDED, Weighed
from matcher.explaining.why.withholding import SMALLEST
from matcher.explaining.why.words import SENTENCES, say

SHOWN = 6
"""So many groups of full places, and so many open places, are shown; the rest is counted. JSON has more."""


def of_learner(why: LearnerWhy) -> Iterator[str]:
    """A learner's answer."""
    yield _head(why)
    here = int(why.placed is not None and why.places > why.barred + why.full + why.free)
    yield say("places", number=why.places, barred=why.barred, full=why.full, free=why.free, here=here)
    yield from bars(why.bars)
    yield from _filled(why.filled, why.partner_id)
    yield from _possible(why)
    if why.smallest is not None:
        yield change(why.learner_id, why.smallest)
    elif why.tried:
        yield say("tried", tried=why.tried)


def _head(why: LearnerWhy) -> str:
    if why.placed is None:
        return say("unplaced", learner=why.learner_id, partner=why.partner_id)
    key = "placed" if why.wish is None else "placed_wish"
    return say(key, learner=why.learner_id, partner=why.partner_id, wish=why.wish, **_ids(why.placed))


def _ids(where: Where) -> dict[str, str]:
    return {name.removesuffix("_id"): value for name, value in vars(where).items()}


def bars(found: Sequence[Bar]) -> Iterator[str]:
    """What rules bar, with the data."""
    if found:
        yield say("barred")
    for bar in sorted(found, key=lambda one: -one.places):
        yield say("bar", rule=bar.rule, number=bar.places, alone=bar.alone)
        for datum in bar.data:
            yield say("datum", text=datum.text, number=datum.places, **_ids(datum.example))
        if bar.further:
            yield say("further_data", number=bar.further)
        if bar.unread:
            yield say("unread", number=bar.unread)


def _filled(filled: Sequence[Full], partner: str) -> Iterator[str]:
    if filled:
        yield say("filled")
    for full in filled[:SHOWN]:
        yield say("full", number=full.places, **_ids(full.examples[0]))
        yield from (_in_the_way(one, partner) for one in full.limits)
    if len(filled) > SHOWN:
        yield say("further_full", number=len(filled) - SHOWN)


def _in_the_way(one: InTheWay, partner: str) -> str:
    key = f"in_{one.rule}" if f"in_{one.rule}" in SENTENCES else "in_other"
    key = "in_budget_of_round" if one.rule == "budget" and not one.limit else key
    return say(key, rule=one.rule, limit=one.limit, own=one.own, others=one.others, partner=partner)


def _possible(why: LearnerWhy) -> Iterator[str]:
    if not why.possible:
        return
    yield say("possible")
    for one in why.possible[:SHOWN]:
        yield say(
            "possible_place",
            place=place(one.where),
            wish=_wish(one.wish),
            fit=one.fit,
            state=say("free" if one.free else "not_free"),
            weighed=_weighed(one),
        )
    more = len(why.possible) - SHOWN + why.unlisted
    if more > 0:
        yield say("unlisted", number=more)
    if not why.best:
        yield say("not_best")


def place(where: Where) -> str:
    """A place in words."""
    return say("place", **_ids(where))


def _wish(wish: int | None) -> str:
    return "" if wish is None else say("wish", wish=wish)


def _weighed(one: Possible) -> str:
    found: Weighed = one.weighed
    match found.check:
        case check if check == EXACT:
            key = "equal" if found.worse is None else "worse" if found.worse > 0 else "better"
            fields = {"goal": found.goal, "now": found.now, "there": found.there, "worse": found.worse}
            return say(f"weighed_{key}", **fields)
        case check if check == IMPOSSIBLE:
            return say("weighed_impossible")
        case check if check == UNDECIDED:
            fields = {"goal": found.goal, "now": found.now, "there": found.there, "worse": found.worse}
            key = "undecided" if found.worse is None else "at_most"
            return say(f"weighed_{key}", seconds=f"{SECONDS:.0f}", **fields)
        case _:
            return say("weighed_not")


def change(learner: str, found: Smallest) -> str:
    """The smallest change that would help a learner."""
    key = f"{found.aim}_{'nothing' if found.change is None else 'change'}"
    fields = {"change": found.change, "place": place(found.where), "wish": _wish(found.wish)}
    return say(key, learner=learner, moved=found.moved, **fields)


def of_place(why: PlaceWhy) -> Iterator[str]:
    """An offer's, a company's or a host's answer."""
    fields = {"id": why.id, "company": why.company_id, "host": why.host_id, "offers": why.offers}
    yield say(f"at_{why.what}", seats=why.seats, placed=why.here, **fields)
    yield from _slots(why)
    yield say(
        "could",
        number=why.here + why.elsewhere + why.nowhere,
        here=why.here,
        elsewhere=why.elsewhere,
        nowhere=why.nowhere,
    )
    if why.not_here:
        yield say("why_not_here", asked=why.asked, number=why.elsewhere + why.nowhere)
    for one in why.not_here:
        fields = {"rule": one.what, "goal": one.what}
        yield say(f"not_here_{one.kind}", number=one.learners, ids=ids(one.examples, one.learners), **fields)
    if why.barred:
        yield say("barred_learners", number=why.barred)
    for bar in why.bars:
        yield say("bars_learners", rule=bar.rule, number=bar.learners, alone=bar.alone)
    if why.several:
        yield say("several", number=why.several)
    if why.other_stay:
        yield say("other_stay", number=why.other_stay)
    yield from _filling(why.filling)


def _slots(why: PlaceWhy) -> Iterator[str]:
    free = [slot for slot in why.slots if slot.left]
    yield say("slots", free=len(free), number=len(why.slots))
    for slot in free[:SHOWN]:
        yield say("slot", offer=slot.offer_id, flow=slot.flow_id, left=slot.left, seats=slot.seats)
    if len(free) > SHOWN:
        yield say("further_slots", number=len(free) - SHOWN)


def ids(examples: Sequence[str], total: int) -> str:
    """Some ids, and how many more there are."""
    listed = ", ".join(examples)
    return listed if total <= len(examples) else say("ids_and_more", ids=listed, more=total - len(examples))


def _filling(found: Filling) -> Iterator[str]:
    if found.searched is None:
        yield say("no_fill_invalid")
        return
    for filled, key in ((found.here, "fill"), (found.elsewhere, "fill_other")):
        if filled is not None:
            form = f"{key}_nothing" if filled.change is None else key
            yield say(form, change=filled.change, learner=filled.learner_id, place=place(filled.where))
    if found.here is None:
        yield (
            say("no_fill", number=found.waiting, asked=found.searched)
            if found.waiting
            else say("nobody_left")
        )


def of_shared_learner(why: LearnerShared) -> Iterator[str]:
    """A learner's answer for their sending partner."""
    yield say("shared_head", partner=why.partner_id, least=SMALLEST)
    key = "unplaced" if why.placed is None else "placed"
    yield say(key, learner=why.learner_id, partner=why.partner_id, **(_ids(why.placed) if why.placed else {}))
    open_to = sum(one.places for one in why.open)
    yield say("shared_places", number=why.places, barred=why.barred, open=open_to)
    yield from bars(why.bars)
    if why.open:
        yield say("shared_open", learner=why.learner_id)
    for one in why.open:
        fields = {"own": one.own, "partner": why.partner_id, "others": _others(one.others)}
        yield say("shared_open_at", host=one.host_id, number=one.places, **fields)
    if why.opened_by is not None:
        at = place(why.opened_by.where)
        yield say("shared_change", change=why.opened_by.change, place=at, learner=why.learner_id)


def of_shared_place(why: PlaceShared) -> Iterator[str]:
    """An offer's, a company's or a host's answer for a sending partner."""
    yield say("shared_head", partner=why.partner_id, least=SMALLEST)
    yield say(f"shared_{why.what}", id=why.id, host=why.host_id, offers=why.offers, seats=why.seats)
    for name in ("here", "elsewhere", "nowhere"):
        who: Sequence[str] = getattr(why, name)
        if who:
            named = ids(who[:SHOWN], len(who))
            yield say(f"shared_{name}", number=len(who), ids=named, partner=why.partner_id)
    if why.barred:
        yield say("shared_barred", number=why.barred, partner=why.partner_id)
    for rule, number in sorted(why.bars.items(), key=lambda pair: -pair[1]):
        yield say("shared_bar", rule=rule, number=number)
    yield say("shared_others", host=why.host_id, others=_others(why.others_at_host))


def _others(number: int | None) -> str:
    return say("shared_hidden") if number is None else str(number)
