"""What requests are made of: ids in paths, texts in bodies, with their bounds and examples.

Texts are bounded and hold no control characters: PostgreSQL takes no NUL, and what is shown in a terminal or a table
should not act there.
"""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field

ULID: Final = "^[0-9a-hjkmnp-tv-z]{26}$"
CODE: Final = "^[^\\s,;\\u0000-\\u001f\\u007f/]{1,64}$"
"""A partner's code: an id as the tables of rounds have it, without the stroke that divides paths."""
LINE: Final = "^[^\\u0000-\\u001f\\u007f]+$"
LOGIN: Final = "^[a-z0-9][a-z0-9._@+-]*$"

AN_ID: Final = "01k8m0c2q5h4v6w8x9y0z1a2b3"

IdPath = Annotated[str, Path(pattern=ULID, description="The id, as the service gave it.", examples=[AN_ID])]
CodePath = Annotated[str, Path(pattern=CODE, description="The partner's code.", examples=["h01"])]

Code = Annotated[str, Field(pattern=CODE, description="The partner's code in rounds.", examples=["h01"])]
Name = Annotated[str, Field(min_length=1, max_length=255, pattern=LINE, examples=["Agency of Lisbon"])]
Login = Annotated[str, Field(min_length=1, max_length=255, pattern=LOGIN, examples=["ana"])]
Password = Annotated[
    str,
    Field(
        min_length=12,
        max_length=256,
        description="12 characters or more.",
        examples=["correct horse battery"],
    ),
]
Subject = Annotated[
    str,
    Field(
        min_length=1,
        max_length=255,
        pattern=LINE,
        description="The user's `sub` at the identity provider.",
        examples=["248289761001"],
    ),
]


class Sent(BaseModel):
    """The root of what is sent: what is not known is an error, not overlooked."""

    model_config = ConfigDict(extra="forbid")
