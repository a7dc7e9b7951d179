"""Changes that lift the bar of one rule from one candidate: what a learner, a company, a host or a
coordinator could do.

One function per rule that bars options. A rule without one is explained like the others, but no change is
proposed for it. A change proposed here is not yet known to help: it is checked before anybody reads it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import NamedTuple

from matcher.explaining.changes import Change, edit, points, with_policy, with_row, without
from matcher.fitting import best_profile_fit
from models.round import Round
from models.tables import Agreement, Company, Flow, HostingPartner, Learner, MicroCredential, Offer
from models.vocabulary import Cefr

CREDENTIAL_FIT = 80
"""The most that a micro-credential's field counts (contract, rule 2)."""


class Spot(NamedTuple):
    """A candidate with its rows; ``row`` has their numbers by table."""

    rnd: Round
    learner: Learner
    offer: Offer
    flow: Flow
    company: Company
    host: HostingPartner
    row: Mapping[str, int]

    @classmethod
    def of(cls, rnd: Round, learner: int, offer: int, flow: int) -> Spot:
        """The rows of a candidate given by row numbers."""
        company = int(rnd.ref("offers", "company_id")[offer])
        host = int(rnd.ref("flows", "host_id")[flow])
        return cls(
            rnd,
            rnd.learners.record(learner),
            rnd.offers.record(offer),
            rnd.flows.record(flow),
            rnd.companies.record(company),
            rnd.hosting_partners.record(host),
            {
                "learners": learner,
                "offers": offer,
                "flows": flow,
                "companies": company,
                "hosting_partners": host,
            },
        )


def lifts(rule: str, spot: Spot) -> Iterator[Change]:
    """Changes after which the rule no longer bars the candidate."""
    if rule in _LIFTS:
        yield from _LIFTS[rule](spot)


def _profile(spot: Spot) -> Iterator[Change]:
    learner, offer, least = spot.learner, spot.offer, spot.rnd.policy.min_profile_fit
    low = offer.min_eqf is not None and learner.eqf_level < offer.min_eqf
    high = offer.max_eqf is not None and learner.eqf_level > offer.max_eqf
    fit = _fit(spot)
    if fit >= least and low != high:
        side, asked = ("min_eqf", offer.min_eqf) if low else ("max_eqf", offer.max_eqf)
        effort = points("EQF level", abs(learner.eqf_level - (asked or 0)))
        text = f"set {side} of offer {offer.id} to {learner.eqf_level} (now {asked})"
        yield Change(effort, text, edit("offers", spot.row["offers"], **{side: learner.eqf_level}))
    if fit < least and not (low or high):
        yield from _fields(spot, fit, least)


def _fields(spot: Spot, fit: int, least: int) -> Iterator[Change]:
    learner, offer = spot.learner, spot.offer
    text = f"let offer {offer.id} take field {learner.field} (now {';'.join(offer.fields)})"
    effort = points("near field" if fit else "far field")
    yield Change(effort, text, edit("offers", spot.row["offers"], fields=(*offer.fields, learner.field)))
    if fit:
        text = f"set min_profile_fit to {fit} (now {least})"
        yield Change(points("policy point", least - fit), text, with_policy(min_profile_fit=fit))
    studied = [code for code in offer.fields if len(code) > 2]
    if least <= CREDENTIAL_FIT and studied:
        credential = MicroCredential(learner_id=learner.id, title="Micro-credential", field=studied[0])
        text = f"a micro-credential of {learner.id} in field {studied[0]}"
        yield Change(points("credential"), text, with_row("micro_credentials", credential))


def _fit(spot: Spot) -> int:
    own = spot.rnd.ref("micro_credentials", "learner_id") == spot.row["learners"]
    earned = tuple(spot.rnd.micro_credentials["field"][own].tolist())
    return best_profile_fit((spot.learner.field, earned), spot.offer.fields)


def _dates(spot: Spot) -> Iterator[Change]:
    wide = {"learners": _lacking(spot.flow, spot.learner), "offers": _lacking(spot.flow, spot.offer)}
    short = [table for table, days in wide.items() if days]
    if len(short) != 1:
        return
    table = short[0]
    row = spot.learner if table == "learners" else spot.offer
    first, last = min(row.available_from, spot.flow.start), max(row.available_to, spot.flow.end)
    early = f" from {first} (now {row.available_from})" if first < row.available_from else ""
    late = f" to {last} (now {row.available_to})" if last > row.available_to else ""
    change = edit(table, spot.row[table], available_from=first, available_to=last)
    yield Change(points("day", wide[table]), f"{table[:-1]} {row.id} available{early}{late}", change)


def _lacking(flow: Flow, row: Learner | Offer) -> int:
    """The days by which an availability would have to be wider, at both ends together."""
    return max(0, (row.available_from - flow.start).days) + max(0, (flow.end - row.available_to).days)


def _language(spot: Spot) -> Iterator[Change]:
    spoken, company = dict(spot.learner.languages), spot.company
    for code, asked in company.working_languages:
        has = spoken.get(code, 0)
        learnt = tuple(sorted((spoken | {code: asked}).items()))
        text = f"{code} {_level(asked)} of {spot.learner.id} (now {_level(has)})"
        yield Change(
            points("level learnt", asked - has),
            text,
            edit("learners", spot.row["learners"], languages=learnt),
        )
        if has:
            eased = tuple((each, has if each == code else level) for each, level in company.working_languages)
            text = f"company {company.id} asks {code} {_level(has)} (now {_level(asked)})"
            change = edit("companies", spot.row["companies"], working_languages=eased)
            yield Change(points("level asked", asked - has), text, change)


def _level(level: int) -> str:
    return Cefr(level).name if level else "none"


def _age(spot: Spot) -> Iterator[Change]:
    least, start, born = spot.company.min_age, spot.flow.start, spot.learner.birth_date
    if least is None:
        return
    if born is None:
        latest = _years_before(start, least)
        text = f"the birth date of {spot.learner.id}, if it is {latest} or earlier"
        yield Change(points("birth date"), text, edit("learners", spot.row["learners"], birth_date=latest))
        return
    years = start.year - born.year - ((start.month, start.day) < (born.month, born.day))
    text = f"company {spot.company.id} takes learners from age {years} (now {least})"
    yield Change(
        points("year of age", least - years), text, edit("companies", spot.row["companies"], min_age=years)
    )


def _years_before(day: date, years: int) -> date:
    """The latest birth date with which so many years are complete on the day."""
    if (day.month, day.day) == (2, 29) and not _is_leap(day.year - years):
        return date(day.year - years, 2, 28)
    return day.replace(year=day.year - years)


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def _needs(spot: Spot) -> Iterator[Change]:
    missing = {
        "hosting_partners": _unmet("stay:", spot.learner, spot.host),
        "companies": _unmet("work:", spot.learner, spot.company),
    }
    lacking = [table for table, codes in missing.items() if codes]
    if len(lacking) == 1:
        table = lacking[0]
        row = spot.host if table == "hosting_partners" else spot.company
        what = "host" if table == "hosting_partners" else "company"
        text = f"{what} {row.id} provides {';'.join(missing[table])}"
        change = edit(table, spot.row[table], provides=(*row.provides, *missing[table]))
        yield Change(points("need", len(missing[table])), text, change)


def _unmet(prefix: str, learner: Learner, row: HostingPartner | Company) -> list[str]:
    return [code for code in learner.needs if code.startswith(prefix) and code not in row.provides]


def _agreements(spot: Spot) -> Iterator[Change]:
    agreement = Agreement(partner_id=spot.learner.partner_id, host_id=spot.host.id)
    text = f"an agreement of {agreement.partner_id} with {agreement.host_id}"
    yield Change(points("agreement"), text, with_row("agreements", agreement))


def _locks(spot: Spot) -> Iterator[Change]:
    """Lift the forbids that the candidate runs into; a pin is a promise, and is not touched."""
    own = [
        (number, lock)
        for number, lock in enumerate(spot.rnd.locks.records)
        if lock.learner_id == spot.learner.id
    ]
    there = {
        "host_id": spot.host.id,
        "company_id": spot.company.id,
        "offer_id": spot.offer.id,
        "flow_id": spot.flow.id,
    }
    if any(lock.kind == "pin" for _, lock in own):
        return
    hit = [
        (number, lock)
        for number, lock in own
        if all(getattr(lock, column) in (None, place) for column, place in there.items())
    ]
    named = "; ".join(
        ",".join(str(getattr(lock, name)) for name in there if getattr(lock, name)) for _, lock in hit
    )
    text = f"lift the lock that keeps {spot.learner.id} from {named}"
    yield Change(points("forbid", len(hit)), text, without("locks", [number for number, _ in hit]))


_LIFTS: Mapping[str, Callable[[Spot], Iterator[Change]]] = {
    "profile": _profile,
    "dates": _dates,
    "language": _language,
    "age": _age,
    "needs": _needs,
    "agreements": _agreements,
    "locks": _locks,
}
