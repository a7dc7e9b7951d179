"""The page of a benchmark: one HTML file that opens without a network."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from importlib.resources import files

from benchmarks import charts, tables
from benchmarks.charts import Line
from benchmarks.results import Book
from benchmarks.scoring import Growth, Row, contradictions, growth, rows


def page(book: Book) -> str:
    """The whole page."""
    style = files("benchmarks").joinpath("page.css").read_text(encoding="utf-8")
    body = "\n".join([*_head(book), *_wrong(book), *_sections(book), *_who(book)])
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Benchmark of {escape(book.head['started'][:10])}</title>\n<style>{style}</style></head>\n"
        f"<body><main>\n{body}\n</main></body></html>\n"
    )


def _head(book: Book) -> Iterator[str]:
    machine = book.head["machine"]
    versions = ", ".join(f"{name} {number}" for name, number in book.head["versions"].items())
    loads = [run.load for run in book.runs if run.load is not None]
    facts = {
        "Machine": f"{machine['processor']}, {machine['cores']} cores, {machine['memory_gb']} GB, {machine['system']}",
        "Python": machine["python"],
        "Versions": versions,
        "Command": "; ".join(book.head["command"].splitlines()),
        "Started": book.head["started"],
        "Runs": str(len(book.runs)),
        "Load before a run": f"{min(loads)} to {max(loads)}" if loads else "not known",
    }
    yield "<h1>Benchmark</h1>"
    yield "<dl class='facts'>"
    yield from (f"<dt>{name}</dt><dd>{escape(str(text))}</dd>" for name, text in facts.items())
    yield "</dl>"
    yield (
        "<p>Every run had a process of its own. Values are recomputed by the audit, never taken from who states them. "
        "<em>Below best known</em>: the distance of the first goal that falls short to the tightest bound (or the best "
        "value) that anybody has for it here. <em>Own gap</em>: between a contestant's values and its own bounds. "
        "<em>Total</em>: from the files to the report (peers: to the audit). Memory is that of all processes of a run "
        "together. Bars are logarithmic and share their scale within an instance; lines of peers are dashed.</p>"
    )


def _wrong(book: Book) -> Iterator[str]:
    found = contradictions(book)
    if found:
        yield "<section class='wrong'><h2>What cannot be so</h2><ul>"
        yield from (f"<li>{escape(each)}</li>" for each in found)
        yield "</ul></section>"


def _sections(book: Book) -> Iterator[str]:
    every, grown = rows(book), growth(book)
    for family, about in book.families.items():
        own = tables.of_family(book, every, family)
        if not own:
            continue
        yield f"<section><h2>{escape(family)}</h2><p>{escape(about.capitalize())}.</p>"
        yield from (f"<p>{escape(said)}</p>" for said in tables.known(book, family))
        for series in dict.fromkeys(book.instances[row.instance]["series"] for row in own):
            yield from _growth(series, [each for each in grown if each.series == series], every, book)
        if len({row.instance for row in own}) > tables.MANY:
            yield from _table(tables.TOTALS, ((line, "") for line in _plain(tables.totals(own))))
        yield from _table(tables.HEADINGS, _runs(own))
        yield "</section>"


def _plain(lines: Sequence[Sequence[str]]) -> list[list[str]]:
    """Cells of Markdown as cells of HTML."""
    return [[escape(cell.replace("**", "")) for cell in line] for line in lines]


def _table(
    headings: Sequence[str], lines: Iterable[tuple[Sequence[str], str]], caption: str = ""
) -> Iterator[str]:
    """A table of cells and each row's kind."""
    yield f"<div class='scroll'><table class='{'wide' if len(headings) > 8 else ''}'>{caption}{_row(headings, 'th')}"
    yield from (_row(line, "td", kind) for line, kind in lines)
    yield "</table></div>"


def _runs(own: Sequence[Row]) -> Iterator[tuple[list[str], str]]:
    """A line per contestant and instance, with bars for gap, time and memory."""
    for row, cells in zip(own, _plain(tables.lined_up(own)), strict=True):
        others = [other for other in own if other.instance == row.instance]
        kind = "peer" if row.peer else "own"
        for number, column, low, least in (
            (4, "gap", charts.LEAST_GAP, 0.01),
            (6, "solve", 0.001, 1.0),
            (9, "peak_mb", 50.0, 100.0),
        ):
            most = max([getattr(other, column) or 0.0 for other in others] + [least])
            cells[number] += charts.bar(getattr(row, column), low, most, kind)
        yield cells, f"{kind} first" if cells[0] else kind


def _growth(series: str, grown: Sequence[Growth], every: Sequence[Row], book: Book) -> Iterator[str]:
    """Lines of time and memory over size, and the exponents."""
    if not grown:
        return
    yield f"<h3>How {escape(series)} grows</h3><div class='pair'>"
    for title, unit, name in (("Solving", "seconds", "solve"), ("Memory", "MB", "peak_mb")):
        drawn = [_line(each.contestant, series, name, every, book) for each in grown]
        shown = [line for line in drawn if len(line.points) > 1]
        if shown:
            yield f"<figure><figcaption>{title}, {unit}</figcaption>{charts.lines(title, unit, shown)}</figure>"
    yield "</div>"
    lines = []
    for each in grown:
        exponents = (tables.exponent(value) for value in (each.solve, each.total, each.memory))
        sizes = ", ".join(f"{size:,}" for size in each.sizes)
        lines.append(((escape(each.contestant), sizes, *exponents), ""))
    caption = "<caption>Exponent e of cost ∝ size<sup>e</sup></caption>"
    yield from _table(("who", "sizes", "solving", "total", "memory"), lines, caption)


def _line(who: str, series: str, name: str, every: Sequence[Row], book: Book) -> Line:
    """The medians of the valid runs of one contestant."""
    points: dict[float, list[float]] = {}
    peer = False
    for row in every:
        entry, value = book.instances[row.instance], getattr(row, name)
        if entry["series"] == series and row.contestant == who and row.valid and value:
            points.setdefault(entry["size"], []).append(value)
            peer = row.peer
    return Line(who, tuple((size, sum(found) / len(found)) for size, found in sorted(points.items())), peer)


def _row(cells: Sequence[str], tag: str, kind: str = "") -> str:
    inner = "".join(f"<{tag}>{cell}</{tag}>" for cell in cells)
    return f"<tr{f' class={kind!r}' if kind else ''}>{inner}</tr>"


def _who(book: Book) -> Iterator[str]:
    """Who took part, and what each does not understand."""
    yield "<section><h2>Who took part</h2><dl class='facts'>"
    for name, entry in book.contestants.items():
        blind = f"; does not know {', '.join(entry['blind'])}" if entry["blind"] else ""
        yield f"<dt>{escape(name)}</dt><dd>{escape(str(entry['about']) + blind)}</dd>"
    yield "</dl></section>"
