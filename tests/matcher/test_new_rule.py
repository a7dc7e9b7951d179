"""A new rule over existing columns costs one file and its test: shown with a scratch rule.

The file below is put in a folder of its own that joins the package ``matcher.rules`` for one test at a time.
Nothing else is told of it, and still options, rows, solver, audit and the generic face test know it.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

import pytest

import matcher.rules
from matcher import match
from matcher.auditing import audit
from matcher.compiling import compile_problem, options_of
from matcher.rules import discover
from models.outcome import Breach
from models.policy import Policy
from models.round import Round
from tests.strategies import random_round
from tests.subsets import Faces
from tests.tiny import allocation, barred, breaches, company, labels, learner, tiny

SCRATCH_RULE = dedent('''
    """One learner of a field at a company, and none of priority 100 anywhere: a rule for a test."""

    from __future__ import annotations

    from collections import Counter
    from collections.abc import Iterable

    import numpy as np
    import pandas as pd

    from matcher.columns import Columns, at_most, unique_rows
    from matcher.options import Options
    from matcher.placements import Placements
    from matcher.rules.base import Mask, Rule
    from models.outcome import Breach
    from models.problem import Block
    from models.round import Round


    class OneOfAField(Rule):
        """At most one learner of a field of study at a company."""

        name = "one_of_a_field"
        number = 20

        def bars(self, rnd: Round, options: Options) -> Mask:
            return rnd.learners["priority"][options.learner] == 100

        def rows(self, rnd: Round, columns: Columns) -> Iterable[Block]:
            codes, _ = pd.factorize(rnd.learners["field"])
            field = codes.astype(np.int64)[columns.options.learner]
            (company, _), row = unique_rows(columns.options.company, field)
            most = np.ones(len(company), np.int64)
            keys = {"company": rnd.companies["id"][company]}
            text = "one of a field at company {company}"
            yield at_most(self.name, row, np.arange(len(row)), most, text, keys)

        def audit(self, rnd: Round, placed: Placements) -> Iterable[Breach]:
            for place in placed:
                if place.learner.priority == 100:
                    yield Breach(self.name, f"learner {place.learner.id} has priority 100")
            counts = Counter((place.company.id, place.learner.field) for place in placed)
            for (company, field), count in counts.items():
                if count > 1:
                    yield Breach(self.name, f"company {company} has {count} learners of field {field}")
''').lstrip()


@pytest.fixture
def scratch_rule(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The scratch rule's file in the rules' package, and gone again."""
    (tmp_path / "one_of_a_field.py").write_text(SCRATCH_RULE, encoding="utf-8")
    monkeypatch.setattr(matcher.rules, "__path__", [*matcher.rules.__path__, str(tmp_path)])
    monkeypatch.delitem(sys.modules, "matcher.rules.one_of_a_field", raising=False)
    discover.cache_clear()
    yield
    discover.cache_clear()
    sys.modules.pop("matcher.rules.one_of_a_field", None)
    if hasattr(matcher.rules, "one_of_a_field"):
        del matcher.rules.one_of_a_field


ROUND = tiny(
    *(learner(name) for name in ("L1", "L2")), learner("L3", field="0714"), learner("L4", priority=100)
)


@pytest.mark.usefixtures("scratch_rule")
def test_the_file_alone_makes_the_rule_known() -> None:
    """It comes last by its number, and a policy can switch it off."""
    assert [rule.name for rule in discover()][-1] == "one_of_a_field"
    off = ROUND.replace(policy=Policy(rules={"one_of_a_field": False}))
    both = allocation("L1 o1 f1", "L2 o1 f1")
    assert [breach.rule for breach in audit(ROUND, both).breaches] == ["one_of_a_field"]
    assert audit(off, both).valid


@pytest.mark.usefixtures("scratch_rule")
def test_its_faces_by_hand() -> None:
    """The test that comes with a rule's file: a bar, a row, a breach, a boundary."""
    assert barred(ROUND, "one_of_a_field") == ["L4 o1 f1"]
    assert labels(ROUND, "one_of_a_field") == ["one of a field at company c1"] * 2
    found = breaches(ROUND, "one_of_a_field", "L1 o1 f1", "L2 o1 f1", "L3 o1 f1")
    assert found == [Breach("one_of_a_field", "company c1 has 2 learners of field 0713")]
    assert breaches(ROUND, "one_of_a_field", "L1 o1 f1", "L3 o1 f1") == []


@pytest.mark.usefixtures("scratch_rule")
def test_options_and_rows_know_it() -> None:
    """L4 has no option left and the count of what was barred says why; the rows are in the problem."""
    options, counts = options_of(ROUND)
    assert counts.by_rule_alone["one_of_a_field"].tolist() == [0, 0, 0, 1]
    problem = compile_problem(ROUND, options)
    assert sum(len(block) for block in problem.blocks if block.rule == "one_of_a_field") == 2


@pytest.mark.usefixtures("scratch_rule")
def test_a_solver_keeps_it() -> None:
    """Three learners have options; two of them share a field and a company, so two are placed."""
    result = match(ROUND, method="exact")
    assert (result.goals[0].name, result.goals[0].value) == ("placed", 2)
    assert result.audit is not None
    assert result.audit.valid


@pytest.mark.usefixtures("scratch_rule")
def test_the_generic_face_test_holds_its_faces_to_each_other() -> None:
    """The same subsets as for every other rule, without a line about this one."""
    for seed in range(6):
        rnd = only_scratch(random_round(seed, most_learners=5, rules={"one_of_a_field"}))
        faces = Faces.of(rnd, most=8, seed=seed)
        for subset in faces.subsets(seed):
            assert faces.allows(subset) == (not faces.breaches(subset))


def only_scratch(rnd: Round) -> Round:
    """The round with companies alike, so that fields meet."""
    return rnd.replace(
        rows={"learners": [row.model_copy(update={"field": "0713"}) for row in rnd.learners.records]}
    )


def test_without_its_file_the_rule_is_gone() -> None:
    """The package is as it was."""
    assert "one_of_a_field" not in [rule.name for rule in discover()]
    assert audit(tiny(learner("L1"), learner("L2"), company()), allocation("L1 o1 f1", "L2 o1 f1")).valid
