"""The planning model of the peer Timefold, and the process that searches. Importing it starts a Java virtual machine.

Timefold's Python edition compiles these functions to Java's bytecode, so they are as plain as can be.
"""

import json
import os
import sys
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any

from timefold.solver import SolverFactory
from timefold.solver.config import (
    Duration,
    EnvironmentMode,
    ScoreDirectorFactoryConfig,
    SolverConfig,
    TerminationConfig,
)
from timefold.solver.domain import (
    PlanningEntityCollectionProperty,
    PlanningId,
    PlanningScore,
    PlanningVariable,
    ValueRangeProvider,
    planning_entity,
    planning_solution,
)
from timefold.solver.score import (
    Constraint,
    ConstraintCollectors,
    ConstraintFactory,
    HardMediumSoftScore,
    constraint_provider,
)

PHASES = """<solver><constructionHeuristic/><localSearch>
<acceptor><entityTabuRatio>0.02</entityTabuRatio></acceptor>
<forager><acceptedCountLimit>50</acceptedCountLimit></forager>
</localSearch></solver>"""
"""Tabu search: late acceptance, the default, does not leave the first local optimum where a learner's options are its
own; nor do a thousand moves a step, the default of tabu search, get far."""


@dataclass
class Use:
    """What an option takes of a row."""

    row: int
    amount: int
    capacity: int


@dataclass
class Choice:
    """An option."""

    number: int
    medium: int
    soft: int
    uses: list[Use]


@planning_entity
@dataclass
class Person:
    """A learner with the options to choose from."""

    id: Annotated[int, PlanningId]
    choices: Annotated[list[Choice], ValueRangeProvider]
    choice: Annotated[Choice | None, PlanningVariable(allows_unassigned=True)] = field(default=None)


@planning_solution
@dataclass
class Plan:
    """Everybody."""

    people: Annotated[list[Person], PlanningEntityCollectionProperty]
    score: Annotated[HardMediumSoftScore | None, PlanningScore] = field(default=None)


@constraint_provider
def rules(factory: ConstraintFactory) -> list[Constraint]:
    """Capacities, then worth."""
    return [
        factory.for_each(Person)
        .map(lambda person: person.choice.uses)
        .flatten_last(lambda uses: uses)
        .group_by(
            lambda use: use.row, lambda use: use.capacity, ConstraintCollectors.sum(lambda use: use.amount)
        )
        .filter(lambda _row, capacity, total: total > capacity)
        .penalize(HardMediumSoftScore.ONE_HARD, lambda _row, capacity, total: total - capacity)
        .as_constraint("capacity"),
        factory.for_each(Person)
        .impact(HardMediumSoftScore.ONE_MEDIUM, lambda person: person.choice.medium)
        .as_constraint("first goal"),
        factory.for_each(Person)
        .impact(HardMediumSoftScore.ONE_SOFT, lambda person: person.choice.soft)
        .as_constraint("second goal"),
    ]


def search(problem: dict[str, list[Any]], agents: int, seconds: float, seed: int) -> list[int]:
    """The chosen options of the best plan; the problem is what ``Described`` says, as a dictionary."""
    choices: list[list[Choice]] = [[] for _ in range(agents)]
    columns = (problem["agent"], problem["uses"], problem["medium"], problem["soft"])
    for number, (agent, used, medium, soft) in enumerate(zip(*columns, strict=True)):
        uses = [Use(row, amount, problem["capacity"][row]) for row, amount in used]
        choices[agent].append(Choice(number, medium, soft, uses))
    people = [Person(number, own) for number, own in enumerate(choices) if own]
    config = replace(
        SolverConfig.create_from_xml_text(PHASES),
        solution_class=Plan,
        entity_class_list=[Person],
        random_seed=seed,
        environment_mode=EnvironmentMode.NO_ASSERT,
        score_director_factory_config=ScoreDirectorFactoryConfig(constraint_provider_function=rules),
        termination_config=TerminationConfig(spent_limit=Duration(milliseconds=int(1000 * seconds))),
    )
    found = SolverFactory.create(config).build_solver().solve(Plan(people))
    return [person.choice.number for person in found.people if person.choice is not None]


def main(asked: str, told: str, seconds: str, seed: str) -> None:
    """Read, search, write, and end without waiting for the virtual machine."""
    problem = json.loads(Path(asked).read_text(encoding="utf-8"))
    chosen = search(problem, problem["agents"], float(seconds), int(seed))
    Path(told).write_text(json.dumps(chosen), encoding="utf-8")
    os._exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:])
