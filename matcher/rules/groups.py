"""Groups stay together: in one flow, all or none, or at one company (contract, rule 12)."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from matcher.columns import Columns, Owner, at_most, between, unique_rows
from matcher.options import Options
from matcher.placements import Placements, listed
from matcher.rules.base import Mask, Rule
from matcher.seated import spread
from matcher.slots import ranges
from models.outcome import Breach
from models.problem import Block
from models.round import Array, IntArray, Round


class Groups(Rule):
    """``same_flow``: placed members are in one flow. ``all_or_none``: the same, and all or none.
    ``same_company``: at one company too.
    """

    name = "groups"
    number = 12

    def rows(self, rnd: Round, columns: Columns) -> Iterable[Block]:
        """One flow at most for every group; for those in step each member's sum also equals the next member's,
        place by place.
        """
        yield self._one_flow(rnd, columns)
        yield self._in_step(rnd, columns, "all_or_none")
        yield self._in_step(rnd, columns, "same_company")

    def _one_flow(self, rnd: Round, columns: Columns) -> Block:
        """For groups in step it follows from the other rows; said outright, it lets a solver decide on a group
        as a whole.
        """
        options = columns.options
        option, group = _of_options(options, rnd.ref("learners", "group_id"))
        (of_member, _), member = unique_rows(group, options.flow[option])
        owner = np.full(len(options), -1, np.int32)
        owner[option] = member
        size = np.bincount(rnd.ref("learners", "group_id")[rnd.ref("learners", "group_id") >= 0])
        members = Owner(owner, np.arange(len(of_member)), size[of_member])
        present = columns.ceiling("group_in_flow", self.name, members, size[of_member])
        (group_row,), row = unique_rows(of_member)
        return at_most(
            self.name,
            row,
            present.first + np.arange(len(of_member)),
            np.ones(len(group_row), np.int64),
            "group {group} is in one flow at most",
            {"group": rnd.groups["id"][group_row]},
        )

    def _in_step(self, rnd: Round, columns: Columns, mode: str) -> Block:
        """Σ of a member's options at a place = Σ of the next member's there; a place is a flow, or a company
        in a flow.
        """
        options = columns.options
        option, group = _of_options(options, _of_mode(rnd, mode))
        company = options.company[option] if mode == "same_company" else np.zeros(len(option), np.int64)
        (of_place, flow, at), place = unique_rows(group, options.flow[option], company)
        first, second, pair_of_place = _neighbours(rnd, of_place)
        row, column, value = _differences(
            options.learner[option], option, place, pair_of_place, first, second
        )
        zero = np.zeros(len(first), np.int64)
        where = pair_of_place
        keys: dict[str, Array] = {
            "group": rnd.groups["id"][of_place[where]],
            "flow": rnd.flows["id"][flow[where]],
            "a": rnd.learners["id"][first],
            "b": rnd.learners["id"][second],
        }
        text = "group {group}: {a} and {b} are both in flow {flow}, or neither is"
        if mode == "same_company":
            keys["company"] = rnd.companies["id"][at[where]]
            text = "group {group}: {a} and {b} are both at company {company} in flow {flow}, or neither is"
        return between(self.name, row, column, zero, zero, text, keys, value)

    def audit(self, rnd: Round, placed: Placements) -> Iterable[Breach]:
        """A breach per group that is spread over flows or companies, or placed in part, against its mode."""
        for group in placed.suspect_rows("groups", _doubtful(rnd, placed)):
            members = placed.members.get(group.id, ())
            there = tuple(member for member in members if member in placed.by_learner)
            places = [place for member in there for place in placed.by_learner[member]]
            flows = sorted({place.flow.id for place in places})
            companies = sorted({place.company.id for place in places})
            name = f"group {group.id} ({group.mode})"
            if len(flows) > 1:
                yield Breach(self.name, f"{name} is in {len(flows)} flows: {', '.join(flows)}", there)
            if group.mode != "same_flow" and 0 < len(there) < len(members):
                without = listed([member for member in members if member not in there])
                message = f"{name}: {len(there)} of {len(members)} members placed, not placed {without}"
                yield Breach(self.name, message, there)
            if group.mode == "same_company" and len(companies) > 1:
                message = f"{name} is at {len(companies)} companies: {', '.join(companies)}"
                yield Breach(self.name, message, there)


def _doubtful(rnd: Round, placed: Placements) -> Mask:
    """The groups at more than one flow or company, or with some members placed and others not."""
    seated, groups = placed.seated, len(rnd.groups)
    inside = np.flatnonzero(seated.group >= 0)
    apart = spread(seated.group[inside], seated.flow[inside], groups)
    apart |= spread(seated.group[inside], seated.company[inside], groups)
    group = rnd.ref("learners", "group_id")
    member = group >= 0
    return apart | spread(group[member], np.minimum(seated.times[member], 1), groups)


def _of_mode(rnd: Round, mode: str) -> IntArray:
    """The group (row number) of each learner, where the group has the mode; else −1."""
    group = rnd.ref("learners", "group_id")
    of_mode = np.append(rnd.groups["mode"] == mode, False)  # the last entry serves group −1
    return np.where(of_mode[group], group, -1)


def _of_options(options: Options, group_of: IntArray) -> tuple[IntArray, IntArray]:
    """The options of learners who have a group (row number, by learner; −1: none), and the group of each."""
    option = np.flatnonzero((group_of >= 0)[options.learner])
    return option, group_of[options.learner[option]]


def _neighbours(rnd: Round, of_place: IntArray) -> tuple[IntArray, IntArray, IntArray]:
    """For every place of a group, each member with the next: two learners and the place, one entry per row."""
    group = rnd.ref("learners", "group_id")
    order = np.argsort(group, kind="stable")
    edges = np.searchsorted(group[order], np.arange(len(rnd.groups) + 1))
    begin, count = edges[of_place], np.diff(edges)[of_place] - 1
    at = ranges(begin, count)
    return order[at], order[at + 1], np.repeat(np.arange(len(of_place)), count)


def _differences(
    learner: IntArray,
    option: IntArray,
    place: IntArray,
    place_of_row: IntArray,
    first: IntArray,
    second: IntArray,
) -> tuple[IntArray, IntArray, IntArray]:
    """The entries of the rows: +1 for the first learner's options at the row's place, −1 for the second's."""
    rows, columns, values = [], [], []
    for who, sign in ((first, 1), (second, -1)):
        row, entry = _matches(place_of_row, who, place, learner)
        rows.append(row)
        columns.append(option[entry])
        values.append(np.full(len(row), sign))
    return np.concatenate(rows), np.concatenate(columns), np.concatenate(values)


def _matches(
    place: IntArray, who: IntArray, place_of: IntArray, learner_of: IntArray
) -> tuple[IntArray, IntArray]:
    """All (row, entry) with the same place and learner."""
    width = np.int64(max(who.max(initial=0), learner_of.max(initial=0)) + 1)
    wanted, have = place * width + who, place_of * width + learner_of
    order = np.argsort(have, kind="stable")
    first = np.searchsorted(have[order], wanted, "left")
    count = np.searchsorted(have[order], wanted, "right") - first
    ends = np.cumsum(count)
    inside = np.arange(ends[-1] if len(ends) else 0) - np.repeat(ends - count - first, count)
    return np.repeat(np.arange(len(wanted)), count), order[inside]
