"""The set-up behind ./demo and ./check: once, whole or not at all, one at a time, nobody else's."""

import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from scripts import environment
from scripts.environment import SetupError


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project folder of its own, with pins, in which environments are built without installing anything."""
    for name in ("requirements/run.txt", "requirements/dev.txt", "pyproject.toml", "models/version.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    venv = tmp_path / ".venv"
    monkeypatch.setattr(environment, "ROOT", tmp_path)
    monkeypatch.setattr(environment, "VENV", venv)
    monkeypatch.setattr(environment, "PYTHON", venv / "bin" / "python")
    monkeypatch.setattr(environment, "STATE", venv / "placement-matcher.json")
    monkeypatch.setattr(environment, "make_venv", lambda: environment.venv("--without-pip"))
    return tmp_path


@pytest.fixture
def installed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was asked to be installed, in order: the last word of each request."""
    requests: list[str] = []
    monkeypatch.setattr(environment, "install", lambda *arguments: requests.append(arguments[-1]))
    return requests


def interrupted(*_: str) -> None:
    """An installation that somebody stops."""
    raise KeyboardInterrupt


RUN, DEV, PROJECT = "requirements/run.txt", "requirements/dev.txt", "."


def test_a_second_set_up_has_nothing_to_do(installed: list[str]) -> None:
    """The first installs pins and project; the second nothing."""
    environment.ensure("run")
    environment.ensure("run")
    assert installed == [RUN, PROJECT]


def test_checking_adds_to_what_running_needs(installed: list[str]) -> None:
    """Dev on top of run installs the difference only; afterwards both are ready."""
    environment.ensure("run")
    environment.ensure("dev")
    environment.ensure("run")
    assert installed == [RUN, PROJECT, DEV, PROJECT]


def test_changed_pins_start_anew(installed: list[str], folder: Path) -> None:
    """With other pins the environment is made from nothing: no package stays that nobody asks for."""
    environment.ensure("run")
    (folder / ".venv" / "leftover").touch()
    (folder / RUN).write_text("other pins")
    environment.ensure("run")
    assert installed == [RUN, PROJECT] * 2
    assert not (folder / ".venv" / "leftover").exists()


def test_an_interrupted_first_set_up_leaves_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C in the middle: no .venv, and nothing that a later set-up would stumble over."""
    monkeypatch.setattr(environment, "install", interrupted)
    with pytest.raises(KeyboardInterrupt):
        environment.ensure("run")
    assert not (folder / ".venv").exists()


def test_an_interrupted_addition_leaves_what_worked(
    installed: list[str], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C while dev is added: run still has nothing to do."""
    environment.ensure("run")
    with monkeypatch.context() as patch:
        patch.setattr(environment, "install", interrupted)
        with pytest.raises(KeyboardInterrupt):
            environment.ensure("dev")
    environment.ensure("run")
    assert installed == [RUN, PROJECT]


def test_a_killed_set_up_is_done_over(installed: list[str], folder: Path) -> None:
    """What kill -9 leaves behind is marked as unfinished and made anew."""
    environment.venv("--without-pip")
    environment.ensure("run")
    assert installed == [RUN, PROJECT]


def test_somebody_elses_environment_is_left_alone(installed: list[str], folder: Path) -> None:
    """A .venv without our mark is neither used nor deleted."""
    (folder / ".venv").mkdir()
    with pytest.raises(SetupError, match="leave it alone"):
        environment.ensure("run")
    assert (folder / ".venv").is_dir()
    assert installed == []


def test_a_moved_folder_is_set_up_again(
    installed: list[str], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Commands in a moved environment point to the old place: it is made anew."""
    environment.ensure("run")
    monkeypatch.setattr(environment, "wanted_state", moved(environment.wanted_state))
    environment.ensure("run")
    assert installed == [RUN, PROJECT] * 2


def moved(wanted: Callable[[str], dict[str, str]]) -> Callable[[str], dict[str, str]]:
    """The wanted state of the same folder at another place."""
    return lambda profile: wanted(profile) | {"place": "elsewhere"}


def test_two_set_ups_at_once_install_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second waits for the first and then finds everything done."""
    requests: list[str] = []
    begun, go_on = threading.Event(), threading.Event()

    def slow(*arguments: str) -> None:
        begun.set()
        go_on.wait(30)
        requests.append(arguments[-1])

    monkeypatch.setattr(environment, "install", slow)
    monkeypatch.setattr(environment, "say", lambda text: go_on.set() if text.startswith("Waiting") else None)
    first = threading.Thread(target=environment.ensure, args=("run",))
    first.start()
    assert begun.wait(30)
    environment.ensure("run")
    first.join(30)
    assert requests == [RUN, PROJECT]


def test_without_ensurepip_the_hosts_pip_installs(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Debian's python3 without python3-venv makes an environment without pip; its own pip then installs into it."""
    monkeypatch.setattr(environment, "quiet", lambda program, *_: program == sys.executable)
    assert environment.installer()[:5] == [sys.executable, "-m", "pip", "--python", str(environment.PYTHON)]


def test_without_any_installer_a_person_is_told_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither venv, pip nor uv: the message names what to install."""
    monkeypatch.setattr(environment, "quiet", lambda *_: False)
    monkeypatch.setattr("shutil.which", lambda _: None)
    with pytest.raises(SetupError, match="python3-venv"):
        environment.installer()


def test_it_starts_on_the_standard_library_alone(root: Path) -> None:
    """The script runs before anything is installed: -S hides every installed package."""
    done = subprocess.run(
        [sys.executable, "-S", "-c", "import scripts.environment, scripts.locking"], cwd=root, check=False
    )
    assert done.returncode == 0
