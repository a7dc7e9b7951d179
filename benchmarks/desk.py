"""What `matcher bench` does: run or read, show, write the page and the table, compare."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from benchmarks import comparing, tables
from benchmarks.contestants import methods, peers
from benchmarks.grids import PRESETS, narrowed, preset
from benchmarks.instances import families
from benchmarks.page import page
from benchmarks.results import Book, together
from benchmarks.results import read as read_book
from benchmarks.running import Plan, Tell, carry_out
from benchmarks.scoring import contradictions, rows
from models.errors import UnknownName

err = Console(stderr=True)


@dataclass(frozen=True)
class Grid:
    """What to run, as the options say it."""

    preset: str
    families: tuple[str, ...] = ()
    sizes: tuple[int, ...] = ()
    contestants: tuple[str, ...] = ()
    seeds: tuple[int, ...] = (0,)
    repetitions: int = 1
    limit: float | None = None
    workers: int = 2
    folder: Path | None = None

    def plan(self) -> Plan:
        """The preset, narrowed."""
        parts = narrowed(preset(self.preset), self.families, self.sizes, self.contestants)
        return Plan(tuple(parts), self.seeds, self.repetitions, self.workers, self.limit, self.folder)


@dataclass(frozen=True)
class Wanted:
    """What else: an older book to compare with, books to read instead of running, a document for the table."""

    compare: Path | None = None
    read: tuple[Path, ...] = ()
    document: Path | None = None
    quiet: bool = False


def words(grid: Grid) -> str:
    """The command that repeats this, without anybody's folders."""
    contestants = [("--peer" if name in peers() else "--method", name) for name in grid.contestants]
    options = [
        ("--preset", grid.preset),
        *(("--family", name) for name in grid.families),
        *(("--size", str(size)) for size in grid.sizes),
        *contestants,
        *(("--seed", str(seed)) for seed in grid.seeds if grid.seeds != (0,)),
        *([("--repeat", str(grid.repetitions))] if grid.repetitions > 1 else []),
        *([("--limit", f"{grid.limit:g}")] if grid.limit is not None else []),
        ("--workers", str(grid.workers)),
        *([("--gap", "DIR")] if grid.folder is not None else []),
    ]
    return " ".join(["matcher bench", *(f"{name} {value}" for name, value in options)])


def bench(grid: Grid, out: Path, wanted: Wanted) -> bool:
    """Do it. True only if nothing is wrong and nothing became worse."""
    console = Console(quiet=wanted.quiet, width=None if sys.stdout.isatty() else 200)
    old = None if wanted.compare is None else read_book(wanted.compare)
    out.mkdir(parents=True, exist_ok=True)
    if wanted.read:
        book = together([(path, read_book(path)) for path in wanted.read])
        book.write(out / "results.json")
    else:
        book = run(grid.plan(), out / "results.json", words(grid), quiet=wanted.quiet)
    (out / "page.html").write_text(page(book), encoding="utf-8")
    if wanted.document is not None:
        tables.put(book, wanted.document)
    show(book, console)
    wrong = contradictions(book)
    worse = [] if old is None else comparing.regressions(old, book)
    for line in (*wrong, *map(str, worse)):
        err.print(line, style="bold red", markup=False, highlight=False, soft_wrap=True)
    console.print(
        f"{len(book.runs)} runs, {len(wrong)} wrong"
        + ("" if old is None else f", {len(worse)} worse than {wanted.compare}")
        + f": {(out / 'page.html').resolve()}",
        soft_wrap=True,
        highlight=False,
        markup=False,
    )
    return not wrong and not worse


def run(plan: Plan, path: Path, command: str, *, quiet: bool = False) -> Book:
    """Run; an interrupt keeps what is done, and the page is made of that."""
    book = Book.begin(command)
    with progress(quiet=quiet) as tell:
        try:
            carry_out(plan, book, path, tell)
        except KeyboardInterrupt:
            err.print(f"Stopped; {len(book.runs)} runs are kept in {path}.", markup=False, highlight=False)
    book.write(path)
    return book


@contextmanager
def progress(*, quiet: bool) -> Iterator[Tell]:
    """A bar on stderr, on a terminal only."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True, disable=quiet or not err.is_terminal) as shown:
        task = shown.add_task("starting", total=None)

        def tell(what: str, done: int, total: int) -> None:
            shown.update(task, description=what, completed=done, total=total)

        yield tell


def show(book: Book, console: Console) -> None:
    """A line per contestant and instance."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in tables.HEADINGS:
        table.add_column(heading, overflow="fold")
    for line in tables.lined_up(rows(book)):
        table.add_row(*(cell.replace("**", "") for cell in line))
    console.print(table)


def show_what_there_is() -> None:
    """Families, methods, peers and presets."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("option", "value", "what it is"):
        table.add_column(heading)
    for name, family in families().items():
        table.add_row("--family", name, family.about)
    for name in methods():
        table.add_row("--method", name, "chosen by structure and size" if name == "auto" else "")
    for name, peer in peers().items():
        blind = f"; does not know {', '.join(peer.blind)}" if peer.blind else ""
        table.add_row("--peer", name, peer.about + blind)
    for name, parts in PRESETS.items():
        table.add_row(
            "--preset", name, ", ".join(dict.fromkeys(each for part in parts for each in part.families))
        )
    Console().print(table)


def run_examples(count: int) -> bool:
    """The contract's examples. Raises ``UnknownName`` where they are not."""
    from benchmarks.smoke import EXAMPLES  # noqa: PLC0415 - needs them only here
    from benchmarks.smoke import bench as smoke  # noqa: PLC0415

    if not EXAMPLES.is_dir():
        raise UnknownName(
            "The examples come with the project's folder, not with the installed package: clone it."
        )
    return smoke(count)
