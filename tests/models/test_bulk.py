"""Narrow numbers are the same numbers, and spans cover everything once."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import bulk
from models.bulk import MOST, in_order, narrow, numbers, spans, whole_spans, width
from models.problem import Goal


@pytest.mark.parametrize("edge", [MOST, -MOST])
def test_numbers_are_narrow_where_they_fit(edge: int) -> None:
    """±(2³¹ − 1) fits into 32 bits, one more or less stays as it is; none is changed."""
    within, beyond = np.array([0, edge]), np.array([0, edge + (1 if edge > 0 else -1)])
    assert narrow(within).dtype == np.int32
    assert narrow(within).tolist() == within.tolist()
    assert narrow(beyond) is beyond
    assert narrow(np.zeros(0, np.int64)).tolist() == []


def test_numbers_are_counted_as_narrow_as_they_may_be() -> None:
    """2³¹ − 1 is the highest number of 32 bits."""
    assert numbers(3).tolist() == [0, 1, 2]
    assert numbers(3).dtype == width(MOST) == np.int32
    assert width(MOST + 1) == np.int64


@given(st.integers(0, 40), st.integers(0, 40), st.integers(1, 9))
def test_spans_cover_everything_once(begin: int, length: int, at_once: int) -> None:
    """Every number from the begin to before the end in order, never more than so many at once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bulk, "AT_ONCE", at_once)
        found = [range(span.start, span.stop) for span in spans(begin, begin + length)]
    assert [number for span in found for number in span] == list(range(begin, begin + length))
    assert all(0 < len(span) <= at_once for span in found)


@given(st.lists(st.integers(0, 6), max_size=40).map(sorted), st.integers(1, 9))
def test_whole_spans_part_no_owner(owners: list[int], at_once: int) -> None:
    """Every entry once in order, all entries of an owner in one span."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bulk, "AT_ONCE", at_once)
        found = [owners[span] for span in whole_spans(np.array(owners, np.int64))]
    assert [owner for span in found for owner in span] == owners
    assert sum(len(set(span)) for span in found) == len(set(owners))


@pytest.mark.parametrize("groups", [1, 5, 2**16, 2**16 + 1])
def test_entries_are_put_in_order_of_their_groups(groups: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same as a stable sort, however few are looked at together and however many groups there are."""
    group = np.random.default_rng(groups).integers(0, groups, 1000).astype(np.int32)
    monkeypatch.setattr(bulk, "AT_ONCE", 300)
    order, first = in_order(group, groups)
    assert order.tolist() == np.argsort(group, kind="stable").tolist()
    assert first.tolist() == np.searchsorted(np.sort(group), np.arange(groups + 1)).tolist()


def test_a_narrow_goal_counts_in_whole_numbers() -> None:
    """3 · (2³¹ − 1) is beyond 32 bits, in sums and in vectors, and a column that stands twice counts twice."""
    goal = Goal("goal", -1, np.array([2, 0, 2], np.int32), np.array([MOST, 5, MOST], np.int32))
    assert goal.of(np.array([1, 0, 3])) == 6 * MOST + 5
    assert goal.dense(4).tolist() == [5, 0, 2 * MOST, 0]
    vector = np.array([1.0, 1.0, 0.0, 0.0])
    goal.add_to(vector, 3 * goal.sense)
    assert vector.tolist() == [-14.0, 1.0, -6.0 * MOST, 0.0]
