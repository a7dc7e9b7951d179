"""Figures for Prometheus: requests, the database, the queue of runs. Labels are operations and states, never ids."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any, Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Metric, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy import event, func, select

from api.clock import now
from api.store.engine import Store
from api.store.schema import Run
from models.version import VERSION

SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
QUERY_SECONDS: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5)
_STARTED: Final = "matcher.started"


class Metrics:
    """The figures of one process; what lies in the database is counted when somebody asks."""

    def __init__(self, store: Store) -> None:
        self.registry = CollectorRegistry()
        Gauge("matcher_info", "What is running.", ["version"], registry=self.registry).labels(VERSION).set(1)
        self._requests = Counter(
            "matcher_requests", "Requests answered.", ["operation", "status"], registry=self.registry
        )
        self._seconds = Histogram(
            "matcher_request_seconds",
            "From a request's beginning to its answer's end.",
            ["operation"],
            buckets=SECONDS,
            registry=self.registry,
        )
        self._queries = Histogram(
            "matcher_database_seconds", "One statement.", buckets=QUERY_SECONDS, registry=self.registry
        )
        self.registry.register(Runs(store))
        event.listen(store.engine, "before_cursor_execute", self._before)
        event.listen(store.engine, "after_cursor_execute", self._after)

    def note_request(self, operation: str | None, status: int, seconds: float) -> None:
        """Count a request that has ended; what matched no route is one operation, however it was spelled."""
        named = operation or "none"
        self._requests.labels(named, str(status)).inc()
        self._seconds.labels(named).observe(seconds)

    def shown(self) -> bytes:
        """Everything, as Prometheus reads it."""
        return generate_latest(self.registry)

    def _before(self, connection: Any, *_statement: object) -> None:
        connection.info[_STARTED] = time.perf_counter()

    def _after(self, connection: Any, *_statement: object) -> None:
        self._queries.observe(time.perf_counter() - connection.info.pop(_STARTED, time.perf_counter()))


class Runs(Collector):
    """Runs by state, and how long the oldest of each state has been there, from the database."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def describe(self) -> Iterable[Metric]:
        """Nothing: the database is not asked before somebody asks for figures."""
        return ()

    def collect(self) -> Iterable[Metric]:
        """The figures at this moment."""
        count = GaugeMetricFamily("matcher_runs", "Runs by state.", labels=["state"])
        age = GaugeMetricFamily(
            "matcher_oldest_run_seconds",
            "Age of the oldest run of a state: of those queued, the wait.",
            labels=["state"],
        )
        with self._store.reading() as session:
            query = select(Run.state, func.count(), func.min(Run.created_at)).group_by(Run.state)
            for state, runs, oldest in session.execute(query.order_by(Run.state)):
                count.add_metric([state], runs)
                age.add_metric([state], max(0.0, (now() - oldest).total_seconds()))
        return (count, age)
