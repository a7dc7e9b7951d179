"""What commands load before they begin: nobody waits for a library that is not used."""

from __future__ import annotations

import subprocess
import sys

import pytest

HELP = "import sys; sys.argv = ['matcher', '--help']; from matcher.cli import main; main()"
READING = "import matcher; matcher.load"
HEAVY = ("numpy", "pandas", "openpyxl", "ortools", "highspy", "sqlalchemy", "fastapi")


@pytest.mark.parametrize(
    ("program", "spared"),
    [(HELP, HEAVY), (READING, ("openpyxl", "ortools", "highspy", "sqlalchemy", "fastapi"))],
    ids=["help", "reading"],
)
def test_a_start_waits_for_nothing_that_it_does_not_use(program: str, spared: tuple[str, ...]) -> None:
    """`--help` starts without numbers and tables; whoever reads a round, without solvers and workbooks."""
    asked = f"import atexit, sys; atexit.register(lambda: print('LOADED', *sys.modules)); {program}"
    done = subprocess.run([sys.executable, "-c", asked], check=True, capture_output=True, text=True)
    loaded = done.stdout.rpartition("LOADED ")[2].split()
    assert "matcher" in loaded
    assert [name for name in spared if name in loaded] == []
