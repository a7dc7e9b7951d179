"""The arguments and options that several commands share, with the words that `--help` shows."""

from pathlib import Path
from typing import Annotated

import typer

from solvers import AUTO, names

METHODS = (AUTO, *names())


def methods(incomplete: str) -> list[str]:
    """What the shell completes after `--method`."""
    return [name for name in METHODS if name.startswith(incomplete)]


RoundPath = Annotated[
    Path,
    typer.Argument(metavar="ROUND", help="Folder of CSV files, or .xlsx beside its round.toml."),
]
Method = Annotated[
    str, typer.Option("--method", autocompletion=methods, help=f"How to solve: {', '.join(METHODS)}.")
]
TimeLimit = Annotated[
    float | None, typer.Option("--time-limit", min=0.1, help="Seconds; then the best so far is written.")
]
Seed = Annotated[int, typer.Option("--seed", min=0, help="Seed; the same seed gives the same bytes.")]
Workers = Annotated[
    int | None,
    typer.Option("--workers", min=1, help="Workers here, else one per core; the result is the same."),
]
Cluster = Annotated[
    str | None,
    typer.Option(
        "--cluster",
        metavar="ADDRESS",
        help="Workers of the Dask scheduler at this address (tcp://host:8786) instead; see docs/scaling.md.",
    ),
]
Gap = Annotated[
    float | None,
    typer.Option("--gap", min=0.0, max=1.0, help="Stop at this relative gap; else at a proof."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON on stdout.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but errors.")]
ShowProgress = Annotated[
    bool | None,
    typer.Option("--progress/--no-progress", help="Show progress; else on a terminal only."),
]
