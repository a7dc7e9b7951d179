"""What the documents say is so: links lead somewhere, commands exist, examples run, made pages are fresh."""

import os
import re
import shlex
import subprocess
from pathlib import Path
from types import CodeType
from typing import Any

import pytest
from markdown_it import MarkdownIt
from typer.main import get_command

import matcher.client
from matcher import load
from matcher.cli.app import app
from scripts.documents import PAGES
from tests.conftest import ROOT

DOCUMENTS = sorted(
    Path(name)
    for name in subprocess.run(
        ["git", "ls-files", "*.md"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.splitlines()
)


def commands() -> list[str]:
    """The names of the commands."""
    group: Any = get_command(app)
    return list(group.commands)


def links(text: str) -> list[str]:
    """The targets of all links and pictures of a Markdown text."""
    inline = [child for token in MarkdownIt().enable("table").parse(text) for child in token.children or ()]
    targets = [child.attrs.get("href") or child.attrs.get("src") for child in inline]
    return [str(target) for target in targets if target]


def anchors(text: str) -> set[str]:
    """The anchors that headings make, as code hosts make them."""
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def blocks(text: str, language: str) -> list[str]:
    """The fenced blocks of a language."""
    return [
        token.content
        for token in MarkdownIt().parse(text)
        if token.type == "fence" and token.info == language
    ]


@pytest.mark.parametrize("document", DOCUMENTS, ids=str)
def test_links_lead_somewhere(root: Path, document: Path) -> None:
    """Every link inside the project names a file (and a heading) that exists."""
    broken = []
    for target in links((root / document).read_text(encoding="utf-8")):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        file = (root / document.parent / name).resolve() if name else root / document
        if not file.exists() or (anchor and anchor not in anchors(file.read_text(encoding="utf-8"))):
            broken.append(target)
    assert broken == []


def test_the_architecture_names_what_is_there(root: Path) -> None:
    """Every file and folder that ARCHITECTURE.md names exists, in the package whose table names it."""
    missing, package = [], ""
    for line in (root / "ARCHITECTURE.md").read_text(encoding="utf-8").splitlines():
        heading = re.match(r"\| `(\w+/)` \|", line)
        named = re.findall(r"`([\w/]+(?:\.py|/))`", line)
        if heading and (root / heading[1]).is_dir():
            package = heading[1]
        elif not line.startswith("|"):
            package = ""
        missing += [
            name for name in named if not ((root / package / name).exists() or (root / name).exists())
        ]
    assert missing == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=str)
def test_console_commands_exist(root: Path, document: Path) -> None:
    """Every `$ command` in a document is a script of this folder, or a subcommand that exists."""
    text = "\n".join(blocks((root / document).read_text(encoding="utf-8"), "console"))
    commands = re.findall(r"^\$ (.*)$", text, re.MULTILINE)
    assert [line for line in commands if not known(root, shlex.split(line, comments=True))] == []


def known(root: Path, words: list[str]) -> bool:
    """Whether a command line names something that is here."""
    program, *rest = words
    if program.endswith("matcher"):
        return rest[0] in commands()
    if program.startswith(".venv/bin/"):
        return True
    return os.access(root / program, os.X_OK)


@pytest.mark.parametrize("document", DOCUMENTS, ids=str)
def test_python_examples_compile(root: Path, document: Path) -> None:
    """Every Python example is Python."""
    for example in blocks((root / document).read_text(encoding="utf-8"), "python"):
        assert isinstance(compile(example, str(document), "exec"), CodeType)


def test_the_readme_example_runs(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The ten lines of the README run as they stand, on a round that takes a moment instead of the sample."""
    small = root / "tests" / "contract" / "examples" / "example-01"
    rnd = load(small)
    (example,) = blocks((root / "README.md").read_text(encoding="utf-8"), "python")
    for name, stand_in in {
        "sample_data/intervet": str(small),
        "L0042": rnd.learners["id"][0],
        "c017": rnd.companies["id"][0],
    }.items():
        assert name in example
        example = example.replace(name, stand_in)
    monkeypatch.chdir(tmp_path)
    exec(compile(example, "README.md", "exec"), {})  # noqa: S102 - the project's own README
    assert (tmp_path / "out" / "report.json").is_file()


def test_the_clients_docstring_is_its_page(root: Path) -> None:
    """The example in the docstring of `matcher.client` is the first of docs/client.md, which runs against a service."""
    (example, *_) = blocks((root / "docs" / "client.md").read_text(encoding="utf-8"), "python")
    assert (matcher.client.__doc__ or "").endswith(f"{example}")


def test_the_readme_names_every_command(root: Path) -> None:
    """The README's table lists the commands that exist, and no other."""
    named = re.findall(r"^\| `matcher (\w+)", (root / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(named) == sorted(commands())


@pytest.mark.parametrize("name", PAGES)
def test_made_pages_are_fresh(root: Path, name: str) -> None:
    """A page made from the code says what the code says now (else run scripts/docs)."""
    assert (root / "docs" / name).read_text(encoding="utf-8") == PAGES[name]()
