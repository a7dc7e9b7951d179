"""Rounds: made, read, changed, moved through their life; who takes part in them; what was done in them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from matcher.client.answers import (
    CheckReport,
    LogEntry,
    MemberInfo,
    ParticipantInfo,
    RoundDetail,
    RoundInfo,
    RoundState,
)
from matcher.client.paging import Listing
from matcher.client.resource import Resource
from matcher.client.uploads import ErasureInfo, Verification

RoundLike = str | RoundInfo
"""A round, or its id."""


def id_of(round_: RoundLike) -> str:
    """The id of a round."""
    return round_ if isinstance(round_, str) else round_.id


class Rounds(Resource):
    """Operations on rounds.

    A change of a round is for the version that one has read: pass the round as it was answered, and ``Stale`` is raised
    where somebody has changed it since. Pass its id, and the change is for whatever version there is now.
    """

    def list(self) -> Listing[RoundInfo]:
        """The rounds that one may know of, by id."""
        return self._listing(RoundInfo, "list_rounds")

    def create(
        self,
        settings: Path | str | Mapping[str, Any],
        rates: Path | str | None = None,
        *,
        retention_days: int | None = None,
    ) -> RoundDetail:
        """Make a round, whose coordinator one is.

        ``settings`` are those of ``round.toml``: its path, its text, or its keys (``id``, ``name``, ``call_year``,
        ``budget_eur``, ``policy``) with their values; ``rates`` the path or text of ``rates.toml``. Raises ``Wrong``
        with everything that is wrong, ``Conflict`` for an id that is taken.
        """
        wanted = dict(settings) if isinstance(settings, Mapping) else {"settings_toml": _text(settings)}
        given = {"rates_toml": None if rates is None else _text(rates), "retention_days": retention_days}
        wanted |= {name: value for name, value in given.items() if value is not None}
        return self._connection.read(RoundDetail, "create_round", send=wanted)

    def get(self, round_: RoundLike) -> RoundDetail:
        """A round; coordinators and analysts also see its settings. Raises ``Missing``."""
        return self._connection.read(RoundDetail, "get_round", id_of(round_))

    def update(self, round_: RoundLike, **changes: Any) -> RoundDetail:
        """Change a round's settings: ``name``, ``call_year``, ``budget_eur``, ``policy``; or ``settings_toml``.

        Also ``rates_toml`` and ``retention_days``. What is not named stays; None takes it out. Raises ``Stale``,
        ``Wrong``, and ``Conflict`` for settings of a round that is not being loaded.
        """
        return self._connection.read(
            RoundDetail, "update_round", id_of(round_), send=changes, headers=self._match(round_)
        )

    def move(self, round_: RoundLike, to: RoundState, reason: str | None = None) -> RoundDetail:
        """Take a round a step through its life; going back and giving up need a reason, which the log keeps.

        Raises ``Stale``, ``Conflict`` for a step that there is not, and, when freezing, ``Wrong`` with everything that
        is wrong.
        """
        wanted = {"to": to} | ({} if reason is None else {"reason": reason})
        return self._connection.read(
            RoundDetail, "move_round", id_of(round_), send=wanted, headers=self._match(round_)
        )

    def open(self, round_: RoundLike) -> RoundDetail:
        """Let partners load their tables."""
        return self.move(round_, "collecting")

    def freeze(self, round_: RoundLike) -> RoundDetail:
        """Make a snapshot of what is loaded: runs read it, and nothing changes it. Raises ``Wrong``."""
        return self.move(round_, "frozen")

    def close(self, round_: RoundLike, reason: str | None = None) -> RoundDetail:
        """End a round; one that was not published only with a reason."""
        return self.move(round_, "closed", reason)

    def check(self, round_: RoundLike) -> CheckReport:
        """What is wrong with what is loaded so far: of one's own tables, or for coordinators of all."""
        return self._connection.read(CheckReport, "check_round", id_of(round_))

    def log(self, round_: RoundLike) -> Listing[LogEntry]:
        """What was done in a round, newest first."""
        return self._listing(LogEntry, "round_log", id_of(round_))

    # --- erasure ---------------------------------------------------------------------------------------------------

    def erase_learner(self, round_: RoundLike, learner: str, reason: str) -> ErasureInfo:
        """Erase a learner's personal data from every revision, snapshot and result. It cannot be undone."""
        wanted = {"learner_id": learner, "reason": reason}
        return self._connection.read(ErasureInfo, "erase_learner", id_of(round_), send=wanted)

    def erasures(self, round_: RoundLike) -> Listing[ErasureInfo]:
        """Whose personal data were erased, by id."""
        return self._whole(ErasureInfo, "list_erasures", id_of(round_))

    def verify(self, round_: RoundLike) -> Verification:
        """Recompute the figures of every run: from the tables, and for the erased from what was attested."""
        return self._connection.read(Verification, "verify_figures", id_of(round_))

    # --- who -------------------------------------------------------------------------------------------------------

    def participants(self, round_: RoundLike) -> Listing[ParticipantInfo]:
        """The organisations that take part, by code."""
        return self._whole(ParticipantInfo, "list_participants", id_of(round_))

    def add_participant(self, round_: RoundLike, organisation: str) -> None:
        """Let an organisation take part: it sees the round, and loads its tables. Raises ``Missing``."""
        self._connection.call("add_participant", id_of(round_), organisation)

    def remove_participant(self, round_: RoundLike, organisation: str) -> None:
        """Let an organisation take part no more. Raises ``Conflict`` while it has rows in the round."""
        self._connection.call("remove_participant", id_of(round_), organisation)

    def members(self, round_: RoundLike) -> Listing[MemberInfo]:
        """The round's coordinators and analysts, by login."""
        return self._whole(MemberInfo, "list_members", id_of(round_))

    def add_member(self, round_: RoundLike, login: str) -> None:
        """Make a coordinator or analyst a member. Raises ``Missing``."""
        self._connection.call("add_member", id_of(round_), login)

    def remove_member(self, round_: RoundLike, login: str) -> None:
        """Take a coordinator or analyst out. Raises ``Conflict`` for the last coordinator."""
        self._connection.call("remove_member", id_of(round_), login)

    def _match(self, round_: RoundLike) -> dict[str, str]:
        """The version that a change is for."""
        seen = self.get(round_) if isinstance(round_, str) else round_
        return {"If-Match": f'"{seen.revision}"'}


def _text(given: Path | str) -> str:
    return given.read_text(encoding="utf-8") if isinstance(given, Path) else given
