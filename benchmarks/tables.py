"""The figures of a book in Markdown tables, and their place in ``docs/benchmarks.md``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.results import Book
from benchmarks.scoring import Growth, Row, growth, ratio, rows
from models.errors import InputErrors, InputProblem

BEGIN, END = "<!-- table: made by matcher bench -->", "<!-- end of table -->"
MANY = 10
"""A family of more instances than this is summed up."""
HEADINGS = (
    "instance",
    "who",
    "status",
    "value",
    "below best known",
    "own gap",
    "solve s",
    "total s",
    "solve CPU s",
    "MB",
    "peers' solving time ÷ own",
)


def document(book: Book) -> str:
    """Machine and versions, a table per instance, growth."""
    return "\n".join([*_head(book), *_instances(book), *_growth(growth(book))]) + "\n"


def _head(book: Book) -> Iterator[str]:
    machine = book.head["machine"]
    load = [run.load for run in book.runs if run.load is not None]
    versions = ", ".join(f"{name} {number}" for name, number in book.head["versions"].items())
    yield (
        f"{machine['processor']}, {machine['cores']} cores, {machine['memory_gb']} GB, {machine['system']}, "
        f"Python {machine['python']}; {versions}."
    )
    yield ""
    around = f" The load before a run was between {min(load)} and {max(load)}." if load else ""
    commands = ", ".join(f"`{command}`" for command in book.head["command"].splitlines())
    yield f"{commands}, {book.head['started'][:10]}, {len(book.runs)} runs.{around}"
    yield ""


def _instances(book: Book) -> Iterator[str]:
    every = rows(book)
    for name, about in book.families.items():
        own = of_family(book, every, name)
        if own:
            yield f"### {name}\n"
            yield f"{about.capitalize()}.\n"
            if len({row.instance for row in own}) > MANY:
                yield from markdown(TOTALS, totals(own))
            else:
                yield from markdown(HEADINGS, lined_up(own))
            yield from ("", *known(book, name))


def of_family(book: Book, every: Sequence[Row], family: str) -> list[Row]:
    """The rows of a family's instances."""
    return [row for row in every if book.instances[row.instance]["family"] == family]


def lined_up(own: Sequence[Row]) -> list[tuple[str, ...]]:
    """The rows in words; an instance is named in its first row."""
    found, before = [], None
    for row in own:
        others = [other for other in own if other.instance == row.instance]
        found.append(("" if row.instance == before else row.instance, *cells(row, others)))
        before = row.instance
    return found


TOTALS = ("who", "instances", "valid", "proven", "most below best known", "solve s, sum", "solve s, most")


def totals(own: Sequence[Row]) -> list[tuple[str, ...]]:
    """A row per contestant over all instances."""
    found = []
    for name in dict.fromkeys(row.contestant for row in own):
        mine = [row for row in own if row.contestant == name]
        times = [row.solve for row in mine if row.solve is not None]
        counts = (len(mine), sum(row.valid for row in mine), sum(row.settled for row in mine))
        gaps = [row.gap for row in mine if row.gap is not None]
        worst = percent(max(gaps)) if gaps else "–"
        spent = (seconds(sum(times)), seconds(max(times))) if times else ("–", "–")
        found.append((bold(mine[0]), *map(str, counts), worst, *spent))
    return found


def bold(row: Row) -> str:
    """A name; ours stand out."""
    return row.contestant if row.peer else f"**{row.contestant}**"


def known(book: Book, family: str) -> Iterator[str]:
    """From where it is known what is best, as far as it is."""
    sources = [entry["known"] for entry in book.instances.values() if entry["family"] == family]
    told = [each["source"] for each in sources if each["goals"] or each["status"]]
    if told:
        where = "; ".join(dict.fromkeys(told))
        yield f"What is best is known beforehand for {len(told)} of {len(sources)} instances ({where}).\n"


def cells(row: Row, others: Sequence[Row]) -> tuple[str, ...]:
    """A row in words."""
    return (
        bold(row),
        status(row),
        values(row),
        percent(row.gap) + (f" of {row.gap_goal}" if row.gap_goal else ""),
        percent(row.claimed),
        seconds(row.solve),
        seconds(row.total),
        seconds(row.solve_cpu),
        "–" if row.peak_mb is None else f"{row.peak_mb:,.0f}",
        "" if row.peer else ratios(row, others),
    )


def status(row: Row) -> str:
    """How it ended; what was broken is counted."""
    if row.breaches:
        broken = ", ".join(f"{rule} {count}" for rule, count in row.breaches.items())
        return f"invalid, breaks {broken}"
    silent = row.status in {"optimal", "feasible", "infeasible", "no_solution"}
    return row.status.replace("_", " ") if silent or not row.note else f"{row.status}: {short(row.note)}"


def short(note: str, length: int = 90) -> str:
    """The beginning of a note, safe inside a table."""
    plain = " ".join(note.split()).replace("|", "/")
    return plain if len(plain) <= length else plain[: length - 1] + "…"


def values(row: Row) -> str:
    """The values that count, in policy order."""
    return " / ".join("–" if score.value is None else number(score.value) for score in row.scores) or "–"


def number(value: float) -> str:
    """A whole number whole, another with two decimals."""
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.2f}"


def percent(share: float | None) -> str:
    """A share in percent, with three significant digits."""
    if share is None:
        return "–"
    return "0" if share == 0 else f"{100 * share:.3g} %"


def seconds(value: float | None) -> str:
    """Seconds, to about two digits."""
    if value is None:
        return "–"
    return f"{value:.2f}" if value < 10 else f"{value:,.0f}"


def ratios(row: Row, others: Sequence[Row]) -> str:
    """The time of every peer over one's own."""
    both = ((peer, ratio(row, peer)) for peer in others if peer.peer)
    return ", ".join(f"{peer.contestant} {found}" for peer, found in both if found is not None)


def _growth(found: Sequence[Growth]) -> Iterator[str]:
    if not found:
        return
    yield "### Growth\n"
    yield "Exponent e of cost ∝ size^e, by least squares over the sizes' logarithms.\n"
    yield from markdown(
        ("series", "who", "sizes", "solving", "total", "memory"),
        [
            (
                each.series,
                each.contestant,
                ", ".join(f"{size:,}" for size in each.sizes),
                *(exponent(value) for value in (each.solve, each.total, each.memory)),
            )
            for each in found
        ],
    )


def exponent(value: float | None) -> str:
    """An exponent with two decimals."""
    return "–" if value is None else f"{value:.2f}"


def markdown(headings: Sequence[str], lines: Sequence[Sequence[str]]) -> Iterator[str]:
    """A table."""
    yield "| " + " | ".join(headings) + " |"
    yield "| " + " | ".join("---" for _ in headings) + " |"
    for line in lines:
        yield "| " + " | ".join(line) + " |"


def put(book: Book, page: Path) -> None:
    """Write the figures between the marks of a document. Raises ``InputErrors`` where it has none."""
    text = page.read_text(encoding="utf-8")
    if BEGIN not in text or END not in text:
        problem = InputProblem(page.name, None, None, None, f"has no line {BEGIN!r} with {END!r} after it")
        raise InputErrors([problem])
    before, after = text.split(BEGIN)[0], text.split(END)[1]
    page.write_text(f"{before}{BEGIN}\n\n{document(book)}\n{END}{after}", encoding="utf-8")
