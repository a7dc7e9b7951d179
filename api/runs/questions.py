"""What is asked of a result while somebody waits: explanations, changes tried out, workbooks. Answered in a child.

One child of each process that answers requests is kept warm for it, so that reads stay fast meanwhile.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Final, TypeVar

from api import scratch
from api.errors import Conflict
from api.rounds.children import Children
from api.runs.tasks import Job, base_of, moved, round_of
from api.runs.watch import lay_out
from api.settings import Settings
from api.store.engine import Store
from api.store.schema import Run
from models.errors import InputErrors, InputProblem
from models.round import Round
from models.tables import Lock

MOST_BREACHES: Final = 100
"""Breaches of a change that are listed; the first ones say enough."""


@cache
def children() -> Children:
    """The child of this process that answers questions."""
    return Children(1)


Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Question:
    """Something asked of the result in a folder: ``job`` as for a run, and what is asked in ``about``."""

    job: Job
    about: Mapping[str, Any]


Work = Callable[[Path, Question], Answer]


def ask(store: Store, settings: Settings, run: Run, work: Work[Answer], about: Mapping[str, Any]) -> Answer:
    """The answer to a question about a run that has an allocation.

    Raises ``Conflict`` where the snapshot has lost what the allocation needs, ``TooLarge`` where memory is short.
    """
    job = {name: run.request.get(name) for name in ("policy", "locks")} | dict(about.get("job", {}))
    with scratch.folder(settings.scratch) as folder:
        lay_out(store, folder, run.snapshot_id, run.id, job)
        try:
            return children().run(work, Question(job, about), folder)
        except InputErrors:
            raise Conflict("The round is not what the run has read: learners were erased since.") from None


def ask_about_files(settings: Settings, files: Mapping[str, bytes], work: Work[Answer]) -> Answer:
    """The answer to a question about the files of a result."""
    with scratch.folder(settings.scratch) as folder:
        for name, content in files.items():
            (folder / name).write_bytes(content)
        return children().run(work, Question({}, {}), folder)


def explain(folder: Path, question: Question) -> dict[str, Any] | None:
    """The learner's placement or why there is none, and why not at a company; None: no such learner.

    Raises ``UnknownName`` for a company that does not exist.
    """
    from matcher import allocations
    from matcher.explaining.answering import answer

    rnd = round_of(folder, question.job)
    learner, company = question.about["learner"], question.about["company"]
    if learner not in rnd.learners.position:
        return None
    found = answer(allocations.adopted(rnd, base_of(folder, rnd)), learner, company)
    return {name: _plain(value) for name, value in found.items()}


def _plain(value: Any) -> Any:
    """A cell of a frame as JSON has it."""
    if isinstance(value, date):
        return value.isoformat()
    return value.item() if hasattr(value, "item") else value


def attempt(folder: Path, question: Question) -> dict[str, Any]:
    """Try a change out on an allocation: what is wrong with it, whether the allocation agrees with it as it is.

    A move is audited in full with everybody else where they are. A pin has to leave the learner an option.
    """
    from matcher.auditing import audit

    rnd, lock = round_of(folder, question.job), question.about["lock"]
    problems = list(_strangers(rnd, lock))
    if problems:
        return {"problems": problems, "honoured": False}
    changed = rnd.replace(rows={"locks": [*rnd.locks.records, Lock(**lock)]})
    base = base_of(folder, rnd)
    if question.about["kind"] == "move":
        move = {name: lock[name] for name in ("learner_id", "offer_id", "flow_id")}
        problems = [
            InputProblem("placements", None, breach.rule, None, breach.message)
            for breach in audit(changed, moved(base, [move])).breaches
        ]
        return {"problems": problems[:MOST_BREACHES], "honoured": not problems}
    if lock["kind"] == "pin":
        problems = list(_hopeless(changed, lock["learner_id"]))
    honoured = not any(breach.rule == "locks" for breach in audit(changed, base).breaches)
    return {"problems": problems, "honoured": honoured and not problems}


PLACES: Final = {
    "learner_id": "learners",
    "host_id": "hosting_partners",
    "company_id": "companies",
    "offer_id": "offers",
    "flow_id": "flows",
}
"""The ids of a change, and their tables."""


def _strangers(rnd: Round, lock: Mapping[str, str]) -> Iterator[InputProblem]:
    """The ids that do not exist."""
    from models.vocabulary import nearest

    for column, table in PLACES.items():
        if column in lock and lock[column] not in rnd.tables[table].position:
            ids = [str(one) for one in rnd.tables[table]["id"]]
            text = f"there is no such id in {table}"
            yield InputProblem("request", None, column, lock[column], text, nearest(lock[column], ids))


def _hopeless(rnd: Round, learner: str) -> Iterator[InputProblem]:
    """Says so when no rule leaves the learner an option."""
    from matcher.compiling import options_of

    options, _ = options_of(rnd)
    if not (options.learner == rnd.learners.position[learner]).any():
        text = f"the rules leave {learner} no option there; the explanation of the learner says why"
        yield InputProblem("request", None, "place", None, text)


def workbook(folder: Path, _question: Question) -> bytes:
    """The CSV files of a result as one workbook, a sheet each: text stays text, whatever it begins with."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    for path in sorted(folder.glob("*.csv")):
        sheet = book.create_sheet(path.stem)
        rows = csv.reader(io.StringIO(path.read_text(encoding="utf-8"), newline=""))
        names = next(rows)
        sheet.append(names)
        kinds = [CELLS.get(name, str) for name in names]
        for row in rows:
            sheet.append([kind(text) if text else None for kind, text in zip(kinds, row, strict=True)])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


CELLS: Final[Mapping[str, Callable[[str], object]]] = {
    **dict.fromkeys(("fit", "cost_eur", "learners", "escorts"), int),
    **dict.fromkeys(("start", "end"), date.fromisoformat),
}
"""The columns that are numbers or dates, for reckoning; all others are text as the CSV files have it, which no program
takes for a formula.
"""
