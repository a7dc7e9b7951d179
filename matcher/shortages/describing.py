"""What some learners have in common that others have not: the least description that fits, and what they do not share.

Fields of study, languages, stay, countries, sending partners, levels, dates. Needs and reasons for fewer opportunities
are never used: they may say something about health.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from matcher.rules.base import Mask
from matcher.shortages import words
from models.round import IntArray, Round

MOST_VALUES = 3
"""So many values of a column are still something that learners share ("from RS and BA")."""


@dataclass(frozen=True)
class Feature:
    """Something that all of some learners have: what kind, in words, and who has it in the whole round."""

    kind: str
    text: str
    has: Mask


@dataclass(frozen=True)
class Description:
    """``shared`` are few features that tell the learners apart as well as all features together do; ``others`` how many
    further learners have them too; ``apart`` what the learners do not share, with counts.
    """

    shared: tuple[str, ...]
    others: int
    apart: tuple[str, ...]


def described(rnd: Round, learners: IntArray) -> Description:
    """Describe learners (row numbers). Greedy: the feature that rules out most others first, then the next."""
    features = list(_features(rnd, learners))
    outside = np.ones(len(rnd.learners), bool)
    outside[learners] = False
    shared: list[Feature] = []
    while outside.any():
        left = [int((outside & feature.has).sum()) for feature in features]
        if not left or min(left) >= outside.sum():
            break
        best = features[left.index(min(left))]
        shared.append(best)
        outside &= best.has
    kinds = [feature.kind for feature in features]
    shared.sort(key=lambda feature: kinds.index(feature.kind))
    return Description(
        tuple(feature.text for feature in shared), int(outside.sum()), tuple(_apart(rnd, learners, shared))
    )


def _features(rnd: Round, who: IntArray) -> Iterator[Feature]:
    """What all of the learners have."""
    yield from _one_of(who, "field", rnd.learners["field"], words.fields)
    yield from _languages(rnd, who)
    yield from _one_of(who, "stay", rnd.learners["stay"], words.stay)
    country = rnd.sending_partners["country"][rnd.ref("learners", "partner_id")]
    yield from _one_of(who, "country", country, words.countries)
    yield from _one_of(who, "partner", rnd.learners["partner_id"], words.partners)
    level = rnd.learners["eqf_level"]
    low, high = int(level[who].min()), int(level[who].max())
    yield Feature("level", words.levels(low, high), (level >= low) & (level <= high))
    first, last = rnd.learners["available_from"], rnd.learners["available_to"]
    begin, end = first[who].max(), last[who].min()
    if begin <= end:
        yield Feature("dates", words.free(begin, end), (first <= begin) & (last >= end))
    latest, earliest = last[who].max(), first[who].min()
    yield Feature("window", words.between(earliest, latest), (first >= earliest) & (last <= latest))


def _one_of(
    who: IntArray,
    kind: str,
    column: np.ndarray[tuple[int], np.dtype[np.generic]],
    text: Callable[[Sequence[str]], str],
) -> Iterator[Feature]:
    """That a column has one of a few values."""
    values = sorted(set(column[who].tolist()))
    if len(values) <= MOST_VALUES:
        yield Feature(kind, text(values), np.isin(column.astype(str), values))


def _languages(rnd: Round, who: IntArray) -> Iterator[Feature]:
    """The level that everybody has at least, in every language that all speak."""
    spoken = [dict(languages) for languages in rnd.learners["languages"]]
    common = set.intersection(*(set(spoken[one]) for one in who.tolist()))
    for code in sorted(common):
        least = min(spoken[one][code] for one in who.tolist())
        has = np.array([languages.get(code, 0) >= least for languages in spoken], bool)
        yield Feature(f"language {code}", words.language(code, least), has)


def _apart(rnd: Round, who: IntArray, shared: Sequence[Feature]) -> Iterator[str]:
    """What differs among the learners and is not in the description."""
    told = {feature.kind for feature in shared}
    country = rnd.sending_partners["country"][rnd.ref("learners", "partner_id")]
    columns = (
        ("field", rnd.learners["field"]),
        ("country", country),
        ("partner", rnd.learners["partner_id"]),
        ("stay", rnd.learners["stay"]),
    )
    for kind, column in columns:
        counts = Counter(column[who].tolist())
        if kind not in told and len(counts) > 1:
            yield words.differs(kind, sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))
