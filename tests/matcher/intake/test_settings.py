"""``round.toml`` and ``rates.toml``: what they may say, and what is said when they are wrong."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from matcher.intake import load
from matcher.intake.findings import Findings
from matcher.intake.settings import read_settings
from models.policy import Policy
from tests.matcher.intake.broken import BASE
from tests.matcher.intake.folders import errors, folder, warnings

HEAD = 'format = 1\nid = "r"\ncall_year = 2022\n'


def settings_errors(path: Path, text: str) -> list[str]:
    """The error lines of a ``round.toml``."""
    (path / "round.toml").write_text(text, encoding="utf-8")
    findings = Findings()
    read_settings(path / "round.toml", "round.toml", findings)
    return [str(one).removeprefix("round.toml, ") for one in findings.errors]


def test_only_format_id_and_call_year_are_needed(tmp_path: Path) -> None:
    """The name is the id, the policy is the contract's."""
    rnd = load(folder(tmp_path / "round", {"round.toml": HEAD}))
    assert (rnd.id, rnd.name, rnd.call_year, rnd.budget_eur, rnd.policy) == ("r", "r", 2022, None, Policy())


def test_weights_stay_exact(tmp_path: Path) -> None:
    """0.01 is one hundredth, not a binary fraction."""
    text = HEAD + "[policy]\nweights = { placed = 1000, fit = 1, cost = 0.01 }\n"
    rnd = load(folder(tmp_path / "round", {"round.toml": text}))
    assert rnd.policy.weights == {"placed": 1000, "fit": 1, "cost": Decimal("0.01")}
    assert rnd.policy.reported_goals == ("placed", "fit", "cost")


def test_weights_and_goals_together_are_reported(tmp_path: Path) -> None:
    """The weights decide; the round is valid."""
    text = HEAD + '[policy]\ngoals = ["fit"]\nweights = { placed = 1 }\n'
    assert warnings(folder(tmp_path / "round", {"round.toml": text})) == [
        (
            "round.toml, row 5, column policy.goals: goals and weights are both given:"
            " the weights decide, and the goals are not used"
        )
    ]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", ["column call_year: this key is missing", "column format: this key is missing (nearest: format = 1)",
              "column id: this key is missing"]),
        (HEAD.replace("2022", "true"), ["row 3, column call_year: 'true': expected a whole number, 2014 to 2100"]),
        (HEAD.replace("2022", "22"), ["row 3, column call_year: '22': out of bounds: 2014 to 2100 (nearest: 2014)"]),
        (HEAD.replace('"r"', '"my round"'),
         [("row 2, column id: 'my round': not an id: 1–64 characters, no blanks, commas or semicolons"
          " (nearest: my-round)")]),
        (HEAD.replace('"r"', "7"), ["row 2, column id: '7': expected a text of 1 to 64 characters"]),
        (HEAD + "name = 3\n", ["row 4, column name: '3': expected a text"]),
        (HEAD + "budget_eur = 1.5\n", ["row 4, column budget_eur: '1.5': expected a whole number, 0 to 1000000000"]),
        (HEAD + "budget_eur = -1\n", ["row 4, column budget_eur: '-1': out of bounds: 0 to 1000000000 (nearest: 0)"]),
        (HEAD + "policy = 1\n", ["row 4, column policy: expected a table: [policy]"]),
        (HEAD + "[policy]\nmin_profil_fit = 3\n",
         ["row 5, column policy.min_profil_fit: no such key (nearest: policy.min_profile_fit)"]),
        (HEAD + "[policy]\nfit_weights = { profil = 3 }\n",
         ["row 5, column policy.fit_weights.profil: '3': no such key (nearest: profile)"]),
        (HEAD + "[policy]\nfit_weights = { profile = 0, language = 0, preference = 0 }\n",
         ["row 5, column policy.fit_weights: at least one fit weight must be above 0"]),
        (HEAD + "[policy]\nmin_profile_fit = true\n",
         ["row 5, column policy.min_profile_fit: 'true': should be a valid integer"]),
        (HEAD + "[policy]\ngoals = []\n", ["row 4, column policy: at least one goal is needed"]),
        (HEAD + '[policy]\ngoals = ["fit", "fit"]\n', ["row 4, column policy: a goal may be named once"]),
        (HEAD + "[policy]\nweights = { plced = 1 }\n",
         ["row 5, column policy.weights: 'plced': there is no goal of this name (nearest: placed)"]),
        (HEAD + "[policy]\nweights = { placed = true }\n",
         ["row 5, column policy.weights.placed: 'true': expected a number"]),
        (HEAD + "[policy]\nrules = { beds = 0 }\n", ["row 5, column policy.rules.beds: '0': expected true or false"]),
        (HEAD + "[policy]\nrules = { bedz = false }\n",
         ["row 5, column policy.rules: 'bedz': there is no rule of this name (nearest: beds)"]),
        (HEAD + "id = 1\n", ["row 4: not valid TOML: Cannot overwrite a value (at line 4, column 7)"]),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_line(tmp_path: Path, text: str, lines: list[str]) -> None:
    """The line number, the key, the value, and what would be right."""
    assert settings_errors(tmp_path, text) == lines


def test_settings_in_another_encoding(tmp_path: Path) -> None:
    """An editor's cp1250 is read and reported; a BOM is nothing."""
    text = BASE["round.toml"].replace("A tiny round", "Čačak, proleće")
    made = folder(tmp_path / "a", {"round.toml": text.encode("cp1250")})
    assert warnings(made) == ["round.toml: read as cp1250 (Windows, Central European); UTF-8 is expected"]
    assert load(made).name == "Čačak, proleće with one mistake"
    assert load(folder(tmp_path / "b", {"round.toml": text.encode("utf-8-sig")})).digest == load(made).digest


def test_rates_are_overridden_key_by_key(tmp_path: Path) -> None:
    """What rates.toml does not name is the shipped table's; a year without one needs all of them."""
    assert load(folder(tmp_path / "a", {"rates.toml": "inclusion = 125"})).rates.inclusion == 125
    made = {"rates.toml": "inclusion = 125", "round.toml": HEAD.replace("2022", "2019")}
    found = errors(folder(tmp_path / "b", made))
    assert "rates.toml, column bands: this figure is missing" in found
    assert all(line.startswith("rates.toml") for line in found)
