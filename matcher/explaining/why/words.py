"""Every sentence about why and why not: whole sentences with named fields, so that they can be translated.

A sentence that counts has two forms, for one and for any other number; which one is taken follows from its field
``number``. What rules say of a datum, and what a change asks, are fields: they come in the words of the rule.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

SENTENCES: Mapping[str, str | tuple[str, str]] = {
    # a learner
    "placed": "{learner} of {partner} is placed at offer {offer} of company {company} in flow {flow} (host "
    "{host}).",
    "placed_wish": "{learner} of {partner} is placed at offer {offer} of company {company} in flow {flow} "
    "(host {host}): "
    "wish {wish}.",
    "unplaced": "{learner} of {partner} has no place.",
    "no_allocation": "the round has no allocation",
    "places": (
        "One candidate place: {barred} barred by rules, {full} full, {free} open, {here} where the learner is.",
        (
            "{number} candidate places: {barred} barred by rules, {full} full, {free} open, {here} where the "
            "learner is."
        ),
    ),
    "barred": "Barred by rules (a place may be barred by several):",
    "bar": (
        "  {rule}: 1 place ({alone} by nothing else)",
        "  {rule}: {number} places ({alone} by nothing else)",
    ),
    "datum": (
        "    {text} (1 place: offer {offer} in flow {flow})",
        "    {text} ({number} places, such as offer {offer} in flow {flow})",
    ),
    "further_data": ("    and 1 more such reason", "    and {number} more such reasons"),
    "unread": "    the reason was read for all but {number} of them",
    "filled": "Full as things stand, while everybody else stays:",
    "full": (
        "  1 place: offer {offer} in flow {flow}",
        "  {number} places, such as offer {offer} in flow {flow}",
    ),
    "in_seats": "    the seats of offer {limit} are taken: by {own} of {partner} and {others} of other "
    "partners",
    "in_beds": "    the beds of host {limit} are taken: by {own} learners of {partner} and {others} of "
    "other partners",
    "in_flow_heads": "    flow {limit} is full: {own} learners of {partner} and {others} of other partners "
    "are in it",
    "in_quotas": "    the quota {limit} is reached: {own} learners of {partner} and {others} of other "
    "partners count",
    "in_budget": "    the budget of {limit} does not suffice: {own} learners of {partner} are paid from it",
    "in_budget_of_round": "    the budget of the round does not suffice: {own} learners of {partner} and "
    "{others} of other "
    "partners are paid from it",
    "in_same_school": "    company {limit} has as many of the learner's school as it takes: {own}",
    "in_min_group": "    flow {limit} asks for a larger group of {partner} than {own} and one more",
    "in_groups": "    group {limit} would not be together: {own} others of it are placed",
    "in_pairs": "    the pair of {limit} is in the way",
    "in_inclusion": "    too few of the placed would have fewer opportunities",
    "in_other": "    rule {rule} is in the way",
    "further_full": ("  and 1 more group of places", "  and {number} more groups of places"),
    "possible": "Places that no rule bars, best for the learner first, free ones before full ones:",
    "possible_place": "  {place}{wish}, fit {fit}, {state}: {weighed}",
    "place": "offer {offer} in flow {flow} ({company}, {host})",
    "wish": " (wish {wish})",
    "free": "free",
    "not_free": "full",
    "weighed_worse": "worse from {goal} on: {there} instead of {now} ({worse} worse; re-solved, exact)",
    "weighed_better": "better from {goal} on: {there} instead of {now} (re-solved, exact: this allocation "
    "is not the best)",
    "weighed_equal": "no goal is worse: another allocation is as good (re-solved, exact)",
    "weighed_impossible": "no allocation that keeps every rule has the learner there (re-solved, proven)",
    "weighed_undecided": "re-solving was not decided in {seconds} s",
    "weighed_at_most": "from {goal} on {worse} worse at most: {there} instead of {now} (re-solved for "
    "{seconds} s, not "
    "proven)",
    "weighed_not": "not re-solved",
    "unlisted": ("  and 1 more place, not re-solved", "  and {number} more places, not re-solved"),
    "not_best": "The allocation asked about is not proven best: what is compared with it is.",
    "place_change": "Smallest change that would place {learner}: {change}. Then {learner} is at {place}; "
    "nobody loses a "
    "place, {moved} others move (audited).",
    "place_nothing": "Nothing need change to place {learner}: at {place}; nobody loses a place, {moved} "
    "others move "
    "(audited).",
    "improve_change": "Smallest change that would bring {learner} to something better: {change}. Then "
    "{learner} is at "
    "{place}{wish}; nobody loses a place, {moved} others move (audited).",
    "improve_nothing": "Nothing need change to bring {learner} to something better: {place}{wish}; nobody "
    "loses a place, "
    "{moved} others move (audited).",
    "tried": "No change that would help was found: {tried}.",
    "nothing_better": "the learner has the best place that there is by the wishes given (without wishes, by "
    "fit)",
    # an offer, a company, a host
    "at_offer": "Offer {id} of company {company} (host {host}): seats {seats}, learners placed {placed}.",
    "at_company": "Company {id} (host {host}): offers {offers}, seats {seats}, learners placed {placed}.",
    "at_host": "Host {id}: offers {offers}, seats {seats}, learners placed {placed}.",
    "slots": "{free} of {number} pairs of an offer and a flow have a seat left.",
    "slot": "  offer {offer} in flow {flow}: {left} of {seats} seats left",
    "slot_dates": "  offer {offer} in flow {flow}: the offer is not available for all of it",
    "further_slots": ("  and 1 more pair", "  and {number} more pairs"),
    "could": (
        "1 learner could come by the rules: {here} here, {elsewhere} elsewhere, {nowhere} without a place.",
        (
            "{number} learners could come by the rules: {here} here, {elsewhere} elsewhere, {nowhere} without a "
            "place."
        ),
    ),
    "why_not_here": "Why the others are not here, alone and with everybody else where they are ({asked} of "
    "{number} looked "
    "at, those without a place first):",
    "not_here_full": (
        "  1 learner ({ids}): {rule} in the way",
        "  {number} learners ({ids}): {rule} in the way",
    ),
    "not_here_goal": (
        "  1 learner ({ids}): here {goal} would be worse",
        "  {number} learners ({ids}): here {goal} would be worse",
    ),
    "not_here_breaks": (
        "  1 learner ({ids}): leaving would break {rule}",
        "  {number} learners ({ids}): leaving would break {rule}",
    ),
    "not_here_free": (
        "  1 learner ({ids}): could come, and no goal would be worse",
        "  {number} learners ({ids}): could come, and no goal would be worse",
    ),
    "ids_and_more": "{ids} and {more} more",
    "barred_learners": (
        "1 learner could not come by the rules:",
        "{number} learners could not come by the rules (one may run into several):",
    ),
    "bars_learners": (
        "  {rule}: bars every place here of 1 learner; for {alone} it is the only thing in the way",
        "  {rule}: bars every place here of {number} learners; for {alone} it is the only thing in the way",
    ),
    "several": (
        "  several rules together: 1 learner",
        "  several rules together: {number} learners",
    ),
    "other_stay": (
        "1 learner has another stay than anything here.",
        "{number} learners have another stay than anything here.",
    ),
    "fill": "Smallest change here that would fill a seat: {change}. Then {learner} is at {place} (audited, "
    "nobody moves).",
    "fill_nothing": "Nothing need change to fill a seat: {learner} fits at {place} (audited, nobody moves).",
    "fill_other": "A smaller change elsewhere would fill a seat here: {change}. Then {learner} is at "
    "{place} (audited, "
    "nobody moves).",
    "nobody_left": "Nobody is without a place: a change here can only draw learners from elsewhere.",
    "no_fill": "No single change here was found that brings one of the {number} learners without a place "
    "({asked} looked "
    "at).",
    "no_fill_invalid": "Not searched: the allocation itself breaks rules, or there is none.",
    # for a sending partner
    "shared_head": "For {partner}. Of other partners' learners it is told at most how many are at a host, "
    "where that "
    "gives no number below {least} away. Which places are full is not told, as it would say where they are.",
    "shared_places": (
        "One candidate place: {barred} barred by rules, {open} open by the rules.",
        "{number} candidate places: {barred} barred by rules, {open} open by the rules.",
    ),
    "shared_open": "Open by the rules; where {learner} is not there, it is full, or worse for the goals of "
    "the round "
    "as a whole:",
    "shared_open_at": (
        "  host {host}: 1 place; {own} learners of {partner} are at this host; of other partners: {others}",
        (
            "  host {host}: {number} places; {own} learners of {partner} are at this host; of other partners: "
            "{others}"
        ),
    ),
    "shared_hidden": "not told",
    "shared_change": "Smallest change by the rules alone: {change}. Then {place} is open to {learner}; "
    "whether there "
    "is room is not told.",
    "shared_offer": "Offer {id} (host {host}): seats {seats}.",
    "shared_company": "Company {id} (host {host}): offers {offers}, seats {seats}.",
    "shared_host": "Host {id}: offers {offers}, seats {seats}.",
    "shared_here": (
        "  here: 1 learner of {partner} ({ids})",
        "  here: {number} learners of {partner} ({ids})",
    ),
    "shared_elsewhere": (
        "  could come by the rules and is elsewhere: 1 learner ({ids})",
        "  could come by the rules and are elsewhere: {number} learners ({ids})",
    ),
    "shared_nowhere": (
        "  could come by the rules and has no place: 1 learner ({ids})",
        "  could come by the rules and have no place: {number} learners ({ids})",
    ),
    "shared_barred": (
        "  could not come by the rules: 1 learner of {partner}",
        "  could not come by the rules: {number} learners of {partner}",
    ),
    "shared_bar": (
        "    {rule} bars every place here of 1 learner",
        "    {rule} bars every place here of {number} learners",
    ),
    "shared_others": "Learners of other partners at host {host}: {others}.",
}


def say(key: str, **fields: Any) -> str:
    """A sentence with its fields filled in; the form for one where ``number`` is 1."""
    sentence = SENTENCES[key]
    if not isinstance(sentence, str):
        sentence = sentence[0 if fields["number"] == 1 else 1]
    return sentence.format(**fields)
