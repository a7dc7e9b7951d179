"""Build or bring up to date ./.venv for one profile: `python3 scripts/environment.py run|dev`.

`run` is what the product needs, `dev` adds what checking it needs; both come from the hashed lock files. A
second call finds nothing to do in milliseconds. Two calls at once wait for each other, and a build that is
interrupted leaves nothing behind that a later call would take for finished. Standard library only.
"""

import fcntl
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STATE = VENV / "placement-matcher.json"
PROFILES = ("run", "dev")
PIP_OPTIONS = ["-qq", "--disable-pip-version-check", "--no-input", "--no-user"]

NO_PIP = """This Python cannot make a virtual environment with pip in it, and neither pip nor uv was found:
  {python}
On Debian or Ubuntu:  apt-get install python3-venv      (as root, once)
Anywhere:             install uv, or a Python from python.org, and run this again."""

NOT_OURS = """There is a .venv in this folder that these scripts did not make, so they leave it alone.
Move it away (mv .venv .venv-mine) and run this again."""


class SetupError(Exception):
    """Set-up cannot go on; the message tells a person what to do."""


def say(text: str) -> None:
    """Progress goes to stderr: stdout belongs to the command that follows."""
    print(text, file=sys.stderr, flush=True)


def digest(*paths: Path) -> str:
    """SHA-256 over the contents of files, in order."""
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in paths)).hexdigest()


def wanted_state(profile: str) -> dict[str, str]:
    """What STATE says when nothing is left to do; the place counts, as a moved environment is broken."""
    locks = {name: digest(ROOT / "requirements" / f"{name}.txt") for name in PROFILES}
    project = digest(ROOT / "pyproject.toml", ROOT / "models" / "version.py")
    return {"place": str(ROOT), **{name: locks[name] for name in upto(profile)}, "project": project}


def upto(profile: str) -> tuple[str, ...]:
    """The profiles that a profile contains, itself last."""
    return PROFILES[: PROFILES.index(profile) + 1]


def read_state() -> dict[str, str]:
    """What a finished set-up wrote; empty when there is none or it was interrupted."""
    try:
        state: dict[str, str] = json.loads(STATE.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return state


def write_state(state: dict[str, str]) -> None:
    """In one step, so that nobody reads half of it."""
    aside = STATE.with_suffix(".new")
    aside.write_text(json.dumps(state), encoding="utf-8")
    aside.replace(STATE)


def up_to_date(profile: str) -> bool:
    """True when every entry that the profile wants is there and the environment's Python still starts."""
    state = read_state()
    if any(state.get(key) != value for key, value in wanted_state(profile).items()):
        return False
    return subprocess.run([PYTHON, "-c", ""], check=False, capture_output=True).returncode == 0


@contextmanager
def alone() -> Iterator[None]:
    """Hold the lock that keeps two set-ups apart; the system lets go of it when a process dies."""
    with (ROOT / ".venv.lock").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Waiting for another set-up in this folder to finish ...")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def quiet(*command: str | Path) -> bool:
    """Run a command without showing what it says; True when it succeeded."""
    return subprocess.run(command, check=False, capture_output=True).returncode == 0


def make_venv() -> None:
    """An empty environment, with pip where this Python can put it there."""
    if venv():
        return
    if can_install_packages() and quiet("apt-get", "update"):
        version = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
        quiet("apt-get", "install", "-y", "--no-install-recommends", version)
        if venv():
            return
    if not venv("--without-pip"):
        raise SetupError(NO_PIP.format(python=sys.executable))


def venv(*options: str) -> bool:
    """Start VENV anew, marked as ours from the first moment; True when Python could make it."""
    discard()
    begin()
    return quiet(sys.executable, "-m", "venv", *options, VENV)


def discard() -> None:
    """Take VENV away in one step, so that an interruption here leaves no half of it under that name."""
    aside = ROOT / ".venv.discarded"
    shutil.rmtree(aside, ignore_errors=True)
    if VENV.exists():
        VENV.rename(aside)
        shutil.rmtree(aside, ignore_errors=True)


def begin() -> None:
    """Mark VENV as ours and unfinished."""
    VENV.mkdir(exist_ok=True)
    write_state({})


def can_install_packages() -> bool:
    """Only an unattended run as root installs system packages by itself."""
    return os.environ.get("CI") == "true" and os.geteuid() == 0 and shutil.which("apt-get") is not None


def installer() -> list[str]:
    """The command that installs into VENV: its own pip, else this Python's pip, else uv."""
    if quiet(PYTHON, "-m", "pip", "--version"):
        return [str(PYTHON), "-I", "-m", "pip", "install", *PIP_OPTIONS]
    if quiet(sys.executable, "-m", "pip", "--python", PYTHON, "--version"):
        return [sys.executable, "-m", "pip", "--python", str(PYTHON), "install", *PIP_OPTIONS]
    if uv := shutil.which("uv"):
        return [uv, "pip", "install", "--quiet", "--python", str(PYTHON)]
    raise SetupError(NO_PIP.format(python=sys.executable))


def install(*arguments: str) -> None:
    """Install into VENV; what the installer complains about is shown as it is."""
    if subprocess.run([*installer(), *arguments], cwd=ROOT, check=False).returncode != 0:
        raise SetupError("Installing failed; the lines above say why. Is the package registry reachable?")


def usable(state: dict[str, str]) -> bool:
    """True for an environment that stands in this place and holds the pins to run with."""
    wanted = wanted_state("run")
    return PYTHON.exists() and all(state.get(key) == wanted[key] for key in ("place", "run"))


def build(profile: str) -> None:
    """Bring VENV to the wanted state, from wherever it is; STATE is empty while anything is half done."""
    state, wanted = read_state(), wanted_state(profile)
    if not usable(state):
        say("Setting up .venv (once; it takes a minute or two) ...")
        state = {}
        make_venv()
    begin()
    for name in upto(profile):
        if state.get(name) != wanted[name]:
            install("--require-hashes", "-r", f"requirements/{name}.txt")
    install("--no-deps", "--no-build-isolation", "--editable", ".")
    write_state(state | wanted)


def ensure(profile: str) -> None:
    """Make VENV ready for a profile, or leave it as it was before.

    Raises
    ------
    SetupError
        With what a person can do about it.
    """
    if up_to_date(profile):
        return
    with alone():
        if up_to_date(profile):
            return
        if VENV.exists() and not STATE.exists():
            raise SetupError(NOT_OURS)
        started, before = time.monotonic(), read_state()
        try:
            build(profile)
        except BaseException:
            # The pins of dev contain those of run: a stopped change from one to the other leaves run whole.
            if usable(before):
                write_state(before)
            else:
                discard()
            raise
        say(f"Set-up done in {time.monotonic() - started:.0f} s.")


def main() -> int:
    """Exit 0 when .venv is ready, 1 with a message when it cannot be made, 130 when interrupted."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        ensure(sys.argv[1])
    except SetupError as problem:
        say(str(problem))
    except OSError as problem:
        say(f"Set-up cannot write here: {problem}")
    except KeyboardInterrupt:
        say("Set-up interrupted; nothing half-made is left.")
        return 130
    else:
        return 0
    return 1


if __name__ == "__main__":
    sys.exit(main())
