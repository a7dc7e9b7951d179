"""A national agency's year: plain (nobody's placement hangs on another's) and with groups, escorts and quotas."""

from benchmarks.families import WEIGHTS
from benchmarks.instances import Generated

FAMILY = Generated(
    "national",
    "a national agency's year, about 100 options a learner at 10,000: plain, and with groups, escorts, quotas",
    (10_000,),
    {
        "plain": ("national_plain", {"weights": WEIGHTS}),
        "groups": ("national", {"weights": WEIGHTS}),
    },
)
