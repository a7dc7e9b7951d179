"""What hosts and analysts may see of learners: counts, and pseudonymised tables of the frozen round."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from api.access.roles import Caller
from api.errors import Conflict
from api.rounds import analysing, demand
from api.rounds.children import children
from api.rounds.demand import Demand
from api.rounds.drafting import told
from api.rounds.pseudonyms import key_of
from api.rounds.uploads import part_of
from api.rounds.visibility import the_round
from api.store.engine import Store
from api.store.schema import Erasure, RoundRecord, Sheet, Snapshot, Upload

_KEPT: Final = 16
"""So many tables are remembered: a list that is read page by page is made once."""

_made: OrderedDict[tuple[object, ...], list[analysing.Row]] = OrderedDict()
_lock = Lock()


def demand_in(store: Store, caller: Caller, round_id: str) -> list[Demand]:
    """The demand of the learners that are loaded, as counts."""
    with store.reading() as session:
        record = the_round(session, caller, round_id)
        query = (
            select(Upload)
            .join(Sheet, Sheet.upload_id == Upload.id)
            .where(Sheet.round_id == record.id, Sheet.table == "learners")
            .order_by(Sheet.owner)
            .options(undefer(Upload.content))
        )
        parts = tuple(map(part_of, session.scalars(query)))
        year = told(record.settings, record.rates).found.settings.call_year
    assert year is not None, "settings without errors have a call year"
    return children().run(demand.demand, (parts, year))


def pseudonymised(store: Store, caller: Caller, round_id: str, table: str) -> tuple[list[analysing.Row], int]:
    """A table of the frozen round as analysts see it, and a number that changes with it.

    Raises ``Conflict`` for a round that is not frozen: while partners load, two looks would tell who came in between.
    """
    with store.reading() as session:
        record = the_round(session, caller, round_id)
        snapshot = _snapshot(session, record)
        query = select(Erasure.partner_id, Erasure.learner_id).where(Erasure.round_id == record.id)
        erased = frozenset((partner, learner) for partner, learner in session.execute(query))
        order = analysing.AnalysisOrder(snapshot.content, table, key_of(record), erased)
        key = (snapshot.id, len(erased), table)
        stamp = int(snapshot.digest[:12], 16) + len(erased)
    with _lock:
        found = _made.get(key)
    if found is None:
        found = children().run(analysing.pseudonymised, order)
        with _lock:
            _made[key] = found
            while len(_made) > _KEPT:
                _made.popitem(last=False)
    return found, stamp


def _snapshot(session: Session, record: RoundRecord) -> Snapshot:
    if record.snapshot_id is None or record.purged_at is not None:
        raise Conflict("Analysts see tables of a round once it is frozen, and until its retention ends.")
    query = select(Snapshot).where(Snapshot.id == record.snapshot_id)
    return session.scalars(query.options(undefer(Snapshot.content))).one()
