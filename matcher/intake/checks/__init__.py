"""What is checked once the cells have been read: one small function per rule. The registry below is the
list of them all.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from matcher.intake.checks.belonging import one_host, one_partner
from matcher.intake.checks.keys import unique_keys
from matcher.intake.checks.places import (
    coordinates_in_pairs,
    countries_have_rates,
    partners_on_the_map,
    schools_on_the_map,
)
from matcher.intake.checks.ranges import beds_apart, ranges_in_order
from matcher.intake.checks.references import known_references
from matcher.intake.checks.sense import (
    affinity_for_one,
    flows_hold_a_group,
    locks_have_a_place,
    pairs_of_two,
    preferences_once,
    quotas_bound_something,
)
from matcher.intake.drafts import DraftRound
from matcher.intake.findings import Findings

Check = Callable[[DraftRound, Findings], None]

CHECKS: Final[tuple[Check, ...]] = (
    unique_keys,
    known_references,
    ranges_in_order,
    beds_apart,
    one_partner,
    one_host,
    coordinates_in_pairs,
    partners_on_the_map,
    schools_on_the_map,
    countries_have_rates,
    locks_have_a_place,
    pairs_of_two,
    affinity_for_one,
    quotas_bound_something,
    preferences_once,
    flows_hold_a_group,
)
"""Every check; each looks only at cells that could be read, so that one mistake is reported once."""

__all__ = ["CHECKS", "Check"]
