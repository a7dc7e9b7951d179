"""When a request is tried again, and after how long."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from matcher.client.retrying import NEVER, Retrying, seconds_of


def test_waits_double_up_to_the_longest() -> None:
    """0.2 s, twice as long each time, never above the longest."""
    patience = Retrying(longest=1.0, draw=lambda: 1.0)
    assert [patience.wait(tried, 0, None) for tried in range(5)] == pytest.approx([0.2, 0.4, 0.8, 1.0, 1.0])


def test_waits_are_spread() -> None:
    """Clients that were refused together do not come back together: half a wait at least, a whole one at most."""
    assert Retrying(draw=lambda: 0.0).wait(0, 0, None) == pytest.approx(0.1)


def test_it_comes_to_an_end() -> None:
    """No more tries than told, no longer than told."""
    assert Retrying(times=3).wait(3, 0, None) is None
    assert Retrying(seconds=10).wait(0, 9.95, None) is None
    assert NEVER.wait(0, 0, None) is None


def test_the_services_word_counts() -> None:
    """Never sooner than ``Retry-After``; given up at once where that is later than one would wait."""
    assert Retrying(draw=lambda: 0.0).wait(0, 0, 7.0) == 7.0
    assert Retrying().wait(0, 0, 600.0) is None


def test_retry_after_is_seconds_or_a_date() -> None:
    """Both forms of RFC 9110; nonsense is as good as nothing."""
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)
    assert seconds_of("3") == 3.0
    assert seconds_of(soon) == pytest.approx(30, abs=2)
    assert seconds_of(format_datetime(datetime.now(UTC) - timedelta(days=1), usegmt=True)) == 0.0
    assert seconds_of("soon") is None
    assert seconds_of(None) is None
