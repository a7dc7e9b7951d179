"""How much is looked at together: the sizes of blocks and parts, and where a part's program ends."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Effort:
    """How much one sweep does: about ``size`` agents a piece in ``chunks`` stretches, ``nodes`` and relative ``gap`` at
    which a piece ends.
    """

    size: int
    chunks: int
    nodes: int
    gap: float


@dataclass(frozen=True)
class Efforts:
    """Agents in a block whose prices are made together, before sweeps and between them, and whether steps follow (where
    counts tie agents together, they never lowered the bound that blocks had left); how blocks are settled (None:
    they are not); how those are placed whom lower sides ask for; the sweeps, the last one for ever; after each of
    these, the parts around those who miss most (None: there are none); after every ``GATHER``-th, the families (None:
    they are not looked at), ``chunks`` times as large at most. Once a sweep improves less than ``slow`` (relative),
    blocks are lowered after it.
    """

    lowered: tuple[int, int]
    eased: bool
    settled: Effort | None
    mended: Effort
    sweeps: tuple[Effort, ...]
    seated: tuple[Effort | None, ...]
    gathered: Effort | None
    slow: float


GATHER, GATHERED = 2, 5
"""Families are looked at after every so many sweeps, first after this one (from 0): sweeps gain more before."""
LARGEST = 12_000
"""Agents in the largest part."""
APART = Efforts(
    (2000, 2000),
    True,
    Effort(LARGEST, 1, 20, 1e-5),
    Effort(LARGEST, 1, 20, 1e-5),
    (Effort(3000, 4, 20, 1e-5), Effort(5000, 6, 20, 1e-5)),
    (None,),
    None,
    1e-3,
)
"""Where nothing ties agents together: linear programs are all but whole, and the larger the better."""
_FIRST, _SMALL = Effort(150, 3, 10, 3e-4), Effort(300, 5, 10, 3e-4)
_LARGER, _BROAD = Effort(750, 5, 10, 3e-4), Effort(500, 10, 20, 3e-4)
_TIED = (_FIRST, _SMALL, _SMALL, _SMALL, _LARGER, _SMALL, _SMALL, _BROAD, _SMALL, _BROAD)
_AROUND = tuple(Effort(size, 1, 20, 5e-5) for size in (50, 50, 50, 50, 60, 80))
TIED = Efforts((400, 1000), False, None, _BROAD, _TIED, _AROUND, Effort(300, 4, 10, 1e-5), 2e-4)
"""Where counts (escorts, minima, groups) do: small parts out of several places that the same agents like are cheap and
gain most, but stand still without larger ones in between. Measured from one standing of 10,000 agents: parts of 1,500
took twice as long as two sweeps over parts of 300 to gain a fifth. Blocks settled in order cost more and leave more.
"""
