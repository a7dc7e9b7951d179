"""What if: named sets of changes to a round, solved side by side; and what one goal costs in another.

from pathlib import Path
from matcher import load
from matcher.scenarios import compare, frontier, read_scenarios

round_ = load("sample_data/intervet")
print(compare(round_, read_scenarios(Path("scenarios.toml"), round_)).as_frame())
print(frontier(round_, "fit", "cost").as_frame())
"""

from matcher.scenarios.frontier import POINTS, frontier
from matcher.scenarios.lines import Comparison, Difference, Line, Share
from matcher.scenarios.points import Frontier, Point, Step
from matcher.scenarios.reading import Scenario, read_scenarios, scenarios_of
from matcher.scenarios.running import compare
from matcher.scenarios.saving import save_comparison, save_frontier

__all__ = [
    "POINTS",
    "Comparison",
    "Difference",
    "Frontier",
    "Line",
    "Point",
    "Scenario",
    "Share",
    "Step",
    "compare",
    "frontier",
    "read_scenarios",
    "save_comparison",
    "save_frontier",
    "scenarios_of",
]
