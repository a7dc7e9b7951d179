"""The audit's faces share no code with the solver's: read from the sources of rules and goals.

A face reaches its own body and the module's functions that it calls, and theirs. What the audit reaches may not be
reached by the other faces, and may not come from the modules that make options, rows and terms.
"""

import ast
from pathlib import Path

import pytest

import matcher
from matcher.goals import discover as discover_goals
from matcher.rules import discover as discover_rules

HOME = Path(matcher.__file__).parent
SOLVING = {
    f"matcher.{name}"
    for name in (
        *("calendar", "columns", "compiling", "conditions", "fitting", "money", "options", "places", "slots"),
        "spending",
    )
}
AUDITING = {f"matcher.{name}" for name in ("arithmetic", "placements", "seated", "worth")}
MODULES = [type(face).__module__ for face in (*discover_rules(), *discover_goals())]


class Source:
    """A module's functions, its methods, and where its names come from."""

    def __init__(self, module: str) -> None:
        tree = ast.parse((HOME.parent / f"{module.replace('.', '/')}.py").read_text(encoding="utf-8"))
        self.origin = {
            alias.asname or alias.name: f"{node.module}.{alias.name}"
            if node.module == "matcher"
            else node.module
            for node in tree.body
            if isinstance(node, ast.ImportFrom) and node.module
            for alias in node.names
        }
        classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
        methods = [node for found in classes for node in found.body]
        self.functions = {
            node.name: node for node in (*tree.body, *methods) if isinstance(node, ast.FunctionDef)
        }

    def reached(self, *faces: str) -> set[str]:
        """The names that the faces use, and those that the module's functions among them use."""
        names: set[str] = set()
        waiting = [face for face in faces if face in self.functions]
        while waiting:
            function = self.functions[waiting.pop()]
            nodes = [node for part in function.body for node in ast.walk(part)]
            used = {node.id for node in nodes if isinstance(node, ast.Name)}
            used |= {node.attr for node in nodes if isinstance(node, ast.Attribute) and _is_self(node.value)}
            waiting += [name for name in used - names if name in self.functions]
            names |= used
        return names

    def modules(self, names: set[str]) -> set[str]:
        """The modules that the names come from."""
        return {self.origin[name] for name in names if name in self.origin}


def _is_self(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "self"


@pytest.mark.parametrize("module", MODULES)
def test_the_faces_reach_different_code(module: str) -> None:
    """Neither a module nor a helper of the other side."""
    source = Source(module)
    audit = source.reached("audit", "value")
    solver = source.reached("bars", "conditions", "named", "rows", "terms", "why")
    assert not source.modules(audit) & SOLVING
    assert not source.modules(solver) & AUDITING
    assert not audit & solver & set(source.functions)


@pytest.mark.parametrize("module", sorted({*AUDITING, "matcher.auditing"}))
def test_the_audits_modules_import_nothing_that_makes_options(module: str) -> None:
    """The audit stands on the tables, the rate table and the gazetteer."""
    assert not set(Source(module).origin.values()) & SOLVING
