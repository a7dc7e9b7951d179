"""Minimum-cost circulations by OR-Tools, and the prices that prove them.

``SimpleMinCostFlow.solve()`` keeps Python's lock and knows neither a time limit nor cancel, so a large one
runs in a child process that can be ended; the child dies with its parent.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from ortools.graph.python import min_cost_flow

from models.errors import SolverFault
from models.problem import IntArray
from solvers.network import Network
from solvers.stage import Clock

IN_PROCESS = 150_000
"""Up to so many arcs a flow takes about a second at most, and is solved here."""

LARGEST = 2**61
"""Costs times nodes stay below this: the method scales costs by the number of nodes, and works with twice
that.
"""

_ARRAYS = ("tail", "head", "lower", "upper", "cost")


class StoppedError(Exception):
    """The clock said to stop."""


def circulate(
    network: Network, lower: IntArray, upper: IntArray, cost: IntArray, clock: Clock
) -> IntArray | None:
    """The flow on every arc of a cheapest circulation with these limits and costs (one each per arc); None:
    there is none.

    Raises
    ------
    StoppedError
        When time is up, or the caller cancels.
    """
    if np.any(lower > upper):
        return None
    if len(lower) <= IN_PROCESS:
        return solve(network.nodes, network.tail, network.head, lower, upper, cost)
    return _in_child(network, (network.tail, network.head, lower, upper, cost), clock)


def solve(
    nodes: int, tail: IntArray, head: IntArray, lower: IntArray, upper: IntArray, cost: IntArray
) -> IntArray | None:
    """As ``circulate``, here and now. What must flow is sent first; the rest balances what that leaves at the nodes."""
    supply = np.zeros(nodes, np.int64)
    np.add.at(supply, head, lower)
    np.subtract.at(supply, tail, lower)
    flow = min_cost_flow.SimpleMinCostFlow()
    arcs = flow.add_arcs_with_capacity_and_unit_cost(tail, head, upper - lower, cost)
    flow.set_nodes_supplies(np.arange(nodes), supply)
    status = flow.solve()
    if status == flow.INFEASIBLE:
        return None
    if status != flow.OPTIMAL:
        raise SolverFault(f"minimum-cost flow ended with status {status}")
    flows: IntArray = flow.flows(arcs) + lower
    return flows


def potentials(
    network: Network, lower: IntArray, upper: IntArray, cost: IntArray, flow: IntArray
) -> IntArray:
    """Node prices under which no arc that could carry more (or less) would gain by it: they prove a cheapest
    circulation.

    The shortest distances in the residual network, by Bellman and Ford, all arcs at a time.
    """
    more, less = flow < upper, flow > lower
    start = np.concatenate([network.tail[more], network.head[less]])
    end = np.concatenate([network.head[more], network.tail[less]])
    length = np.concatenate([cost[more], -cost[less]])
    price = np.zeros(network.nodes, np.int64)
    for _ in range(network.nodes + 1):
        before = price.copy()
        np.minimum.at(price, end, price[start] + length)
        if np.array_equal(before, price):
            return price
    raise SolverFault("the circulation is not a cheapest one: a cycle would still gain")


def reduced_costs(network: Network, cost: IntArray, price: IntArray) -> IntArray:
    """What one more unit on each arc costs at these node prices."""
    return cost + price[network.tail] - price[network.head]


def _in_child(network: Network, arrays: tuple[IntArray, ...], clock: Clock) -> IntArray | None:
    with tempfile.TemporaryDirectory(prefix="matcher-flow-") as folder:
        given, answer = Path(folder, "given.npz"), Path(folder, "answer.npz")
        tail, head, lower, upper, cost = arrays
        np.savez(given, nodes=network.nodes, tail=tail, head=head, lower=lower, upper=upper, cost=cost)
        command = [
            sys.executable,
            "-c",
            "from solvers.mincost import child; child()",
            str(given),
            str(answer),
        ]
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
            "MATCHER_PARENT": str(os.getpid()),
        }
        process = subprocess.Popen(command, env=environment)  # noqa: S603 - our own interpreter and module
        try:
            _wait(process, clock)
        finally:
            process.kill()
            process.wait()
        if process.returncode != 0:
            raise SolverFault(f"the child process for minimum-cost flow ended with code {process.returncode}")
        with np.load(answer) as found:
            return found["flow"] if found["feasible"] else None


def _wait(process: subprocess.Popen[bytes], clock: Clock) -> None:
    while process.poll() is None:
        if clock.stop() is not None:
            raise StoppedError
        time.sleep(0.02)


def child() -> None:
    """What the child process runs: read the arrays, solve, write the flow."""
    die_with_parent(int(os.environ["MATCHER_PARENT"]))
    given, answer = sys.argv[1:]
    with np.load(given) as arrays:
        flow = solve(int(arrays["nodes"]), *(arrays[name] for name in _ARRAYS))
    np.savez(answer, feasible=flow is not None, flow=np.zeros(0, np.int64) if flow is None else flow)


def die_with_parent(parent: int) -> None:
    """Ask Linux to end this process when its parent ends; elsewhere nothing happens."""
    if sys.platform == "linux":
        parent_death_signal = 1  # PR_SET_PDEATHSIG in <sys/prctl.h>
        ctypes.CDLL(None).prctl(parent_death_signal, signal.SIGKILL)
        if os.getppid() != parent:  # it ended before we asked
            sys.exit(1)
