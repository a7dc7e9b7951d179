"""`matcher report`: the page of a solved run made anew, with the studies that lie in its folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from matcher.cli.console import remark
from matcher.cli.parameters import Quiet, RoundPath
from matcher.cli.solving import tell

if TYPE_CHECKING:
    from matcher.folders import Run


def report(
    round_path: RoundPath,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder of the solved run.")],
    quiet: Quiet = False,
) -> None:
    """Make DIR/report.html anew: the run's allocation, and the studies of it that lie in DIR, as sections.

    Studies are what `matcher shortages`, `scenario`, `frontier` and `metrics` write with --out DIR; they do this
    themselves at their end. A study of another round or another allocation is left out, and said. Nothing is solved.
    """
    from matcher import load
    from matcher.folders import read

    take_in(read(folder, load(round_path)), quiet=quiet)


def take_in(run: Run | None, *, quiet: bool) -> None:
    """Make a run's page anew, with what has been written into its folder; nothing where there is no run."""
    from matcher.folders import rebuild

    if run is None:
        return
    for sentence in rebuild(run):
        remark(sentence)
    if not quiet:
        tell(str(run.folder.resolve() / "report.html"), "In the report: ")
