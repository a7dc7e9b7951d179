"""Which instances are run with whom: presets, and a grid of one's own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from benchmarks.contestants import contestant, methods, peers
from models.errors import UnknownName
from models.vocabulary import hint


@dataclass(frozen=True)
class Part:
    """Families with the same sizes (none: the family's own), contestants and limit (seconds of solving)."""

    families: tuple[str, ...]
    sizes: tuple[int, ...]
    contestants: tuple[str, ...]
    limit: float
    gap: float = 0.0

    def known(self) -> Part:
        """Only with the methods that there are."""
        there = {*methods(), *peers()}
        kept = tuple(name for name in self.contestants if name in there)
        return Part(self.families, self.sizes, kept, self.limit, self.gap)


WHOLE = ("cpsat_plain", "cpsat_lp", "highs_whole", "scip")
"""The peers that are given the whole problem at once."""
COUPLED = (
    "auto",
    "exact",
    "large",
    "cpsat",
    "greedy",
    *WHOLE,
    "min_cost_flow",
    "deferred_acceptance",
    "timefold",
)

PRESETS: dict[str, tuple[Part, ...]] = {
    "smoke": (
        Part(("pure_network",), (120,), ("auto", "greedy", "min_cost_flow"), 10),
        Part(("preferences",), (60,), ("auto", "highs_whole", "deferred_acceptance"), 10),
    ),
    "standard": (
        Part(("intervet",), (), COUPLED, 60),
        Part(("every_rule", "tight_budget", "groups_heavy"), (200,), COUPLED, 30),
        Part(
            ("pure_network", "preferences"),
            (1000, 10_000),
            (
                "auto",
                "flow",
                "large",
                "greedy",
                "min_cost_flow",
                "deferred_acceptance",
                "matching",
                "timefold",
            ),
            60,
        ),
        Part(("infeasible",), (200,), ("auto", "cpsat_plain"), 30),
        Part(("national",), (10_000,), ("auto", "greedy", "min_cost_flow", "highs_whole"), 60),
    ),
    "full": (
        Part(("intervet",), (), COUPLED, 120),
        Part(("every_rule",), (500, 2000), COUPLED, 120),
        Part(("tight_budget", "groups_heavy"), (200, 1000), COUPLED, 60),
        Part(
            ("pure_network", "preferences"),
            (1000, 10_000, 100_000),
            (
                "auto",
                "flow",
                "large",
                "greedy",
                "min_cost_flow",
                "deferred_acceptance",
                "matching",
                "timefold",
            ),
            120,
        ),
        Part(("preferences",), (1000,), WHOLE, 60),
        Part(("infeasible",), (200,), ("auto", "exact", "cpsat_plain"), 60),
        Part(("national",), (10_000,), ("auto", "large", "greedy", *WHOLE, "min_cost_flow"), 120, 0.0002),
        Part(("continental",), (10_000, 30_000), ("auto", "greedy", "min_cost_flow"), 120, 0.001),
        Part(("continental",), (100_000,), ("auto", "greedy", "min_cost_flow"), 300, 0.001),
        Part(("continental",), (300_000,), ("auto",), 1000, 0.001),
        Part(("gap",), (), ("auto", "exact", "cpsat_plain", "cpsat_lp", "highs_whole", "scip"), 20),
    ),
}
"""``smoke`` takes under a minute, ``standard`` about an hour at most, ``full`` some hours: a night."""


def preset(name: str) -> tuple[Part, ...]:
    """A preset by name. Raises ``UnknownName``."""
    if name not in PRESETS:
        raise UnknownName(f"no preset {name!r}{hint(name, PRESETS)}; there are {', '.join(PRESETS)}")
    return tuple(part.known() for part in PRESETS[name])


def narrowed(
    parts: Sequence[Part], families: Sequence[str], sizes: Sequence[int], contestants: Sequence[str]
) -> Iterator[Part]:
    """What of a preset is asked for; a family that the preset does not have is added with its own sizes.

    ``sizes`` and ``contestants`` replace the preset's own (none: they stay). Raises ``UnknownName``.
    """
    names = tuple(contestant(name).name for name in contestants)
    for part in parts:
        kept = tuple(name for name in part.families if not families or name in families)
        if kept:
            yield Part(kept, tuple(sizes) or part.sizes, names or part.contestants, part.limit, part.gap)
    there = {name for part in parts for name in part.families}
    for name in families:
        if name not in there:
            yield Part((name,), tuple(sizes), names or ("auto", "greedy"), 60)
