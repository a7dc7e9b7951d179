"""Every operation of the service that the client calls: its method and path, by its id.

A test compares this with the service's own description, both ways.
"""

from __future__ import annotations

from typing import Final

OPERATIONS: Final[dict[str, tuple[str, str]]] = {
    "who_am_i": ("GET", "/v1/me"),
}
