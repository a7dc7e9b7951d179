"""The page's section on a repair: what happened, what further changes would buy, who moves, drop-outs to come."""

from __future__ import annotations

from typing import Any, Final

from matcher.reporting.repairs import (
    AlternativeLine,
    ChangeLine,
    Expected,
    FlowLine,
    FragileLine,
    PartyLine,
    Repair,
)
from matcher.reporting.studies import Section, drawn
from matcher.reporting.views import Bar, Cell, Column, Table, share, table
from matcher.reporting.words import NOTHING, counted, goal_value, goal_words, number, percent

TITLE: Final = "Repair"
CHANGES: Final = "Who gets another place"
OUTLOOK: Final = "Drop-outs to come"
MOST_ROWS: Final = 25
"""So many flows, parties and placements are shown of drop-outs to come."""
MOST_SHOWN: Final = 40
"""Learners who could step in are named up to so many for a flow."""


def repaired(repair: Repair) -> Section:
    """The section."""
    expected = repair.expected
    parts = [("repair-changes", CHANGES)] if repair.changed else []
    parts += [("repair-outlook", OUTLOOK)] if expected else []
    model: dict[str, Any] = {
        "happened": _happened(repair),
        "advice": repair.advice,
        "notes": repair.notes,
        "kept": _kept(repair),
        "alternatives": _alternatives(repair) if repair.alternatives else None,
        "changes_title": CHANGES,
        "changes": _changes(repair) if repair.changed else None,
        "outlook_title": OUTLOOK,
        "outlook": _outlook(expected) if expected else (),
        "flows": _flows(expected) if expected and expected.flows else None,
        "parties": _parties(expected) if expected and expected.parties else None,
        "fragile": _fragile(expected) if expected and expected.fragile else None,
    }
    return drawn("repair", TITLE, parts, model)


def _happened(repair: Repair) -> str:
    """What happened, as counts and ids."""
    said = [
        counted(repair.dropped, "drop-out") if repair.dropped else "",
        counted(repair.late, "late arrival") if repair.late else "",
        f"withdrawn: {', '.join(repair.withdrawn_offers)}" if repair.withdrawn_offers else "",
        f"moved: {', '.join(repair.moved_flows)}" if repair.moved_flows else "",
    ]
    listed = "; ".join(part for part in said if part) or "nothing happened"
    return f"{listed[:1].upper()}{listed[1:]}."


def _kept(repair: Repair) -> str:
    proof = "no allocation keeps more" if repair.most_kept_proven else "not proven to be the most"
    return (
        f"{number(repair.could_be_kept)} places could be kept, each by itself; {number(repair.most_kept)} can be kept "
        f"together ({proof})."
    )


def _alternatives(repair: Repair) -> Table:
    names = list(repair.alternatives[0].values)
    most = max(one.kept for one in repair.alternatives)
    columns = [Column("Changes"), Column("Kept", numeric=True), Column("New", numeric=True)]
    columns += [Column(goal_words(name).title, numeric=True) for name in names if name != "kept"]
    columns += [Column("What it has more", wide=True), Column("What is known", wide=True)]

    def cells(one: AlternativeLine) -> list[Cell]:
        values = [goal_value(name, one.values[name]) for name in names if name != "kept"]
        known = "proven: nothing is better with so many changes" if one.proven else "not proven best"
        return [
            f"{number(one.changes)}{' (taken)' if one.chosen else ''}",
            Bar(number(one.kept), share(one.kept, most)),
            number(one.placed_anew),
            *values,
            one.bought or NOTHING,
            known,
        ]

    return table("What further changed places would buy", columns, repair.alternatives, cells)


def _changes(repair: Repair) -> Table:
    columns = [Column("Learner"), Column("From"), Column("To"), Column("Why", wide=True)]

    def cells(one: ChangeLine) -> list[Cell]:
        return [one.learner_id, one.before or NOTHING, one.after or NOTHING, one.why]

    caption = "Changes: offer and flow before and now"
    return table(caption, columns, repair.changed, cells, rest="all in changes.csv")


def _outlook(found: Expected) -> list[str]:
    short, long = percent(found.rate_short), percent(found.rate_long)
    rates = short if short == long else f"{short} of short stays and {long} of long ones"
    reserves = {one for flow in found.flows for one in flow.reserves}
    empty = (
        f"If {rates} drop out ({found.assumption}), {found.empty_seats:.1f} seats and {found.empty_beds:.1f} beds are "
        f"expected to be empty. Drawn {number(found.runs)} times, by seed {found.seed}."
    )
    ready = (
        f"{counted(len(reserves), 'learner')} without a place could step in for somebody without moving anybody: asked "
        f"for {number(found.searched)} of {number(found.placed)} placements, each checked by the audit. Who for whom "
        "is in reserves.csv."
    )
    return [empty, ready]


def _flows(found: Expected) -> Table:
    most = max(flow.empty_beds for flow in found.flows)
    columns = [
        Column("Flow"),
        Column("Learners", numeric=True),
        Column("Beds empty", numeric=True),
        Column("Seldom more than", numeric=True),
        Column("Overbook", numeric=True),
        Column("Risk of one more", numeric=True),
        Column("Who could step in", wide=True),
    ]

    def cells(flow: FlowLine) -> list[Cell]:
        more = len(flow.reserves) - MOST_SHOWN
        named = ", ".join(flow.reserves[:MOST_SHOWN]) + (f" and {number(more)} more" if more > 0 else "")
        return [
            flow.flow_id,
            number(flow.learners),
            Bar(f"{flow.empty_beds:.2f}", share(flow.empty_beds, most), "b"),
            number(flow.empty_beds_95),
            number(flow.overbook),
            percent(flow.risk_of_one),
            named or NOTHING,
        ]

    caption = (
        f"By flow: expected empty beds, how many at most in 95 of 100 futures, and how many further learners keep the "
        f"risk of too many within {percent(found.risk)}"
    )
    return table(caption, columns, found.flows, cells, most=MOST_ROWS)


def _parties(found: Expected) -> Table:
    columns = [
        Column("Sending partner"),
        Column("Flow"),
        Column("Learners", numeric=True),
        Column("At least", numeric=True),
        Column("May drop out", numeric=True),
        Column("Chance of too few", numeric=True),
        Column("Last escort for", numeric=True),
    ]

    def cells(one: PartyLine) -> list[Cell]:
        last = one.last_escort_for
        return [
            one.partner_id,
            one.flow_id,
            number(one.learners),
            number(one.min_group),
            number(one.spare),
            percent(one.chance),
            NOTHING if last is None else number(last),
        ]

    return table("Parties that drop-outs may leave too small", columns, found.parties, cells, most=MOST_ROWS)


def _fragile(found: Expected) -> Table:
    columns = [Column("Learner"), Column("Flow"), Column("What would be broken", wide=True)]

    def cells(one: FragileLine) -> list[Cell]:
        return [one.learner_id, one.flow_id, one.breach]

    return table(
        "Placements whose loss breaks a rule for others", columns, found.fragile, cells, most=MOST_ROWS
    )
