"""`./check` itself: it stops at the first red, says what it ran, and calls nothing green that was not checked."""

from pathlib import Path

import pytest

from scripts import checks

Printed = pytest.CaptureFixture[str]
GREEN, RED = ["python", "-c", ""], ["python", "-c", "raise SystemExit(1)"]


def leaving(text: str) -> list[str]:
    """A step that leaves a test result behind, as pytest does."""
    return ["python", "-c", f"import pathlib; pathlib.Path({str(checks.RESULTS)!r}).write_text({text!r})"]


@pytest.fixture(autouse=True)
def steps(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, list[str]]:
    """Steps of the test's own, with results in a folder of its own."""
    chosen: dict[str, list[str]] = {}
    monkeypatch.setattr(checks, "STEPS", chosen)
    monkeypatch.setattr(checks, "RESULTS", tmp_path / "tests.xml")
    return chosen


def test_it_stops_at_the_first_red(steps: dict[str, list[str]], capfd: Printed) -> None:
    """What comes after a red step is not run, and the last line names the step."""
    steps |= {"first": GREEN, "second": RED, "third": GREEN}
    assert checks.main([]) == 1
    printed = capfd.readouterr().out
    assert "== third" not in printed
    assert printed.splitlines()[-1] == "check: stopped at second"


def test_it_ends_with_the_count_of_tests(steps: dict[str, list[str]], capfd: Printed) -> None:
    """The last line is the one that CI reads."""
    steps["tests"] = leaving(
        '<testsuites><testsuite tests="12" failures="0" errors="0" skipped="0"/></testsuites>'
    )
    assert checks.main([]) == 0
    assert capfd.readouterr().out.splitlines()[-1] == "check: 12 passed, 0 failed"


def test_a_skipped_test_is_not_green(steps: dict[str, list[str]], capfd: Printed) -> None:
    """Whatever was skipped was not checked."""
    steps["tests"] = leaving(
        '<testsuites><testsuite tests="12" failures="0" errors="0" skipped="1"/></testsuites>'
    )
    assert checks.main([]) == 1
    assert capfd.readouterr().out.splitlines()[-1] == "check: 11 passed, 1 failed"


def test_it_runs_what_it_is_asked_for(steps: dict[str, list[str]], capfd: Printed) -> None:
    """Names choose steps, in the order given."""
    steps |= {"first": RED, "second": GREEN}
    assert checks.main(["second"]) == 0
    assert "== first" not in capfd.readouterr().out


def test_an_unknown_step_is_said(steps: dict[str, list[str]], capfd: Printed) -> None:
    """A typo runs nothing and lists what there is."""
    steps["first"] = GREEN
    assert checks.main(["frist"]) == 1
    assert "There are: first" in capfd.readouterr().err


def test_what_is_compiled_is_kept(steps: dict[str, list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the caller's environment says: hundreds of processes would compile the project again."""
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    steps["first"] = ["python", "-c", "import sys; raise SystemExit(sys.dont_write_bytecode)"]
    assert checks.main([]) == 0
