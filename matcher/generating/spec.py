"""What a generated round is like: its size, its shape, how tight it is, what occurs in it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from models.errors import UnknownName
from models.vocabulary import hint

Share = Annotated[float, Field(ge=0, le=1)]
Tightness = Annotated[float, Field(ge=0.1, le=20)]
Count = Annotated[int, Field(ge=1, le=100_000)]

WESTERN_BALKANS: Final = ("RS", "AL", "ME", "BA", "XK", "MK")


class Spec(BaseModel):
    """The knobs of a generated round.

    Shares are of all learners unless said otherwise. A *tightness* is what there is over what all learners together
    would need: below 1 somebody has to stay at home, ``None`` leaves the limit out. Counts that are not given
    follow from ``learners``.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    learners: Annotated[int, Field(ge=1, le=2_000_000)] = 200
    partners: Count | None = None
    hosts: Count | None = None
    learners_per_partner: Count | None = None
    """Makes the number of partners follow the learners in proportion; else it follows their square root."""
    learners_per_host: Count | None = None
    """The same for hosts."""
    flows_per_host: Annotated[int, Field(ge=1, le=60)] = 5
    """Short flows; there is one long flow for three of them where anybody stays long."""
    months: Annotated[int, Field(ge=1, le=36)] = 12
    """Length of the time in which flows begin, from January of the call year."""
    call_year: Annotated[int, Field(ge=2021, le=2026)] = 2022
    senders: tuple[str, ...] = ()
    """Countries of the sending partners; none given: drawn as the programme's participants were."""
    receivers: tuple[str, ...] = ()

    heads: Tightness | None = 1.1
    """Most heads of the flows."""
    seats: Tightness = 1.4
    beds: Tightness | None = 1.1
    budgets: Tightness | None = 1.1
    round_budget: Tightness | None = None

    long: Share = 0.13
    """Stays of three months and more (INTERVET: 54 of 426)."""
    fewer_opportunities: Share = 0.18
    """Germany 2024: 18 % of VET learners with a grant."""
    schools_per_learner: Annotated[float, Field(gt=0, le=1)] = 0.4
    preferences: Share = 0.75
    most_preferences: Annotated[int, Field(ge=1, le=20)] = 3
    credentials: Share = 0.15
    needs: Share = 0.05
    green: Share = 0.08
    priorities: Share = 0.1
    unknown_birth: Share = 0.03
    groups: Share = 0.2
    large_groups: Share = 0.3
    """Share of the groups that are as large as a travel party, 8 to 11; the others have 2 to 5 members."""
    pairs: Share = 0.03
    pins: Share = 0.01
    forbids: Share = 0.02
    previous: Share = 0.05
    earlier_rounds: Annotated[int, Field(ge=0, le=20)] = 0
    """Earlier rounds of which it is told how the sending partners were served."""
    affinity: Share = 0.2
    overlaps: Share = 0.4
    """Share of the flows that begin before the one before has ended."""

    escorts: bool = True
    min_group: Annotated[int, Field(ge=1, le=20)] = 4
    """Fewest learners of a partner in every second flow; 1 in the others."""
    agreements: Share = 0.5
    """Share of the partners with agreements."""
    agreements_per_partner: Count | None = None
    """Most hosts that a partner has agreements with (none given: about half of them). Hosts then plan for who sends."""
    quotas: bool = True
    school_limits: Share = 0.3
    """Share of the companies with a limit per school."""
    age_limits: Share = 0.3
    eqf_bounds: Share = 0.2
    languages: bool = True
    """Off: every company takes English of A1."""
    inclusion: Annotated[int, Field(ge=0, le=100)] = 10
    goals: tuple[str, ...] = ("placed", "fit", "cost")
    weights: Mapping[str, Decimal] | None = None
    """A weighted sum in place of the order of goals, such as { placed = 1000, fit = 1, cost = 0.01 }."""
    affinity_weight: Annotated[int, Field(ge=0, le=100)] = 0

    @classmethod
    def of_shape(cls, shape: str, learners: int | None = None, **changes: Any) -> Spec:
        """A shape by name, with a number of learners and other knobs changed. Raises ``UnknownName``."""
        if shape not in SHAPES:
            raise UnknownName(f"no shape {shape!r}{hint(shape, SHAPES)}; there are {', '.join(SHAPES)}")
        size = {} if learners is None else {"learners": learners}
        return cls(**{**SHAPES[shape], **size, **changes})

    @property
    def partner_count(self) -> int:
        """Sending partners, as given or as many as the size suggests: six for 426 learners."""
        return self.partners or self._counted(self.learners_per_partner, 0.3)

    @property
    def host_count(self) -> int:
        """Hosting partners: five for 426 learners."""
        return self.hosts or self._counted(self.learners_per_host, 0.25)

    def _counted(self, each: int | None, by_root: float) -> int:
        found = math.sqrt(self.learners) * by_root if each is None else self.learners / each
        return max(2, round(found))


NATIONAL: Final[dict[str, Any]] = {
    "learners": 10_000,
    "senders": ("RS",),
    "groups": 0.1,
    "flows_per_host": 6,
    "min_group": 2,
    "agreements": 1.0,
    "agreements_per_partner": 7,
}
UNTIED: Final[dict[str, Any]] = {"groups": 0, "pairs": 0, "escorts": False, "min_group": 1, "quotas": False}
"""Nobody's placement hangs on another's, but for seats, beds, heads and money."""

SHAPES: Final[dict[str, dict[str, Any]]] = {
    "intervet": {"learners": 426, "senders": WESTERN_BALKANS, "receivers": ("IT", "ES", "FR", "PL", "SI")},
    "national": NATIONAL,
    "national_plain": NATIONAL | UNTIED,
    # Partners and hosts in proportion to the learners: a learner has about 100 options at any size.
    "continental": {
        "learners": 100_000,
        "learners_per_partner": 300,
        "learners_per_host": 400,
        "seats": 1.2,
        "groups": 0.15,
        "flows_per_host": 6,
        "min_group": 2,
        "agreements": 1.0,
        "agreements_per_partner": 6,
    },
    "pure_network": UNTIED
    | {
        "learners": 500,
        "heads": 1.0,
        "beds": None,
        "budgets": None,
        "overlaps": 0,
        "school_limits": 0,
        "inclusion": 0,
    },
    "groups_heavy": {"groups": 0.85, "large_groups": 0.6, "pairs": 0.05},
    "tight_budget": {"budgets": 0.8, "round_budget": 0.75},
    "preferences": {
        "preferences": 1.0,
        "most_preferences": 6,
        "seats": 1.1,
        "affinity": 0.5,
        "affinity_weight": 20,
    },
    "every_rule": {
        "learners": 60,
        "seats": 2.5,
        "round_budget": 1.2,
        "affinity_weight": 10,
        "pins": 0.05,
        "forbids": 0.1,
        "pairs": 0.1,
        "large_groups": 0.15,
    },
}
"""Named shapes: what each changes from the defaults."""

Shape = Literal[
    "intervet",
    "national",
    "national_plain",
    "continental",
    "pure_network",
    "groups_heavy",
    "tight_budget",
    "preferences",
    "every_rule",
]
