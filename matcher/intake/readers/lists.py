"""Readers of lists inside a cell: codes, and references to other tables."""

from __future__ import annotations

import re
from functools import partial
from typing import Final, NamedTuple

from matcher.intake.findings import Bad
from matcher.intake.readers.base import Read, Reader, understood
from matcher.intake.readers.texts import read_id
from models.columns import Codes, Kind
from models.vocabulary import nearest, nearest_barrier

KNOWN_NEEDS: Final = (
    "step_free", "halal", "vegetarian", "vegan", "kosher", "single_room", "shared_room", "lift", "quiet_room",
    "day_shift", "no_night_work", "no_heavy_lifting", "no_driving", "seated_work", "part_time",
)  # fmt: skip
"""Needs in common use, as suggestions only; any code of the right form is accepted."""

_OTHER_SEPARATORS: Final = re.compile(r"[,|\n]")
_CODE: Final = re.compile(r"[a-z0-9][a-z0-9_.-]*(?::[a-z0-9][a-z0-9_.-]*)?")
_CODE_SIGNS: Final = re.compile(r"[\s/]+")


class Pieces(NamedTuple):
    """The entries of a list, and how it was understood when they were not separated by ``;``."""

    pieces: tuple[str, ...]
    how: str | None


def pieces(text: str) -> Pieces:
    """The entries of a list cell without the blanks around them; blank entries are dropped."""
    other = ";" not in text and _OTHER_SEPARATORS.search(text) is not None
    split = _OTHER_SEPARATORS.split(text) if other else text.replace("\n", ";").split(";")
    found = tuple(piece.strip() for piece in split if piece.strip())
    return Pieces(found, "list with another separator than ;" if other else None)


def codes_reader(kind: Kind) -> Reader:
    """Lower-case codes; where prefixes are asked, entries without one are not repeated: they may be health
    data.
    """
    assert isinstance(kind, Codes)
    return partial(_codes, kind.prefixes)


def ref_list_reader(_kind: Kind) -> Reader:
    """Ids in order; whether they exist is a matter for ``checks``."""
    return _ids


def _codes(prefixes: tuple[str, ...], text: str) -> Read | Bad:
    listed = pieces(text)
    codes = tuple(_CODE_SIGNS.sub("_", piece.casefold()) for piece in listed.pieces)
    for number, code in enumerate(codes, start=1):
        if prefixes and not code.startswith(prefixes):
            return _without_prefix(prefixes, number, code)
        if not _CODE.fullmatch(code) or code in prefixes:
            return _malformed(prefixes, number, code)
    if codes == listed.pieces and listed.how is None:
        return Read(codes)
    how = listed.how if codes == listed.pieces else "code in another form"
    return Read(codes, f"read as {';'.join(codes)}", how, shown=_public(prefixes))


def _public(prefixes: tuple[str, ...]) -> bool:
    """Whether entries may be repeated: what a host or a company provides, but nothing about a learner."""
    return len(prefixes) == 1


def _without_prefix(prefixes: tuple[str, ...], number: int, code: str) -> Bad:
    known = nearest(code, KNOWN_NEEDS, cutoff=0.7)
    hint = f"{prefixes[0]}{known}" if known else None
    return Bad(f"entry {number} does not begin with {' or '.join(prefixes)}", hint, shown=_public(prefixes))


def _malformed(prefixes: tuple[str, ...], number: int, code: str) -> Bad:
    hint = nearest_barrier(code) if not prefixes else None
    message = f"entry {number} is not a code: lower-case letters, digits and _ only, as in step_free"
    return Bad(message, hint, shown=_public(prefixes))


def _ids(text: str) -> Read | Bad:
    listed = pieces(text)
    for piece in listed.pieces:
        read = read_id(piece)
        if isinstance(read, Bad):
            return read
    return (
        understood(listed.pieces, ";".join(listed.pieces), listed.how) if listed.how else Read(listed.pieces)
    )
