"""`report.html`: complete, self-contained, harmless whatever stands in the tables, and of a size that opens."""

import re
from decimal import Decimal
from html.parser import HTMLParser
from itertools import pairwise

import numpy as np
import pytest

from matcher import Result, load
from matcher.reporting import projection
from matcher.reporting.atlas import flow_map
from matcher.reporting.facts import Facts
from matcher.reporting.heat import bed_heat
from matcher.reporting.journeys import between, matrix
from matcher.reporting.occupancy import occupancy
from matcher.reporting.page import page
from models.policy import Policy
from models.tables import Company, HostingPartner, SendingPartner
from tests.conftest import EXAMPLES
from tests.matcher.reporting import rounds

VOID = {"meta", "link", "br"}
HOSTILE = "\"'><script>alert(1)</script><img/src=x/onerror=alert(1)>"


class Reader(HTMLParser):
    """Reads a page strictly: every element that is opened is closed in its turn."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.texts.append(data)

    @property
    def text(self) -> str:
        """What a person reads."""
        return re.sub(r"\s+", " ", " ".join(self.texts))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        """The attributes of every element of a name."""
        return [attributes for name, attributes in self.elements if name == tag]


def read(text: str) -> Reader:
    """A page, read to its end."""
    reader = Reader()
    reader.feed(text)
    reader.close()
    assert reader.open == []
    return reader


def test_the_page_says_what_the_report_says(hand: Result) -> None:
    """The headline, the proof, the money, who is left out and how it was made are all there."""
    text = read(page(hand)).text.replace("\u202f", " ")
    for wanted in (
        "3 of 4 learners have a place. Proven: no allocation places more.",
        "Best possible, proven",
        "€ 9 274",
        "L4 detail of L4 fix for L4",
        "1 accompanying person in 1 party",
        "at its maximum",
        hand.round.digest,
        "92.7 %",  # of the round's budget
    ):
        assert wanted in text


def test_an_infeasible_page_says_what_conflicts(infeasible: Result) -> None:
    """Instead of results: the conflicting rules in words."""
    text = read(page(infeasible)).text
    assert "the quota p1→h2 needs 1 learner" in text
    assert "No allocation satisfies the rules" in text
    assert "Sending partners" not in text


def test_an_allocation_of_nobody_has_a_page() -> None:
    """A valid allocation may be empty; nothing is then divided by nothing."""
    rnd = rounds.hand_round()
    some = [row.model_copy(update={"seats": 0}) for row in rnd.offers.records]
    quotas = [row.model_copy(update={"min_learners": None}) for row in rnd.quotas.records]
    empty = rounds.solved(rnd.replace({"offers": some, "quotas": quotas}))
    result = rounds.with_reasons(empty, rounds.reasons(["L1", "L2", "L3", "L4"]))
    text = read(page(result)).text
    assert "0 of 4 learners have a place. Proven: no allocation places more." in text
    assert "4 learners: there are options" in text
    assert result.report["hosts"][0]["peak_heads"] == 0
    assert result.report["partners"][0]["mean_fit"] is None


def test_a_round_without_learners_has_a_page() -> None:
    """Nobody to place is not an error of the report."""
    rnd = rounds.hand_round().replace({"learners": [], "quotas": []})
    result = rounds.with_reasons(rounds.solved(rnd), [])
    assert "0 of 0 learners have a place." in read(page(result)).text
    assert result.report["counts"]["placed"] == 0


def test_a_weighted_policy_states_its_sum() -> None:
    """With weights nothing is proven of a single goal; the sum has its value, its bound and its proof."""
    policy = Policy(weights={"placed": Decimal(1000), "cost": Decimal("0.01")})
    result = rounds.with_reasons(rounds.solved(rounds.hand_round(policy=policy)), rounds.reasons(["L4"]))
    text = read(page(result)).text
    # 3 × 1000 − 0.01 × 9274
    assert "Weighted sum 2,907.26" in text
    assert "Proven: no allocation has a higher sum." in text
    assert "3 of 4 learners have a place. 3 / 4 learners placed" in text  # no proof of the count alone


@pytest.mark.parametrize("name", sorted(folder.name for folder in EXAMPLES.iterdir() if folder.is_dir()))
def test_every_example_has_a_well_formed_page(name: str) -> None:
    """One title, headings without gaps, unique anchors that exist, a name for every table and region."""
    result = rounds.with_reasons(rounds.solved(load(EXAMPLES / name), "greedy"), [])
    vars(result)["conflict"] = ("conflict",)
    reader = read(page(result))
    levels = [int(tag[1]) for tag, _ in reader.elements if re.fullmatch("h[1-6]", tag)]
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    ids = [attributes["id"] for _, attributes in reader.elements if attributes.get("id")]
    assert len(ids) == len(set(ids))
    for _, attributes in reader.elements:
        target = attributes.get("aria-labelledby") or (attributes.get("href") or "#content")
        assert all(part.removeprefix("#") in ids for part in target.split()) or target == "data:,"
    assert all("aria-labelledby" in attributes for attributes in reader.all("table"))


def test_the_page_needs_nothing_else(hand: Result) -> None:
    """No script, no address of anything to fetch; the page's own policy forbids both."""
    text = page(hand)
    reader = read(text)
    assert reader.all("script") == []
    assert reader.all("img") == []
    assert "http" not in text.replace('http-equiv="Content-Security-Policy"', "")
    assert not re.search(r"@import|url\(", text)
    assert any("default-src 'none'" in (meta.get("content") or "") for meta in reader.all("meta"))


def test_hostile_text_stays_text() -> None:
    """Ids and names that look like markup are shown as they are and never become elements or attributes."""
    assert " " not in HOSTILE
    rnd = rounds.hand_round(
        SendingPartner(id=f"p{HOSTILE}", name=HOSTILE, country="RS", city="Beograd"),
        HostingPartner(id=f"h{HOSTILE}", name=HOSTILE, country="IT", city="Milano"),
        Company(id=f"c{HOSTILE}", host_id="h1", name=HOSTILE, working_languages=(("en", 3),)),
        rounds.offer(f"o{HOSTILE}", f"c{HOSTILE}", 9),
        rounds.learner(f"L{HOSTILE}", f"p{HOSTILE}", 5),
        rounds.learner(f"M{HOSTILE}", f"p{HOSTILE}", 15),
    ).replace(name=HOSTILE)
    result = rounds.with_reasons(rounds.solved(rnd), rounds.reasons([f"M{HOSTILE}"], HOSTILE))
    reader = read(page(result))
    assert reader.all("script") == []
    assert reader.all("img") == []
    assert not any(name.startswith("on") for _, attributes in reader.elements for name in attributes)
    assert HOSTILE in reader.text


def test_no_learner_and_no_school_is_named(hand: Result) -> None:
    """Schools' names stay out of everything that is written; partners' and hosts' are shown."""
    text = page(hand)
    assert "Secrets" not in text
    assert "s1" not in read(text).text.split()
    assert "Chamber One" in text
    assert "Host Two" in text


def test_long_lists_are_cut_visibly() -> None:
    """Of 3,000 who are left out 500 are shown, the page says so, and stays small."""
    rnd = rounds.hand_round(*(rounds.learner(f"X{number:04d}", "p2", 12) for number in range(3000)))
    left = sorted({*rnd.learners["id"]} - {"L1", "L2", "L3"})
    result = rounds.with_reasons(rounds.solved(rnd, "greedy"), rounds.reasons(left))
    text = page(result)
    assert "The first 500 of 3\u202f001; all in unplaced.csv." in text
    assert text.count("fix for") == 500
    assert len(text) < 500_000


def test_columns_of_numbers_are_periods(hand: Result) -> None:
    """Days on which nothing changes are one column: 5 to 11, 12 to 18 and 19 to 25 September."""
    facts = Facts(hand)
    found = occupancy(facts)
    assert found is not None
    (piece,) = bed_heat(facts, found).pieces
    assert piece.headings == [("5 Sep", "– 11 Sep"), ("12 Sep", "– 18 Sep"), ("19 Sep", "– 25 Sep")]
    assert [[cell.text + cell.limit for cell in row.cells] for row in piece.rows] == [
        ["34", "34", "·"],
        ["·", "1", "1"],
    ]


def test_who_goes_where(hand: Result) -> None:
    """The matrix adds up in both directions."""
    learners = between(Facts(hand))
    assert learners.tolist() == [[2, 0], [0, 1]]
    (shown,) = matrix(hand.round, learners)
    assert [list(row) for row in shown.rows] == [["p1", "2", "·", "2"], ["p2", "·", "1", "1"]]
    assert list(shown.foot) == ["All", "2", "1", "3"]


def test_the_map_has_every_partner_and_an_arc_per_pair(hand: Result) -> None:
    """Spots are inside the picture; an arc's width follows its learners; labels do not touch."""
    facts = Facts(hand)
    drawn = flow_map(facts, between(facts))
    assert drawn is not None
    assert [arc.title for arc in drawn.arcs] == ["p1 to h1: 2", "p2 to h2: 1"]
    assert drawn.arcs[0].width == 2 * drawn.arcs[1].width
    assert {spot.label for spot in (*drawn.senders, *drawn.hosts)} == {"p1 2", "p2 1", "h1 2", "h2 1"}
    for spot in (*drawn.senders, *drawn.hosts):
        assert 0 <= spot.x <= 640
        assert 0 <= spot.y <= drawn.height
    assert len(drawn.countries) > 10


def test_places_outside_europe_are_said_not_drawn(hand: Result) -> None:
    """A pair outside the map's frame is counted, and nobody is drawn at a wrong place."""
    facts = Facts(hand)
    assert flow_map(facts, np.zeros((2, 2), np.int64)) is None
    assert not projection.inside(projection.project(-33.9, 151.2))  # Sydney
    assert projection.inside(projection.project(37.4, -6.0))  # Seville
    assert projection.inside(projection.project(64.1, -21.9))  # Reykjavik


def test_the_projection_keeps_the_middle_and_distances_from_it() -> None:
    """52° N 10° E is the origin, north is up, and 1° of latitude there is 111.2 km, 22.2 units of 5 km."""
    assert projection.project(52.0, 10.0) == pytest.approx((0.0, 0.0))
    assert projection.project(53.0, 10.0) == pytest.approx((0.0, -22.24), abs=0.01)


def test_the_page_says_for_how_many_a_change_was_searched() -> None:
    """Where some were counted only; nothing is said where everybody was searched, or nobody knows."""
    told = "A change that would help was searched, and checked by the audit, for the first 1 of 2 by priority and id"
    for searched, said in ((1, True), (2, False), (None, False)):
        result = rounds.solved(rounds.hand_round())
        left = result.round.learners["id"][:2].tolist()
        rounds.with_reasons(result, rounds.reasons(left))
        assert result.audit is not None
        if searched is not None:
            vars(result)["unplaced"].attrs["searched"] = searched
        assert result.report["searched"] == searched
        result.report["counts"]["unplaced"] = 2
        assert (told in read(page(result)).text) is said
