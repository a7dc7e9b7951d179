"""Everything that a call of the service can end with instead of an answer, as one tree.

ServiceError
├── Unreachable             no answer came, however often it was tried
├── RunFailed               a run that was waited for ended without a result
└── Refused                 the service answered with a problem (RFC 9457)
    ├── Unauthenticated     401  no key, or one that is unknown, expired or revoked
    ├── Forbidden           403  the role may never do this
    ├── Missing             404  there is no such thing, or none that the caller may know of
    ├── Conflict            409  the state of things does not allow it
    ├── Stale               412  somebody has changed it since it was read
    ├── TooLarge            413  the body is larger than the limit
    ├── NoSuchFormat        415  a content type that is not taken
    ├── Wrong               422  the content is wrong: ``errors`` lists everything
    ├── NoPrecondition      428  a change without If-Match where one is needed
    ├── TooMany             429  slower, please; ``seconds`` says when to come back
    └── ServiceFault        5xx  the service's own fault, or it is not ready
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:
    from matcher.client.answers import RunInfo

FAULT_COLUMNS = ["file", "row", "column", "value", "message", "nearest"]
"""What is told of each thing that is wrong."""


class ServiceError(Exception):
    """The root of the tree."""


class Unreachable(ServiceError):
    """No answer came; whether the service has done what it was asked is not known, unless a retry says so."""


class RunFailed(ServiceError):
    """A run that was waited for has failed or was cancelled; ``run`` says how and why."""

    def __init__(self, message: str, run: RunInfo) -> None:
        super().__init__(message)
        self.run = run


class Refused(ServiceError):
    """The service's problem details: ``status``, ``title``, ``detail``, and lists of what is wrong."""

    def __init__(self, status: int, problem: Mapping[str, Any], seconds: float | None = None) -> None:
        self.status = status
        self.type = str(problem.get("type", "about:blank"))
        self.title = str(problem.get("title", f"Status {status}"))
        self.detail = str(problem.get("detail", ""))
        self.seconds = seconds
        self._errors = _listed(problem.get("errors"))
        self._warnings = _listed(problem.get("warnings"))
        super().__init__(self._told())

    @property
    def errors(self) -> pd.DataFrame:
        """Everything that is wrong, a row each: file, row, column, value, message, nearest valid thing."""
        return _frame(self._errors)

    @property
    def warnings(self) -> pd.DataFrame:
        """Everything that is doubtful, in the same columns."""
        return _frame(self._warnings)

    def _told(self, most: int = 10) -> str:
        """The detail and the first errors, a line each: what a traceback shows."""
        lines = [f"{self.status} {self.title}" + (f": {self.detail}" if self.detail else "")]
        lines += [_sentence(fault) for fault in self._errors[:most]]
        if len(self._errors) > most:
            lines.append(f"… and {len(self._errors) - most} more: see .errors")
        return "\n".join(lines)


def _listed(faults: object) -> list[Mapping[str, Any]]:
    return (
        [fault for fault in faults if isinstance(fault, Mapping)]
        if isinstance(faults, Sequence) and not isinstance(faults, str)
        else []
    )


def _frame(faults: list[Mapping[str, Any]]) -> pd.DataFrame:
    return pd.DataFrame(faults).reindex(columns=FAULT_COLUMNS).astype({"row": "Int64"})


def _sentence(fault: Mapping[str, Any]) -> str:
    place = [str(fault["file"])] if fault.get("file") else []
    place += [f"{name} {fault[name]}" for name in ("row", "column") if fault.get(name) is not None]
    found = f"{fault['value']!r}: " if fault.get("value") is not None else ""
    hint = f" (nearest: {fault['nearest']})" if fault.get("nearest") else ""
    return f"  {', '.join(place)}: {found}{fault.get('message', '')}{hint}"


class Unauthenticated(Refused):
    """No key, or one that is unknown, expired or revoked."""


class Forbidden(Refused):
    """The caller's role may never do this."""


class Missing(Refused):
    """There is no such thing, or none that the caller may know of."""


class Conflict(Refused):
    """The state of things does not allow it: a round that is frozen, a name that is taken."""


class Stale(Refused):
    """Somebody has changed it since it was read: read it again, and decide again."""


class TooLarge(Refused):
    """The body is larger than the service takes."""


class NoSuchFormat(Refused):
    """A content type that is not taken here."""


class Wrong(Refused):
    """The content is wrong; ``errors`` lists everything that was found."""


class NoPrecondition(Refused):
    """A change that needs the version that it was made from came without it."""


class TooMany(Refused):
    """Too many requests, still so after waiting as often as the client may."""


class ServiceFault(Refused):
    """The service's own fault, or it cannot serve now."""


BY_STATUS: dict[int, type[Refused]] = {
    401: Unauthenticated,
    403: Forbidden,
    404: Missing,
    409: Conflict,
    412: Stale,
    413: TooLarge,
    415: NoSuchFormat,
    422: Wrong,
    428: NoPrecondition,
    429: TooMany,
}
"""Which exception stands for which status; any other from 500 on is a ``ServiceFault``."""


def refusal(status: int, problem: Mapping[str, Any], seconds: float | None = None) -> Refused:
    """The exception for an answer that is none."""
    kind = BY_STATUS.get(status, ServiceFault if status >= 500 else Refused)
    return kind(status, problem, seconds)
