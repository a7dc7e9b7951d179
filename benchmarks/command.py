"""`matcher bench`: found by the command line through its entry point, as nothing below imports benchmarks."""

from typing import Annotated

import typer

from models.errors import UnknownName


def command(
    count: Annotated[
        int,
        typer.Option(
            "--examples", min=1, max=12, help="How many of the contract's examples, smallest first."
        ),
    ] = 8,
) -> None:
    """Solve the contract's examples with every method and compare with what is known to be best."""
    from benchmarks.smoke import EXAMPLES, bench  # noqa: PLC0415 - the command line reads this file for `--help`

    if not EXAMPLES.is_dir():
        raise UnknownName(
            "The examples come with the project's folder, not with the installed package: clone it."
        )
    if not bench(count):
        raise typer.Exit(3)
