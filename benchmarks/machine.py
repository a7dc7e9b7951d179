"""What a figure depends on besides the code: the machine, what runs on it, the versions."""

from __future__ import annotations

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

PACKAGES = ("ortools", "highspy", "numpy", "pandas", "matching", "timefold")


def machine() -> dict[str, Any]:
    """Processor, cores that may be used, memory, operating system."""
    return {
        "processor": _named("/proc/cpuinfo", "model name") or platform.processor() or platform.machine(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "memory_gb": round(int((_named("/proc/meminfo", "MemTotal") or "0 kB").split()[0]) / 2**20, 1),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
    }


def versions() -> dict[str, str]:
    """The packages that solve, as installed."""
    found = {}
    for name in ("placement-matcher", *PACKAGES):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def load() -> float | None:
    """The load over the last minute, where the system tells."""
    try:
        return round(os.getloadavg()[0], 2)
    except OSError:
        return None


def _named(path: str, name: str) -> str | None:
    try:
        lines = Path(path).read_text(encoding="utf-8").splitlines()
    except OSError:
        return None
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(name)), None)
