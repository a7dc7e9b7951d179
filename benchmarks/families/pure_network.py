"""Rounds that are pure networks: minimum-cost flow solves them, so it is the measure of everybody's time there."""

from benchmarks.instances import Generated

FAMILY = Generated(
    "pure_network",
    "no escorts, groups, beds or budgets, and flows that do not overlap: minimum-cost flow is exact",
    (1000, 10_000, 100_000),
    {
        "": (
            "pure_network",
            {
                "learners_per_partner": 300,
                "learners_per_host": 400,
                "agreements": 1.0,
                "agreements_per_partner": 6,
                "pins": 0,
            },
        )
    },
)
