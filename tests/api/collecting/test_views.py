"""What is seen of learners without seeing them: demand as counts, pseudonymised tables; and attacks on both."""

from __future__ import annotations

import hashlib
from collections import Counter
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.access.roles import Role
from api.rounds import analysing
from api.rounds.demand import demand_of
from api.rounds.pseudonyms import ANALYSTS, host_readers, pseudonym
from api.rounds.suppression import SMALLEST, suppressed
from models.round import Round
from tests.api.collecting.people import People
from tests.strategies import random_round

KEY = b"k" * 32


@given(st.dictionaries(st.integers(0, 30), st.integers(0, 12), max_size=12))
def test_no_small_cell_is_shown_and_no_total_is_exact(counts: dict[int, int]) -> None:
    """What is shown is right; a single hidden cell leaves no trace; the rest is told in steps, from below."""
    shown = suppressed(counts)
    assert shown.cells == {cell: count for cell, count in counts.items() if count >= SMALLEST}
    hidden = [count for cell, count in counts.items() if count and cell not in shown.cells]
    rest = shown.at_least - sum(shown.cells.values())
    assert rest % SMALLEST == 0
    assert 0 <= rest <= sum(hidden) <= rest + 2 * SMALLEST - 1
    assert rest == 0 or len(hidden) > 1


@given(st.lists(st.integers(1, 9), min_size=1, max_size=5))
def test_an_attacker_who_knows_the_rule_cannot_solve_for_a_cell(counts: list[int]) -> None:
    """Of all tables that would be shown in the same way, no hidden cell has one value in common.

    The attacker knows the rule, and even which cells are hidden.
    """
    shown = suppressed(dict(enumerate(counts)))
    hidden = [cell for cell in range(len(counts)) if cell not in shown.cells]
    worlds = product(range(1, SMALLEST), repeat=len(hidden))
    made = (shown.cells | dict(zip(hidden, world, strict=True)) for world in worlds)
    same = [world for world in made if suppressed(world) == shown]
    for cell in hidden:
        assert len({world[cell] for world in same}) > 1, (counts, cell)


def crowd(seed: int, copies: int = 4) -> Round:
    """A random round with its learners several times over, so that there are groups."""
    rnd = random_round(seed)
    rows = [
        row.model_copy(update={"id": f"{row.id}-{number}"})
        for row in rnd.learners.records
        for number in range(copies + len(row.id) % 3)
    ]
    names = ("micro_credentials", "pairs", "locks", "previous", "affinity")
    return rnd.replace(rows={"learners": rows} | dict.fromkeys(names, ()))


@pytest.mark.parametrize("seed", range(20))
def test_who_knows_a_learner_finds_five_rows_or_none(seed: int) -> None:
    """The attack: with everything that is known of a learner, look for the rows that may be theirs."""
    rnd = crowd(seed)
    rows = analysing.learners(rnd, KEY)
    for learner in rnd.learners.records:
        fitting = [row for row in rows if any(_fits(row, level(learner)) for level in analysing.LEVELS)]
        own = [row for row in rows if row["id"] == pseudonym(KEY, ANALYSTS, learner.id)]
        assert len(own) <= 1
        same = [row for row in fitting if own and _described(row) == _described(own[0])]
        assert len(same) == 0 or len(same) >= SMALLEST
        assert not own or len(same) >= SMALLEST
        reasons = Counter(row["has_fewer_opportunities"] for row in same)
        assert set(reasons) == {None} or min(reasons[True], reasons[False]) >= SMALLEST or not same


def _fits(row: dict[str, Any], described: dict[str, Any]) -> bool:
    return all(row[name] == value for name, value in described.items())


def _described(row: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(value for name, value in row.items() if name not in {"id", "has_fewer_opportunities"})


def test_pseudonyms_cannot_be_tried_out_or_joined() -> None:
    """Without the key nobody makes them; other readers and other rounds have others; the same is the same."""
    own = pseudonym(KEY, ANALYSTS, "L1")
    assert own == pseudonym(KEY, ANALYSTS, "L1")
    others = {
        pseudonym(b"x" * 32, ANALYSTS, "L1"),
        pseudonym(KEY, host_readers("zni"), "L1"),
        pseudonym(KEY, host_readers("uniser"), "L1"),
        pseudonym(KEY, ANALYSTS, "L2"),
        "p" + hashlib.sha256(b"L1").hexdigest()[:16],
    }
    assert own not in others
    assert len(others) == 5


@pytest.mark.parametrize("seed", range(10))
def test_demand_counts_whoever_is_there_in_a_month(seed: int) -> None:
    """Every count is that of a slow second reckoning; nothing that is shown is below five."""
    rnd = crowd(seed, 5)
    for one in demand_of(rnd.learners, rnd.call_year):
        there = [
            row
            for row in rnd.learners.records
            if row.stay == one.stay
            and row.available_from.isoformat()[:7] <= one.month <= row.available_to.isoformat()[:7]
        ]
        assert len(there) >= one.at_least >= SMALLEST
        kinds = Counter((row.field[:3], row.eqf_level) for row in there)
        assert all(count == kinds[cell] >= SMALLEST for cell, count in one.cells.items())


def test_hosts_see_demand_and_nothing_of_learners(people: People) -> None:
    """Three learners are too few to be counted; with five more like one of them there is a count, and no id."""
    people.load_all()
    host, url = people.partner("zni"), people.url("/demand")
    assert host.get(url).json() == []
    text = people.parts["learners", "cem"]
    row = text.splitlines()[1]
    people.load(
        "learners", "cem", text + "".join(row.replace("L3", f"M{n}") + "\n" for n in range(5)), If_Match='"1"'
    )
    found = host.get(url).json()
    assert {(one["stay"], one["at_least"]) for one in found} == {("long", 6)}
    assert [one["month"] for one in found] == [f"2022-{m:02}" for m in (9, 10, 11, 12)] + [
        "2023-01",
        "2023-02",
    ]
    assert found[0]["cells"] == [{"field": "071", "eqf_level": 5, "learners": 6}]
    assert people.partner("ccis").get(url).status_code == 403
    assert host.get(people.url("/tables/learners")).status_code == 404


def test_analysts_see_no_person(people: People) -> None:
    """No name, id, birth date, need or free text of the round is in any of their tables; small groups are left out."""
    people.freeze()
    anna = people.analyst
    text = ""
    for table in analysing.TABLES:
        found = anna.get(people.url(f"/pseudonymised/{table}"))
        assert found.status_code == 200, found.text
        text += found.text + anna.get(people.url(f"/pseudonymised/{table}?format=csv")).text
    for secret in (
        "L1",
        "L2",
        "L3",
        "2004-05-01",
        'step_free"',
        "Workshop",
        "Chamber",
        "First school",
        "rural",
    ):
        assert secret not in text.replace("stay:step_free", ""), secret
    assert anna.get(people.url("/pseudonymised/learners")).json()["items"] == []
    for path in ("/tables", "/tables/learners", "/tables/learners/uploads", "/check", "/log", "/demand"):
        assert anna.get(people.url(path)).status_code == 403, path
    assert anna.get(people.url("/pseudonymised/locks")).status_code == 422


def test_analysts_wait_for_the_freeze_and_read_in_pages(people: People) -> None:
    """Before there is a snapshot: 409. After: every row once, whatever the limit."""
    people.load_all()
    text = people.parts["learners", "cem"]
    row = text.splitlines()[1]
    people.load(
        "learners", "cem", text + "".join(row.replace("L3", f"M{n}") + "\n" for n in range(6)), If_Match='"1"'
    )
    anna, url = people.analyst, people.url("/pseudonymised/learners")
    assert anna.get(url).status_code == 409
    people.move("collecting")
    assert people.move("frozen").status_code == 200
    first = anna.get(f"{url}?limit=4").json()
    second = anna.get(f"{url}?limit=4&cursor={first['next']}").json()
    seen = [one["id"] for one in first["items"] + second["items"]]
    assert len(set(seen)) == len(seen) == 7
    assert {one["partner_id"] for one in first["items"]} == {"cem"}
    stranger = people.service.person("sam", Role.ANALYST)
    assert stranger.get(url).status_code == 404
