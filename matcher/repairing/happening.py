"""What happened after people were placed, and the round as it is then.

A drop-out is no learner of the round any more: the row goes, and with it whatever was agreed about it. The company of a
withdrawal stays a row without offers, since wishes and scores may name it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from models.columns import Ref
from models.errors import InputErrors, InputProblem
from models.round import Round, insist_on_known
from models.tables import TABLES, Learner, Row, columns_of

WHERE = "what happened"
"""What messages call the place of a mistake that is in no file."""


@dataclass(frozen=True)
class Moved:
    """A flow with its new first and last day, both included."""

    flow_id: str
    start: date
    end: date


@dataclass(frozen=True)
class Happened:
    """Everything that happened.

    ``dropped`` are learners' ids, ``late`` rows of further learners, ``companies`` and ``offers`` the ids of those that
    withdraw (a company with all its offers), ``moved`` the flows with new dates.
    """

    dropped: tuple[str, ...] = ()
    late: tuple[Learner, ...] = ()
    companies: tuple[str, ...] = ()
    offers: tuple[str, ...] = ()
    moved: tuple[Moved, ...] = ()

    def __add__(self, other: Happened) -> Happened:
        return Happened(
            self.dropped + other.dropped,
            self.late + other.late,
            self.companies + other.companies,
            self.offers + other.offers,
            self.moved + other.moved,
        )

    def withdrawn(self, rnd: Round) -> frozenset[str]:
        """The ids of the offers that are no more."""
        gone = set(self.companies)
        of_companies = (offer.id for offer in rnd.offers.records if offer.company_id in gone)
        return frozenset(self.offers) | frozenset(of_companies)

    def apply(self, rnd: Round) -> Round:
        """The round after all this.

        Raises
        ------
        UnknownName
            For an id that the round does not have, with the nearest that it has.
        InputErrors
            For a late learner whose id is taken, and a flow that would end before it begins.
        """
        self._insist(rnd)
        gone, withdrawn = frozenset(self.dropped), self.withdrawn(rnd)
        rows: dict[str, list[Row]] = {}
        if gone:
            _leave(rnd, rows, "learners", gone)
        if withdrawn:
            _leave(rnd, rows, "offers", withdrawn)
        if self.late:
            rows["learners"] = [*rows.get("learners", rnd.learners.records), *self.late]
        if self.moved:
            to = {one.flow_id: {"start": one.start, "end": one.end} for one in self.moved}
            rows["flows"] = [flow.model_copy(update=to.get(flow.id, {})) for flow in rnd.flows.records]
        return rnd.replace(rows=rows)

    def _insist(self, rnd: Round) -> None:
        for table, ids in (
            ("learners", self.dropped),
            ("companies", self.companies),
            ("offers", self.offers),
            ("flows", [one.flow_id for one in self.moved]),
        ):
            for one in ids:
                insist_on_known(rnd, table, one)
        problems = [*self._taken(rnd), *self._backwards()]
        if problems:
            raise InputErrors(problems)

    def _taken(self, rnd: Round) -> Iterable[InputProblem]:
        seen = set(rnd.learners["id"].tolist())
        for learner in self.late:
            if learner.id in seen:
                yield InputProblem(WHERE, None, "late", learner.id, "a learner with this id is in the round")
            seen.add(learner.id)

    def _backwards(self) -> Iterable[InputProblem]:
        for flow in self.moved:
            if flow.end < flow.start:
                message = f"would end on {flow.end}, before it begins on {flow.start}"
                yield InputProblem(WHERE, None, "moved", flow.flow_id, message)
        twice = {
            flow.flow_id for flow in self.moved if sum(one.flow_id == flow.flow_id for one in self.moved) > 1
        }
        for flow_id in sorted(twice):
            yield InputProblem(WHERE, None, "moved", flow_id, "moves more than once: say where to in the end")


def _leave(rnd: Round, rows: dict[str, list[Row]], table: str, ids: Collection[str]) -> None:
    """Take rows out of a table, and out of others the rows that are about them."""
    there: list[Any] = rows.get(table, list(rnd.tables[table].records))
    rows[table] = [row for row in there if row.id not in ids]
    for other, fields in _referring(table):
        kept: list[Any] = rows.get(other, list(rnd.tables[other].records))
        rows[other] = [row for row in kept if not any(getattr(row, field) in ids for field in fields)]


def _referring(table: str) -> list[tuple[str, list[str]]]:
    """The tables that refer to a table, with the columns that do."""
    found = []
    for other, row in TABLES.items():
        fields = [name for name, note in columns_of(row).items() if note.kind == Ref(table)]
        if fields:
            found.append((other, fields))
    return found
