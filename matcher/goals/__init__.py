"""The goals, one file each. A goal is found because its file is here: there is no list to edit."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from matcher.goals.base import Goal


@cache
def discover() -> tuple[Goal, ...]:
    """Every goal, by name. A goal's module holds one subclass of ``Goal``."""
    goals = []
    for module in pkgutil.iter_modules(__path__):
        if module.name != "base":
            found = importlib.import_module(f"{__name__}.{module.name}")
            goals += [
                cls() for cls in vars(found).values() if _is_goal(cls) and cls.__module__ == found.__name__
            ]
    return tuple(sorted(goals, key=lambda goal: goal.name))


def _is_goal(thing: object) -> bool:
    return isinstance(thing, type) and issubclass(thing, Goal) and thing is not Goal
