"""How the lock files under requirements/ relate to pyproject.toml."""

import hashlib
import json
import tomllib
from pathlib import Path

LOCKS = {
    "run.txt": ["--extra", "api", "--group", "build"],
    "dev.txt": ["--all-extras", "--group", "build", "--group", "dev"],
}
PREFIX = "# made by scripts/lock from pyproject.toml, digest "


def inputs_digest(root: Path) -> str:
    """SHA-256 over what in pyproject.toml decides what is installed, whatever its order or comments."""
    document = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    project = document["project"]
    decisive = [
        project["requires-python"],
        sorted(project["dependencies"]),
        {extra: sorted(wanted) for extra, wanted in project["optional-dependencies"].items()},
        {group: sorted(wanted) for group, wanted in document["dependency-groups"].items()},
    ]
    return hashlib.sha256(json.dumps(decisive, sort_keys=True).encode()).hexdigest()


def first_line(root: Path) -> str:
    """The line that ties a lock file to the pyproject.toml it was made from."""
    return f"{PREFIX}{inputs_digest(root)}\n"


def strip_first_line(text: str) -> str:
    """The pins alone, as the resolver wrote them."""
    return text.split("\n", 1)[1] if text.startswith(PREFIX) else text
