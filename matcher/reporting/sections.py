"""The page's tables of shares: sending and hosting partners, money, and how good the placements are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from matcher.reporting import quality
from matcher.reporting.facts import Facts
from matcher.reporting.model import CostSplit, HostLine, PartnerLine, Report
from matcher.reporting.views import (
    Bar,
    Cell,
    Column,
    Named,
    Swatch,
    Table,
    share,
    table,
)
from matcher.reporting.words import (
    euros,
    number,
    one_decimal,
    percent,
)
from models.round import Round

COST_MARKS: Final = (
    ("travel", "Travel", "a"),
    ("support", "Support by the day", "b"),
    ("organisation", "Organisation", "c"),
    ("inclusion", "Inclusion", "d"),
    ("escorts", "Escorts", "e"),
)
"""The parts of the cost, with the patterns that stand for them."""


def senders(rnd: Round, lines: Sequence[PartnerLine]) -> Table:
    """Return a line per sending partner."""
    names = dict(zip(rnd.sending_partners["id"], rnd.sending_partners["name"], strict=True))
    columns = [
        Column("Sending partner"),
        Column("Placed", numeric=True),
        Column("Left out", numeric=True),
        Column("Escorts", numeric=True),
        Column("Mean fit", numeric=True),
        Column("Cost", numeric=True),
    ]

    def cells(line: PartnerLine) -> list[Cell]:
        part = share(line.placed, line.learners)
        return [
            Named(line.id, names[line.id], line.country),
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
            Named(line.id, names[line.id], line.country),
            number(line.learners),
            number(line.escorts),
            number(line.heads),
            number(line.peak_heads),
            "no limit" if line.heads and line.least_free_beds is None else number(line.least_free_beds),
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
        return [
            whose,
            euros(spent),
            euros(budget),
            euros(left),
            Bar(percent(used), share(spent, budget), "b"),
        ]

    return table("Budgets", columns, lines, cells) if lines else None


def distribution(facts: Facts, caption: str, what: str, classes: Sequence[quality.Class], mark: str) -> Table:
    """Return a distribution with bars, and apart for short and long stays where there are both."""
    total = sum(one.size for one in classes)
    stays = [(stay, quality.of_stay(facts, stay)) for stay in ("short", "long")]
    stays = [(stay, members) for stay, members in stays if members.any()]
    apart = stays if len(stays) > 1 else []
    most = max((one.size for one in classes), default=0)
    columns = [Column(what), Column("Placements", numeric=True), Column("Share", numeric=True, spare=True)]
    columns += [Column(stay.capitalize(), numeric=True) for stay, _ in apart]

    def cells(one: quality.Class) -> list[Cell]:
        split: list[Cell] = [number(int((one.members & members).sum())) for _, members in apart]
        return [
            one.label,
            Bar(number(one.size), share(one.size, most), mark),
            percent(one.size / total),
            *split,
        ]

    return table(caption, columns, classes, cells)
