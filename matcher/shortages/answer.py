"""The answer as a whole: shortages, prices, the best set of places; JSON-able, as frames, as files, as sentences."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd
from pydantic import TypeAdapter

from matcher.shortages import words

SHORTAGES = (
    "number",
    "learners",
    "places",
    "short",
    "proof",
    "smallest",
    "description",
    "limits",
    "learner_ids",
)
PRICES = ("what", "kind", "which", "detail", "amount", "mark")


@dataclass(frozen=True)
class LimitLine:
    """A limit that learners' options lie in. ``which`` is an id, or a quota by name; ``row`` a quota's row in its table
    (sorted; −1: it is none); ``takes`` how many learners it takes at most (None: not by counting).
    """

    rule: str
    which: str
    row: int
    day: str
    school: str
    takes: int | None
    text: str


@dataclass(frozen=True)
class Shortage:
    """Learners who compete for too few places: of them ``places`` can be placed at most.

    ``proof`` is ``counted`` (every option lies in ``limits``, which take no more) or ``solved`` (no allocation places
    more). ``smallest``: proven that without any one of them the shortage is smaller. ``shared`` is the least
    description that fits, which ``others`` further learners fit too; ``apart`` is what they do not share.
    """

    learners: tuple[str, ...]
    places: int
    proof: str
    smallest: bool
    limits: tuple[LimitLine, ...]
    shared: tuple[str, ...]
    others: int
    apart: tuple[str, ...]
    when: str

    @property
    def short(self) -> int:
        """How many stay without a place, whatever is done."""
        return len(self.learners) - self.places

    @property
    def sentence(self) -> str:
        """All of it in a sentence or two."""
        limits = [limit.text for limit in self.limits]
        sizes = len(self.learners), self.places
        return words.shortage(*sizes, self.shared, self.others, self.when, limits, self.proof == "counted")

    @property
    def proved(self) -> str:
        """What makes it certain, in a sentence."""
        return words.proof(len(self.learners), self.places, self.proof, self.smallest)

    def as_dict(self) -> dict[str, Any]:
        """For JSON, with the sentences."""
        return asdict(self) | {"short": self.short, "sentence": self.sentence, "proof_sentence": self.proved}


@dataclass(frozen=True)
class PriceLine:
    """What one more of something is worth; ``row`` is its row in its table, sorted. ``mark``: ``exact`` or
    ``from prices``; ``how``: ``re-solved``, ``proven from prices``, ``not proven in time``, ``from prices``.

    ``exact`` and ``estimate`` have a value per goal by name, in the goal's own direction (None: not known);
    ``at_most`` what the first goal can gain at most. ``objective`` is the weighted sum's gain (None: none asked for).
    """

    what: str
    kind: str
    row: int
    which: str
    detail: str
    amount: int
    mark: str
    how: str
    exact: Mapping[str, int] | None
    estimate: Mapping[str, float | None]
    at_most: int | None
    objective: float | None

    @property
    def brings(self) -> bool:
        """Whether it changes any goal, exactly or as far as prices tell."""
        known: Mapping[str, float | None] = self.estimate if self.exact is None else self.exact
        return any(known.values()) or bool(self.objective)

    @property
    def worth(self) -> str:
        """What it brings, in words."""
        known: Mapping[str, float | None] = self.estimate if self.exact is None else self.exact
        found = words.gains(list(known), list(known.values()))
        if self.objective is not None and (self.exact is None or not any(self.exact.values())):
            found = words.gain("weighted sum", self.objective) if self.objective else "nothing"
        if self.exact is None and self.at_most is not None:
            return f"about {found}; {words.at_most(next(iter(self.estimate)), self.at_most)}"
        return found if self.exact is not None else f"about {found}"


@dataclass(frozen=True)
class SetLine:
    """Seats added to offers, and what they are worth together: differences of goals by name. ``proven`` and ``checked``
    as in ``winning.Won``.
    """

    seats: Mapping[str, int]
    worth: Mapping[str, int]
    objective: float | None
    proven: bool
    checked: bool

    @property
    def told(self) -> str:
        """What it brings, in words."""
        return words.gains(list(self.worth), list(self.worth.values()))


@dataclass(frozen=True)
class Answer:
    """What is short in a round and what more would be worth.

    ``values`` are the best values of the goals, ``proven`` whether nothing is better. ``best_set`` is the best set of
    ``places`` added seats (None: not looked for), ``singles`` the best single seats together, ``one_by_one`` seats
    picked one after the other (None: not asked for). ``notes`` say what was left out, and why. The digests are those of
    the round and of the allocation that was asked about.
    """

    round_id: str
    values: Mapping[str, int]
    proven: bool
    learners: int
    placed: int
    shortages: tuple[Shortage, ...]
    without_options: tuple[str, ...]
    unexplained: tuple[str, ...]
    prices: tuple[PriceLine, ...]
    places: int
    best_set: SetLine | None
    singles: SetLine | None
    one_by_one: SetLine | None
    notes: tuple[str, ...]
    input_digest: str = ""
    allocation_digest: str = ""

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Answer:
        """An answer from the content of ``shortages.json``. Raises ``ValidationError`` for anything else."""
        return TypeAdapter(cls).validate_python(content)

    def as_dict(self) -> dict[str, Any]:
        """The content of ``shortages.json``."""
        found = asdict(self)
        found["shortages"] = [one.as_dict() for one in self.shortages]
        found["prices"] = [asdict(line) | {"worth": line.worth} for line in self.prices]
        return found

    def shortages_frame(self) -> pd.DataFrame:
        """The rows of ``shortages.csv``, the biggest shortage first."""
        rows = [
            (
                number,
                len(one.learners),
                one.places,
                one.short,
                one.proof,
                "yes" if one.smallest else "no",
                one.sentence,
                "; ".join(limit.text for limit in one.limits),
                ";".join(one.learners),
            )
            for number, one in enumerate(self.shortages, start=1)
        ]
        return pd.DataFrame(rows, columns=list(SHORTAGES), dtype=object)

    def prices_frame(self) -> pd.DataFrame:
        """The rows of ``prices.csv``, the most valuable first: a column per goal for what is exact, and one for what
        prices give.
        """
        names = list(self.values)
        columns = [*PRICES, *(f"exact_{name}" for name in names), *(f"about_{name}" for name in names)]
        rows = [
            (
                *(line.what, line.kind, line.which, line.detail, line.amount, line.mark),
                *(None if line.exact is None else line.exact[name] for name in names),
                *(_rounded(line.estimate[name]) for name in names),
                line.at_most,
                _rounded(line.objective),
            )
            for line in self.prices
        ]
        columns += [f"at_most_{names[0]}" if names else "at_most", "weighted_sum"]
        return pd.DataFrame(rows, columns=columns, dtype=object)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)
