"""The rules, one file each. A rule is found because its file is here: there is no list to edit."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from matcher.rules.base import Rule


@cache
def discover() -> tuple[Rule, ...]:
    """Every rule, in the order of their numbers. A rule's module holds one subclass of ``Rule``."""
    rules = []
    for module in pkgutil.iter_modules(__path__):
        if module.name != "base":
            found = importlib.import_module(f"{__name__}.{module.name}")
            rules += [
                cls() for cls in vars(found).values() if _is_rule(cls) and cls.__module__ == found.__name__
            ]
    return tuple(sorted(rules, key=lambda rule: (rule.number, rule.name)))


def _is_rule(thing: object) -> bool:
    return isinstance(thing, type) and issubclass(thing, Rule) and thing is not Rule
