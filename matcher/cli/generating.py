"""`matcher generate`: a made-up round from a seed, of any size and shape, with conflicts on request."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from matcher.cli.console import drawn, out
from matcher.cli.parameters import Quiet, Seed
from models.errors import InputErrors, InputProblem

if TYPE_CHECKING:
    from matcher.generating import Spec


def shapes(incomplete: str) -> list[str]:
    """What the shell completes after `--shape`."""
    from matcher.generating import SHAPES

    return [name for name in SHAPES if name.startswith(incomplete)]


def plants(incomplete: str) -> list[str]:
    """What the shell completes after `--plant`."""
    from matcher.generating import PLANTS

    return [name for name in PLANTS if name.startswith(incomplete)]


def list_them(wanted: bool) -> None:
    """Print the shapes, the conflicts and the knobs, and leave."""
    if not wanted:
        return
    from matcher.generating import PLANTS, SHAPES, Spec

    table = drawn("option", "value", "what it is")
    for name, knobs in SHAPES.items():
        table.add_row("--shape", name, ", ".join(knobs))
    for plant in PLANTS.values():
        table.add_row("--plant", plant.name, plant.text)
    for knob, field in Spec.model_fields.items():
        table.add_row("--set", f"{knob}={default_words(field.default)}", field.description or "")
    out.print(table)
    raise typer.Exit


def default_words(value: object) -> str:
    """A knob's default as it may be given to `--set`; nothing for what follows from the size or is off."""
    return "" if value is None or value == () else json.dumps(value)


def generate(
    out_path: Annotated[
        Path, typer.Option("--out", metavar="PATH", help="Folder for CSV files, or an .xlsx to write.")
    ],
    shape: Annotated[
        str, typer.Option("--shape", autocompletion=shapes, help="What kind of round; see --list.")
    ] = "intervet",
    learners: Annotated[int | None, typer.Option("--learners", min=1, help="How many learners.")] = None,
    seed: Seed = 0,
    plant: Annotated[
        list[str] | None,
        typer.Option("--plant", autocompletion=plants, help="A conflict to plant, repeatable; see --list."),
    ] = None,
    knobs: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KNOB=VALUE", help="Another knob to turn, repeatable; see --list."),
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace a round that is there.")] = False,
    _list: Annotated[
        bool,
        typer.Option("--list", callback=list_them, is_eager=True, help="Print what there is, and leave."),
    ] = False,
    quiet: Quiet = False,
) -> None:
    """Make up a round: the same options and seed give the same files."""
    from matcher import generating
    from matcher.intake import write_round

    spec = wanted(shape, learners, knobs or [])
    rnd = generating.generate(spec, seed, plant or [])
    written = write_round(rnd, out_path, overwrite=overwrite)
    if not quiet:
        out.print(f"{len(rnd.learners)} learners in {written}", markup=False, highlight=False, soft_wrap=True)


def wanted(shape: str, learners: int | None, knobs: Sequence[str]) -> Spec:
    """The spec of a shape with knobs turned.

    Raises
    ------
    UnknownName
        For a shape that does not exist.
    InputErrors
        For knobs that do not exist and for values that they do not take.
    """
    from pydantic import ValidationError

    from matcher.generating import Spec

    turned = dict(map(knob_and_value, knobs))
    try:
        return Spec.of_shape(shape, learners, **turned)
    except ValidationError as wrong:
        raise InputErrors([problem(error, Spec.model_fields) for error in wrong.errors()]) from wrong


def knob_and_value(text: str) -> tuple[str, Any]:
    """``seats=1.2`` as a name and a value; values are written as in TOML, and words need no quotes."""
    name, _, value = text.partition("=")
    try:
        return name.strip(), tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        return name.strip(), value.strip()


def problem(error: Mapping[str, Any], fields: Mapping[str, object]) -> InputProblem:
    """What pydantic found, as an input problem that names the nearest knob."""
    from models.vocabulary import nearest

    knob = str(error["loc"][0]) if error["loc"] else None
    near = nearest(knob, fields) if knob is not None and knob not in fields else None
    return InputProblem("--set", None, knob, str(error["input"]), error["msg"], near)
