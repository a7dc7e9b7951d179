"""Every check that CI runs, in order, up to the first red: `./check`, or `./check types tests` for some."""

import os
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from scripts import tools  # noqa: E402 - found only once ROOT is on the path

BIN = Path(sys.executable).parent
RESULTS = ROOT / ".cache" / "tests.xml"
STEPS: dict[str, list[str]] = {
    "style": ["ruff", "check", "."],
    "format": ["ruff", "format", "--check", "."],
    "types": ["mypy", "--num-workers", "auto"],
    "layers": ["lint-imports"],
    "tools": ["python", "-m", "scripts.tools"],
    "tests": [
        "pytest",
        "-q",
        "-n",
        "auto",
        "--dist",
        "worksteal",
        "--durations",
        "12",
        f"--junitxml={RESULTS}",
    ],
    "benchmarks": ["python", "-m", "benchmarks.smoke"],
}
NO_BROWSER = ["-m", "not browser"]
"""What the tests are told where there is no Chromium: the step `tools` has said so by then, or failed."""


def run_step(name: str) -> bool:
    """Run one step with its heading and its time; True when it is green."""
    command = [*STEPS[name], *(NO_BROWSER if name == "tests" and not tools.CHROMIUM.found() else [])]
    print(f"\n== {name}: {' '.join(command).replace(f'{ROOT}/', '')}", flush=True)
    started = time.monotonic()
    done = subprocess.run(
        [BIN / command[0], *command[1:]],
        cwd=ROOT,
        env=remembering(),
        check=False,
        stdin=subprocess.DEVNULL,
    )
    print(
        f"-- {name}: {'ok' if done.returncode == 0 else 'FAILED'}, {time.monotonic() - started:.1f} s",
        flush=True,
    )
    return done.returncode == 0


def remembering() -> dict[str, str]:
    """The environment of this process, but Python keeps what it compiles: tests start hundreds of processes."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def count_tests() -> tuple[int, int, int]:
    """Passed, failed and skipped tests of the run that has just ended, as pytest wrote them down."""
    suites = ET.parse(RESULTS).iter("testsuite")  # noqa: S314 - pytest wrote this file a moment ago
    keys = ("tests", "failures", "errors", "skipped")
    counts = [[int(suite.get(key, "0")) for key in keys] for suite in suites]
    tests, failures, errors, skipped = (sum(column) for column in zip(*counts, strict=True))
    return tests - failures - errors - skipped, failures + errors, skipped


def main(names: list[str]) -> int:
    """Exit 0 only when every step asked for is green and no test was skipped."""
    unknown = [name for name in names if name not in STEPS]
    if unknown:
        print(f"No such check: {', '.join(unknown)}. There are: {', '.join(STEPS)}.", file=sys.stderr)
        return 1
    RESULTS.unlink(missing_ok=True)
    for name in names or STEPS:
        if not run_step(name):
            print(f"\ncheck: stopped at {name}", flush=True)
            return 1
    if not RESULTS.exists():
        return 0
    passed, failed, skipped = count_tests()
    if skipped:
        print(f"{skipped} tests were skipped: a check that is not made is not green.")
    print(f"\ncheck: {passed} passed, {failed + skipped} failed")
    return 1 if failed + skipped else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
