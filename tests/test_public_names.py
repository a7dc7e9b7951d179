"""The names that callers may rely on: adding one is a decision, losing one breaks somebody."""

import inspect

import matcher
from matcher import metrics
from matcher.goals import discover as goals
from matcher.rules import discover as rules
from models import errors, outcome, tables


def test_the_package_offers_these_names() -> None:
    """`from matcher import …`: what the README shows, and no more."""
    assert sorted(matcher.__all__) == ["Result", "load", "match"]


def test_metrics_offers_these_names() -> None:
    """What an analyst calls: `from matcher import metrics`."""
    assert sorted(metrics.__all__) == [
        "BASELINES",
        "Effort",
        "Judgement",
        "KEYS",
        "Prices",
        "baselines",
        "by",
        "changes",
        "compare",
        "gini",
        "inequality",
        "judge",
        "parity",
        "rank_profile",
        "spread",
        "stability",
        "summary",
        "wilson",
    ]
    assert list(metrics.KEYS) == ["partner", "school", "country", "field", "fewer_opportunities"]


def test_match_takes_these_arguments() -> None:
    """Options are by keyword; their names are those of the command line."""
    parameters = inspect.signature(matcher.match).parameters.values()
    assert [parameter.name for parameter in parameters if parameter.kind is parameter.KEYWORD_ONLY] == [
        "method",
        "time_limit",
        "seed",
        "workers",
        "gap",
        "cluster",
        "progress",
        "cancel",
    ]


def test_a_result_has_these_parts() -> None:
    """What the README and the service read from a result."""
    parts = {"status", "goals", "placements", "escorts", "unplaced", "conflict", "report", "why_not", "save"}
    assert parts <= set(dir(matcher.Result))


def test_the_rules_are_the_contracts() -> None:
    """The 19 names that `[policy.rules]`, reasons and breaches use, in the contract's order."""
    assert [rule.name for rule in rules()] == [
        "one_placement",
        "profile",
        "dates",
        "language",
        "seats",
        "beds",
        "flow_heads",
        "escorts",
        "min_group",
        "quotas",
        "budget",
        "groups",
        "age",
        "needs",
        "pairs",
        "same_school",
        "locks",
        "inclusion",
        "agreements",
    ]


def test_the_goals_are_the_contracts() -> None:
    """The five names that `[policy] goals` uses, and those that came after the first version of the contract."""
    later = {
        "equity_countries",
        "equity_fields",
        "equity_reasons",
        "equity_schools",
        "first_choices",
        "leximin",
        "owed",
    }
    assert [goal.name for goal in goals() if goal.name not in later] == [
        "cost",
        "equity",
        "fit",
        "kept",
        "placed",
    ]
    assert {goal.name for goal in goals()} >= later


def test_the_statuses_are_the_contracts() -> None:
    """The four words of `report.json`."""
    assert [str(status) for status in outcome.Status] == ["optimal", "feasible", "infeasible", "no_solution"]


def test_errors_carry_the_contracts_exit_codes() -> None:
    """1 input, 2 infeasible, 3 ours."""
    codes = {name: kind.exit_code for name, kind in vars(errors).items() if hasattr(kind, "exit_code")}
    assert codes == {
        "MatcherError": 3,
        "InputErrors": 1,
        "UnsuitableMethod": 1,
        "NoCluster": 1,
        "UnknownName": 1,
        "InfeasibleRound": 2,
        "EngineFault": 3,
        "AuditFailed": 3,
        "SolverFault": 3,
    }


def test_the_tables_are_the_contracts() -> None:
    """The sixteen tables, in contract order; then what came after its first version."""
    assert [name for name, row in tables.TABLES.items() if row.later] == ["previous_rounds"]
    assert list(tables.TABLES)[:16] == [
        "sending_partners",
        "schools",
        "learners",
        "micro_credentials",
        "groups",
        "hosting_partners",
        "beds",
        "flows",
        "companies",
        "offers",
        "agreements",
        "quotas",
        "pairs",
        "locks",
        "previous",
        "affinity",
    ]
