"""`matcher bench`: found by the command line through its entry point, as nothing below imports benchmarks."""

from pathlib import Path
from typing import Annotated

import typer


def command(
    preset: Annotated[
        str,
        typer.Option("--preset", help="What to run: smoke, standard or full; narrowed by the options below."),
    ] = "standard",
    family: Annotated[
        list[str] | None,
        typer.Option("--family", help="Only these instance families; repeatable. See --list."),
    ] = None,
    size: Annotated[
        list[int] | None, typer.Option("--size", min=1, help="Learners (or jobs) instead of the preset's.")
    ] = None,
    method: Annotated[
        list[str] | None, typer.Option("--method", help="Our methods instead of the preset's; repeatable.")
    ] = None,
    peer: Annotated[
        list[str] | None, typer.Option("--peer", help="Peers instead of the preset's; repeatable.")
    ] = None,
    seed: Annotated[
        list[int] | None, typer.Option("--seed", min=0, help="Seeds of the instances; repeatable.")
    ] = None,
    repeat: Annotated[int, typer.Option("--repeat", min=1, help="Runs of each; medians are shown.")] = 1,
    limit: Annotated[
        float | None, typer.Option("--limit", min=0.1, help="Seconds of solving instead of the preset's.")
    ] = None,
    workers: Annotated[int, typer.Option("--workers", min=1, help="For everybody who can use them.")] = 2,
    gap: Annotated[
        Path | None,
        typer.Option(
            "--gap",
            "--files",
            metavar="DIR",
            help="Folder of files that do not ship: OR-Library's gap*.txt, PrefLib's 00038-*.",
        ),
    ] = None,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="For results.json and page.html.")] = Path(
        "bench-out"
    ),
    compare: Annotated[
        Path | None,
        typer.Option("--compare", metavar="OLD.json", help="Say what became worse since; exit 3 then."),
    ] = None,
    read: Annotated[
        list[Path] | None,
        typer.Option(
            "--read",
            metavar="JSON",
            help="Run nothing: take the results of this file; repeatable, for a benchmark taken in parts.",
        ),
    ] = None,
    doc: Annotated[
        Path | None, typer.Option("--table", metavar="FILE.md", help="Write the table into this document.")
    ] = None,
    examples: Annotated[
        int | None,
        typer.Option(
            "--examples", min=1, max=12, help="Instead: every method on so many of the contract's examples."
        ),
    ] = None,
    listed: Annotated[bool, typer.Option("--list", help="Say what there is, and leave.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but what is wrong.")] = False,
) -> None:
    """Run methods and peers on the same instances: quality, time, memory, growth, and ratios to every peer."""
    from benchmarks import desk  # noqa: PLC0415 - the command line reads this file for `--help`

    if listed:
        desk.show_what_there_is()
        raise typer.Exit
    if examples is not None:
        raise typer.Exit(0 if desk.run_examples(examples) else 3)
    wish = desk.Grid(
        preset,
        tuple(family or ()),
        tuple(size or ()),
        (*(method or ()), *(peer or ())),
        tuple(seed or (0,)),
        repeat,
        limit,
        workers,
        gap,
    )
    raise typer.Exit(0 if desk.bench(wish, out, desk.Wanted(compare, tuple(read or ()), doc, quiet)) else 3)
