"""A round that is written and read is the same round."""

from __future__ import annotations

import tomllib
from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import load_workbook

from matcher.intake import examine, load, write_round
from matcher.intake.writing import to_toml
from models.policy import Policy
from models.rates import Rates
from models.tables import School
from tests.conftest import EXAMPLES
from tests.matcher.intake.folders import folder
from tests.matcher.intake.test_properties import writable
from tests.tiny import tiny

NAMES = (
    '=HYPERLINK("x")',
    "'=x",
    "+1",
    "-5.98",
    "@a",
    'a,b;c\n"d"',
    "Škola Đorđević",
    "Школа",
    "0714",
    "yes",
    "1e5",
)


@pytest.mark.parametrize("example", [f"example-{number:02}" for number in range(1, 13)], indirect=True)
def test_the_contracts_examples_come_back(example: Path, tmp_path: Path) -> None:
    """Folder and workbook: the digest is that of the original, and there is nothing to report."""
    original = load(example)
    for target in (tmp_path / "folder", tmp_path / "book" / "round.xlsx"):
        found = examine(write_round(original, target))
        assert found.round is not None, found.errors
        assert found.round.digest == original.digest
        assert not found.warnings


@pytest.mark.parametrize("seed", range(5))
def test_random_rounds_come_back(seed: int, tmp_path: Path) -> None:
    """Every table, column and switch of the policy survives, in both forms."""
    original = writable(seed)
    assert load(write_round(original, tmp_path / "folder")).digest == original.digest
    assert load(write_round(original, tmp_path / "round.xlsx")).digest == original.digest


@pytest.mark.parametrize("name", ["folder", "round.xlsx"])
def test_text_that_looks_like_something_else_comes_back(name: str, tmp_path: Path) -> None:
    """Formulas, numbers, line ends, letters of any script: text stays text."""
    schools = [School(id=f"s{number:02}", partner_id="ccis", name=text) for number, text in enumerate(NAMES)]
    original = tiny(*schools)
    again = load(write_round(original, tmp_path / name))
    assert list(again.schools["name"]) == list(NAMES)
    assert again.digest == original.digest


def test_no_cell_of_a_written_workbook_is_a_formula(tmp_path: Path) -> None:
    """What was neutralised is text for the spreadsheet program, and codes keep their zero."""
    write_round(tiny(School(id="s1", partner_id="ccis", name="=1+1")), tmp_path / "round.xlsx")
    book = load_workbook(tmp_path / "round.xlsx")
    assert book["schools"]["C2"].value == "'=1+1"
    assert {cell.data_type for sheet in book for row in sheet for cell in row} <= {"s", "inlineStr", "n", "d"}


@pytest.mark.parametrize(
    "policy",
    [
        Policy(weights={"placed": Decimal(1000), "cost": Decimal("0.01")}),
        Policy(goals=("cost",), weights={"fit": Decimal(1)}),
        Policy(goals=("cost",), rules={"beds": False, "age": True}),
        Policy(min_profile_fit=0, min_fewer_opportunities_share=25),
    ],
)
def test_policies_come_back(policy: Policy, tmp_path: Path) -> None:
    """Weights stay exact decimals, switches stay switches."""
    original = tiny(policy=policy, budget_eur=12_345, name='A "round"\n\tof é\x7f')
    again = load(write_round(original, tmp_path / "round"))
    assert again.policy == policy
    assert (again.budget_eur, again.name) == (12_345, original.name)
    assert again.digest == original.digest


def test_rates_are_written_only_when_they_differ_from_what_ships(tmp_path: Path) -> None:
    """A round with the shipped rates keeps following them, with their sources."""
    write_round(tiny(), tmp_path / "shipped")
    assert not (tmp_path / "shipped" / "rates.toml").exists()
    own = Rates.shipped(2022).merge({"inclusion": 125})
    again = load(write_round(tiny(rates=own), tmp_path / "own"))
    assert again.rates == own


def test_nothing_is_overwritten_unasked(tmp_path: Path) -> None:
    """A round is not written over another; with ``overwrite`` no file of the other is left."""
    target = folder(tmp_path / "round")
    with pytest.raises(FileExistsError, match="already there; nothing was written"):
        write_round(tiny(), target)
    write_round(tiny(), target, overwrite=True)
    assert load(target).digest == tiny().digest


def test_toml_of_every_kind_of_value() -> None:
    """What is written is TOML, and means the same."""
    content = {"a b": 1, "t": True, "d": Decimal("0.70"), "x": ['é"\\\n', "y"], "s": {"k": {"z": 1}}, "e": {}}
    assert tomllib.loads(to_toml(content), parse_float=Decimal) == content
    with pytest.raises(TypeError, match="no TOML for object"):
        to_toml({"x": object()})


def test_the_examples_are_there() -> None:
    """The parametrised test above covers all of them."""
    assert len(list(EXAMPLES.glob("example-*"))) == 12
