"""The project's own promises: pins that agree with what is asked for, a build that holds its data."""

import ast
import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from models.version import VERSION
from scripts.locking import LOCKS, first_line

Pins = dict[str, str]
PACKAGES = ("models", "solvers", "matcher", "api", "benchmarks")


def pins(root: Path, name: str) -> Pins:
    """The pinned versions of a lock file (of the first fork where a package has several)."""
    text = (root / "requirements" / name).read_text(encoding="utf-8")
    found: Pins = {}
    for package, version in re.findall(
        r"^([a-z0-9._-]+)(?:\[[a-z0-9,._-]+\])?==([^\s;\\]+)", text, re.MULTILINE
    ):
        found.setdefault(canonicalize_name(package), version)
    return found


@pytest.fixture(scope="module")
def document(root: Path) -> dict[str, Any]:
    """pyproject.toml."""
    return tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", LOCKS)
def test_the_locks_were_made_from_this_pyproject(root: Path, name: str) -> None:
    """What a lock file was made from is what pyproject.toml asks for now (else run scripts/lock)."""
    assert (root / "requirements" / name).read_text(encoding="utf-8").startswith(first_line(root))


def test_every_dependency_is_pinned_within_its_range(root: Path, document: dict[str, Any]) -> None:
    """Each direct dependency, extra and group member has a pin, and the pin satisfies the range asked for."""
    project, groups = document["project"], document["dependency-groups"]
    extras = [entry for wanted in project["optional-dependencies"].values() for entry in wanted]
    for name, wanted in {
        "run.txt": [*project["dependencies"], *groups["build"]],
        "dev.txt": [*project["dependencies"], *groups["build"], *groups["dev"], *extras],
    }.items():
        found = pins(root, name)
        for requirement in map(Requirement, wanted):
            assert requirement.specifier.contains(found[canonicalize_name(requirement.name)]), requirement


def test_what_is_asked_for_with_an_extra_is_pinned_with_it(root: Path) -> None:
    """Older pips take the newest of ``coverage[toml]`` where only ``coverage`` is pinned, and then miss its hash."""
    text = (root / "requirements" / "dev.txt").read_text(encoding="utf-8")
    pinned = dict(re.findall(r"^([a-z0-9._-]+)(?:\[([a-z0-9,._-]+)\])?==", text, re.MULTILINE))
    installed = {canonicalize_name(dist.name): dist for dist in distributions()}
    asked = [
        Requirement(line) for name in pinned if name in installed for line in installed[name].requires or ()
    ]
    for wanted in asked:
        if wanted.extras and (wanted.marker is None or wanted.marker.evaluate({"extra": ""})):
            have = pinned[canonicalize_name(wanted.name)]
            assert wanted.extras <= set(have.split(",")), wanted


def test_the_development_pins_contain_the_others(root: Path) -> None:
    """A development environment runs the very versions that users run."""
    run, dev = pins(root, "run.txt"), pins(root, "dev.txt")
    assert {name: dev.get(name) for name in run} == run


@pytest.mark.parametrize("name", LOCKS)
def test_the_locks_hold_hashes_and_no_address(root: Path, name: str) -> None:
    """Every pin has a hash; no line names a host, an index or a path."""
    text = (root / "requirements" / name).read_text(encoding="utf-8")
    entries = re.split(r"\n(?=[a-z])", text.split("\n", 1)[1])
    assert all("--hash=sha256:" in entry for entry in entries)
    assert not re.search(r"://|--(extra-)?index-url|--find-links|file:|^\s*#.*/", text.split("\n", 1)[1])


def imported(root: Path, package: str) -> set[str]:
    """The top-level names of the packages from elsewhere that a package of ours imports."""
    found: set[str] = set()
    for file in (root / package).rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found |= {name.name.split(".")[0] for name in node.names}
            elif isinstance(node, ast.ImportFrom):
                found.add((node.module or "").split(".")[0])
    return found - sys.stdlib_module_names - set(PACKAGES)


def test_what_is_imported_is_what_is_asked_for(root: Path, document: dict[str, Any]) -> None:
    """The product imports its dependencies, all of them, and beyond them only what an extra brings."""
    project = document["project"]
    extras = [entry for wanted in project["optional-dependencies"].values() for entry in wanted]
    wanted, optional = (
        {canonicalize_name(Requirement(entry).name) for entry in entries}
        for entries in (project["dependencies"], extras)
    )
    used = {canonicalize_name(name) for package in PACKAGES for name in imported(root, package)}
    assert wanted <= used <= wanted | optional


@pytest.fixture(scope="module")
def built(root: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """The names of the files in the wheel and in the source distribution, built from this folder."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "-d", str(folder)]
    subprocess.run(command, cwd=root, check=True, capture_output=True)
    (wheel,), (sdist,) = folder.glob("*.whl"), folder.glob("*.tar.gz")
    with zipfile.ZipFile(wheel) as archive:
        in_wheel = set(archive.namelist())
    with tarfile.open(sdist) as archive:
        in_sdist = {name.split("/", 1)[1] for name in archive.getnames() if "/" in name}
    return {"wheel": in_wheel, "sdist": in_sdist, "names": {wheel.name, sdist.name}}


def tracked(root: Path, *patterns: str) -> set[str]:
    """The files under version control that match."""
    done = subprocess.run(
        ["git", "ls-files", "--", *patterns], cwd=root, check=True, capture_output=True, text=True
    )
    return set(done.stdout.splitlines())


def test_the_wheel_holds_the_packages_whole(root: Path, built: dict[str, set[str]]) -> None:
    """Code, data files and templates are in the wheel, and nothing of tests, scripts or samples is."""
    packages = tracked(root, *PACKAGES)
    assert packages <= built["wheel"]
    strangers = {name for name in built["wheel"] - packages if ".dist-info/" not in name}
    assert {name for name in strangers if name.startswith(("tests/", "scripts/", "sample_data/"))} == set()


def test_the_source_distribution_can_be_checked(root: Path, built: dict[str, set[str]]) -> None:
    """Tests, samples, pins and documents travel with the sources."""
    assert tracked(root, "tests", "sample_data", "requirements", "docs", "demo", "check") <= built["sdist"]


def test_the_version_comes_from_one_place(built: dict[str, set[str]]) -> None:
    """The build reads models/version.py."""
    assert all(f"-{VERSION}" in name for name in built["names"])
