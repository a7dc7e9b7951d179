"""Who takes part: every method of ``solvers``, and the peers, which are what people would use instead."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import solvers
from benchmarks.discovery import discover
from models.errors import UnknownName
from models.vocabulary import hint
from solvers.interface import Solver


class Unavailable(Exception):
    """A peer cannot run on this machine; the message says what is missing."""


class Peer(Solver, Protocol):
    """A peer: a solver in a file of ``peers/`` that sets ``PEER``.

    It is given the same compiled problem as the methods. ``about`` says what it is, ``blind`` names the rules that it
    does not understand: its allocation is audited all the same, and what it breaks is counted. A peer raises
    ``UnsuitableMethod`` for a problem that it does not take, ``Unavailable`` where it cannot run.
    """

    about: str
    blind: tuple[str, ...]


@dataclass(frozen=True)
class Contestant:
    """A method or a peer, by name."""

    name: str
    peer: bool

    @property
    def solver(self) -> Solver:
        """The one to call (``auto`` has none: the engine chooses)."""
        return peers()[self.name] if self.peer else solvers.get(self.name)

    @property
    def blind(self) -> tuple[str, ...]:
        """The rules that it does not understand."""
        return peers()[self.name].blind if self.peer else ()


def peers() -> Mapping[str, Peer]:
    """Every peer by name."""
    return discover("benchmarks.peers", "PEER")


def methods() -> tuple[str, ...]:
    """Our own methods, with ``auto`` first."""
    return (solvers.AUTO, *solvers.names())


def contestant(name: str) -> Contestant:
    """The method or peer of that name. Raises ``UnknownName``."""
    known = (*methods(), *peers())
    if name not in known:
        raise UnknownName(f"no method or peer {name!r}{hint(name, known)}; there are {', '.join(known)}")
    return Contestant(name, name in peers())
