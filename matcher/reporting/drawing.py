"""What draws the project's pages: the templates, how numbers are written, what a cell may be."""

from __future__ import annotations

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined

from matcher.reporting import words
from matcher.reporting.views import Bar, Named, Range, Swatch


@cache
def environment() -> Environment:
    """Return what draws the project's pages: the templates, how numbers are written, what a cell may be."""
    made = Environment(
        loader=PackageLoader("matcher.reporting"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {"n": words.number, "eur": words.euros, "pct": words.percent}
    made.tests |= {
        "ranged": lambda cell: isinstance(cell, Range),
        "bar": lambda cell: isinstance(cell, Bar),
        "swatch": lambda cell: isinstance(cell, Swatch),
        "named": lambda cell: isinstance(cell, Named),
    }
    return made
