"""The whole programme's year: partners and hosts in proportion to the learners, about 100 options each at any size."""

from benchmarks.families import WEIGHTS
from benchmarks.instances import Generated

FAMILY = Generated(
    "continental",
    "the programme's year with every rule, about 100 options a learner and one company for five at any size",
    (100_000, 300_000),
    {"": ("continental", {"weights": WEIGHTS})},
)
