"""Generated rounds: repeatable to the byte, fitted to the marginals, and conflicts where they are planted."""

from __future__ import annotations

import time
from collections import Counter
from decimal import Decimal
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from matcher import match
from matcher.compiling import compile_problem, options_of
from matcher.generating import PLANTS, SHAPES, Spec, generate, marginals
from matcher.intake import examine, load, write_round
from models.errors import UnknownName
from models.outcome import Status
from models.round import Round
from solvers.flow import Network, is_network


def small(shape: str) -> Spec:
    """A shape at a size that a test can afford."""
    return Spec.of_shape(shape, min(Spec.of_shape(shape).learners, 120))


@pytest.fixture(scope="module")
def many() -> Round:
    """Twenty thousand learners, with flows that may overlap, so that no flow is put off."""
    return generate(Spec(learners=20_000, overlaps=1.0, hosts=60, flows_per_host=12), 7)


@pytest.mark.parametrize("shape", SHAPES)
def test_the_same_seed_gives_the_same_bytes(shape: str, tmp_path: Path) -> None:
    """Two runs write equal files; another seed does not."""
    one, other = (write_round(generate(small(shape), 5), tmp_path / name) for name in ("a", "b"))
    assert {path.name: path.read_bytes() for path in one.iterdir()} == {
        path.name: path.read_bytes() for path in other.iterdir()
    }
    assert generate(small(shape), 6).digest != load(one).digest


@pytest.mark.parametrize("shape", SHAPES)
def test_intake_takes_them_as_they_are(shape: str, tmp_path: Path) -> None:
    """Written and read again a round is the same, without an error or a warning."""
    made = generate(small(shape), 11)
    found = examine(write_round(made, tmp_path))
    assert (tuple(found.errors), tuple(found.warnings)) == ((), ())
    assert found.round is not None
    assert found.round.digest == made.digest


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("seed", [0, 1])
def test_they_have_a_solution(shape: str, seed: int) -> None:
    """Pins, minima and all: without a planted conflict there is an allocation that places somebody."""
    rnd = generate(Spec.of_shape(shape, 50), seed)
    alone = rnd.replace(policy=rnd.policy.model_copy(update={"goals": ("placed",)}))
    result = match(alone, method="exact", time_limit=20)
    assert result.status in {Status.OPTIMAL, Status.FEASIBLE}
    assert len(result.placements) > 10


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", PLANTS)
def test_a_planted_conflict_is_a_conflict(name: str, seed: int) -> None:
    """The round has no solution; as soon as one of the rules that the conflict names is off, it has."""
    rnd = generate(Spec.of_shape("intervet", 80, round_budget=None), seed, [name])
    alone = rnd.replace(policy=rnd.policy.model_copy(update={"goals": ("placed",)}))
    assert match(alone, method="exact", time_limit=20).status is Status.INFEASIBLE
    rule = PLANTS[name].rules[-1]
    eased = alone.replace(policy=alone.policy.model_copy(update={"rules": {rule: False}}))
    assert match(eased, method="exact", time_limit=20).status is not Status.INFEASIBLE


def test_two_conflicts_in_one_round() -> None:
    """Conflicts can be planted together."""
    assert len(generate(Spec(learners=60), 1, ["pin", "quota"]).locks)


def test_an_unknown_conflict_or_shape_names_the_nearest() -> None:
    """A name that does not exist is an error that helps."""
    with pytest.raises(UnknownName, match="nearest: budget"):
        generate(Spec(learners=20), 0, ["budgt"])
    with pytest.raises(UnknownName, match="nearest: national"):
        Spec.of_shape("nationl")


def test_a_round_too_small_for_a_conflict_says_so() -> None:
    """One learner cannot be two."""
    with pytest.raises(UnknownName, match="too small"):
        generate(Spec(learners=1), 0, ["pair"])


def test_the_pure_network_shape_is_a_pure_network() -> None:
    """The method `flow` takes rounds of that shape."""
    rnd = generate(Spec.of_shape("pure_network", 150), 3)
    assert isinstance(is_network(compile_problem(rnd, options_of(rnd)[0])), Network)


def test_a_hundred_thousand_learners_take_a_minute_at_most() -> None:
    """A national round of that size is made in far less."""
    started = time.monotonic()
    assert len(generate(Spec.of_shape("national", 100_000), 0).learners) == 100_000
    assert time.monotonic() - started < 60


def rows_per_partner(rnd: Round) -> list[int]:
    """How many agreements each sending partner has."""
    return list(Counter(rnd.agreements["partner_id"].tolist()).values())


@pytest.mark.parametrize("learners", [3000, 30_000])
def test_a_continental_round_grows_in_proportion(learners: int) -> None:
    """Ten times the learners are ten times the partners and hosts; nobody sends to more hosts, all have agreements."""
    rnd = generate(Spec.of_shape("continental", learners), 1)
    assert len(rnd.sending_partners) == learners // 300
    assert len(rnd.hosting_partners) == round(learners / 400)
    assert len(rows_per_partner(rnd)) == len(rnd.sending_partners)
    assert max(rows_per_partner(rnd)) <= 6
    assert 0.17 < len(rnd.companies) / learners < 0.23
    assert 0.1 < sum(group is not None for group in rnd.learners["group_id"]) / learners < 0.2
    assert len(rnd.quotas)
    assert len(rnd.pairs)


def test_the_plain_national_round_ties_nobody_to_anybody() -> None:
    """No groups, pairs, quotas, escorts or least numbers; seats, beds, heads and money still count."""
    rnd = generate(Spec.of_shape("national_plain", 500), 1)
    assert not any(len(rnd.tables[name]) for name in ("groups", "pairs", "quotas"))
    assert np.isnan(rnd.flows["learners_per_escort"]).all()
    assert (rnd.flows["min_group"] == 1).all()
    assert len(rnd.beds)
    assert not np.isnan(rnd.flows["max_heads"]).any()
    assert not np.isnan(rnd.sending_partners["budget_eur"]).any()


def test_a_weighted_policy_on_request() -> None:
    """The weights stand in the policy as they were given, floats of TOML as what they say."""
    rnd = generate(Spec(learners=20, weights={"placed": Decimal(1000), "cost": Decimal("0.01")}), 1)
    assert rnd.policy.weights == {"placed": 1000, "cost": Decimal("0.01")}
    assert Spec.model_validate({"weights": {"cost": 0.01}}).weights == {"cost": Decimal("0.01")}


def shares(values: npt.NDArray[np.int64] | list[str], known: marginals.Marginal) -> npt.NDArray[np.float64]:
    """How often each value of a marginal occurs."""
    found = Counter(str(value) for value in values)
    counts = np.array([found[value] for value in known.values], float)
    assert counts.sum() == len(values), "a value that the marginal does not have"
    return np.asarray(counts / counts.sum(), np.float64)


def distance(found: npt.NDArray[np.float64], known: marginals.Marginal) -> float:
    """Total variation: the share that would have to move."""
    return float(abs(found - known.shares).sum() / 2)


def test_fields_follow_the_marginal(many: Round) -> None:
    """Detailed fields of the learners: at most 2 % would have to move (6 % know only their narrow field)."""
    detailed = [code for code in many.learners["field"] if len(code) == 4]
    assert 0.92 < len(detailed) / len(many.learners) < 0.96
    assert distance(shares(detailed, marginals.fields()), marginals.fields()) < 0.02


@pytest.mark.parametrize(("stay", "mean"), [("short", marginals.SHORT_DAYS), ("long", marginals.LONG_DAYS)])
def test_durations_follow_the_marginal(many: Round, stay: str, mean: float) -> None:
    """Days of the flows have the mean of VET learners within 2 %, and their distribution within 2 points."""
    own = many.flows["stay"] == stay
    days = (many.flows["end"] - many.flows["start"]).astype(np.int64)[own] + 1
    assert days.mean() == pytest.approx(mean, rel=0.02)
    known = marginals.days(stay)
    assert abs(np.cumsum(shares(days, known)) - np.cumsum(known.shares)).max() < 0.02


def test_flows_begin_in_the_months_of_the_marginal(many: Round) -> None:
    """Months in which flows begin: at most 2 % would have to move."""
    months = many.flows["start"].astype("datetime64[M]").astype(np.int64) % 12 + 1
    assert distance(shares(months, marginals.months()), marginals.months()) < 0.02


def test_ages_have_the_mean_of_vet_learners(many: Round) -> None:
    """Age at the first day away, as far as birth dates are given: 20.9 within half a year and a bit."""
    born = many.learners["birth_date"]
    age = (many.learners["available_from"] - born).astype("timedelta64[D]")[~np.isnat(born)].astype(
        float
    ) / 365.25
    assert age.mean() == pytest.approx(marginals.MEAN_AGE + 0.5, abs=0.3)


def test_shares_are_those_asked_for(many: Round) -> None:
    """Fewer opportunities 18 %, long stays 13 %, wishes 75 %, within a point."""
    learners = many.learners
    assert np.mean([bool(each) for each in learners["fewer_opportunities"]]) == pytest.approx(0.18, abs=0.01)
    assert (learners["stay"] == "long").mean() == pytest.approx(0.13, abs=0.01)
    assert np.mean([bool(each) for each in learners["preferences"]]) == pytest.approx(0.75, abs=0.01)


def test_companies_are_small(many: Round) -> None:
    """Seventeen offers in twenty have one seat or two."""
    assert (many.offers["seats"] <= 2).mean() == pytest.approx(0.85, abs=0.02)


def test_countries_follow_the_marginal(many: Round) -> None:
    """Countries of 60 hosting partners: as near to the receiving countries as 60 can be."""
    known = marginals.countries("receiving")
    assert distance(shares(many.hosting_partners["country"].tolist(), known), known) < 0.15


def test_every_rule_has_something_to_do() -> None:
    """In the shape `every_rule` no table is empty and every feature of the contract occurs."""
    rnd = generate(Spec.of_shape("every_rule", 200, earlier_rounds=2), 2)
    assert all(len(table) for table in rnd.tables.values())
    assert set(rnd.groups["mode"]) == {"same_flow", "all_or_none", "same_company"}
    assert set(rnd.locks["kind"]) == {"pin", "forbid"}
    assert set(rnd.pairs["kind"]) == {"together", "apart"}
    assert rnd.budget_eur is not None
    given = ("min_eqf", "max_eqf"), ("min_age", "max_same_school"), ("max_heads", "learners_per_escort")
    for table, columns in zip((rnd.offers, rnd.companies, rnd.flows), given, strict=True):
        assert all((~np.isnan(table[column])).any() for column in columns)
    assert (rnd.flows["min_group"] > 1).any()
    assert any(rnd.learners["needs"])
    assert rnd.learners["green_travel"].any()
    assert not np.isnan(rnd.quotas["min_learners"]).all()
    assert not np.isnan(rnd.quotas["max_learners"]).all()


def test_features_can_be_left_out() -> None:
    """Switched off, a feature does not occur."""
    rnd = generate(
        Spec(learners=100, beds=None, budgets=None, quotas=False, groups=0, pairs=0, pins=0, forbids=0), 1
    )
    assert not any(len(rnd.tables[name]) for name in ("beds", "quotas", "groups", "pairs", "locks"))
    assert np.isnan(rnd.sending_partners["budget_eur"]).all()


def test_tilting_gives_the_mean() -> None:
    """By hand: 10, 20, 30 with equal weights and mean 25 has weights of a geometric series, 0.116 : 0.268 : 0.616."""
    tilted = marginals.Marginal(("10", "20", "30"), np.ones(3)).tilted(25)
    assert tilted.shares == pytest.approx([0.1162, 0.2676, 0.6162], abs=1e-4)
