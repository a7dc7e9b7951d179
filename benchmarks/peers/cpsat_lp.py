"""CP-SAT, tuned for problems that are close to linear programs: its LP-driven subsolvers, one per worker."""

from __future__ import annotations

from benchmarks.peers.cpsat_plain import CpSatPlain


class CpSatLp(CpSatPlain):
    """On preference-only rounds this proves in seconds what the default portfolio does not prove in minutes."""

    name = "cpsat_lp"
    about = "CP-SAT, one Boolean per option, subsolvers max_lp and reduced_costs"
    subsolvers = ("max_lp", "reduced_costs")


PEER = CpSatLp()
"""Found because it is here."""
