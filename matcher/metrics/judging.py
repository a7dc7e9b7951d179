"""Allocations of a round side by side, with what they are held against: all the metrics together, as one answer."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from matcher.allocations import digest_of
from matcher.metrics.baselines import BEST, SERIAL, Baseline, Effort, baselines, insist_on_baselines, spread
from matcher.metrics.comparing import compared
from matcher.metrics.grouping import WITHHELD, insist_on_key, served
from matcher.metrics.measures import is_small
from matcher.metrics.pricing import Prices
from matcher.metrics.scene import Held, Scene
from matcher.metrics.summing import profile, summed
from matcher.metrics.withholding import pooled
from models.errors import InputErrors, InputProblem
from models.outcome import Placement
from models.round import Round


@dataclass(frozen=True)
class Judgement:
    """What is to be said of some allocations.

    - ``summary``: a row per allocation; of random serial the mean over the seeds, with how they vary in ``spread``
      (None: not asked for); ``serial``: how many allocations of how many orders
    - ``groups``: ``served`` by ``by``, of each allocation but random serial's; ``wishes``: the rank profile of each
    - ``partners``: what becomes of each sending partner's learners from the first allocation to each other
    - ``known``: what is known of what they are held against, by name
    - ``prices``: what fairness costs, by question
    - ``input_digest`` and ``allocation_digest``: of the round, and of the first allocation given (None: none)
    """

    by: str
    withheld: bool
    summary: pd.DataFrame
    groups: pd.DataFrame
    wishes: pd.DataFrame
    partners: pd.DataFrame
    spread: pd.DataFrame | None
    serial: tuple[int, int]
    known: Mapping[str, str]
    prices: Mapping[str, Prices]
    input_digest: str = ""
    allocation_digest: str | None = None

    @property
    def frames(self) -> dict[str, pd.DataFrame]:
        """The tables by name."""
        found = {name: getattr(self, name) for name in ("summary", "groups", "wishes", "partners")}
        found |= {} if self.spread is None else {"spread": self.spread}
        return found | {name: prices.frame() for name, prices in self.prices.items()}

    def as_dict(self) -> dict[str, Any]:
        """Ready for JSON; what is not known is None."""
        return {
            "input_digest": self.input_digest,
            "allocation_digest": self.allocation_digest,
            "by": self.by,
            "withheld": self.withheld,
            "known": dict(self.known),
            "random_serial": {"allocations": self.serial[0], "orders": self.serial[1]},
            **{name: records(frame) for name, frame in self.frames.items() if name not in self.prices},
            "prices": {name: prices.as_dict() for name, prices in self.prices.items()},
        }


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """A frame's rows, with None for what is missing."""
    plain = frame.astype(object).where(frame.notna(), None)
    return [{str(name): cell for name, cell in row.items()} for row in plain.to_dict("records")]


def judge(
    rnd: Round,
    allocations: Mapping[str, pd.DataFrame],
    against: Collection[str] = (BEST,),
    *,
    by: str = "partner",
    withhold: bool = False,
    effort: Effort | None = None,
    prices: Mapping[str, Prices] | None = None,
) -> Judgement:
    """Hold allocations, made by anybody, against each other and against baselines (``matcher.metrics.baselines``).

    With ``withhold`` small groups are put together and what moves within partners is left out, see ``by``.

    Raises
    ------
    InputErrors
        For frames that are no allocations of the round; where there is nothing to compare.
    UnknownName
        For a key or a baseline that does not exist.
    """
    insist_on_key(by)
    insist_on_baselines(against)
    effort = effort or Effort()
    Scene.of(rnd, allocations, effort.seed)  # what is wrong with them is said before anything is solved
    made = baselines(rnd, against, effort)
    every = _all_of(allocations, made)
    if not every:
        raise InputErrors([InputProblem("metrics", None, None, None, "there is no allocation to speak of")])
    _, held = Scene.of(rnd, every, effort.seed)
    named = {name: one for name, one in held.items() if not name.startswith(f"{SERIAL} ")}
    serial = {name: one for name, one in held.items() if name not in named}
    lines, some = summed(rnd, named), summed(rnd, serial, feasible=False)
    first = next(iter(named), None)
    return Judgement(
        by,
        withhold,
        pd.concat([lines, _mean(some)], ignore_index=True) if serial else lines,
        _stacked({name: served(one, by, withhold=withhold) for name, one in named.items()}),
        _stacked({name: _wishes(one, withhold=withhold) for name, one in named.items()}),
        _stacked(
            {}
            if withhold or first is None
            else {name: compared(rnd, named[first], one) for name, one in named.items() if name != first}
        ),
        spread(some) if serial else None,
        (len(serial), effort.seeds if SERIAL in against else 0),
        {one.name: one.status for one in made},
        prices or {},
        rnd.digest,
        next((_digest(frame) for frame in allocations.values()), None),
    )


def _digest(frame: pd.DataFrame) -> str:
    columns = (frame[name].tolist() for name in ("learner_id", "offer_id", "flow_id"))
    return digest_of(map(Placement, *columns))


def _all_of(allocations: Mapping[str, pd.DataFrame], made: list[Baseline]) -> dict[str, pd.DataFrame]:
    """All by name; a name that is given twice is an error."""
    every = dict(allocations)
    twice = [name for one in made for name in one.allocations if name in every]
    if twice:
        raise InputErrors(
            [
                InputProblem("metrics", None, None, name, "this name is a baseline's: give another")
                for name in twice
            ]
        )
    for one in made:
        every |= one.allocations
    return every


def _wishes(held: Held, *, withhold: bool) -> pd.DataFrame:
    """The rank profile; small counts put together if they are to be withheld."""
    found = profile(held.scene.rnd, held.wish)
    if not withhold or not len(found):
        return found
    kept, together = pooled(found["learners"].to_numpy()[None])
    if not len(together):
        return found
    learners, share = (found[name].iloc[together].sum() for name in ("learners", "share"))
    told = not is_small(learners).any()
    last = {
        "wish": WITHHELD,
        "learners": learners if told else pd.NA,
        "share": share if told else float("nan"),
    }
    lines = [*found.iloc[kept].drop(columns="cumulative").to_dict("records"), last]
    return pd.DataFrame(lines).astype({"learners": "Int64"})


def _mean(lines: pd.DataFrame) -> pd.DataFrame:
    """The mean of all lines as one."""
    found = lines.select_dtypes("number").astype(float).mean().to_dict()
    return pd.DataFrame([{"allocation": SERIAL, "valid": bool(lines["valid"].all()), **found}])


def _stacked(frames: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Frames one under the other, with whose they are in the first column."""
    marked = [frame.assign(allocation=name) for name, frame in frames.items()]
    if not marked:
        return pd.DataFrame({"allocation": pd.Series([], dtype=object)})
    every = pd.concat(marked, ignore_index=True)
    return every[["allocation", *(name for name in every if name != "allocation")]]
