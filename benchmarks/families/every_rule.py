"""Rounds in which every rule has something to do."""

from benchmarks.instances import Generated

FAMILY = Generated(
    "every_rule",
    "every table filled, every rule at work, three goals in order",
    (60, 500, 2000),
    {"": ("every_rule", {})},
)
