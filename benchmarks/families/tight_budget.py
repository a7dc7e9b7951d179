"""Rounds in which money decides who travels."""

from benchmarks.instances import Generated

FAMILY = Generated(
    "tight_budget",
    "partners have 80 % of what all their learners would cost, the round 75 %",
    (200, 1000),
    {"": ("tight_budget", {})},
)
