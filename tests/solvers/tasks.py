"""Tasks that the crew's tests give out: functions of a module, as workers import them."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from solvers.crew import stopping
from solvers.holdings import Arrays


def price(shard: Arrays, prices: npt.NDArray[np.float64], factor: int) -> npt.NDArray[np.float64]:
    """What the options of a shard are worth at these prices, summed by slot."""
    worth = factor * shard["value"] - prices[shard["slot"]]
    return np.bincount(shard["slot"], worth, len(prices)).astype(np.float64)


def describe(shard: Arrays) -> dict[str, tuple[str, tuple[int, ...], bool, list[Any]]]:
    """Everything about the arrays that a task could notice."""
    return {
        name: (array.dtype.str, array.shape, array.flags.writeable, array.tolist())
        for name, array in shard.items()
    }


def scribble(shard: Arrays) -> None:
    """Write where nobody may."""
    shard["value"][0] = 7


def process(_: int) -> int:
    """Who did it."""
    time.sleep(0.05)
    return os.getpid()


def environment(_: int) -> tuple[str | None, str]:
    """The threads that BLAS may use, and the name of the main module's file."""
    import __main__  # noqa: PLC0415 - that of the process in which this runs

    return os.environ.get("OMP_NUM_THREADS"), getattr(__main__, "__file__", "")


def double(number: int) -> int:
    """A task that cannot go wrong."""
    return 2 * number


def fail(number: int) -> int:
    """Fail at 3 and more, the later the faster."""
    if number >= 3:
        time.sleep(max(0.0, 0.3 - 0.05 * number))
        raise ZeroDivisionError(f"item {number}")
    return number


def sleep(folder: str, number: int) -> int:
    """Leave word of the process, then take very long."""
    Path(folder, f"{number}.pid").write_text(str(os.getpid()))
    time.sleep(600)
    return number


def wait_until_stopped(folder: str) -> bool:
    """Take very long, but listen."""
    Path(folder, "begun").touch()
    while not stopping():
        time.sleep(0.01)
    Path(folder, "heard").touch()
    return True


def sleep_once(folder: str, number: int) -> int:
    """As ``sleep`` the first time that item 1 is carried out; at once otherwise, and with the square as the answer."""
    word = Path(folder, f"{number}.pid")
    if number == 1 and not word.exists():
        sleep(folder, number)
    return number * number


def die(folder: str, number: int) -> int:
    """Kill the worker that carries this out, every time that it is item 1."""
    if number == 1:
        with Path(folder, "deaths").open("a") as file:
            file.write("x")
        os.kill(os.getpid(), 9)
    return number


def sleep_once_with(folder: str, shard: Arrays) -> int:
    """As ``sleep_once``, with the number in a holding."""
    return sleep_once(folder, int(shard["number"]))


def forget_everything(_: int) -> None:
    """Make a worker of a cluster one that has just been started."""
    from solvers.serving import SHELF  # noqa: PLC0415 - only a cluster's workers have one

    SHELF.put("", {"": np.zeros(1)}, 0)  # more than there is room for
    time.sleep(0.05)
