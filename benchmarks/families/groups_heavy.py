"""Rounds in which most learners travel in groups."""

from benchmarks.instances import Generated

FAMILY = Generated(
    "groups_heavy",
    "85 % of the learners are in groups, most of these as large as a travel party",
    (200, 1000),
    {"": ("groups_heavy", {})},
)
