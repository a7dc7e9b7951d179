"""The rules, asked about a round: which of them answered by classes, and which have to be asked pair by pair."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from matcher.conditions import Mask, Named, Table, table
from matcher.options import Options
from matcher.slots import Slots, stays
from models.round import Round

if TYPE_CHECKING:
    from matcher.rules.base import Rule

STAY = "stay"
"""The name under which the stay, which no policy switches off, stands among the rules."""


FEW_PAIRS = 20_000
"""In a round of so few pairs every rule is asked about every pair: classes would cost more than they save."""


class Loose(NamedTuple):
    """What has to be asked pair by pair: whether a rule bars pairs that are sorted by learner.

    ``named`` are the pairs that it names, where it is about single learners.
    """

    rule: str
    bars: Callable[[Options], Mask]
    named: Named | None = None


@dataclass(frozen=True)
class Answers:
    """What rules bar: ``tables`` by classes, ``loose`` pair by pair.

    The stay stands first among the tables: it makes the candidates. ``rules`` are all that were asked, in order.
    """

    slots: Slots
    rules: Sequence[str]
    tables: Sequence[Table]
    loose: Sequence[Loose]

    @property
    def by_rule(self) -> Mapping[str, tuple[Sequence[Table], Sequence[Loose]]]:
        """The tables and the rest of each rule, in the order of the rules; of many there is neither."""
        return {
            name: (
                [found for found in self.tables if found.rule == name],
                [found for found in self.loose if found.rule == name],
            )
            for name in self.rules
        }


def ask(rnd: Round, rules: Sequence[Rule]) -> Answers:
    """Ask every rule about the round's learners and slots."""
    slots = Slots.of(rnd)
    if len(rnd.learners) * len(slots) <= FEW_PAIRS:
        bars = [Loose(rule.name, partial(rule.bars, rnd)) for rule in rules if _bars_something(rule)]
        return Answers(slots, [rule.name for rule in rules], [stay_table(slots)], bars)
    tables: list[Table] = [stay_table(slots)]
    loose: list[Loose] = []
    for rule in rules:
        for condition in rule.conditions():
            found = table(rule.name, condition, slots)
            if found is None:
                loose.append(Loose(rule.name, partial(condition.bars, rnd)))
            else:
                tables.append(found)
        if rule.asks_pairs:
            loose.append(Loose(rule.name, partial(rule.bars, rnd), rule.named(slots)))
    return Answers(slots, [rule.name for rule in rules], tables, loose)


def _bars_something(rule: Rule) -> bool:
    return rule.asks_pairs or bool(rule.conditions())


def stay_table(slots: Slots) -> Table:
    """Learners and slots of one stay belong together."""
    learner, slot = stays(slots.rnd.learners["stay"]) - 1, slots.stay - 1
    return Table(STAY, learner.astype(np.int32), slot.astype(np.int32), np.eye(2, dtype=bool))
