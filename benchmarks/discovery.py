"""Families and peers are found because their files are there."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache
from typing import Any


@cache
def discover(package: str, attribute: str) -> Mapping[str, Any]:
    """What each module of a package sets as ``attribute``, by its ``name``, in alphabetical order."""
    where = importlib.import_module(package)
    names = [each.name for each in pkgutil.iter_modules(where.__path__) if not each.name.startswith("_")]
    modules = [importlib.import_module(f"{package}.{name}") for name in names]
    found = [getattr(module, attribute) for module in modules if hasattr(module, attribute)]
    return {each.name: each for each in sorted(found, key=lambda each: each.name)}
