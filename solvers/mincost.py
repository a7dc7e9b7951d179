"""Minimum-cost circulations by OR-Tools, here or in a process that can be ended.

``SimpleMinCostFlow.solve()`` keeps Python's lock and knows neither a time limit nor cancel, so a large one
that somebody may want to stop runs in a child process; the child dies with its parent.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from ortools.graph.python import min_cost_flow

from models.errors import SolverFault
from models.problem import IntArray
from solvers.interface import never
from solvers.network import LARGEST, Network
from solvers.orphans import die_with_parent
from solvers.stage import Clock

IN_PROCESS = 150_000
"""Up to so many arcs a flow takes about a second at most, and is solved here."""

_ARRAYS = ("tail", "head", "lower", "upper", "cost")


class StoppedError(Exception):
    """The clock said to stop."""


class TooLargeError(Exception):
    """The costs are too large for this network."""


def circulate(
    network: Network, lower: IntArray, upper: IntArray, cost: IntArray, clock: Clock
) -> IntArray | None:
    """The flow on every arc of a cheapest circulation with these limits and costs (one each per arc); None:
    there is none.

    The same arrays give the same flow: the method is deterministic.

    Raises
    ------
    StoppedError
        When time is up, or the caller cancels.
    TooLargeError
        When costs times nodes would not fit into 64 bits.
    """
    if np.any(lower > upper):
        return None
    if int(np.abs(cost).max(initial=0)) * (network.nodes + 1) >= LARGEST:
        raise TooLargeError
    if len(lower) <= IN_PROCESS or (clock.deadline is None and clock.cancel is never):
        return solve(network.nodes, network.tail, network.head, lower, upper, cost)
    return _in_child(network, (network.tail, network.head, lower, upper, cost), clock)


def solve(
    nodes: int, tail: IntArray, head: IntArray, lower: IntArray, upper: IntArray, cost: IntArray
) -> IntArray | None:
    """As ``circulate``, here and now. What must flow is sent first; the rest balances what that leaves at the nodes."""
    flow = min_cost_flow.SimpleMinCostFlow()
    room = np.subtract(upper, lower, dtype=np.int64)
    arcs = flow.add_arcs_with_capacity_and_unit_cost(tail, head, room, cost)
    flow.set_nodes_supplies(np.arange(nodes), supplies(nodes, tail, head, lower))
    status = flow.solve()
    if status == flow.INFEASIBLE:
        return None
    if status == flow.BAD_COST_RANGE:
        raise TooLargeError
    if status != flow.OPTIMAL:
        raise SolverFault(f"minimum-cost flow ended with status {status}")
    flows: IntArray = flow.flows(arcs) + lower
    return flows


def supplies(nodes: int, tail: IntArray, head: IntArray, lower: IntArray) -> IntArray:
    """What each node has left over (or lacks, below 0) when every arc carries its least."""
    supply = np.zeros(nodes, np.int64)
    forced = np.flatnonzero(lower)
    np.add.at(supply, head[forced], lower[forced].astype(np.int64))
    np.subtract.at(supply, tail[forced], lower[forced].astype(np.int64))
    return supply


def _in_child(network: Network, arrays: tuple[IntArray, ...], clock: Clock) -> IntArray | None:
    """Solve in a child process. Arrays travel as files that it maps into its memory."""
    with tempfile.TemporaryDirectory(prefix="matcher-flow-") as folder:
        for name, array in zip(_ARRAYS, arrays, strict=True):
            np.save(Path(folder, f"{name}.npy"), array)
        command = [sys.executable, "-c", "from solvers.mincost import child; child()"]
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
            "MATCHER_PARENT": str(os.getpid()),
        }
        process = subprocess.Popen([*command, folder, str(network.nodes)], env=environment)  # noqa: S603 - our own interpreter and module
        try:
            _wait(process, clock)
        finally:
            process.kill()
            process.wait()
        if process.returncode == TOO_LARGE:
            raise TooLargeError
        if process.returncode != 0:
            raise SolverFault(f"the child process for minimum-cost flow ended with code {process.returncode}")
        answer = Path(folder, "flow.npy")
        return np.load(answer) if answer.exists() else None


TOO_LARGE = 3
"""The code with which a child process says ``TooLargeError``."""


def _wait(process: subprocess.Popen[bytes], clock: Clock) -> None:
    while process.poll() is None:
        if clock.stop() is not None:
            raise StoppedError
        time.sleep(0.02)


def child() -> None:
    """What the child process runs: map the arrays, solve, write the flow; no flow where there is none."""
    die_with_parent(int(os.environ["MATCHER_PARENT"]))
    folder, nodes = Path(sys.argv[1]), int(sys.argv[2])
    try:
        flow = solve(nodes, *(np.load(folder / f"{name}.npy", mmap_mode="r") for name in _ARRAYS))
    except TooLargeError:
        sys.exit(TOO_LARGE)
    if flow is not None:
        np.save(folder / "flow.npy", flow)
