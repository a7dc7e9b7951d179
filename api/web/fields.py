"""Kinds of parameters that several resources share, and the conditional headers."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import Depends, Header, Path
from pydantic import Field

from api.rounds.preconditions import Precondition
from models.tables import TABLES

ID_PATTERN: Final = r"^[^\s,;/\\?#%\x00-\x1f\x7f]+$"
"""Ids that can stand in a path; all other rules are the contract's."""

A_DIGEST: Final = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

LINE_PATTERN: Final = r"^[^\x00-\x1f\x7f]*$"
"""One line of text."""

RoundId = Annotated[
    str,
    Path(
        min_length=1,
        max_length=64,
        pattern=ID_PATTERN,
        description="The round's id.",
        examples=["intervet-spring-2022"],
    ),
]
OrganisationId = Annotated[
    str,
    Path(
        min_length=1, max_length=64, pattern=ID_PATTERN, description="The partner's code.", examples=["ccis"]
    ),
]
Login = Annotated[
    str,
    Path(min_length=1, max_length=255, pattern=ID_PATTERN, description="The user's login.", examples=["ana"]),
]
TableName = Annotated[
    str,
    Path(
        pattern=f"^({'|'.join(TABLES)})$",
        json_schema_extra={"enum": list(TABLES)},
        description="A table of the contract.",
        examples=["learners"],
    ),
]
Line = Annotated[str, Field(max_length=255, pattern=LINE_PATTERN)]
Reason = Annotated[str, Field(min_length=1, max_length=1_000, pattern=LINE_PATTERN)]

IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match", max_length=200, description="The ETag of what is to be changed.", examples=['"3"']
    ),
]
IfNoneMatch = Annotated[
    str | None,
    Header(alias="If-None-Match", max_length=200, description="`*`: there is none yet.", examples=["*"]),
]


async def precondition_of(if_match: IfMatch = None, if_none_match: IfNoneMatch = None) -> Precondition:
    """What the request asks of what it changes."""
    return Precondition(if_match, if_none_match)


async def match_of(if_match: IfMatch = None) -> Precondition:
    """The same, for what always exists."""
    return Precondition(if_match)


ThePrecondition = Annotated[Precondition, Depends(precondition_of)]
TheMatch = Annotated[Precondition, Depends(match_of)]
