"""Waiting for a solve: Ctrl-C asks and does not lose the result; progress is shown where somebody watches."""

import os
import signal
import time
from collections.abc import Callable

import pytest

from matcher.cli.waiting import display, lines, sentence, wait_for
from solvers.interface import Cancel, Progress, Report, silent


def until_cancelled(limit: float = 30.0) -> Callable[[Report, Cancel], str]:
    """A search that ends when it is cancelled, and says so."""

    def work(_: Report, cancel: Cancel) -> str:
        started = time.monotonic()
        while not cancel() and time.monotonic() - started < limit:
            time.sleep(0.005)
        return "cancelled" if cancel() else "ran out of time"

    return work


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "kill"])
def test_a_signal_cancels_and_the_result_comes_back(number: int) -> None:
    """The first signal reaches the search as a cancel; its result comes back as if it had ended by itself."""

    def work(report: Report, cancel: Cancel) -> str:
        os.kill(os.getpid(), number)
        return until_cancelled()(report, cancel)

    assert wait_for(work, seconds=None, shown=False, quiet=False) == "cancelled"


def test_signals_are_as_before_afterwards() -> None:
    """Waiting gives the signal handlers back."""
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    wait_for(lambda _report, _cancel: None, seconds=None, shown=False, quiet=False)
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before


def test_what_the_search_raises_is_raised() -> None:
    """An exception of the search is not swallowed by the thread that it runs in."""

    def work(_report: Report, _cancel: Cancel) -> None:
        raise KeyError("lost")

    with pytest.raises(KeyError, match="lost"):
        wait_for(work, seconds=None, shown=False, quiet=False)


@pytest.mark.parametrize(("shown", "quiet"), [(False, False), (None, True), (True, True), (None, False)])
def test_without_a_terminal_progress_is_silent(shown: bool | None, quiet: bool) -> None:
    """Nothing is shown unless it is asked for; and quiet is quiet."""
    with display(None, shown, quiet) as report:
        assert report is silent


def test_lines_say_what_is_new(capsys: pytest.CaptureFixture[str]) -> None:
    """Without a terminal, progress that was asked for is a line per change, on stderr."""
    report = lines(now=iter([10.0, 11.0, 13.0]).__next__)
    for step in (
        Progress("exact", "placed", 410, 426),
        Progress("exact", "placed", 410, 426),
        Progress("exact", "placed", 411, 426),
    ):
        report(step)
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.splitlines() == [
        "    1.0 s  exact: placed 410, bound 426",
        "    3.0 s  exact: placed 411, bound 426",
    ]


@pytest.mark.parametrize(
    ("step", "text"),
    [
        (Progress("reading"), "reading"),
        (Progress("exact", "placed"), "exact: placed –"),
        (Progress("exact", "cost", 1234567, None), "exact: cost 1 234 567"),
        (Progress("exact", "cost", 12, 10), "exact: cost 12, bound 10"),
    ],
)
def test_a_step_in_words(step: Progress, text: str) -> None:
    """What is not known is a dash, never a number."""
    assert sentence(step) == text
