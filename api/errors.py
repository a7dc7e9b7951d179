"""What the service refuses, as one tree; each knows its HTTP status. The web answers with problem details (RFC 9457).

    Refused
    ├── Unauthenticated     401  no key, or one that is unknown, expired or revoked
    ├── Forbidden           403  the role may never do this
    ├── Missing             404  there is no such thing, or none that the caller may know of: the same answer
    ├── Conflict            409  the state of things does not allow it (a round that is frozen, a name that is taken)
    ├── Stale               412  somebody has changed it since (If-Match)
    ├── TooLarge            413  the body is larger than the limit
    ├── NoSuchFormat        415  a content type that is not taken
    ├── Wrong               422  the content is wrong: every problem at once, as intake reports them
    ├── NoPrecondition      428  a change without If-Match where one is needed
    ├── TooMany             429  slower, please; says when to come back
    ├── Late                408  the body did not arrive in time
    └── Unavailable         503  something that the service needs does not answer; says when to come back

``detail`` is for people: ids and numbers, never names.
"""

from __future__ import annotations

from collections.abc import Sequence

from models.errors import InputProblem


class Refused(Exception):
    """The root: ``status`` and ``title`` are of the class, ``detail`` of the case."""

    status = 400
    title = "The request cannot be carried out"

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail

    @property
    def kind(self) -> str:
        """The last part of the problem's type URI."""
        return "".join(f"-{c.lower()}" if c.isupper() else c for c in type(self).__name__).lstrip("-")


class Unauthenticated(Refused):
    """No key, or one that is unknown, expired or revoked."""

    status, title = 401, "A valid key is needed"


class Forbidden(Refused):
    """The caller's role may never do this, whatever it names."""

    status, title = 403, "Not for this role"


class Missing(Refused):
    """No such thing, or none that the caller may know of."""

    status, title = 404, "There is no such thing"

    def __init__(self, detail: str = "There is no such thing, or it is not yours.") -> None:
        super().__init__(detail)


class Conflict(Refused):
    """The state of things does not allow it."""

    status, title = 409, "Not in this state"


class Stale(Refused):
    """Somebody has changed it since the caller read it."""

    status, title = 412, "Changed in the meantime"


class TooLarge(Refused):
    """The body is larger than the limit."""

    status, title = 413, "Too large"


class NoSuchFormat(Refused):
    """A content type that is not taken here."""

    status, title = 415, "Not a format that is taken here"


class Wrong(Refused):
    """The content is wrong; ``problems`` lists everything that was found."""

    status, title = 422, "The content is wrong"

    def __init__(
        self, detail: str, problems: Sequence[InputProblem] = (), warnings: Sequence[InputProblem] = ()
    ) -> None:
        super().__init__(detail)
        self.problems, self.warnings = tuple(problems), tuple(warnings)


class NoPrecondition(Refused):
    """A change that needs ``If-Match`` came without it."""

    status, title = 428, "If-Match is needed"


class TooMany(Refused):
    """Too many requests; ``seconds`` says when to come back."""

    status, title = 429, "Too many requests"

    def __init__(self, detail: str, seconds: float) -> None:
        super().__init__(detail)
        self.seconds = seconds


class Late(Refused):
    """The body did not arrive in time."""

    status, title = 408, "The body took too long"


class Unavailable(Refused):
    """Something that the service needs does not answer; ``seconds`` says when to come back."""

    status, title = 503, "Not now"

    def __init__(self, detail: str, seconds: float = 5.0) -> None:
        super().__init__(detail)
        self.seconds = seconds
