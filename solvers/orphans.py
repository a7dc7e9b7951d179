"""Ending a child process together with the process that it works for."""

from __future__ import annotations

import ctypes
import os
import signal
import sys


def die_with_parent(parent: int) -> None:
    """Ask Linux to end this process when its parent (a process id) ends, however it ends; elsewhere nothing happens.

    Linux counts the end of the parent's *thread* that started this process as the parent's end.
    """
    if sys.platform == "linux":
        parent_death_signal = 1  # PR_SET_PDEATHSIG in <sys/prctl.h>
        ctypes.CDLL(None).prctl(parent_death_signal, signal.SIGKILL)
        if os.getppid() != parent:  # it ended before we asked
            sys.exit(1)
