"""Retries that are safe: with an ``Idempotency-Key``, a request is carried out once and answered the same each time.

A route takes part by asking for ``TheOnce`` and writing through it:

    with once.writing() as session:
        made = …
        return once.answer(session, Info.of(made), 201)

The row that remembers the answer is inserted first and committed with the effect: there is never one without the
other, whenever the process dies. Of two requests at one moment the second waits for the first, on that row's key, and
gets its answer; where the first one was refused, nothing is remembered and the second is carried out. A key that
comes again with other content is refused (422). Answers that hold a secret are never kept: such routes take no key.
Answers that may speak of learners are forgotten when one of them is erased: a retry is refused from then on (409).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from fastapi import Response
from pydantic import BaseModel
from sqlalchemy import delete, update
from sqlalchemy.orm import Session
from starlette.datastructures import Headers
from starlette.types import Scope

from api.access.roles import Caller
from api.clock import now
from api.errors import Conflict, Wrong
from api.rounds.replays import FORGOTTEN, KEPT
from api.store.engine import Store
from api.store.schema import Replay
from api.store.writing import insert_or_leave
from api.web.trace import trace_of


class Replayed(Exception):
    """Not an error: the request was carried out before, and this was the answer."""

    def __init__(self, response: Response) -> None:
        super().__init__("carried out before")
        self.response = response


class Once:
    """One request that is carried out once, however often it comes."""

    def __init__(self, store: Store, caller: Caller, key: str | None, request: Scope) -> None:
        self._store, self._caller, self._key, self._request = store, caller, key, request
        self._is_answered = False
        if key is not None and trace_of(request).body_digest is not None:
            self.look()

    def look(self) -> None:
        """Raise ``Replayed`` when the request was carried out before: spares what comes before writing."""
        if self._key is not None:
            with self._store.reading() as session:
                self._answered_before(session)

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A transaction as ``Store.writing`` gives; raises ``Replayed`` when the request was carried out before."""
        with self._store.writing() as session:
            if self._key is not None:
                self._claim(session, self._key)
            yield session
            assert self._key is None or self._is_answered, "the answer has to be committed with the effect"

    def answer(
        self,
        session: Session,
        content: BaseModel | None,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        learners_of: str | None = None,
    ) -> Response:
        """The response, remembered within the transaction.

        One that may hold words about learners names their round, so that it is forgotten when they are erased.
        """
        body = b"" if content is None else content.model_dump_json().encode()
        kept = dict(headers or {}) | ({} if content is None else {"Content-Type": "application/json"})
        if self._key is not None:
            mine = (Replay.user_id == self._caller.user_id, Replay.key == self._key)
            session.execute(
                update(Replay)
                .where(*mine)
                .values(status=status, headers=kept, body=body, round_id=learners_of)
            )
        self._is_answered = True
        return Response(body, status, kept)

    def _claim(self, session: Session, key: str) -> None:
        """Be the one who carries the request out, or find that somebody has."""
        session.execute(
            delete(Replay).where(Replay.user_id == self._caller.user_id, Replay.at < now() - KEPT)
        )
        is_first = insert_or_leave(
            session,
            Replay,
            user_id=self._caller.user_id,
            key=key,
            fingerprint=self._fingerprint(),
            status=0,
            headers={},
            body=b"",
            at=now(),
        )
        if not is_first:
            self._answered_before(session)

    def _answered_before(self, session: Session) -> None:
        found = session.get(Replay, (self._caller.user_id, self._key))
        if found is None or found.at < now() - KEPT:
            return
        if found.fingerprint != self._fingerprint():
            raise Wrong("This Idempotency-Key came with another request before: take a new one.")
        if found.status == FORGOTTEN:
            raise Conflict(
                "The request was carried out. Its answer was deleted with a learner's personal data."
            )
        headers = found.headers | {"Idempotent-Replayed": "true"}
        raise Replayed(Response(found.body, found.status, headers))

    def _fingerprint(self) -> str:
        """What makes a request the same: method, path, query, content type and body."""
        scope = self._request
        kind = Headers(scope=scope).get("content-type", "")
        parts = (scope["method"], scope["path"], scope.get("query_string", b"").decode("latin-1"), kind)
        return hashlib.sha256("\0".join((*parts, trace_of(scope).body_digest or "")).encode()).hexdigest()
