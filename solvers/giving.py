"""Giving out items to workers that may die, and collecting the answers: the same for processes and for clusters."""

from __future__ import annotations

import heapq
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from typing import Any, Protocol

from models.errors import SolverFault
from solvers.stage import Clock

GLANCE = 0.05
"""Seconds between two looks at the clock."""

NOTHING: Iterator[object] = iter(())
"""Nothing to do meanwhile."""

END = object()
"""What ``next`` says when there is nothing left to do."""

LIVES = 3
"""So many times an item is given out again whose worker has died over it; then it is taken for what kills them."""

PATIENCE = 12
"""So many times an item is given out again that only waited for a worker that died; then none seems able to live."""


class Again(Exception):
    """The item must be given out once more; nobody died over it."""


class Void(Exception):
    """The task stopped early because nobody waits for it."""


class Hands(Protocol):
    """Workers as the giving sees them."""

    @property
    def deaths(self) -> tuple[type[BaseException], ...]:
        """What a future raises when its worker died."""
        ...

    def room(self) -> int:
        """How many items may be out at once, ≥ 1."""
        ...

    def give(self, number: int) -> Future[Any]:
        """Give out an item."""
        ...

    def taken(self, number: int, answer: Any) -> Any:
        """What the task answered, from what the future holds. Raises ``Again`` or ``Void``."""
        ...

    def lost(self) -> SolverFault:
        """What has happened when a future is cancelled that we did not cancel."""
        ...

    def begun(self, number: int) -> bool:
        """Whether an item whose future says that a worker died may have been what the worker was at."""
        ...

    def abandon(self, out: Sequence[Future[Any]]) -> None:
        """Stop what is still running."""
        ...


def give_out(
    hands: Hands, items: int, clock: Clock | None, meanwhile: Iterator[object] = NOTHING
) -> list[Any] | None:
    """The answers to so many items, in their order; None when the clock said to stop. Errors: see ``Crew.run``."""
    giving = Giving(hands, items)
    try:
        while giving.unanswered():
            if clock is not None and clock.stop() is not None:
                return None
            giving.fill()
            giving.collect(0.0 if goes_on(meanwhile) else GLANCE)
    except Void:
        return None
    finally:
        if giving.out:
            hands.abandon(list(giving.out))
    giving.complain()
    for _ in meanwhile:
        if clock is not None and clock.stop() is not None:
            return None
    return [giving.answers[number] for number in range(items)]


def goes_on(work: Iterator[object]) -> bool:
    """Whether there was something left to do; one step of it is done now."""
    return next(work, END) is not END


class Giving:
    """Who has what, and what has come back.

    Items go out in order. So when one fails, all before it are out or answered, and the failure that is reported is
    the first item's, whoever was fastest.
    """

    def __init__(self, hands: Hands, items: int) -> None:
        self.hands = hands
        self.waiting = list(range(items))
        self.out: dict[Future[Any], int] = {}
        self.answers: dict[int, Any] = {}
        self.failures: dict[int, BaseException] = {}
        self.lost: Counter[tuple[int, bool]] = Counter()

    def unanswered(self) -> bool:
        """Whether there is something to wait for; what follows a failure is not."""
        return any(number < self.end() for number in (*self.waiting, *self.out.values()))

    def end(self) -> int:
        """The first item that failed; what follows it does not matter any more."""
        return min(self.failures, default=sys.maxsize)

    def fill(self) -> None:
        """Give out items as long as there is room."""
        room = self.hands.room()
        while self.waiting and self.waiting[0] < self.end() and len(self.out) < room:
            number = heapq.heappop(self.waiting)
            self.out[self.hands.give(number)] = number

    def collect(self, patience: float) -> None:
        """Take in what has come back, if anything comes back within so many seconds."""
        for future in wait(self.out, timeout=patience, return_when=FIRST_COMPLETED).done:
            number = self.out.pop(future)
            if future.cancelled():
                raise self.hands.lost()
            death = future.exception()
            if death is None:
                self._take(number, future.result())
            elif isinstance(death, self.hands.deaths):
                self._lose(number, death)
            else:
                self.failures[number] = death

    def _take(self, number: int, answer: Any) -> None:
        try:
            self.answers[number] = self.hands.taken(number, answer)
        except Again:
            heapq.heappush(self.waiting, number)

    def _lose(self, number: int, death: BaseException) -> None:
        begun = self.hands.begun(number)
        self.lost[number, begun] += 1
        if self.lost[number, begun] > (LIVES if begun else PATIENCE):
            died = f"{self.lost[number, begun]} workers died one after the other"
            raise SolverFault(
                f"{died} {'over' if begun else 'before'} item {number + 1} of a task"
            ) from death
        heapq.heappush(self.waiting, number)

    def complain(self) -> None:
        """Raise the first failure, if there is one."""
        if self.failures:
            raise self.failures[min(self.failures)]
