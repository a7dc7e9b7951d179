"""The page's section on empty seats: how many at each host, and what decides it, then offer by offer."""

from __future__ import annotations

from typing import Final, NamedTuple

from matcher.reporting.vacancies import (
    BARRED,
    ELSEWHERE,
    MOST_ASKED,
    NO_FLOW,
    WAITING,
    WHY,
    Vacancies,
    VacantHost,
    VacantOffer,
)
from matcher.reporting.views import Bar, Cell, Column, Named, Table, cut_note, share, table
from matcher.reporting.words import counted, number
from models.round import Round

LABELS: Final = {
    NO_FLOW: "No flow in the offer's time",
    BARRED: "Rules bar everybody",
    ELSEWHERE: "All who may come are elsewhere",
    WAITING: "Some without a place may come",
}
MOST_OFFERS: Final = 20
"""So many offers are shown."""
MOST_RULES: Final = 3
"""So many rules are named of an offer."""
DECIDES: Final = (
    "A seat counts as empty if nobody takes it on any day. What decides it, in this order: no flow lies within the "
    "offer's time; rules bar every learner; all who may come have another place; learners without any place may come, "
    "but beds, heads, money or quotas are in the way, or a goal would be worse."
)
MORE: Final = (
    "matcher explain says more of one offer, company or host: who could come, what keeps them, and the smallest change "
    "that would fill a seat."
)


class View(NamedTuple):
    """What the section shows; ``offers`` is None where no seat is empty."""

    lead: str
    hosts: Table
    notes: tuple[str, ...]
    offers: Table | None


def vacant(rnd: Round, found: Vacancies) -> View:
    """The section."""
    return View(
        _lead(found), _hosts(rnd, found), (DECIDES, MORE), _offers(rnd, found) if found.offers else None
    )


def _lead(found: Vacancies) -> str:
    seats, empty = (sum(getattr(host, name) for host in found.hosts) for name in ("seats", "empty"))
    if not empty:
        return f"None of the {number(seats)} seats stays empty all the time."
    return f"{number(empty)} of {counted(seats, 'seat')} stay empty all the time, at {counted(found.vacant, 'offer')}."


def _hosts(rnd: Round, found: Vacancies) -> Table:
    names = dict(zip(rnd.hosting_partners["id"], rnd.hosting_partners["name"], strict=True))
    columns = [
        Column("Hosting partner"),
        Column("Offers", numeric=True),
        Column("Seats", numeric=True),
        Column("Empty", numeric=True),
        *(Column(LABELS[why], numeric=True) for why in WHY),
    ]

    def cells(host: VacantHost) -> list[Cell]:
        return [
            Named(host.id, names[host.id]),
            number(host.offers),
            number(host.seats),
            Bar(number(host.empty), share(host.empty, host.seats), "b"),
            *(number(getattr(host, why)) for why in WHY),
        ]

    return table("Seats that stay empty, by what decides it", columns, found.hosts, cells)


def _offers(rnd: Round, found: Vacancies) -> Table:
    names = dict(zip(rnd.companies["id"], rnd.companies["name"], strict=True))
    columns = [
        Column("Offer"),
        Column("Company"),
        Column("Host"),
        Column("Empty", numeric=True),
        Column("Why", wide=True),
    ]

    def cells(offer: VacantOffer) -> list[Cell]:
        return [
            offer.id,
            Named(offer.company_id, names[offer.company_id]),
            offer.host_id,
            Bar(f"{number(offer.empty)} of {number(offer.seats)}", share(offer.empty, offer.seats), "b"),
            _why(offer),
        ]

    view = table("Offers with the most empty seats", columns, found.offers, cells, most=MOST_OFFERS)
    note = cut_note(len(view.rows), found.vacant, "the first 100 are in report.json")
    return Table(view.caption, view.columns, view.rows, note=note)


def _why(offer: VacantOffer) -> str:
    match offer.why:
        case "no_flow":
            return "no flow at the host lies within its time"
        case "elsewhere":
            many = counted(offer.learners, "further learner")
            return (
                f"{many} may come; all have another place" if offer.learners else "all who may come are here"
            )
        case "waiting":
            return f"{counted(offer.learners, 'learner')} without a place may come: a limit or a goal is in the way"
        case _:
            return f"rules bar everybody{_kept_away(offer)}"


def _kept_away(offer: VacantOffer) -> str:
    if offer.kept_away is None:
        return f" (which ones was not asked: more than {number(MOST_ASKED)} combinations)"
    if not offer.kept_away:
        return ", several for each learner"
    said = [f"{one.rule} ({counted(one.learners, 'learner')})" for one in offer.kept_away[:MOST_RULES]]
    return f"; alone in the way: {', '.join(said)}"
