"""The pages of scenarios and frontiers: what they say, and that they fit, are quiet and accessible in a browser."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from matcher import load
from matcher.scenarios import Frontier, Line, compare, frontier, plot, scenarios_of, sheet
from matcher.scenarios.points import Point, Step
from models.outcome import GoalValue, Status
from tests.conftest import ROOT
from tests.tiny import company, host, learner, offer, partner, tiny

OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def wide() -> str:
    """A page with long ids, many scenarios, one of them impossible."""
    rnd = tiny(
        partner("ccis"),
        partner("p" * 60),
        host("zni"),
        host("h" * 60),
        company("c1"),
        offer("o1", seats=2),
        *(learner(f"L{number}", partner_id="ccis" if number % 2 else "p" * 60) for number in range(6)),
    )
    content: dict[str, Any] = {
        f"scenario-with-a-long-name-{number}": {"offers": {"seats": number}} for number in range(5)
    }
    content["never"] = {"quotas": {"new": {"min_learners": 7}}}
    found = compare(rnd, scenarios_of({"scenarios": content}, rnd))
    return sheet.page(replace(found, lines=tuple(map(unproven, found.lines))))


def unproven(line: Line) -> Line:
    """The same line with large values, far from their bounds."""
    if line.values is None:
        return line
    goals = tuple(GoalValue(goal.name, 10**7, 10**8, proven=False) for goal in line.goals)
    return replace(
        line,
        status=Status.FEASIBLE,
        goals=goals,
        values=dict.fromkeys(line.values, 10**7 + (line.placed or 0)),
    )


def traded() -> str:
    """A page of a frontier with nine points."""
    rnd = load(ROOT / "sample_data" / "tiny")
    return plot.page(frontier(rnd, "fit", "cost", points=9, hold=()))


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Both, as files."""
    folder = tmp_path_factory.mktemp("pages")
    for name, text in {"wide": wide(), "traded": traded()}.items():
        (folder / f"{name}.html").write_text(text, encoding="utf-8")
    return {name: folder / f"{name}.html" for name in ("wide", "traded")}


def made(points: list[tuple[int, int, bool]], axes: tuple[str, str] = ("placed", "cost")) -> Frontier:
    """A frontier of these points."""
    values = dict.fromkeys(("placed", "fit", "cost", "first_choices", "kept", "equity"), 1)
    listed = tuple(
        Point(number, first, second, proven, None, None if proven else second - 4, 1, values)
        for number, (first, second, proven) in enumerate(points, 1)
    )
    steps = tuple(
        Step(
            one.number,
            other.number,
            other.first - one.first,
            other.second - one.second,
            nothing_between=False,
        )
        for one, other in pairwise(listed)
    )
    proven = all(point.proven for point in listed)
    status = Status.OPTIMAL if proven else Status.FEASIBLE
    return Frontier(
        "r", "", axes, {"fit": 3}, True, (), 9, status, False, listed, steps, (), False, 5, None, 0
    )


def test_a_frontier_is_told_in_sentences() -> None:
    """From where to where, what one more costs, what is held and what is proven."""
    said = " ".join(plot.sentences(made([(0, 0, True), (2, 4000, True), (3, 9000, True)])))
    assert "Learners placed from 0 to 3, while total cost goes from €\u202f0 to €\u202f9\u202f000." in said
    assert (
        "One learner placed more costs from €\u202f2\u202f000 to €\u202f5\u202f000, by where on the frontier."
        in said
    )
    assert "Held at the best possible: Fit of the placements (3 points)." in said
    assert "Every point is proven" in said


def test_what_is_not_proven_says_so() -> None:
    """In the sentences, in the table, in the chart and at the head."""
    page = plot.page(made([(0, 0, True), (2, 4000, False)]))
    assert "Not every point is proven" in page
    assert (
        "not proven: total cost ≥\u202f€\u202f3\u202f996 in any allocation as good in the other goal" in page
    )
    assert re.search(r'<circle class="unsure"', page)
    assert "s-feasible" in page


def test_a_price_in_another_goal_counts_what_is_given_up() -> None:
    """One learner more for three fit points less costs three fit points."""
    assert plot.rate(made([(0, 9, True), (1, 6, True)], ("placed", "fit")), -3.0) == "3 fit points"
    assert plot.rate(made([(0, 9, True)], ("fit", "cost")), 12.345) == "€\u202f12.35"


def test_money_comes_by_the_thousand() -> None:
    """Two learners for 4000 euros more: a thousand bring half a learner."""
    found = made([(0, 0, True), (4000, 2, True)], ("cost", "placed"))
    assert "1000 euros more bring 0.5 learners placed." in plot.sentences(found)


def test_every_point_is_in_the_chart_and_in_the_table() -> None:
    """With its values beside it."""
    page = plot.page(made([(400, 100_000, True), (410, 200_000, True), (419, 900_000, True)]))
    assert page.count("<circle") == 3
    for text in ("400", "410", "419", "€\u202f100\u202f000", "€\u202f900\u202f000"):
        assert text in page


def test_axes_have_round_numbers_around_all_points() -> None:
    """Whatever the values are: equal, negative differences, huge."""
    for points in ([(0, 0), (1, 1)], [(7, 10**12), (8, 10**13)], [(419, 894_469), (380, 1)]):
        found = plot.plot(made([(*point, True) for point in points]))
        for dot in found.dots:
            assert found.left <= dot.x <= found.right
            assert found.top <= dot.y <= found.bottom
        assert 2 <= len(found.across) <= 12


def test_names_become_no_markup() -> None:
    """A title is text, whatever it holds."""
    content = {"s": {"title": "<script>alert(1)</script>", "offers": {"seats": 3}}}
    page = sheet.page(compare(tiny(), scenarios_of({"scenarios": content}, tiny())))
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


@pytest.mark.browser
@pytest.mark.parametrize("name", ["wide", "traded"])
@pytest.mark.parametrize("width", [320, 420, 800, 1280])
def test_they_fit_every_width(chromium: Browser, pages: dict[str, Path], name: str, width: int) -> None:
    """No width makes a person scroll sideways, and nothing is asked for or complained about."""
    asked: list[str] = []
    said: list[str] = []
    window = chromium.new_page(viewport={"width": width, "height": 800})
    window.on("request", lambda request: asked.append(request.url))
    window.on("console", lambda message: said.append(message.text))
    window.goto(pages[name].as_uri())
    assert window.evaluate(OVERFLOW) == 0
    assert [url for url in asked if not url.startswith("data:")] == [pages[name].as_uri()]
    assert said == []


@pytest.mark.browser
@pytest.mark.parametrize("name", ["wide", "traded"])
@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_axe_finds_nothing(chromium: Browser, pages: dict[str, Path], name: str, scheme: str) -> None:
    """axe-core's rules hold on a phone in the dark and on a desk in daylight."""
    width = 360 if scheme == "dark" else 1280
    window = chromium.new_page(
        viewport={"width": width, "height": 800}, color_scheme="dark" if scheme == "dark" else "light"
    )
    window.goto(pages[name].as_uri())
    assert Axe().run(window).response["violations"] == []
