"""What rules and goals share of a problem's columns is made once, and is what it was made of."""

from __future__ import annotations

import numpy as np
import pytest

from matcher.columns import Columns, unique_rows
from matcher.compiling import options_of
from matcher.money import escort_costs, placement_costs
from matcher.options import Options
from matcher.rules import discover
from matcher.spending import spending
from tests.strategies import random_round


def test_places_are_the_distinct_pairs_in_order() -> None:
    """Of options, and of placements that somebody wrote by hand, which may be no slots at all."""
    for seed in range(40):
        rnd = random_round(seed)
        random, size = np.random.default_rng(seed), 30 * bool(len(rnd.offers) and len(rnd.flows))
        written = (
            random.integers(0, max(1, len(table)), size) for table in (rnd.learners, rnd.offers, rnd.flows)
        )
        for options in (options_of(rnd)[0], Options(rnd, *written)):
            places = Columns(rnd, options).places
            (offer, flow), of_option = unique_rows(options.offer, options.flow)
            assert places.offer.tolist() == offer.tolist()
            assert places.flow.tolist() == flow.tolist()
            assert places.of_option.tolist() == of_option.tolist()


@pytest.mark.parametrize(("asked_first", "copied"), [("beds", False), ("groups", True)])
def test_what_costs_money_is_options_then_escorts(asked_first: str, copied: bool) -> None:
    """Escorts may be the first columns after the options, or come after those of groups."""
    (rule,) = [found for found in discover() if found.name == asked_first]
    several = 0
    for seed in range(60):
        rnd = random_round(seed, rules={"escorts", "groups"})
        columns = Columns(rnd, options_of(rnd)[0])
        list(rule.rows(rnd, columns))
        escorts, options, spent = columns.escorts, columns.options, spending(rnd, columns)
        every = columns.every
        assert columns.priced.tolist() == [*range(len(options)), *escorts.column.tolist()]
        assert spent.of_options is spending(rnd, columns).of_options
        assert spent.of_options.tolist() == placement_costs(rnd, options.learner, options.flow).tolist()
        assert spent.of_escorts.tolist() == escort_costs(rnd, escorts.partner, escorts.flow).tolist()
        shared = columns.priced.base is every.base
        several += bool(len(escorts.column)) and shared != copied
    assert several > 5
