"""Every sentence about ways out of an infeasible round: whole sentences with named fields, so that they translate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

SENTENCES: Mapping[str, str] = {
    "too_many_options": "Ways out were not searched: the round has {options} options, more than {most}.",
    "fewer": "There is no further way out of what was considered.",
    "none": "No way out was found: none of the {considered} changes considered helps, not even all of them together.",
    "cut": "The search for a further way out was cut short after {seconds} seconds: there may be others.",
    "unproven": "Not proven cheapest: the search was cut short after {seconds} seconds.",
    "discarded": "{number} further sets of changes were found and left out, because what they ask cannot all be done "
    "at once.",
    "nearest_only": "Of places that rules bar, the nearest were considered: {places} of a learner at most, and "
    "{changes} for a quota.",
    "lift_pin": "lift the pin of {learner} to {place}",
    "forbid": "lift the lock that keeps {learner} from {place}",
    "all_pins": "lift the pin of {learner}",
    "drop_group": "let the members of group {group} travel apart",
    "drop_pair": "lift the pair of {one} and {other}",
    "quota_least": "quota {partner}→{host} {stay} asks for {now} (now {before})",
    "quota_most": "quota {partner}→{host} {stay} allows {now} (now {before})",
    "quota_least_both": "quota {partner}→{host} asks for {now} (now {before})",
    "quota_most_both": "quota {partner}→{host} allows {now} (now {before})",
    "headline": "Ways out, the cheapest first (the price is the effort in points; see docs/explaining.md):",
    "way": "{number}. {effort} points: {steps}",
    "way_with_euros": "{number}. {effort} points, {euros} EUR: {steps}",
    "proof_whole": "   checked: with it the round has an allocation, without any part of it there is none; {cheapest}",
    "proof_part": "   checked: with it the round has an allocation; whether all of it is needed was not decided",
    "proof_cheapest": "proven cheapest of what was considered",
    "proof_open": "not proven cheapest",
    "several": "; and ",
}


def say(key: str, **fields: Any) -> str:
    """A sentence with its fields filled in."""
    return SENTENCES[key].format(**fields)
