"""The page in a real browser: quiet, self-contained, fitting, accessible, on screens and on paper."""

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from matcher.reporting.page import page
from tests.matcher.reporting import rounds

pytestmark = pytest.mark.browser

OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
A4_WIDTH = 703
"""A4 less the margins, in CSS pixels."""


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A page of a wide round, and one of a round without an allocation."""
    folder = tmp_path_factory.mktemp("pages")
    wide = rounds.solved(rounds.wide_round(), "greedy")
    placed = set(wide.placements["learner_id"])
    left = [id for id in wide.round.learners["id"] if id not in placed]
    rounds.with_reasons(wide, [*rounds.reasons(left[::2]), *rounds.reasons(left[1::2], "language")])
    nothing = rounds.solved(rounds.infeasible_round())
    vars(nothing)["conflict"] = ("the quota p1→h2 needs 1 learner, but nobody of p1 has an option at h2",)
    for name, result in {"wide": wide, "nothing": nothing}.items():
        (folder / f"{name}.html").write_text(page(result), encoding="utf-8")
    return {name: folder / f"{name}.html" for name in ("wide", "nothing")}


def opened(chromium: Browser, file: Path, width: int, scheme: str = "light") -> Page:
    """The page in a window of a width, in a colour scheme."""
    window = chromium.new_page(
        viewport={"width": width, "height": 800}, color_scheme="dark" if scheme == "dark" else "light"
    )
    window.goto(file.as_uri())
    return window


@pytest.mark.parametrize("name", ["wide", "nothing"])
def test_nothing_is_fetched_and_nothing_complains(
    chromium: Browser, pages: dict[str, Path], name: str
) -> None:
    """Opening the page asks for the page alone and leaves the console empty."""
    asked: list[str] = []
    said: list[str] = []
    window = chromium.new_page()
    window.on("request", lambda request: asked.append(request.url))
    window.on("console", lambda message: said.append(message.text))
    window.on("pageerror", lambda error: said.append(str(error)))
    window.goto(pages[name].as_uri())
    assert [url for url in asked if not url.startswith("data:")] == [pages[name].as_uri()]
    assert said == []


@pytest.mark.parametrize("name", ["wide", "nothing"])
@pytest.mark.parametrize("width", [320, 360, 800, 1280])
def test_it_fits_every_width(chromium: Browser, pages: dict[str, Path], name: str, width: int) -> None:
    """No width makes a person scroll sideways, with ids as long as the contract allows."""
    assert opened(chromium, pages[name], width).evaluate(OVERFLOW) == 0


@pytest.mark.parametrize("width", [320, 800, 1200])
def test_figures_of_large_rounds_stay_in_their_tiles(
    chromium: Browser, pages: dict[str, Path], width: int
) -> None:
    """As long as those of 300,000 learners: they had been cut off at the next tile."""
    window = opened(chromium, pages["wide"], width)
    window.eval_on_selector_all(
        ".figure", "all => all.forEach(one => one.textContent = '273\u202f682 / 300\u202f000')"
    )
    cut = "all => all.filter(one => one.scrollWidth > one.clientWidth).length"
    assert window.eval_on_selector_all(".figure", cut) == 0
    assert window.evaluate(OVERFLOW) == 0


def test_it_fits_paper(chromium: Browser, pages: dict[str, Path]) -> None:
    """Printed on A4 nothing sticks out at the right, not even what scrolls on a screen; navigation is left out."""
    window = opened(chromium, pages["wide"], A4_WIDTH)
    window.emulate_media(media="print")
    assert window.evaluate(OVERFLOW) == 0
    assert not window.locator("nav").is_visible()
    assert window.pdf(prefer_css_page_size=True).startswith(b"%PDF")


@pytest.mark.parametrize("name", ["wide", "nothing"])
@pytest.mark.parametrize(("width", "scheme"), [(360, "dark"), (1280, "light")])
def test_axe_finds_nothing(
    chromium: Browser, pages: dict[str, Path], name: str, width: int, scheme: str
) -> None:
    """axe-core's rules (WCAG 2 A and AA, and best practices) hold on a phone in the dark and on a desk in daylight."""
    found = Axe().run(opened(chromium, pages[name], width, scheme))
    assert found.response["violations"] == []


def test_a_keyboard_gets_everywhere(chromium: Browser, pages: dict[str, Path]) -> None:
    """The first stop skips to the content; what scrolls sideways can be reached and scrolled by keys."""
    window = opened(chromium, pages["wide"], 360)
    window.keyboard.press("Tab")
    assert window.evaluate("document.activeElement.textContent") == "To the content"
    wide = "[...document.querySelectorAll('.scroll')].filter(part => part.scrollWidth > part.clientWidth)"
    window.evaluate(f"{wide}[0].focus()")
    window.keyboard.press("ArrowRight")
    # Scrolling by keys is smooth. The page's own timer waits: its policy forbids the driver's, which evaluates.
    scrolled = f"""new Promise(answer => {{
        const looking = setInterval(() => {{ if ({wide}[0].scrollLeft > 0) answer(true) }}, 20)
        setTimeout(() => {{ clearInterval(looking); answer(false) }}, 5000)
    }})"""
    assert window.evaluate(scrolled)
