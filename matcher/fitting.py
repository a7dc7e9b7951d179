"""Profile fit and fit points, vectorised: computed per distinct pair of cells, then gathered per option.

Contract: rule 2 (profile fit) and section "Goals" (fit points and their four components).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.options import Options
from models.round import IntArray, Round
from models.vocabulary import field_fit

MICRO_CREDENTIAL_CAP = 80
LANGUAGE_POINTS = (60, 80, 100)
"""For exactly the level asked, one level above, more."""
PREFERENCE_STEP = 20

Cells = npt.NDArray[np.object_]
LanguageLevels = tuple[tuple[str, int], ...]
Profile = tuple[str, tuple[str, ...]]
"""A learner's field and the fields of the micro-credentials."""


def by_distinct_pair(
    left: Cells, right: Cells, left_of: IntArray, right_of: IntArray, measure: Callable[[Any, Any], int]
) -> IntArray:
    """``measure(left[left_of[i]], right[right_of[i]])`` for every i, measured once per distinct pair that
    occurs.
    """
    left_code, left_cells = pd.factorize(left, use_na_sentinel=False)
    right_code, right_cells = pd.factorize(right, use_na_sentinel=False)
    width = max(len(right_cells), 1)
    key = left_code.astype(np.int64)[left_of] * width + right_code[right_of]
    pairs, inverse = np.unique(key, return_inverse=True)
    values = [measure(left_cells[pair // width], right_cells[pair % width]) for pair in pairs.tolist()]
    return np.array(values, np.int64)[inverse]


def profile_fit(rnd: Round, options: Options) -> IntArray:
    """Profile fit per option, 0–100."""
    return by_distinct_pair(
        _profiles(rnd), rnd.offers["fields"], options.learner, options.offer, best_profile_fit
    )


def best_profile_fit(profile: Profile, asked: Sequence[str]) -> int:
    """The best fit of the learner's field, or of a micro-credential's capped, over the offer's codes."""
    field, credentials = profile
    own = max((field_fit(field, code) for code in asked), default=0)
    other = max((field_fit(credential, code) for credential in credentials for code in asked), default=0)
    return max(own, min(other, MICRO_CREDENTIAL_CAP))


def language_fit(rnd: Round, options: Options) -> IntArray:
    """The language component per option: 0 (none of the working languages is satisfied), 60, 80 or 100."""
    return by_distinct_pair(
        rnd.learners["languages"],
        rnd.companies["working_languages"],
        options.learner,
        options.company,
        language_points,
    )


def language_points(spoken: LanguageLevels, working: LanguageLevels) -> int:
    """The best points over the working languages that the learner satisfies."""
    levels = dict(spoken)
    margins = [levels.get(language, 0) - asked for language, asked in working]
    return max((LANGUAGE_POINTS[min(margin, 2)] for margin in margins if margin >= 0), default=0)


def preference_fit(rnd: Round, options: Options) -> IntArray:
    """The preference component per option, 0–100."""
    position = preference_position(rnd, options)
    points = np.where(position < 0, 0, np.maximum(100 - PREFERENCE_STEP * position, 0))
    return np.where(_has_preferences(rnd)[options.learner], points, 100)


def preference_position(rnd: Round, options: Options) -> IntArray:
    """Where the option's company or host, whichever is better, stands in the learner's list (−1: nowhere)."""
    to_company, to_host = _wishes(rnd, "companies"), _wishes(rnd, "hosting_partners")
    far = np.iinfo(np.int64).max
    company = _look_up(to_company, options.learner, options.company, len(rnd.companies), far)
    host = _look_up(to_host, options.learner, options.host, len(rnd.hosting_partners), far)
    best = np.minimum(company, host)
    return np.where(best == far, -1, best)


def affinity_fit(rnd: Round, options: Options) -> IntArray:
    """The affinity component per option: the row for the company, else for the host, else 0."""
    learner, score = rnd.ref("affinity", "learner_id"), rnd.affinity["score"]
    company, host = rnd.ref("affinity", "company_id"), rnd.ref("affinity", "host_id")
    for_company, for_host = company >= 0, (company < 0) & (host >= 0)
    by_company = (learner[for_company], company[for_company], score[for_company])
    by_host = (learner[for_host], host[for_host], score[for_host])
    of_company = _look_up(by_company, options.learner, options.company, len(rnd.companies), -1)
    of_host = _look_up(by_host, options.learner, options.host, len(rnd.hosting_partners), 0)
    return np.where(of_company >= 0, of_company, of_host)


def fit_points(rnd: Round, options: Options) -> IntArray:
    """Fit points per option: the weighted mean of the components, rounded down."""
    weights = rnd.policy.fit_weights
    parts = (
        (weights.profile, profile_fit),
        (weights.language, language_fit),
        (weights.preference, preference_fit),
        (weights.affinity, affinity_fit),
    )
    total = np.zeros(len(options), np.int64)
    for weight, component in parts:
        if weight:
            total += weight * component(rnd, options)
    return total // weights.total


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


def _profiles(rnd: Round) -> Cells:
    """Each learner's profile."""
    profiles = np.empty(len(rnd.learners), object)
    profiles[:] = list(zip(rnd.learners["field"], credential_fields(rnd), strict=True))
    return profiles


def _has_preferences(rnd: Round) -> npt.NDArray[np.bool_]:
    return np.array([bool(wishes) for wishes in rnd.learners["preferences"]], bool)


Lookup = tuple[IntArray, IntArray, IntArray]
"""Parallel arrays: learner, row number of the company or host, value."""


def _wishes(rnd: Round, table: str) -> Lookup:
    """The positions that learners give to the rows of a table, each (learner, row) once, the best first."""
    position = rnd.tables[table].position
    found: dict[tuple[int, int], int] = {}
    for learner, wishes in enumerate(rnd.learners["preferences"]):
        for place, wish in enumerate(wishes):
            if wish in position:
                found.setdefault((learner, position[wish]), place)
    keys = np.array(list(found), np.int64).reshape(-1, 2)
    return keys[:, 0], keys[:, 1], np.array(list(found.values()), np.int64)


def _look_up(given: Lookup, learner: IntArray, target: IntArray, targets: int, absent: int) -> IntArray:
    """The value given for each (learner, target), ``absent`` where none is."""
    keys = given[0] * targets + given[1]
    if not len(keys):
        return np.full(len(learner), absent, np.int64)
    order = np.argsort(keys, kind="stable")
    keys, values = keys[order], given[2][order]
    wanted = learner.astype(np.int64) * targets + target
    place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[place] == wanted, values[place], absent)
