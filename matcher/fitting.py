"""Profile fit and fit points of options, in whole columns: what a round's cells are worth is worked out once.

Contract: rule 2 (profile fit) and section "Goals" (fit points and their four components).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.options import Options
from matcher.slots import ranges
from models.round import IntArray, Round
from models.vocabulary import field_fit

MICRO_CREDENTIAL_CAP = 80
LANGUAGE_POINTS = (60, 80, 100)
"""For exactly the level asked, one level above, more."""
PREFERENCE_STEP = 20
MARGIN_POINTS = np.array([*LANGUAGE_POINTS, 0])
"""By how many levels more are spoken than asked; −1, nothing spoken well enough, takes the last."""

NOWHERE = np.iinfo(np.int64).max

AT_ONCE = 1_000_000
"""How many options are valued together: bounds memory, changes no result."""

LARGEST = 2**25
"""Pairs of classes up to which languages are held against each other once, not option by option: bounds memory."""

Cells = npt.NDArray[np.object_]
Profile = tuple[str, tuple[str, ...]]
"""A learner's field and the fields of the micro-credentials."""


def fit_points(rnd: Round, options: Options) -> IntArray:
    """Fit points per option: the weighted mean of the components, rounded down."""
    weights = rnd.policy.fit_weights
    parts = (
        (weights.profile, profile_fit),
        (weights.language, language_fit),
        (weights.preference, preference_fit),
        (weights.affinity, affinity_fit),
    )

    def points(some: Options) -> IntArray:
        total = np.zeros(len(some), np.int64)
        for weight, component in parts:
            if weight:
                total += weight * component(rnd, some)
        return total // weights.total

    return _in_parts(points, options)


def profile_fit(rnd: Round, options: Options) -> IntArray:
    """Profile fit per option, 0–100."""
    return _in_parts(rnd.once(_profiles).fit, options)


def language_fit(rnd: Round, options: Options) -> IntArray:
    """The language component per option: 0 (none of the working languages is satisfied), 60, 80 or 100."""
    return _in_parts(rnd.once(_languages).fit, options)


def preference_fit(rnd: Round, options: Options) -> IntArray:
    """The preference component per option, 0–100."""
    position = preference_position(rnd, options)
    points = np.where(position < 0, 0, np.maximum(100 - PREFERENCE_STEP * position, 0))
    return np.where(rnd.once(_has_preferences)[options.learner], points, 100)


def preference_position(rnd: Round, options: Options) -> IntArray:
    """Where the option's company or host, whichever is better, stands in the learner's list (−1: nowhere)."""
    to_company, to_host = rnd.once(_wished_companies), rnd.once(_wished_hosts)

    def position(some: Options) -> IntArray:
        company = to_company.of(some.learner, some.company, NOWHERE)
        best = np.minimum(company, to_host.of(some.learner, some.host, NOWHERE))
        return np.where(best == NOWHERE, -1, best)

    return _in_parts(position, options)


def affinity_fit(rnd: Round, options: Options) -> IntArray:
    """The affinity component per option: the row for the company, else for the host, else 0."""
    to_company, to_host = rnd.once(_company_scores), rnd.once(_host_scores)

    def score(some: Options) -> IntArray:
        of_company = to_company.of(some.learner, some.company, -1)
        return np.where(of_company >= 0, of_company, to_host.of(some.learner, some.host, 0))

    return _in_parts(score, options)


def best_profile_fit(profile: Profile, asked: Sequence[str]) -> int:
    """The best fit of the learner's field, or of a micro-credential's capped, over the offer's codes."""
    field, credentials = profile
    own = max((field_fit(field, code) for code in asked), default=0)
    other = max((field_fit(credential, code) for credential in credentials for code in asked), default=0)
    return max(own, min(other, MICRO_CREDENTIAL_CAP))


def by_distinct_pair(
    left: Cells, right: Cells, left_of: IntArray, right_of: IntArray, measure: Callable[[Any, Any], int]
) -> IntArray:
    """``measure(left[left_of[i]], right[right_of[i]])`` for every i, measured once per distinct pair that
    occurs.
    """
    left_code, left_cells = pd.factorize(left, use_na_sentinel=False)
    right_code, right_cells = pd.factorize(right, use_na_sentinel=False)
    width = max(len(right_cells), 1)
    kind, pairs = pd.factorize(left_code.astype(np.int64)[left_of] * width + right_code[right_of])
    values = [measure(left_cells[pair // width], right_cells[pair % width]) for pair in pairs.tolist()]
    return np.array(values, np.int64)[kind]


def credential_fields(rnd: Round) -> Cells:
    """The fields of each learner's micro-credentials, sorted, each once."""
    credentials: dict[int, set[str]] = defaultdict(set)
    held = rnd.ref("micro_credentials", "learner_id").tolist()
    for learner, field in zip(held, rnd.micro_credentials["field"], strict=True):
        credentials[learner].add(field)
    fields = np.empty(len(rnd.learners), object)
    fields.fill(())
    for learner, found in credentials.items():
        fields[learner] = tuple(sorted(found))
    return fields


def _in_parts(values: Callable[[Options], IntArray], options: Options) -> IntArray:
    """The values of options, so many at a time."""
    found = np.empty(len(options), np.int64)
    for begin in range(0, len(options), AT_ONCE):
        part = slice(begin, begin + AT_ONCE)
        some = Options(options.rnd, options.learner[part], options.offer[part], options.flow[part])
        found[part] = values(some)
    return found


@dataclass(frozen=True)
class Lists:
    """Lists of whole numbers, one after another: list i has ``count[i]`` of the ``items`` from ``first[i]``."""

    first: IntArray
    count: IntArray
    items: IntArray

    @classmethod
    def of(cls, lists: Iterable[Sequence[int]]) -> Lists:
        """The lists in their order."""
        listed = list(lists)
        count = np.array([len(one) for one in listed], np.int64)
        items = np.fromiter((item for one in listed for item in one), np.int64, int(count.sum()))
        return cls(np.cumsum(count) - count, count, items)

    def best(self, of: IntArray, value: Callable[[IntArray, IntArray], IntArray]) -> IntArray:
        """For each i the highest value over the items of list ``of[i]``, 0 for an empty one.

        ``value`` is asked for parallel arrays: the i, and the items' positions.
        """
        count = self.count[of]
        some = np.flatnonzero(count)
        best = np.zeros(len(of), np.int64)
        if len(some):
            count = count[some]
            values = value(np.repeat(some, count), ranges(self.first[of[some]], count))
            best[some] = np.maximum.reduceat(values, np.cumsum(count) - count)
        return best


@dataclass(frozen=True)
class Profiles:
    """Points of every field against every list of fields that offers ask for, and who has and asks for which.

    ``points`` is of shape (fields, lists); ``credentials`` are the fields of each learner's micro-credentials.
    """

    points: IntArray
    field: IntArray
    credentials: Lists
    asked: IntArray

    def fit(self, options: Options) -> IntArray:
        """The profile fit of each option."""
        asked, items = self.asked[options.offer], self.credentials.items
        other = self.credentials.best(options.learner, lambda i, at: self.points[items[at], asked[i]])
        own = self.points[self.field[options.learner], asked]
        return np.maximum(own, np.minimum(other, MICRO_CREDENTIAL_CAP))


def _profiles(rnd: Round) -> Profiles:
    credentials = credential_fields(rnd)
    held = sorted({field for fields in credentials for field in fields})
    field, fields = pd.factorize(np.concatenate([rnd.learners["field"], np.array(held, object)]))
    number = {name: code for code, name in enumerate(fields)}
    asked, lists = pd.factorize(rnd.offers["fields"], use_na_sentinel=False)
    codes = {code: at for at, code in enumerate(sorted({code for codes in lists for code in codes}))}
    fits = np.array([[field_fit(name, code) for code in codes] for name in fields], np.int8)
    wanted = Lists.of([codes[code] for code in codes_of] for codes_of in lists)
    every = np.arange(len(lists))
    points = [wanted.best(every, partial(_gathered, row[wanted.items])) for row in fits]
    table = np.array(points, np.int8).reshape(len(fields), len(lists))
    own = Lists.of([number[name] for name in names] for names in credentials)
    return Profiles(table, field[: len(rnd.learners)], own, asked)


def _gathered(values: IntArray, _: IntArray, position: IntArray) -> IntArray:
    return values[position]


@dataclass(frozen=True)
class Speaking:
    """What learners speak and companies ask, by classes of equal cells.

    ``levels`` is of shape (classes of learners, languages), 0 where a language is not spoken; ``asked`` has the
    demands of each class of companies, positions in ``language`` and ``level``.
    """

    levels: IntArray
    speaks: IntArray
    asked: Lists
    asks: IntArray
    language: IntArray
    level: IntArray

    def fit(self, options: Options) -> IntArray:
        """The language component of each option."""
        if len(self.levels) * max(len(self.asked.count), len(self.asked.items)) <= LARGEST:
            return self.points[self.speaks[options.learner], self.asks[options.company]]
        return self.by_demands(options)

    @cached_property
    def points(self) -> IntArray:
        """The component of each class of learners at each class of companies."""
        demand, some = self.asked.items, np.flatnonzero(self.asked.count)
        margin = self.levels[:, self.language[demand]] - self.level[demand].astype(np.int8)
        values = MARGIN_POINTS.astype(np.int8)[margin.clip(-1, 2)]
        found = np.zeros((len(self.levels), len(self.asked.count)), np.int8)
        if len(some):
            found[:, some] = np.maximum.reduceat(values, self.asked.first[some], axis=1)
        return found

    def by_demands(self, options: Options) -> IntArray:
        """The same demand by demand, where there are too many classes to hold each against each."""
        speaks = self.speaks[options.learner]

        def value(option: IntArray, at: IntArray) -> IntArray:
            demand = self.asked.items[at]
            margin = self.levels[speaks[option], self.language[demand]] - self.level[demand]
            return np.take(MARGIN_POINTS, margin.clip(-1, 2))

        return self.asked.best(self.asks[options.company], value)


def _languages(rnd: Round) -> Speaking:
    speaks, spoken = pd.factorize(rnd.learners["languages"], use_na_sentinel=False)
    asks, working = pd.factorize(rnd.companies["working_languages"], use_na_sentinel=False)
    demands = sorted({demand for demands in working for demand in demands})
    number = {demand: at for at, demand in enumerate(demands)}
    languages = {code: at for at, code in enumerate(sorted({code for code, _ in demands}))}
    levels = np.zeros((len(spoken), len(languages)), np.int8)
    for row, known in enumerate(spoken):
        for code, level in known:
            if code in languages:
                levels[row, languages[code]] = level
    return Speaking(
        levels,
        speaks,
        Lists.of([number[demand] for demand in asked] for asked in working),
        asks,
        np.array([languages[code] for code, _ in demands], np.int64),
        np.array([level for _, level in demands], np.int64),
    )


def _has_preferences(rnd: Round) -> npt.NDArray[np.bool_]:
    return np.array([bool(wishes) for wishes in rnd.learners["preferences"]], bool)


@dataclass(frozen=True)
class Lookup:
    """Values given for some pairs of a learner and a row of a table of so many: of equal pairs the first counts."""

    keys: IntArray
    values: IntArray
    targets: int

    @classmethod
    def to(cls, learner: IntArray, target: IntArray, values: IntArray, targets: int) -> Lookup:
        """From parallel arrays of row numbers and values."""
        keys = learner * np.int64(targets) + target
        order = np.argsort(keys, kind="stable")
        return cls(keys[order], values[order], targets)

    def of(self, learner: IntArray, target: IntArray, absent: int) -> IntArray:
        """The value given for each (learner, target), ``absent`` where none is."""
        if not len(self.keys):
            return np.full(len(learner), absent, np.int64)
        wanted = learner * np.int64(self.targets) + target
        place = np.minimum(np.searchsorted(self.keys, wanted), len(self.keys) - 1)
        return np.where(self.keys[place] == wanted, self.values[place], absent)


def _wished_companies(rnd: Round) -> Lookup:
    return _wishes(rnd, "companies")


def _wished_hosts(rnd: Round) -> Lookup:
    return _wishes(rnd, "hosting_partners")


def _wishes(rnd: Round, table: str) -> Lookup:
    """The positions that learners give to the rows of a table, the best for each."""
    position = rnd.tables[table].position
    found = [
        (learner, position[wish], place)
        for learner, wishes in enumerate(rnd.learners["preferences"])
        for place, wish in enumerate(wishes)
        if wish in position
    ]
    learner, row, place = np.array(found, np.int64).reshape(-1, 3).T
    return Lookup.to(learner, row, place, len(position))


def _company_scores(rnd: Round) -> Lookup:
    return _scores(rnd, "company_id", rnd.ref("affinity", "company_id") >= 0, len(rnd.companies))


def _host_scores(rnd: Round) -> Lookup:
    of_host = (rnd.ref("affinity", "company_id") < 0) & (rnd.ref("affinity", "host_id") >= 0)
    return _scores(rnd, "host_id", of_host, len(rnd.hosting_partners))


def _scores(rnd: Round, column: str, which: npt.NDArray[np.bool_], targets: int) -> Lookup:
    learner, target = rnd.ref("affinity", "learner_id"), rnd.ref("affinity", column)
    return Lookup.to(learner[which], target[which], rnd.affinity["score"][which], targets)
