"""The page and the table: all that was measured, nothing else, and it opens without a network."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from benchmarks import charts, tables
from benchmarks.page import page
from benchmarks.results import Book, read
from tests.benchmarks.books import book, goal, run

DOCS = Path(__file__).resolve().parents[2] / "docs"


@pytest.fixture
def full() -> Book:
    """Two sizes, a method, a peer that proves, one that is blind, one that cannot run; names that need escaping."""
    runs = []
    for size in (100, 1000):
        name = f"toy-{size}-0"
        about = {"instance": name, "size": size}
        peer = about | {"peer": True}
        runs += [
            run("own", [goal("placed", 90, 90)], size / 100, status="optimal", **about),
            run("rival", [goal("placed", 90, 90)], size / 10, status="optimal", **peer),
            run("blind", [goal("placed", 95, 95)], 0.5, breaches={"beds": 2}, **peer),
            run("absent", [], None, status="unavailable", note="no <Java> here", **peer),
        ]
    return book(*runs)


def test_the_table_has_every_run(full: Book) -> None:
    """A line each, with gaps (90 is proven, so the bound of 95 changes nothing), ratios, breaches, absences."""
    text = tables.document(full)
    assert (
        "| toy-100-0 | **own** | optimal | 90 | 0 | 0 | 1.00 | 1.50 | 1.00 | 100 | rival 10, blind 0.5 (invalid) |"
        in text
    )
    assert "|  | blind | invalid, breaks beds 2 | 95 | – |" in text
    assert "|  | absent | unavailable: no <Java> here | – |" in text
    assert "| toy | own | 100, 1,000 | 1.00 |" in text


def test_many_instances_are_summed_up() -> None:
    """Eleven instances: a line per contestant with counts, the worst gap and the times."""
    runs = [
        run("own", [goal("value", 10 - (n == 3), 10)], 1.0, instance=f"toy-{n}-0", size=n)
        for n in range(1, 12)
    ]
    assert "| **own** | 11 | 11 | 0 | 10 % | 11 | 1.00 |" in tables.document(book(*runs, goals={"value": 10}))


def test_the_page_is_self_contained_and_safe(full: Book) -> None:
    """No address, no script; what others wrote is escaped; lines for the two sizes, bars for the figures."""
    text = page(full)
    assert not re.search(r"https?://|<script|<link|url\(", text)
    assert "no &lt;Java&gt; here" in text
    assert text.count("<polyline") == 4
    assert 'class="bar"' in text


def test_what_cannot_be_so_stands_at_the_top() -> None:
    """A contradiction comes before all figures."""
    text = page(book(run("a", [goal("placed", 10, 11)]), run("b", [goal("placed", 8, 9)])))
    assert text.index("What cannot be so") < text.index("<h2>toy</h2>")


def test_labels_of_lines_do_not_cover_each_other() -> None:
    """Three ends at one height are set 15 apart, and stay inside."""
    placed = sorted(charts.spread([50.0, 50.0, 50.0]))
    assert placed == [50.0, 65.0, 80.0]
    assert max(charts.spread([280.0, 280.0])) <= charts.HEIGHT - charts.BOTTOM


def test_a_bar_is_logarithmic() -> None:
    """10 between 1 and 100 is half the width; 0 has none."""
    assert charts.position(10, 1, 100) == pytest.approx(0.5)
    assert 'width="0.0"' in charts.bar(0.0, 1, 100, "own")
    assert charts.bar(None, 1, 100, "own") == ""


def test_the_document_shows_what_its_json_says() -> None:
    """docs/benchmarks.md has the table of docs/benchmarks.json, to the letter: no figure in it that no run backs."""
    text = (DOCS / "benchmarks.md").read_text(encoding="utf-8")
    shown = text.split(tables.BEGIN)[1].split(tables.END)[0]
    assert shown.strip() == tables.document(read(DOCS / "benchmarks.json")).strip()


@pytest.mark.browser
@pytest.mark.parametrize("width", [400, 1280])
def test_the_page_fits_the_window(chromium: Browser, full: Book, tmp_path: Path, width: int) -> None:
    """No sideways scrolling of the page itself, nothing in the console, nothing fetched."""
    file = tmp_path / "page.html"
    file.write_text(page(full), encoding="utf-8")
    window = chromium.new_page(viewport={"width": width, "height": 800})
    said: list[str] = []
    asked: list[str] = []
    window.on("console", lambda message: said.append(message.text))
    window.on("request", lambda request: asked.append(request.url))
    window.goto(file.as_uri())
    assert window.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
    assert said == []
    assert asked == [file.as_uri()]
    window.close()
