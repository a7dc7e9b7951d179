"""Ways out in lines of text, from their form as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from matcher.explaining.ways.words import say


def lines(found: Mapping[str, Any]) -> Iterator[str]:
    """The ways with their price and what was proven of them; then what limited the search."""
    if found["ways"]:
        yield say("headline")
    for number, way in enumerate(found["ways"], start=1):
        steps = say("several").join(step["text"] for step in way["steps"])
        key = "way" if way["euros"] is None else "way_with_euros"
        yield say(key, number=number, effort=way["effort"], euros=way["euros"], steps=steps)
        cheapest = say("proof_cheapest" if way["cheapest"] else "proof_open")
        yield say("proof_whole" if way["irreducible"] else "proof_part", cheapest=cheapest)
    yield from found["notes"]
