"""Ways out of an infeasible round: the cheapest sets of changes with which it has an allocation, priced and proven."""

from matcher.explaining.ways.finding import ways_out
from matcher.explaining.ways.way import Step, Way, Ways

__all__ = ["Step", "Way", "Ways", "ways_out"]
