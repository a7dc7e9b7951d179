"""Who stands in the way: the placed learners that count against a limit."""

from __future__ import annotations

import numpy as np

from matcher.explaining.relieving import Limit
from matcher.explaining.standing import Standing
from matcher.rules.base import Mask
from models.round import IntArray


def occupants(standing: Standing, limit: Limit, learner: int, flows: IntArray) -> Mask:
    """Which placements (of ``standing.chosen``) count against a limit on a day of one of some flows, where a learner
    (row number) asks.
    """
    rnd, chosen, which = standing.rnd, standing.chosen, str(limit.which)
    nobody = np.zeros(len(chosen), bool)
    here: Mask
    match limit.rule:
        case "seats":
            here = chosen.offer == rnd.offers.position[which]
        case "beds":
            here = chosen.host == rnd.hosting_partners.position[which]
        case "flow_heads" | "min_group":
            here = chosen.flow == rnd.flows.position[which]
        case "same_school":
            here = chosen.company == rnd.companies.position[which]
            here = here & (chosen.school == rnd.ref("learners", "school_id")[learner])
        case "budget":
            here = chosen.partner == rnd.sending_partners.position[which] if which else ~nobody
        case "quotas":
            return _counted(standing, int(limit.which))
        case "groups":
            here = rnd.ref("learners", "group_id")[chosen.learner] == rnd.groups.position[which]
        case "pairs":
            tied = [rnd.learners.position[one] for one in which.split(" and ")]
            here = np.isin(chosen.learner, tied)
        case _:
            here = nobody
    if limit.rule in ("seats", "beds", "same_school"):
        here = here & _meets(standing, flows)
    return here


def _counted(standing: Standing, row: int) -> Mask:
    """Which placements a quota counts."""
    rnd, chosen = standing.rnd, standing.chosen
    partner, host = (int(rnd.ref("quotas", column)[row]) for column in ("partner_id", "host_id"))
    stay = rnd.quotas["stay"][row]
    counted: Mask = ((partner < 0) | (chosen.partner == partner)) & ((host < 0) | (chosen.host == host))
    return counted if stay is None else counted & (rnd.flows["stay"][chosen.flow] == stay)


def _meets(standing: Standing, flows: IntArray) -> Mask:
    """Which placements are there on a day of one of some flows."""
    first, last = standing.rnd.flows["start"], standing.rnd.flows["end"]
    own = standing.chosen.flow
    meets = np.zeros(len(own), bool)
    for flow in np.unique(flows).tolist():
        meets |= (first[own] <= last[flow]) & (first[flow] <= last[own])
    return meets
