"""The frontier between two goals: what each unit of the one costs in the other, best possible throughout.

Both ends are exact: the best of one goal, then the best of the other. Between them boxes that may still hold points are
halved, the largest first (``boxes``): one goal is limited, the other is made as good as possible, and then the first
again, so that no allocation is at least as good in both and better in one (Haimes, Lasdon and Wismer 1971 for limits;
the second solve as in Mavrotas, Applied Mathematics and Computation 213, 2009). Ties go by the policy's other goals.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from matcher.goals import discover
from matcher.scenarios import words
from matcher.scenarios.asking import Ask, Found, answer
from matcher.scenarios.boxes import Box, Cut, Pair, to_ask, undominated
from matcher.scenarios.points import Frontier, Point, Step
from models.errors import UnknownName
from models.outcome import Status
from models.round import Round
from models.vocabulary import nearest
from solvers.crew import Crew, crew
from solvers.interface import Cancel, Limits, Progress, Report, never, silent
from solvers.stage import Clock

POINTS = 9
"""How many points are asked for."""


@dataclass(frozen=True)
class Plan:
    """Which goals are traded, which are held at their best, which decide among equals."""

    axes: tuple[str, str]
    held: tuple[str, ...]
    ties: tuple[str, ...]

    @classmethod
    def of(cls, rnd: Round, first: str, second: str, hold: Sequence[str] | None) -> Plan:
        """The plan for a round: unless ``hold`` names others, the goals that the policy puts before both axes are held.

        Raises ``UnknownName``.
        """
        known = [goal.name for goal in discover()]
        for name in (first, second, *(hold or ())):
            if name not in known:
                near = nearest(name, known)
                hint = f" (nearest: {near})" if near else ""
                raise UnknownName(f"unknown goal {name!r}{hint}; there are {', '.join(known)}")
        if first == second:
            raise UnknownName(f"a frontier is between two goals; {first} is named twice")
        clash = [name for name in hold or () if name in {first, second}]
        if clash:
            raise UnknownName(f"{clash[0]} is traded, and cannot be held")
        policy = rnd.policy
        order = [] if policy.weights is not None else list(policy.goals)
        if hold is None:
            at = [order.index(name) for name in (first, second) if name in order]
            held = order[: min(at, default=len(order))]
        else:
            held = list(dict.fromkeys(hold))
        others = (name for name in policy.reported_goals if name not in {first, second, *held})
        return cls((first, second), tuple(held), tuple(others))

    def round(self, rnd: Round) -> Round:
        """The round with a policy that has all these goals."""
        goals = (*self.held, *self.axes, *self.ties)
        return rnd.replace(policy=rnd.policy.model_copy(update={"goals": goals, "weights": None}))


def frontier(  # noqa: PLR0913 - options, by keyword
    rnd: Round,
    first: str,
    second: str,
    *,
    points: int = POINTS,
    hold: Sequence[str] | None = None,
    time_limit: float | None = None,
    seed: int = 0,
    workers: int = 1,
    progress: Report | None = None,
    cancel: Cancel | None = None,
) -> Frontier:
    """Trade one goal for another.

    Parameters
    ----------
    points
        At most so many, at least 2. There are fewer where there are no more, or where the rest lies closer together
        than half of an even step.
    hold
        Goals to hold at their best, in this order (None: those that the policy puts before both axes; empty: none).
    time_limit
        Seconds for each question; a point that it cuts short says that it is not proven.
    workers
        Questions asked at once, each in a process. The result does not depend on it.
    cancel
        When it says so, what has been found is returned.

    Raises
    ------
    UnknownName
        For a goal that does not exist, or one that is named twice.
    """
    plan = Plan.of(rnd, first, second, hold)
    with crew(Limits(workers=workers)) as hands:
        ears = (progress or silent, cancel or never)
        return _Search(rnd, plan, max(2, points), time_limit, seed, hands, *ears).run()


@dataclass
class _Search:
    """Where the search stands: points by their values (signed, so that more is better), boxes, what is held."""

    rnd: Round
    plan: Plan
    most: int
    time_limit: float | None
    seed: int
    hands: Crew
    report: Report
    cancel: Cancel
    found: dict[Pair, tuple[Found, bool]] = field(default_factory=dict)
    boxes: list[Box] = field(default_factory=list)
    held: tuple[tuple[str, int], ...] = ()
    held_proven: bool = True

    def run(self) -> Frontier:
        self.tell()
        first = self.end(0)
        if first is None or first.chosen is None:
            return self.nothing(first)
        self.held = tuple((name, first.values[name]) for name in self.plan.held)
        self.held_proven = set(self.plan.held) <= set(first.proven)
        self.take(first, self.is_best(first))
        self.tell()
        second = self.end(1, first)
        if second is not None and second.chosen is not None:
            self.take(second, self.is_best(second))
            self.tell()
            right, left = self.pair(first), self.pair(second)
            if right[0] > left[0] and left[1] > right[1]:
                self.boxes.append(Box.between(left, right))
            while self.round_of_questions((right[0] - left[0], left[1] - right[1])):
                self.tell()
        return self.frontier(ends=second is not None and second.chosen is not None)

    def tell(self) -> None:
        self.report(Progress(words.points_found(len(self.found), self.most)))

    def end(self, axis: int, start: Found | None = None) -> Found | None:
        """The best of one axis, then of the other."""
        axes = self.plan.axes if axis == 0 else self.plan.axes[::-1]
        order = (*(() if start else self.plan.held), *axes, *self.plan.ties)
        return self.ask([Ask(order, self.held, None if start is None else start.chosen)])[0]

    def round_of_questions(self, whole: Pair) -> bool:
        """Halve the largest boxes, all at once; False when there is nothing more to ask."""
        chosen = to_ask(self.boxes, whole, 0.5 / (self.most - 1), self.most - len(self.found))
        if not chosen or self.cancel():
            return False
        cuts = [box.halved(whole) for box in chosen]
        answers = self.ask([self.question(box, cut) for box, cut in zip(chosen, cuts, strict=True)])
        for box, cut, found in zip(chosen, cuts, answers, strict=True):
            self.boxes.remove(box)
            self.boxes += self.after(box, cut, found)
        return True

    def question(self, box: Box, cut: Cut) -> Ask:
        """Limit one axis, make the other as good as possible, then the first again."""
        axis, other = self.plan.axes[cut.axis], self.plan.axes[1 - cut.axis]
        known, _ = self.found[box.right if cut.axis == 0 else box.left]
        limits = (*self.held, (axis, SENSE[axis] * cut.least))
        return Ask((other, axis, *self.plan.ties), limits, known.chosen)

    def after(self, box: Box, cut: Cut, found: Found | None) -> list[Box]:
        """What is left of a box once its question is answered; a new point is taken."""
        if found is None or found.chosen is None:
            return [box.given_up()]
        point, best = self.pair(found), self.is_best(found)
        if box.holds(point):
            self.take(found, best)
            return list(box.split(cut, point, sure=best))
        return [box.shrunk(cut, sure=best)]

    def ask(self, asks: Sequence[Ask]) -> list[Found | None]:
        """Ask several questions at once; None where there was no time."""
        rnd, clock = self.plan.round(self.rnd), Clock(silent, self.cancel)
        items = [(rnd, ask, self.time_limit, self.seed) for ask in asks]
        with ThreadPoolExecutor(len(items)) as threads:
            answers = list(threads.map(lambda item: self.hands.run(answer, [item], clock=clock), items))
        return [None if one is None else one[0] for one in answers]

    def pair(self, found: Found) -> Pair:
        x, y = (SENSE[name] * found.values[name] for name in self.plan.axes)
        return x, y

    def is_best(self, found: Found) -> bool:
        """Whether it is proven that nothing is as good on both axes and better on one."""
        return set(self.plan.axes) <= set(found.proven)

    def take(self, found: Found, best: bool) -> None:
        self.found.setdefault(self.pair(found), (found, best))

    def nothing(self, found: Found | None) -> Frontier:
        """There is no allocation, or none was found."""
        status = Status.INFEASIBLE if found is not None and found.impossible else Status.NO_SOLUTION
        return self._made(status, (), (), complete=False, conflict=found.conflict if found else ())

    def frontier(self, *, ends: bool) -> Frontier:
        """What was found, in the order of the first axis."""
        left = sorted(undominated(list(self.found)))
        if SENSE[self.plan.axes[0]] < 0:
            left.reverse()
        points = tuple(self.point(number, pair) for number, pair in enumerate(left, start=1))
        sides = {(box.left, box.right) for box in self.boxes if not box.closed}
        steps = tuple(
            self.step(points[at], points[at + 1], nothing_between=not _between(sides, left[at], left[at + 1]))
            for at in range(len(points) - 1)
        )
        proven = ends and all(point.proven for point in points)
        complete = proven and not sides
        status = Status.OPTIMAL if proven else Status.FEASIBLE
        return self._made(status, points, steps, complete=complete, conflict=())

    def _made(
        self,
        status: Status,
        points: tuple[Point, ...],
        steps: tuple[Step, ...],
        *,
        complete: bool,
        conflict: tuple[str, ...],
    ) -> Frontier:
        by_priority = bool((self.rnd.learners["priority"] != 1).any())
        return Frontier(
            round_id=self.rnd.id,
            round_name=self.rnd.name,
            axes=self.plan.axes,
            held=dict(self.held),
            held_proven=self.held_proven,
            ties=self.plan.ties,
            asked=self.most,
            status=status,
            complete=complete,
            points=points,
            steps=steps,
            conflict=conflict,
            by_priority=by_priority,
            learners=len(self.rnd.learners),
            time_limit=self.time_limit,
            seed=self.seed,
            stopped=self.cancel(),
            input_digest=self.rnd.digest,
        )

    def point(self, number: int, pair: Pair) -> Point:
        found, best = self.found[pair]
        first, second = self.plan.axes
        still = dict([found.open]) if found.open and not best else {}
        values, bounds = dict(found.values), (still.get(first), still.get(second))
        return Point(number, values[first], values[second], best, *bounds, found.placed, values, found.places)

    def step(self, one: Point, other: Point, *, nothing_between: bool) -> Step:
        return Step(
            one.number, other.number, other.first - one.first, other.second - one.second, nothing_between
        )


SENSE = {goal.name: goal.sense for goal in discover()}
"""+1 for goals that are maximised, −1 for those that are minimised."""


def _between(sides: set[tuple[Pair, Pair]], one: Pair, other: Pair) -> bool:
    """Whether undiscovered points may lie between two neighbours."""
    low, high = sorted((one, other))
    return any(left < high and low < right for left, right in sides)
