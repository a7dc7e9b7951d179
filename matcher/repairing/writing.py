"""A repair's own files, and what ``report.json`` says of it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd

from matcher.repairing.telling import advice, bought
from matcher.reporting.exports import as_csv
from matcher.reporting.repairs import AlternativeLine, ChangeLine, Expected, FlowLine, FragileLine, PartyLine
from matcher.reporting.repairs import Repair as Lines

if TYPE_CHECKING:
    from matcher.repairing.repair import Repair

CHANGES = ("learner_id", "from", "to", "why")
RESERVES = ("flow_id", "drops_out", "steps_in", "offer_id")
ASSUMED = "assumption: every placed learner drops out by the rate of the stay, independently of the others"


def csv_files(repair: Repair) -> Mapping[str, bytes]:
    """``changes.csv``, and ``reserves.csv`` where it was asked for."""
    files = {"changes.csv": as_csv(pd.DataFrame(list(repair.changes), columns=list(CHANGES)))}
    found = repair.reserves
    if found is not None:
        files["reserves.csv"] = as_csv(pd.DataFrame(list(found.reserves), columns=list(RESERVES)))
    return files


def digests(files: Mapping[str, bytes]) -> Mapping[str, str]:
    """The SHA-256 of each."""
    return {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}


def lines(repair: Repair) -> Lines:
    """The key ``repair`` of ``report.json``."""
    frontier, upset = repair.frontier, repair.upset
    happened = upset.happened
    return Lines(
        dropped=len(set(happened.dropped)),
        late=len(happened.late),
        withdrawn_offers=tuple(sorted(happened.withdrawn(upset.original))),
        moved_flows=tuple(sorted(flow.flow_id for flow in happened.moved)),
        notes=upset.notes,
        could_be_kept=len(upset.settled),
        most_kept=frontier.most_kept,
        most_kept_proven=frontier.most_proven,
        alternatives=tuple(_alternative(repair, number) for number in range(len(frontier.alternatives))),
        asked=frontier.asked,
        complete=frontier.complete,
        changed=tuple(ChangeLine(**change._asdict()) for change in repair.changes),
        advice=advice(frontier) if frontier.alternatives else "There is no allocation to recommend.",
        seconds={phase: round(seconds, 3) for phase, seconds in repair.seconds.items()},
        expected=_expected(repair),
    )


def _alternative(repair: Repair, number: int) -> AlternativeLine:
    one = repair.frontier.alternatives[number]
    return AlternativeLine(
        changes=one.changes,
        kept=one.kept,
        placed_anew=len(one.chosen) - one.kept,
        values=one.values,
        objective=one.objective,
        proven=one.best,
        bought=bought(repair.frontier, number),
        chosen=number == repair.number,
        seconds=round(one.seconds, 3),
        cpu_seconds=round(one.cpu_seconds, 3),
    )


def _expected(repair: Repair) -> Expected | None:
    found, stand_by = repair.forecast, repair.reserves
    if found is None or stand_by is None:
        return None
    assumed, totals = found.assumptions, found.totals
    by_flow: dict[str, list[str]] = {}
    for row in stand_by.reserves:
        by_flow.setdefault(row.flow_id, []).append(row.steps_in)
    flows = [
        FlowLine(**flow._asdict(), reserves=tuple(sorted(set(by_flow.get(flow.flow_id, ())))))
        for flow in found.flows
    ]
    return Expected(
        assumption=ASSUMED,
        rate_short=assumed.short,
        rate_long=assumed.long,
        risk=assumed.risk,
        runs=assumed.runs,
        seed=assumed.seed,
        empty_seats=round(totals["empty_seats"], 3),
        empty_beds=round(totals["empty_beds"], 3),
        empty_nights=round(totals["empty_nights"], 1),
        flows=tuple(flows),
        parties=tuple(PartyLine(**party._asdict()) for party in found.parties),
        fragile=tuple(FragileLine(**one._asdict()) for one in stand_by.fragile),
        searched=stand_by.searched,
        placed=stand_by.placed,
    )
