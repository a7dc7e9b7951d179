"""Options that can never be chosen because others have none: too few for a smallest group, members and mates who
cannot come along. In whole columns.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from matcher.explaining.standing import Standing
from matcher.options import Options
from matcher.slots import ranges
from models.round import IntArray

Mask = npt.NDArray[np.bool_]


def too_few(standing: Standing, options: Options) -> Mask:
    """In whose flow fewer learners of the partner have an option than the smallest group has."""
    rnd, every = standing.rnd, standing.options
    least, width = rnd.flows["min_group"], np.int64(len(rnd.flows))
    own = options.partner * width + options.flow
    party = np.unique(standing.chosen.partner * width + standing.chosen.flow)
    asked = np.unique(own[(least[options.flow] > 1) & ~np.isin(own, party)])  # who has a party has enough
    wanted = np.zeros((len(rnd.sending_partners), len(rnd.flows)), bool)
    wanted[asked // width, asked % width] = True
    inside = np.flatnonzero(wanted[every.partner, every.flow])
    learners = np.unique(every.learner[inside] * width + every.flow[inside])
    cluster = rnd.ref("learners", "partner_id")[learners // width] * width + learners % width
    number = np.bincount(np.searchsorted(asked, cluster), minlength=len(asked))
    few = asked[number < least[asked % width]]
    found: Mask = np.isin(own, few)
    return found


class Together(NamedTuple):
    """For each option of a learner in a strict group: how many members have an option at the same place.

    ``group`` is -1 where there is no such group; ``size`` has an entry per group of the round, and a last one, 0.
    """

    group: IntArray
    members: IntArray
    size: IntArray

    @property
    def apart(self) -> Mask:
        """Where some member has none."""
        lacking: Mask = self.members < self.size[self.group]
        return lacking


def together(standing: Standing, options: Options) -> Together:
    """Where the members of strict groups could be together: in one flow, or at one company in it."""
    rnd, every = standing.rnd, standing.options
    group_of = rnd.ref("learners", "group_id").astype(np.int64)
    strict = np.where(_of_mode(standing, ("all_or_none", "same_company"))[group_of], group_of, -1)
    size = np.append(np.bincount(group_of[group_of >= 0], minlength=len(rnd.groups)), 0)
    own = strict[options.learner]
    asked = np.zeros(len(rnd.groups) + 1, bool)
    asked[own[own >= 0]] = True
    members = every.take(np.flatnonzero(asked[strict[every.learner]] & (strict[every.learner] >= 0)))
    there, here = _places(standing, members, strict), _places(standing, options, strict)
    keys, place = np.unique(there, return_inverse=True)
    present = np.unique(place * np.int64(len(rnd.learners)) + members.learner)
    counts = np.bincount(present // max(1, len(rnd.learners)), minlength=len(keys))
    found = np.zeros(len(options), np.int64)
    inside = np.flatnonzero(own >= 0)
    found[inside] = counts[np.searchsorted(keys, here[inside])]
    return Together(own, found, size)


def _places(standing: Standing, options: Options, strict: IntArray) -> IntArray:
    """A number for the place of each option that a strict group shares: a flow, or a company in a flow."""
    rnd, group = standing.rnd, strict[options.learner]
    one_company = _of_mode(standing, ("same_company",))[group]
    company = np.where(one_company, options.company + 1, 0).astype(np.int64)
    place = company * len(rnd.flows) + options.flow
    return np.maximum(group, 0) * np.int64((len(rnd.companies) + 1) * len(rnd.flows)) + place


def _of_mode(standing: Standing, modes: tuple[str, ...]) -> Mask:
    """Which groups have one of the modes; the last entry serves group -1, which has none."""
    found: Mask = np.append(np.isin(standing.rnd.groups["mode"].astype(str), modes), np.bool_(0))
    return found


def without_mate(standing: Standing, options: Options) -> Mask:
    """Where a learner tied by a ``together`` pair has no option at the company in the flow."""
    rnd, every = standing.rnd, standing.options
    tied = np.flatnonzero(rnd.pairs["kind"] == "together")
    one, other = rnd.ref("pairs", "learner_a")[tied], rnd.ref("pairs", "learner_b")[tied]
    who, mate = np.concatenate([one, other]), np.concatenate([other, one])
    first = np.searchsorted(options.learner, who, "left")
    count = np.searchsorted(options.learner, who, "right") - first
    option, mates = ranges(first, count), np.repeat(mate, count)
    of_mates = every.take(np.flatnonzero(np.isin(every.learner, mates)))
    wanted = _spots(standing, mates, options.take(option))
    lacking = ~np.isin(wanted, _spots(standing, of_mates.learner, of_mates))
    found = np.zeros(len(options), bool)
    found[option[lacking]] = True
    return found


def _spots(standing: Standing, learner: IntArray, options: Options) -> IntArray:
    """A number for each learner at the company and in the flow of an option."""
    rnd = standing.rnd
    spot = options.company.astype(np.int64) * len(rnd.flows) + options.flow
    return learner.astype(np.int64) * (len(rnd.companies) * len(rnd.flows)) + spot
