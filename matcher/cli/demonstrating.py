"""`matcher demo`: the INTERVET sample, solved, so that a first look costs one command."""

from pathlib import Path
from typing import Annotated

import typer

from matcher.cli.console import out
from matcher.cli.parameters import Quiet, ShowProgress, TimeLimit
from matcher.cli.solving import solve
from models.errors import UnknownName

SAMPLE = Path(__file__).resolve().parents[2] / "sample_data" / "intervet"


def demo(
    out_dir: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder for the results.")] = Path(
        "demo-out"
    ),
    time_limit: TimeLimit = 120.0,
    quiet: Quiet = False,
    progress: ShowProgress = None,
) -> None:
    """Solve the INTERVET sample: 426 learners from six countries, five hosting partners."""
    if not SAMPLE.is_dir():
        raise UnknownName(
            "The samples come with the project's folder, not with the installed package: clone it."
        )
    if not quiet:
        out.print(f"Solving {SAMPLE} ...", highlight=False, soft_wrap=True)
    solve(SAMPLE, out_dir, time_limit=time_limit, quiet=quiet, progress=progress)
