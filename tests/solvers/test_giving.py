"""Items that are given out come back in order, whatever happens on the way, or the run ends and says why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import Future
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import SolverFault
from solvers.giving import LIVES, PATIENCE, Again, Void, give_out

ANSWERS, DIES, WAITS, MISSES, FAILS, STOPS, WITHDRAWN = range(7)
MENDED = st.lists(st.sampled_from([DIES, MISSES]), max_size=LIVES)


class Died(Exception):
    """A worker has died."""


class Fate:
    """Hands that do with every item what its list says, one thing each time that it is given out; then they answer."""

    deaths = (Died,)

    def __init__(self, fates: Sequence[Sequence[int]], room: int = 2) -> None:
        self.fates = [list(fate) for fate in fates]
        self.given: Counter[int] = Counter()
        self._room = room
        self.abandoned = 0
        self.last = ANSWERS

    def room(self) -> int:
        return self._room

    def give(self, number: int) -> Future[Any]:
        self.given[number] += 1
        self.last = self.fates[number].pop(0) if self.fates[number] else ANSWERS
        future: Future[Any] = Future()
        if self.last in (DIES, WAITS):
            future.set_exception(Died())
        elif self.last == FAILS:
            future.set_exception(ZeroDivisionError(number))
        elif self.last == WITHDRAWN:
            future.cancel()
            future.set_running_or_notify_cancel()
        else:
            future.set_result(self.last)
        return future

    def taken(self, number: int, answer: int) -> int:
        if answer == MISSES:
            raise Again
        if answer == STOPS:
            raise Void
        return number

    def begun(self, number: int) -> bool:
        return self.last == DIES

    def lost(self) -> SolverFault:
        return SolverFault("gone")

    def abandon(self, out: Sequence[Future[Any]]) -> None:
        self.abandoned += len(out)


@given(st.lists(MENDED, max_size=8), st.integers(1, 4))
def test_answers_come_in_order_after_any_deaths(fates: list[list[int]], room: int) -> None:
    """Up to three deaths and misses of every item: each is given out once more for each, and all answer."""
    hands = Fate(fates, room)
    assert give_out(hands, len(fates), None) == list(range(len(fates)))
    assert [hands.given[number] for number in range(len(fates))] == [len(fate) + 1 for fate in fates]
    assert hands.abandoned == 0


@pytest.mark.parametrize(("how", "times", "said"), [(DIES, LIVES, "over"), (WAITS, PATIENCE, "before")])
def test_an_item_is_given_up_after_so_many_deaths(how: int, times: int, said: str) -> None:
    """One death fewer is borne; of one more it is said how many there were, of which item, and whether at it."""
    assert give_out(Fate([[how] * times], 1), 1, None) == [0]
    with pytest.raises(SolverFault, match=f"{times + 1} workers died one after the other {said} item 1 of"):
        give_out(Fate([[how] * (times + 1)], 1), 1, None)


def test_the_first_failure_is_reported_and_ends_the_run() -> None:
    """Items 1 and 2 (from 0) fail, the first after a death: it is it that is raised; what follows is not begun."""
    hands = Fate([[], [DIES, FAILS], [FAILS], [], []], 2)
    with pytest.raises(ZeroDivisionError, match="1"):
        give_out(hands, 5, None)
    assert hands.given[4] == 0


def test_a_void_answer_voids_the_run() -> None:
    """A task that stopped early has nothing to say; the others are abandoned."""
    assert give_out(Fate([[], [STOPS], []]), 3, None) is None


def test_a_withdrawn_item_ends_the_run() -> None:
    """Somebody else has cancelled it: the hands say what has happened."""
    with pytest.raises(SolverFault, match="gone"):
        give_out(Fate([[], [WITHDRAWN]]), 2, None)
