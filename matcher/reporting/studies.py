"""Studies of a run as sections: each is a section of the run's report, and a page of its own that looks like one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from matcher.reporting.drawing import environment


class Section(NamedTuple):
    """A section: the id that links lead to, its title, what it shows, its parts (id, title).

    ``body`` is markup, drawn by a template that escapes what it is given.
    """

    id: str
    title: str
    body: str
    parts: Sequence[tuple[str, str]] = ()


class Head(NamedTuple):
    """What stands over a page: its title, the line over the heading, the heading, and what is proven.

    ``status`` chooses the colour, ``mark`` says it with a sign; ``footer`` is the last line of the page.
    """

    title: str
    over: str
    heading: str
    status: str
    mark: tuple[str, str]
    footer: str


@dataclass(frozen=True)
class Studies:
    """What a report takes in: sections in their order, and why files of the folder were not taken in."""

    sections: tuple[Section, ...] = ()
    refused: tuple[str, ...] = ()


def drawn(id: str, title: str, parts: Sequence[tuple[str, str]], model: Mapping[str, Any]) -> Section:
    """Draw a section by its template, which goes by its id."""
    text = environment().get_template(f"{id}.html.j2").render(model)
    return Section(id, title, text, parts)


def sheet(section: Section, head: Head) -> str:
    """A section as a page of its own."""
    return environment().get_template("sheet.html.j2").render(section=section, **head._asdict())
