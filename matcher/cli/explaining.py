"""`matcher explain`: why a learner is where they are and nowhere else, and why seats stay empty somewhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from matcher.cli.console import print_json
from matcher.cli.parameters import AsJson, RoundPath, ShowProgress, TimeLimit
from matcher.cli.solving import complain_about, tell
from matcher.cli.waiting import wait_for

if TYPE_CHECKING:
    from matcher import Result
    from models.round import Round

Id = str | None


def explain(
    round_path: RoundPath,
    learner: Annotated[Id, typer.Option("--learner", metavar="ID", help="Whom to explain.")] = None,
    company: Annotated[
        Id,
        typer.Option(
            "--company",
            metavar="ID",
            help="With a learner: why not at this company; alone: why seats stay empty.",
        ),
    ] = None,
    offer: Annotated[
        Id, typer.Option("--offer", metavar="ID", help="Why seats of this offer stay empty.")
    ] = None,
    host: Annotated[
        Id, typer.Option("--host", metavar="ID", help="Why seats at this host stay empty.")
    ] = None,
    partner: Annotated[
        Id,
        typer.Option(
            "--for",
            metavar="PARTNER",
            help="As this sending partner may read it: nothing of others' learners; see docs/explaining.md.",
        ),
    ] = None,
    placements: Annotated[
        Path | None,
        typer.Option(
            "--placements", metavar="FILE", help="The allocation to explain; else the round is solved."
        ),
    ] = None,
    resolve: Annotated[
        int,
        typer.Option("--resolve", min=0, help="So many places of a learner are solved again, to be exact."),
    ] = 3,
    time_limit: TimeLimit = None,
    as_json: AsJson = False,
    progress: ShowProgress = None,
) -> None:
    """Why a learner is where they are and nowhere else; why seats stay empty; and the smallest change that would help.

    What is said of goals is solved again and exact, or marked; a change that would help has been audited.
    """
    from matcher import load

    asked = _asked(learner, offer, company, host)
    rnd = load(round_path)
    _insist(
        rnd, {"learners": learner, "companies": company, "offers": offer, "hosting_partners": host}, partner
    )
    result = _allocation(rnd, placements, time_limit, progress, as_json=as_json)
    if result.audit is None and not as_json and partner is None:
        _ = result.ways_out
        complain_about(result.report)
    if partner is not None:
        found, lines = _shared(result, partner, learner, *asked)
    elif learner is not None:
        found, lines = _of_learner(result, learner, company, resolve)
    else:
        found, lines = _of_place(result, *asked)
    if as_json:
        print_json(found)
    else:
        for line in lines:
            tell(line)


Answer = tuple[Mapping[str, Any], Iterator[str]]


def _asked(learner: Id, offer: Id, company: Id, host: Id) -> tuple[str, str]:
    """What is asked about, and its id. Raises ``BadParameter`` for none or several."""
    places = {"offer": offer, "company": company, "host": host}
    given = {name: key for name, key in places.items() if key is not None}
    if learner is not None and set(given) <= {"company"}:
        return "learner", learner
    if learner is None and len(given) == 1:
        return next(iter(given.items()))
    raise typer.BadParameter(
        "one of --learner (with a --company or without), --offer, --company or --host is needed"
    )


def _insist(rnd: Round, ids: Mapping[str, Id], partner: Id) -> None:
    """Everything that is named exists; of a learner the sender's own version says more in its own words."""
    from models.round import insist_on_known

    if partner is not None:
        insist_on_known(rnd, "sending_partners", partner)
    for table, key in ids.items():
        if key is not None and (table != "learners" or partner is None):
            insist_on_known(rnd, table, key)


def _allocation(
    rnd: Round, placements: Path | None, time_limit: float | None, progress: bool | None, *, as_json: bool
) -> Result:
    from matcher import allocations, match

    if placements is not None:
        return allocations.adopted(rnd, [line.placement for line in allocations.read(placements, rnd)])
    return wait_for(
        lambda report, cancel: match(rnd, time_limit=time_limit, progress=report, cancel=cancel),
        seconds=time_limit,
        shown=progress,
        quiet=as_json,
    )


def _of_learner(result: Result, learner: str, company: Id, resolve: int) -> Answer:
    """The row of the files, and every place by what decided it."""
    from matcher.explaining.answering import answer
    from matcher.explaining.why import telling, why_learner

    row = answer(result, learner, company)
    why = why_learner(result, learner, company, resolve)
    lines = (f"{name.replace('_', ' ')}: {value}" for name, value in row.items())
    return {**row, "why": why.as_dict()}, (line for part in (lines, telling.of_learner(why)) for line in part)


def _of_place(result: Result, what: str, key: str) -> Answer:
    from matcher.explaining.why import telling, why_place

    why = why_place(result, what, key)
    return why.as_dict(), telling.of_place(why)


def _shared(result: Result, partner: str, learner: Id, what: str, key: str) -> Answer:
    """As a sending partner may read it."""
    from matcher.explaining.why import learner_for, place_for, telling

    if learner is not None:
        own = learner_for(result, partner, learner)
        return own.as_dict(), telling.of_shared_learner(own)
    place = place_for(result, partner, what, key)
    return place.as_dict(), telling.of_shared_place(place)
