"""The page's tables of who travels: from where to where, in which flows, with which escorts."""

from __future__ import annotations

from typing import Final

import numpy as np

from matcher.reporting.facts import Facts, tally
from matcher.reporting.views import Bar, Cell, Column, Table, cut_note, share, table
from matcher.reporting.words import counted, euros, long_day, number
from models.round import IntArray, Round
from models.tables import Flow

COLUMNS: Final = 8
"""Hosting partners side by side that fit on a page of paper."""
MOST_MATRIX: Final = 24
"""How many sending and hosting partners the matrix shows."""


def between(facts: Facts) -> IntArray:
    """Return the learners of each sending at each hosting partner, of shape (sending, hosting)."""
    shape = len(facts.rnd.sending_partners), len(facts.rnd.hosting_partners)
    flat = facts.options.partner.astype(np.int64) * shape[1] + facts.options.host
    return tally(flat, shape[0] * shape[1]).reshape(shape)


def matrix(rnd: Round, learners: IntArray) -> list[Table]:
    """Return who goes where, the largest partners of a long list, in pieces that fit on a page."""
    rows, hosts = _largest(learners.sum(axis=1)), _largest(learners.sum(axis=0))
    pieces = [hosts[start : start + COLUMNS] for start in range(0, len(hosts), COLUMNS)]
    of_all = int((learners.sum(axis=1) > 0).sum()), int((learners.sum(axis=0) > 0).sum())
    notes = (
        cut_note(len(rows), of_all[0], "the sending partners with most learners"),
        cut_note(len(hosts), of_all[1], "the hosting partners with most learners"),
    )
    return [
        _matrix(rnd, learners, rows, piece, f" ({place} of {len(pieces)})" if len(pieces) > 1 else "", notes)
        for place, piece in enumerate(pieces, start=1)
    ]


def _matrix(
    rnd: Round, learners: IntArray, rows: list[int], hosts: list[int], which: str, notes: tuple[str, str]
) -> Table:
    ids = rnd.hosting_partners["id"]
    columns = [
        Column("From, to"),
        *(Column(ids[host], numeric=True) for host in hosts),
        Column("All", numeric=True),
    ]

    def cells(row: int) -> list[Cell]:
        counts: list[Cell] = [number(int(count)) if count else "·" for count in learners[row, hosts]]
        return [str(rnd.sending_partners["id"][row]), *counts, number(int(learners[row].sum()))]

    sums = [number(int(count)) for count in learners[:, hosts].sum(axis=0)]
    shown = [cells(row) for row in rows]
    caption = f"Learners from each sending to each hosting partner{which}"
    return Table(
        caption, columns, shown, ["All", *sums, number(int(learners.sum()))], " ".join(filter(None, notes))
    )


def _largest(sums: IntArray) -> list[int]:
    """The row numbers with most, in the order of the rows; those with none are left out."""
    order = np.argsort(-sums, kind="stable")[:MOST_MATRIX]
    return sorted(int(row) for row in order if sums[row] > 0)


def flows(facts: Facts) -> Table:
    """Return every flow in which somebody travels, by hosting partner and date."""
    rnd, parties = facts.rnd, facts.parties
    learners = tally(parties.flow, len(rnd.flows), parties.learners)
    escorts = tally(parties.flow, len(rnd.flows), parties.escorts)
    used = [(number, row) for number, row in enumerate(rnd.flows.records) if learners[number]]
    columns = [
        Column("Flow"),
        Column("Host"),
        Column("From"),
        Column("To"),
        Column("Learners", numeric=True),
        Column("Escorts", numeric=True),
        Column("Heads", numeric=True),
    ]

    def cells(item: tuple[int, Flow]) -> list[Cell]:
        row, flow = item
        heads = int(learners[row] + escorts[row])
        limit = f" of {number(flow.max_heads)}" if flow.max_heads is not None else ""
        return [
            flow.id,
            flow.host_id,
            long_day(flow.start),
            long_day(flow.end),
            number(int(learners[row])),
            number(int(escorts[row])),
            Bar(f"{number(heads)}{limit}", share(heads, flow.max_heads), "c"),
        ]

    used.sort(key=lambda item: (item[1].host_id, item[1].start, item[1].id))
    return table("Flows in which somebody travels", columns, used, cells, rest="all in placements.csv")


def escorts(facts: Facts) -> Table:
    """Return the parties that escorts accompany."""
    columns = [
        Column("Sending partner"),
        Column("Flow"),
        Column("Learners", numeric=True),
        Column("Escorts", numeric=True),
        Column("Cost", numeric=True),
    ]
    rows = list(facts.result.escorts.itertuples(index=False, name=None))
    return table(
        f"{counted(facts.escorts, 'accompanying person')} in {counted(len(rows), 'party', 'parties')}",
        columns,
        rows,
        lambda row: [row[0], row[1], number(row[2]), number(row[3]), euros(row[4])],
        rest="all in escorts.csv",
    )
