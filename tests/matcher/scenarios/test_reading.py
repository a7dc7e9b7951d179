"""What each kind of change makes of a round, and every mistake of a file at once with what would be right."""

from __future__ import annotations

import tomllib
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from matcher.scenarios import Scenario, read_scenarios, scenarios_of
from models.errors import InputErrors, InputProblem
from models.policy import Policy
from models.rates import Rates
from models.round import Round
from models.tables import Affinity, Agreement, Beds, Group, Lock, Pair, Previous, Quota
from tests.tiny import company, flow, host, learner, offer, partner, tiny


def world() -> Round:
    """Two senders, two hosts in two countries, three offers, three learners, and what hangs on them."""
    return tiny(
        partner("ccis", budget_eur=9000),
        partner("cem", country="ME", rate_factor=0.55),
        host("zni"),
        host("mode", country="PL", lat=51.1, lon=17.03),
        flow("f1", min_group=2, max_heads=9),
        flow("f2", host_id="mode", start="10-03", end="10-30"),
        company("c1", working_languages=(("en", 2), ("sl", 1))),
        company("c2", host_id="mode", working_languages=(("en", 5), ("pl", 6))),
        offer("o1", seats=2),
        offer("o2", fields=("0714", "06"), seats=1),
        offer("o3", company_id="c2", fields=("0713",), seats=3),
        Group(id="g1", partner_id="ccis", mode="same_flow"),
        learner("L1", group_id="g1", preferences=("c2", "zni")),
        learner("L2", group_id="g1"),
        learner("L3", partner_id="cem"),
        Beds(host_id="zni", from_=date(2022, 9, 1), to=date(2022, 12, 31), beds=5),
        Agreement(partner_id="ccis", host_id="mode"),
        Quota(partner_id="cem", max_learners=1),
        Pair(learner_a="L1", learner_b="L3", kind="apart"),
        Lock(learner_id="L3", kind="forbid", offer_id="o3"),
        Previous(learner_id="L1", offer_id="o3", flow_id="f2"),
        Affinity(learner_id="L2", company_id="c2", score=50),
        budget_eur=20_000,
    )


def one(text: str, rnd: Round | None = None) -> Scenario:
    """The scenario ``s`` of which a file says so."""
    content = tomllib.loads(text, parse_float=Decimal)
    (found,) = scenarios_of({"scenarios": {"s": content}}, world() if rnd is None else rnd)
    return found


def problems(text: str, rnd: Round | None = None) -> list[InputProblem]:
    """Everything that is wrong with a file."""
    with pytest.raises(InputErrors) as caught:
        scenarios_of(tomllib.loads(text, parse_float=Decimal), world() if rnd is None else rnd, file="s.toml")
    return list(caught.value.problems)


def cells(found: Scenario, table: str, column: str) -> list[object]:
    """A column of the round that a scenario makes."""
    return found.round.tables[table].cells(column)


@pytest.mark.parametrize(
    ("where", "seats"),
    [
        ("", [3, 2, 4]),
        ('where = { id = "o2" }', [2, 2, 3]),
        ('where = { id = ["o2", "o3"] }', [2, 2, 4]),
        ('where = { company_id = "c1" }', [3, 2, 3]),
        ('where = { host_id = "mode" }', [2, 1, 4]),
        ('where = { country = "PL" }', [2, 1, 4]),
        ('where = { fields = "0714" }', [3, 2, 3]),  # o1 takes all of 07
        ('where = { fields = "06" }', [2, 2, 3]),
        ('where = { working_languages = "sl" }', [3, 2, 3]),
        ("where = { seats = { min = 2, max = 2 } }", [3, 1, 3]),
        ('where = { company_id = "c1", fields = "06" }', [2, 2, 3]),
        ('where = { stay = "" }', [3, 2, 4]),
    ],
)
def test_rows_are_meant_by_their_columns(where: str, seats: list[int]) -> None:
    """Own columns and those of rows referred to; offers o1, o2, o3 have 2, 1 and 3 seats."""
    assert cells(one(f"[[offers]]\n{where}\nseats = {{ add = 1 }}"), "offers", "seats") == seats


@pytest.mark.parametrize(
    ("change", "seats"),
    [
        ("7", [7, 7, 7]),
        ("{ add = -2 }", [0, 0, 1]),  # never below none
        ("{ factor = 0.5 }", [1, 1, 2]),  # 0.5 and 1.5 are rounded half up
        ("{ factor = 0 }", [0, 0, 0]),
    ],
)
def test_numbers_are_set_moved_or_multiplied(change: str, seats: list[int]) -> None:
    """Whole numbers stay whole, within the column's bounds."""
    assert cells(one(f"[[offers]]\nseats = {change}"), "offers", "seats") == seats


def test_changes_come_one_after_the_other() -> None:
    """Each sees what those before it have made."""
    found = one("[[offers]]\nseats = { add = 1 }\n[[offers]]\nwhere = { seats = 4 }\nseats = { factor = 2 }")
    assert cells(found, "offers", "seats") == [3, 2, 8]
    assert found.changes == (
        "offers, all 3 rows: seats of 3 from 6 to 9 in all",
        "offers, 1 of 3 rows: seats from 4 to 8",
    )


def test_every_table_can_be_changed() -> None:
    """Beds, dates, smallest groups, language bars, budgets, factors; a blank stays one where it means no limit."""
    found = one(
        """
        beds = { beds = { factor = 1.5 } }
        flows = { start = { add = 7 }, end = { add = 7 }, min_group = 1, max_heads = { add = 1 } }
        companies = [
          { where = { host_id = "zni" }, working_languages = { levels = 1 } },
          { where = { id = "c2" }, working_languages = { levels = 3, of = "en" } },
        ]
        sending_partners = [
          { budget_eur = { factor = 1.1 } },
          { where = { id = "cem" }, rate_factor = { factor = 2 } },
        ]
        """
    )
    assert cells(found, "beds", "beds") == [8]
    assert cells(found, "flows", "start") == [date(2022, 9, 19), date(2022, 10, 10)]
    assert cells(found, "flows", "min_group") == [1, 1]
    assert cells(found, "flows", "max_heads") == [10, None]
    assert cells(found, "companies", "working_languages") == [(("en", 3), ("sl", 2)), (("en", 6), ("pl", 6))]
    assert cells(found, "sending_partners", "budget_eur") == [9900, None]
    assert cells(found, "sending_partners", "rate_factor") == [1.0, 1.1]


def test_rows_come_and_go() -> None:
    """A new quota and agreement; who drops out takes pairs, locks and what was before along."""
    found = one(
        """
        quotas = { new = { partner_id = "ccis", min_learners = 1 } }
        agreements = [{ remove = true }, { new = [{ partner_id = "cem", host_id = "zni" }] }]
        learners = { where = { id = "L1" }, remove = true }
        """
    )
    assert len(found.round.quotas) == 2
    assert cells(found, "agreements", "partner_id") == ["cem"]
    assert cells(found, "learners", "id") == ["L2", "L3"]
    assert [len(found.round.tables[name]) for name in ("pairs", "previous", "locks")] == [0, 0, 1]
    assert found.changes[-1] == "learners: 1 row removed, and with it 1 of pairs and 1 of previous"


def test_what_hangs_on_a_row_goes_with_it() -> None:
    """Company c2 takes its offer, and that its lock and what was before; wishes forget it, and learners stay."""
    found = one('companies = { where = { id = "c2" }, remove = true }')
    assert cells(found, "offers", "id") == ["o1", "o2"]
    assert cells(found, "learners", "preferences") == [("zni",), (), ()]
    assert [len(found.round.tables[name]) for name in ("locks", "previous", "affinity", "learners")] == [
        0,
        0,
        0,
        3,
    ]
    alone = one('groups = { where = { id = "g1" }, remove = true }')
    assert cells(alone, "learners", "group_id") == [None, None, None]


def test_the_rounds_budget() -> None:
    """An amount, a difference, a factor, none."""
    amounts = {"5000": 5000, "{ add = -500 }": 19_500, "{ factor = 1.25 }": 25_000, '""': None}
    assert {text: one(f"budget_eur = {text}").round.budget_eur for text in amounts} == amounts


def test_rates_are_scaled_half_up_and_given() -> None:
    """120, 104, 88 times 0.7 are 84, 72.8 and 61.6; travel of every band; a call year's own; a single key."""
    found = one("rates = { factor = { learner_day = 0.7, travel = 2 } }").round.rates
    assert dict(found.learner_day) == {1: 84, 2: 73, 3: 62}
    before = Rates.shipped(2022)
    assert [band.standard for band in found.bands] == [2 * band.standard for band in before.bands]
    assert [band.from_km for band in found.bands] == [band.from_km for band in before.bands]
    assert one("call_year = 2024").round.rates == Rates.shipped(2024)
    assert one("call_year = 2024").round.call_year == 2024
    assert one("rates = { inclusion = 0 }").round.rates.inclusion == 0


def test_a_file_of_rates_lies_beside_the_scenarios(tmp_path: Path) -> None:
    """It overrides the call year's table, as a round's own rates.toml does."""
    (tmp_path / "other.toml").write_text("inclusion = 77\n", encoding="utf-8")
    file = tmp_path / "s.toml"
    file.write_text('[scenarios.s.rates]\nfile = "other.toml"\n', encoding="utf-8")
    (found,) = read_scenarios(file, world())
    assert found.round.rates == Rates.shipped(2022).merge({"inclusion": 77})
    (tmp_path / "other.toml").write_text("inclusion = -1\n", encoding="utf-8")
    with pytest.raises(InputErrors) as caught:
        read_scenarios(file, world())
    assert caught.value.problems[0].column == "scenarios.s.rates.file.inclusion"


def test_the_policy_is_changed_key_by_key() -> None:
    """Rules and weights of fit one by one; goals take the place of weights, and the other way round."""
    rnd = world().replace(policy=Policy(rules={"age": False}))
    policy = one(
        'policy = { goals = ["placed", "cost"], rules = { beds = false }, fit_weights = { profile = 1 } }',
        rnd,
    )
    assert policy.round.policy.goals == ("placed", "cost")
    assert dict(policy.round.policy.rules) == {"age": False, "beds": False}
    assert (policy.round.policy.fit_weights.profile, policy.round.policy.fit_weights.language) == (1, 20)
    weighted = one("policy = { weights = { placed = 1000, cost = 0.01 } }", rnd).round
    assert weighted.policy.weights == {"placed": Decimal(1000), "cost": Decimal("0.01")}
    assert one('policy = { goals = ["fit"] }', weighted).round.policy.weights is None


def test_every_mistake_is_told_at_once_with_its_place_and_the_nearest() -> None:
    """File, key with the scenario's name, value, nearest valid thing."""
    found = problems(
        """
        [scenarios.base]
        budget_eur = 1
        [scenarios."../up"]
        budget_eur = "much"
        [scenarios.a]
        ofers = 1
        call_year = 1999
        rates = { factor = { travl = 2 } }
        policy = { goals = ["plced"], rules = { beds = 1 } }
        [[scenarios.a.offers]]
        where = { host_id = "mod", host = 1 }
        seats = { add = 1.5 }
        [[scenarios.a.quotas]]
        new = { partner_id = "ccis", min_lerners = 1, stay = "shrt" }
        [[scenarios.a.companies]]
        where = { id = "c1", host_id = "mode" }
        working_languages = { levels = "x", of = "qq" }
        [[scenarios.a.flows]]
        id = "other"
        [[scenarios.a.beds]]
        [scenarios.nothing]
        """
    )
    assert {one.file for one in found} == {"s.toml"}
    assert {(one.column, one.value, one.nearest) for one in found} >= {
        ("scenarios.base", None, None),
        ("scenarios.../up", None, None),
        ("scenarios.../up.budget_eur", "much", None),
        ("scenarios.a.ofers", None, "offers"),
        ("scenarios.a.call_year", "1999", "2021, 2022, 2023, 2024, 2025, 2026"),
        ("scenarios.a.rates.factor.travl", None, "travel"),
        ("scenarios.a.policy.goals", "plced", "placed"),
        ("scenarios.a.policy.rules.beds", "1", None),
        ("scenarios.a.offers[1].where.host_id", "mod", "mode"),
        ("scenarios.a.offers[1].where.host", None, "host_id"),
        ("scenarios.a.offers[1].seats.add", "1.5", None),
        ("scenarios.a.quotas[1].new.min_lerners", None, "min_learners"),
        ("scenarios.a.quotas[1].new.stay", "shrt", "short"),
        ("scenarios.a.companies[1].where", None, None),
        ("scenarios.a.companies[1].working_languages.levels", "x", None),
        ("scenarios.a.companies[1].working_languages.of", "qq", None),
        ("scenarios.a.flows[1].id", "other", None),
        ("scenarios.a.beds[1]", None, None),
        ("scenarios.nothing", None, None),
    }


@pytest.mark.parametrize(
    ("text", "column", "words"),
    [
        ("flows = { end = { add = -90 } }", "scenarios.s.flows.end", "before start"),
        (
            'quotas = { new = { partner_id = "cm", min_learners = 1 } }',
            "scenarios.s.quotas.partner_id",
            "no such id",
        ),
        ('hosting_partners = { country = "JP" }', "scenarios.s.hosting_partners.country", "rate"),
        ('learners = { new = { id = "L1" } }', "scenarios.s.learners.new", "required"),
        ("policy = { goals = [2022-05-01] }", "scenarios.s.policy", "day"),
        ('policy = { goals = ["fit"], weights = { fit = 1 } }', "scenarios.s.policy", "both given"),
        ("offers = { seats = { add = 99999999999 } }", "scenarios.s.offers.seats.add", "bounds"),
        ("offers = { seats = { factor = nan } }", "scenarios.s.offers.seats.factor", "0 or more"),
        ("flows = { start = { add = 10000 } }", "scenarios.s.flows.start", "days"),
        ("offers = { seats = { add = 1, factor = 2 } }", "scenarios.s.offers.seats", "one of"),
        ("offers = { company_id = { add = 1 } }", "scenarios.s.offers.company_id", "only numbers"),
        ("offers = 3", "scenarios.s.offers", "entry"),
        ('rates = { file = "none.toml" }', "scenarios.s.rates.file", "not read"),
        ('title = "two\\nlines"', "scenarios.s.title", "one line"),
        ("rates = { learner_day = { 1 = -5 } }", "scenarios.s.rates", "learner_day"),
    ],
)
def test_what_does_not_fit_is_told(text: str, column: str, words: str) -> None:
    """Also what only the changed tables show."""
    found = problems("[scenarios.s]\n" + text)
    assert any((one.column or "").startswith(column) and words in str(one) for one in found), found


@pytest.mark.parametrize(
    "content", [b"", b"scenarios = 3", b"[scenarios]", b"x = [", b"\xff\xfe\x00", b"a = " + b"9" * 5000]
)
def test_files_without_scenarios_are_refused(tmp_path: Path, content: bytes) -> None:
    """Nothing but an input error, whatever the file holds."""
    file = tmp_path / "s.toml"
    file.write_bytes(content)
    with pytest.raises(InputErrors):
        read_scenarios(file, world())
