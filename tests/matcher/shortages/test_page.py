"""The page of shortages: what it shows, and that it fits every screen."""

from __future__ import annotations

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from matcher import match
from matcher.shortages import Answer, shortages
from matcher.shortages.asking import Asked
from matcher.shortages.page import drawing, page
from tests import tiny

OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def answer() -> Answer:
    """Three learners with ids as long as they may be, two seats, and what one more is worth."""
    people = [tiny.learner("L" * 63 + str(number)) for number in range(3)]
    rnd = tiny.tiny(*people, tiny.offer("o" * 64, seats=2), tiny.flow(max_heads=3))
    return shortages(match(rnd), Asked(top=4, places=2))


def test_numbers_stand_beside_bars(answer: Answer) -> None:
    """The section's tables hold the shortages, the prices with their marks, and the sets of places."""
    model = drawing(answer)
    assert [len(model["overview"].rows), len(model["cards"])] == [1, 1]
    assert {row[-1] for row in model["prices"].rows} <= {"exact", "exact (by bound)", "from prices"}
    assert model["won"].startswith("Where to win 2 more places")
    text = page(answer)
    assert "Counted: these limits take 2 at most" in text
    assert "<script" not in text


def test_what_arrives_is_text() -> None:
    """An id that looks like markup stays text."""
    answer = shortages(
        match(tiny.tiny(tiny.learner("<b>1"), tiny.learner("<b>2"), tiny.offer(seats=1))), Asked(0, 0)
    )
    assert "&lt;b&gt;1" in page(answer)
    assert "<b>1" not in page(answer)


def test_nothing_short(tmp_path: Path) -> None:
    """A round in which nothing is short gives a page that says so."""
    answer = shortages(match(tiny.tiny()), Asked(top=0, places=0))
    assert "No set of learners is too large" in page(answer)


@pytest.mark.browser
def test_it_fits_and_axe_finds_nothing(chromium: Browser, answer: Answer, tmp_path: Path) -> None:
    """No width makes a person scroll sideways, and axe-core's rules hold."""
    file = tmp_path / "page.html"
    file.write_text(page(answer), encoding="utf-8")
    for width in (320, 420, 800, 1200):
        window = chromium.new_page(viewport={"width": width, "height": 800})
        window.goto(file.as_uri())
        assert window.evaluate(OVERFLOW) == 0, width
        assert Axe().run(window).response["violations"] == []
