"""Profile fit and fit points of options, in whole columns: what a round's cells are worth is worked out once.

Contract: rule 2 (profile fit) and section "Goals" (fit points and their four components).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.lists import Lists
from matcher.options import Options
from matcher.speaking import languages
from models.round import IntArray, Round
from models.vocabulary import field_fit

MICRO_CREDENTIAL_CAP = 80
PREFERENCE_STEP = 20
NOWHERE = np.iinfo(np.int64).max

AT_ONCE = 1_000_000
"""How many options are valued together: bounds memory, changes no result."""

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
    return _in_parts(rnd.once(languages).fit, options)


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
