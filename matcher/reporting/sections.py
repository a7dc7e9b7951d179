"""The page's tables: goals, partners, money, quality, flows, quotas, rates, what the rules bar."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from matcher.reporting import quality
from matcher.reporting.facts import Facts, tally
from matcher.reporting.model import CostSplit, HostLine, PartnerLine, Report
from matcher.reporting.views import MOST_LINES, Bar, Cell, Column, Named, Swatch, Table, cut_note, share, table
from matcher.reporting.words import (
    NOTHING,
    bound_words,
    counted,
    euros,
    goal_value,
    goal_words,
    long_day,
    number,
    one_decimal,
    percent,
    proof,
)
from models.round import IntArray, Round
from models.tables import Flow, Quota

COST_MARKS: Final = (
    ("travel", "Travel", "a"),
    ("support", "Support by the day", "b"),
    ("organisation", "Organisation", "c"),
    ("inclusion", "Inclusion", "d"),
    ("escorts", "Escorts", "e"),
)
"""The parts of the cost, with the patterns that stand for them."""

MOST_MATRIX: Final = 24
"""How many sending and hosting partners the matrix shows."""


def goals(report: Report) -> Table:
    """Return the goals in policy order with their bounds and proofs."""
    columns = [Column("Goal"), Column("Value", numeric=True), Column("Bound", numeric=True), Column("What is known")]
    weighted = report.objective is not None

    def cells(place: int) -> list[Cell]:
        goal = report.goals[place]
        known = "Part of the weighted sum." if weighted else proof(goal, place)
        title = goal_words(goal.name).title if weighted else f"{place + 1}. {goal_words(goal.name).title}"
        return [title, goal_value(goal.name, goal.value), bound_words(goal), known]

    caption = "Goals, weighed against each other" if weighted else "Goals in order; none was given up for a later one"
    found = table(caption, columns, range(len(report.goals)), cells)
    return Table(found.caption, columns, [*found.rows, *_objective(report)])


def _objective(report: Report) -> Iterator[list[Cell]]:
    if report.objective is not None:
        value, bound, proven = report.objective.value, report.objective.bound, report.objective.proven
        known = "Proven: no allocation has a higher sum." if proven else "Not proven."
        limit = NOTHING if bound is None else f"≤ {bound:,.2f}"
        yield ["Weighted sum", NOTHING if value is None else f"{value:,.2f}", limit, known]


def senders(rnd: Round, lines: Sequence[PartnerLine]) -> Table:
    """Return a line per sending partner."""
    names = dict(zip(rnd.sending_partners["id"], rnd.sending_partners["name"], strict=True))
    columns = [
        Column("Sending partner"),
        Column("Country"),
        Column("Placed", numeric=True),
        Column("Left out", numeric=True),
        Column("Escorts", numeric=True),
        Column("Mean fit", numeric=True),
        Column("Cost", numeric=True),
    ]

    def cells(line: PartnerLine) -> list[Cell]:
        part = share(line.placed, line.learners)
        return [
            Named(line.id, names[line.id]),
            line.country,
            Bar(f"{number(line.placed)} of {number(line.learners)}", part),
            number(line.unplaced),
            number(line.escorts),
            one_decimal(line.mean_fit),
            euros(line.cost_eur),
        ]

    return table("Each sending partner's share", columns, lines, cells)


def receivers(rnd: Round, lines: Sequence[HostLine]) -> Table:
    """Return a line per hosting partner; those to whom nobody goes come last."""
    names = dict(zip(rnd.hosting_partners["id"], rnd.hosting_partners["name"], strict=True))
    columns = [
        Column("Hosting partner"),
        Column("Country"),
        Column("Learners", numeric=True),
        Column("Escorts", numeric=True),
        Column("Heads", numeric=True),
        Column("Most heads on a day", numeric=True),
        Column("Fewest beds free", numeric=True),
        Column("Companies with learners", numeric=True),
        Column("Seats", numeric=True),
        Column("Cost", numeric=True),
    ]

    def cells(line: HostLine) -> list[Cell]:
        return [
            Named(line.id, names[line.id]),
            line.country,
            number(line.learners),
            number(line.escorts),
            number(line.heads),
            number(line.peak_heads),
            number(line.least_free_beds),
            f"{number(line.companies_with_learners)} of {number(line.companies)}",
            number(line.seats),
            euros(line.cost_eur),
        ]

    ordered = sorted(lines, key=lambda line: not line.heads)
    return table("Each hosting partner's share", columns, ordered, cells)


def cost_parts(cost: CostSplit) -> Table:
    """Return what the money pays for, with the patterns of the bar above it."""
    columns = [Column("What it pays"), Column("Euros", numeric=True), Column("Share", numeric=True)]

    def cells(part: tuple[str, str, str]) -> list[Cell]:
        amount = getattr(cost, part[0])
        return [Swatch(part[1], part[2]), euros(amount), percent(amount / cost.total if cost.total else None)]

    foot = ["All", euros(cost.total), ""]
    return table("What the money pays for", columns, COST_MARKS, cells, foot=foot)


def budgets(rnd: Round, report: Report) -> Table | None:
    """Return who has spent how much of a budget; ``None`` where nobody has one."""
    columns = [
        Column("Budget of"),
        Column("Spent", numeric=True),
        Column("Budget", numeric=True),
        Column("Left", numeric=True),
        Column("Used", numeric=True),
    ]
    names = dict(zip(rnd.sending_partners["id"], rnd.sending_partners["name"], strict=True))
    lines: list[tuple[Cell, int | None, int]] = []
    if rnd.budget_eur is not None:
        lines.append(("The whole round", report.cost.total if report.cost else None, rnd.budget_eur))
    lines += [
        (Named(line.id, names[line.id]), line.cost_eur, line.budget_eur)
        for line in report.partners
        if line.budget_eur is not None
    ]

    def cells(line: tuple[Cell, int | None, int]) -> list[Cell]:
        whose, spent, budget = line
        left = None if spent is None else budget - spent
        used = None if spent is None or not budget else spent / budget
        return [whose, euros(spent), euros(budget), euros(left), Bar(percent(used), share(spent, budget), "b")]

    return table("Budgets", columns, lines, cells) if lines else None


def distribution(facts: Facts, caption: str, what: str, classes: Sequence[quality.Class], mark: str) -> Table:
    """Return a distribution with bars, and apart for short and long stays where there are both."""
    total = sum(one.count for one in classes)
    stays = [(stay, quality.of_stay(facts, stay)) for stay in ("short", "long")]
    stays = [(stay, members) for stay, members in stays if members.any()]
    apart = stays if len(stays) > 1 else []
    most = max((one.count for one in classes), default=0)
    columns = [Column(what), Column("Placements", numeric=True), Column("Share", numeric=True)]
    columns += [Column(f"{stay.capitalize()} stays", numeric=True) for stay, _ in apart]

    def cells(one: quality.Class) -> list[Cell]:
        split: list[Cell] = [number(int((one.members & members).sum())) for _, members in apart]
        return [
            one.label,
            Bar(number(one.count), share(one.count, most), mark),
            percent(one.count / total),
            *split,
        ]

    return table(caption, columns, classes, cells)


def between(facts: Facts) -> IntArray:
    """Return the learners of each sending at each hosting partner, of shape (sending, hosting)."""
    rnd, shape = facts.rnd, (len(facts.rnd.sending_partners), len(facts.rnd.hosting_partners))
    flat = facts.options.partner * shape[1] + facts.options.host
    assert rnd is facts.options.rnd
    return tally(flat, shape[0] * shape[1]).reshape(shape)


def matrix(rnd: Round, learners: IntArray) -> Table:
    """Return who goes where, the largest partners of a long list."""
    rows = _largest(learners.sum(axis=1))
    hosts = _largest(learners.sum(axis=0))
    ids = rnd.hosting_partners["id"]
    columns = [Column("From, to"), *(Column(ids[host], numeric=True) for host in hosts), Column("All", numeric=True)]

    def cells(row: int) -> list[Cell]:
        counts: list[Cell] = [number(int(count)) if count else "·" for count in learners[row, hosts]]
        return [str(rnd.sending_partners["id"][row]), *counts, number(int(learners[row].sum()))]

    sums = [number(int(count)) for count in learners[:, hosts].sum(axis=0)]
    found = table("Learners from each sending to each hosting partner", columns, rows, cells)
    placed = int((learners.sum(axis=1) > 0).sum()), int((learners.sum(axis=0) > 0).sum())
    note = " ".join(
        cut_note(len(shown), total, f"the {what} with most learners")
        for shown, total, what in ((rows, placed[0], "sending partners"), (hosts, placed[1], "hosting partners"))
    ).strip()
    return Table(found.caption, columns, found.rows, ["All", *sums, number(int(learners.sum()))], note)


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


def quotas(facts: Facts) -> Table | None:
    """Return every quota with how many count towards it; ``None`` where there is none."""
    rnd, options = facts.rnd, facts.options
    partner, host = rnd.ref("quotas", "partner_id"), rnd.ref("quotas", "host_id")
    stays = rnd.flows["stay"][options.flow] if len(options) else np.empty(0, object)

    def placed(item: tuple[int, Quota]) -> int:
        row, quota = item
        members = np.ones(len(options), bool)
        members &= (partner[row] < 0) | (options.partner == partner[row])
        members &= (host[row] < 0) | (options.host == host[row])
        return int((members & (quota.stay is None or stays == quota.stay)).sum())

    def cells(item: tuple[int, Quota]) -> list[Cell]:
        quota, count = item[1], placed(item)
        at = [word for word, limit in (("minimum", quota.min_learners), ("maximum", quota.max_learners)) if count == limit]
        return [
            quota.partner_id or "all",
            quota.host_id or "all",
            quota.stay or "both",
            number(quota.min_learners),
            number(count),
            number(quota.max_learners),
            f"at its {' and '.join(at)}" if at else "",
        ]

    labels = ("From", "To", "Stay", "At least", "Placed", "At most", "")
    columns = [Column(label, numeric=3 <= place <= 5) for place, label in enumerate(labels)]
    rows = list(enumerate(rnd.quotas.records))
    return table("Quotas", columns, rows, cells, most=MOST_LINES, rest="all in the round") if rows else None


def barred(report: Report) -> Table | None:
    """Return what each rule bars; ``None`` where no rule bars anything."""
    columns = [
        Column("Rule"),
        Column("Combinations barred", numeric=True),
        Column("Share", numeric=True),
        Column("Barred by this rule alone", numeric=True),
    ]
    total = report.counts.candidates

    def cells(name: str) -> list[Cell]:
        found = report.barred[name]
        part = share(found.options, total)
        return [name, Bar(number(found.options), part, "b"), percent(part), number(found.alone)]

    return table("What the rules bar", columns, list(report.barred), cells) if report.barred else None


def rates(report: Report) -> Table | None:
    """Return the unverified figures that may bear on this round; ``None`` where there are none."""
    columns = [Column("Figure"), Column("Value", numeric=True), Column("Confidence"), Column("Where it comes from")]
    bearing = [rate for rate in report.unverified_rates if rate.bears]
    found = table(
        "Figures to check before money is paid",
        columns,
        bearing,
        lambda rate: [rate.figure, rate.value, rate.confidence, rate.source],
    )
    return found if bearing else None
