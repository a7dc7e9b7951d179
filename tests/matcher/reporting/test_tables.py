"""The tables that come out: columns, order, numbers, bytes."""

from collections.abc import Iterable
from pathlib import Path

import pandas as pd
import pytest

from matcher import Result, allocations, load
from matcher.reporting.exports import as_csv, csv_files, digests
from matcher.reporting.facts import Facts
from matcher.reporting.shares import cost_split
from models.outcome import Placement
from models.round import Round
from tests.conftest import EXAMPLES
from tests.matcher.reporting import rounds

EXAMPLE_NAMES = sorted(folder.name for folder in EXAMPLES.iterdir() if folder.is_dir())

PLACEMENTS = b"""\
learner_id,host_id,company_id,offer_id,flow_id,start,end,fit,cost_eur
L1,h1,c1,o1,f1,2022-09-05,2022-09-18,92,2227
L2,h1,c1,o1,f1,2022-09-05,2022-09-18,86,2327
L3,h2,c2,o2,f2,2022-09-12,2022-09-25,92,1981
"""
# fit = (50 × profile 100 + 20 × language 60 + 30 × preference) ÷ 100; L2's company is her second wish: 80


def test_the_files_are_the_contracts(hand: Result) -> None:
    """Columns, their order and the rows are those of the contract, with amounts worked by hand."""
    files = csv_files(hand)
    assert files["placements.csv"] == PLACEMENTS
    assert files["escorts.csv"] == b"partner_id,flow_id,learners,escorts,cost_eur\np1,f1,2,1,2739\n"
    assert files["unplaced.csv"] == (
        b"learner_id,reason,detail,nearest_fix\nL4,outcompeted,detail of L4,fix for L4\n"
    )


def test_a_round_without_an_allocation_has_headers_only(infeasible: Result) -> None:
    """An earlier run's rows cannot be taken for those of an infeasible round."""
    assert {content.count(b"\n") for content in csv_files(infeasible).values()} == {1}
    assert csv_files(infeasible)["placements.csv"].startswith(b"learner_id,host_id,")


def test_rows_in_any_order_give_the_same_bytes() -> None:
    """The order of the input rows does not matter."""
    rows = rounds.hand_rows()
    there, back = (
        Round.of(some, rates=rounds.hand_round().rates, id="hand", budget_eur=10_000)
        for some in (rows, rows[::-1])
    )
    assert [csv_files(rounds.solved(rnd))["placements.csv"] for rnd in (there, back)] == [PLACEMENTS] * 2


def test_no_cell_is_a_formula_and_none_is_lost(tmp_path: Path) -> None:
    """A text that a spreadsheet would take for a formula is neutralised, and reading the file brings it back."""
    rnd = rounds.hand_round(rounds.learner("=1+1", "p1", 5))
    content = csv_files(rounds.with_reasons(rounds.solved(rnd), []))["placements.csv"]
    assert b"\n'=1+1,h1," in content
    (tmp_path / "placements.csv").write_bytes(content)
    lines = allocations.read(tmp_path / "placements.csv", rnd)
    assert lines[0].placement == Placement("=1+1", "o1", "f1")


def test_blanks_quotes_and_dates() -> None:
    """What is missing is blank, text with commas and quotes is quoted, line ends are Unix's, letters UTF-8."""
    frame = pd.DataFrame(
        {"a": ['say "č", please', None, "-x"], "b": [1, 2, 3], "c": [pd.NaT, float("nan"), "z"]}
    )
    assert as_csv(frame) == 'a,b,c\n"say ""č"", please",1,\n,2,\n\'-x,3,z\n'.encode()


@pytest.mark.parametrize("name", EXAMPLE_NAMES)
def test_columns_add_up_to_the_goals(name: str) -> None:
    """Over every contract example, the rows' fit points and costs add up to the goals that the audit states."""
    result = rounds.solved(load(EXAMPLES / name), "greedy")
    if result.audit is None:
        assert result.placements.empty
        return
    values = result.audit.goals
    assert values.get("fit") in (None, total(result.placements["fit"]))
    cost = total(result.placements["cost_eur"]) + total(result.escorts["cost_eur"])
    assert values.get("cost") in (None, cost)
    split = cost_split(Facts(result))
    assert (
        split.total
        == cost
        == split.travel + split.support + split.organisation + split.inclusion + split.escorts
    )
    assert list(result.placements["learner_id"]) == sorted(result.placements["learner_id"])


def total(values: Iterable[int]) -> int:
    """A sum that starts from a whole number."""
    return sum(int(value) for value in values)


def test_digests_are_of_the_bytes(hand: Result) -> None:
    """`report.json` lets anybody see that the other files were written with it."""
    assert set(digests(hand)) == {"placements.csv", "escorts.csv", "unplaced.csv"}
    assert digests(hand) == hand.report["files"]
