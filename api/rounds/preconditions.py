"""Conditional requests (RFC 9110): no change to what the caller has not seen.

A thing's ETag is the number of its version in quotation marks. ``If-Match`` names the version that a change is for,
``If-None-Match: *`` says that there is none yet.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from api.errors import NoPrecondition, Stale

_TAG: Final = re.compile(r'"[^"]*"')


def tag_of(version: int) -> str:
    """The ETag of a version."""
    return f'"{version}"'


@dataclass(frozen=True)
class Precondition:
    """What a request asks of the version that it finds; ``is_needed`` tells whether it must ask anything."""

    if_match: str | None = None
    if_none_match: str | None = None
    is_needed: bool = True

    def check(self, version: int | None) -> None:
        """Hold the request against the version that there is (None: nothing yet).

        Raises ``NoPrecondition`` where the request has to name what it changes and does not, ``Stale`` where it names
        something else.
        """
        if self.if_none_match is not None and self.if_none_match.strip() == "*":
            if version is not None:
                raise Stale(f"There is one already: its version is {tag_of(version)}.")
        elif self.if_match is not None:
            if version is None:
                raise Stale("There is none yet: send If-None-Match: * to make the first.")
            if not self._names(self.if_match, version):
                raise Stale(f"The version is {tag_of(version)} now: read it again.")
        elif self.is_needed:
            first = "If-None-Match: * for the first" if version is None else "If-Match with the ETag you read"
            raise NoPrecondition(f"A change names the version that it is for: send {first}.")

    @staticmethod
    def _names(header: str, version: int) -> bool:
        return header.strip() == "*" or tag_of(version) in _TAG.findall(header)


ANYTHING: Final = Precondition(is_needed=False)
"""Asks nothing."""
