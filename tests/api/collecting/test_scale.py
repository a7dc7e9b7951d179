"""A large upload: the server's memory, and reads that go on meanwhile."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from api.rounds.children import stop_children
from tests.api.collecting.people import CSV, FIRST, People

ROWS = 100_000


def memory_mb(pid: str = "self") -> int:
    """The most memory that a process and its children have held, in MB."""
    status = Path(f"/proc/{pid}/status").read_text()
    own = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) // 1_000
    children = [child for task in Path(f"/proc/{pid}/task").iterdir() for child in children_of(task)]
    return own + sum(map(memory_mb, children))


def children_of(task: Path) -> list[str]:
    """The processes that a thread has started; none where it has just ended."""
    try:
        return (task / "children").read_text().split()
    except (FileNotFoundError, ProcessLookupError):
        return []


@pytest.mark.slow
def test_a_hundred_thousand_learners_fit(people: People) -> None:
    """They are loaded whole with less than 1 GB in all processes together, and a reader waits for nobody."""
    stop_children()
    head = people.parts["learners", "ccis"].splitlines()[0]
    rows = (
        f"L{number},ccis,,0714,4,short,2022-09-01,2022-12-31,en:B1;it:A2,2004-05-01,,,,1,c{number % 900},no"
        for number in range(ROWS)
    )
    body = "\n".join([head, *rows]) + "\n"
    client, url = people.partner("ccis"), people.url("/tables/learners")
    reads = []
    with ThreadPoolExecutor(1) as pool:
        upload = pool.submit(client.put, url, content=body, headers=CSV | FIRST)
        while not upload.done():
            since = time.perf_counter()
            assert people.coordinator.get(people.url()).status_code == 200
            reads.append(time.perf_counter() - since)
            time.sleep(0.05)
    assert upload.result().json()["rows"] == ROWS
    assert memory_mb() < 1_000
    assert sorted(reads)[len(reads) // 2] < 1.0
    assert len(client.get(f"{url}?limit=1000").json()["items"]) == 1_000
