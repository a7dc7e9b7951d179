"""Tables of a round: read as data frames, replaced whole or not at all, never over what one has not seen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import pandas as pd

from matcher.client import frames
from matcher.client.bodies import CSV, Sendable, body_of
from matcher.client.connection import Connection
from matcher.client.paging import Listing
from matcher.client.progress import Advance, sending
from matcher.client.refusals import Stale
from matcher.client.resource import Resource
from matcher.client.uploads import DemandMonth, SheetInfo, UploadInfo, UploadReport

TRIES: Final = 5
"""How often an edit is made anew because somebody else was faster."""


class Tables(Resource):
    """Operations on the tables of rounds.

    Hosts and senders mean their own rows. Coordinators name the partner for whom they act as ``owner``, or nobody: then
    they mean the rows that no partner owns.

    The client remembers which version of a table it has read or written last. What is put replaces that version; where
    somebody else has replaced it meanwhile, ``Stale`` is raised and nothing is lost: read, look, and put again.
    """

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._seen: dict[tuple[str, str, str | None], str] = {}

    def list(self, round_id: str) -> Listing[SheetInfo]:
        """What is loaded: one's own tables, or for coordinators everybody's, by table and owner."""
        return self._whole(SheetInfo, "list_tables", round_id)

    def get(self, round_id: str, table: str, *, owner: str | None = None) -> pd.DataFrame:
        """The rows of a table, each column with its own type. Raises ``Missing``."""
        headers, query = {"Accept": CSV}, {"owner": owner}
        answer = self._connection.call("get_table", round_id, table, query=query, headers=headers)
        self._see(round_id, table, owner, answer.headers.get("ETag"))
        return frames.of_csv(answer.content, table)

    def put(
        self,
        round_id: str,
        table: str,
        rows: Sendable,
        *,
        owner: str | None = None,
        whatever: bool = False,
        progress: bool | Advance = False,
    ) -> UploadReport:
        """Replace the rows of a table, whole or not at all.

        ``rows`` is a data frame, the path of a CSV, XLSX or JSON file, or bytes. ``progress`` shows a bar, or is told
        the bytes that have gone out and how many there are. ``whatever`` replaces any version, seen or not. Raises
        ``Wrong`` with everything that is wrong, ``Stale`` for a version that one has not seen, ``Conflict`` for a round
        that is not being loaded.
        """
        seen = "*" if whatever else self._seen.get((round_id, table, owner))
        try:
            return self._put(round_id, table, rows, owner, seen, progress)
        except Stale:
            if not whatever:
                raise
            return self._put(round_id, table, rows, owner, None, progress)  # there was none yet

    def _put(
        self,
        round_id: str,
        table: str,
        rows: Sendable,
        owner: str | None,
        seen: str | None,
        progress: bool | Advance,
    ) -> UploadReport:
        with sending(progress, table) as advance:
            answer = self._connection.call(
                "put_table",
                round_id,
                table,
                query={"owner": owner},
                body=body_of(rows),
                advance=advance,
                headers={"If-None-Match": "*"} if seen is None else {"If-Match": seen},
            )
        self._see(round_id, table, owner, answer.headers.get("ETag"))
        return UploadReport.model_validate_json(answer.content)

    def check(self, round_id: str, table: str, rows: Sendable, *, owner: str | None = None) -> UploadReport:
        """What ``put`` would say, without putting anything. Raises ``Wrong`` with everything that is wrong."""
        query = {"owner": owner, "dry_run": True}
        return self._connection.read(
            UploadReport, "put_table", round_id, table, query=query, body=body_of(rows)
        )

    def edit(
        self,
        round_id: str,
        table: str,
        change: Callable[[pd.DataFrame], pd.DataFrame],
        *,
        owner: str | None = None,
    ) -> UploadReport:
        """Read a table, change it, and put it back; once more from the start where somebody else was faster."""
        for _ in range(TRIES - 1):
            try:
                return self.put(round_id, table, change(self.get(round_id, table, owner=owner)), owner=owner)
            except Stale:
                continue
        return self.put(round_id, table, change(self.get(round_id, table, owner=owner)), owner=owner)

    def clear(self, round_id: str, table: str, *, owner: str | None = None) -> UploadInfo:
        """Take all rows out, as a new revision that can be undone. Raises ``Missing``, ``Stale``."""
        answer = self._connection.call(
            "clear_table",
            round_id,
            table,
            query={"owner": owner},
            headers=self._match(round_id, table, owner),
        )
        self._see(round_id, table, owner, answer.headers.get("ETag"))
        return UploadInfo.model_validate_json(answer.content)

    def uploads(self, round_id: str, table: str, *, owner: str | None = None) -> Listing[UploadInfo]:
        """Every revision of a table, newest first."""
        return self._whole(UploadInfo, "list_uploads", round_id, table, query={"owner": owner})

    def upload(self, round_id: str, table: str, revision: int, *, owner: str | None = None) -> pd.DataFrame:
        """The rows of one revision. Raises ``Missing``."""
        answer = self._connection.call(
            "get_upload", round_id, table, str(revision), query={"owner": owner}, headers={"Accept": CSV}
        )
        return frames.of_csv(answer.content, table)

    def restore(self, round_id: str, table: str, revision: int, *, owner: str | None = None) -> UploadReport:
        """Make an earlier revision count again, as a new one. Raises ``Missing``, ``Stale``."""
        seen = self._seen.get((round_id, table, owner), "*")
        answer = self._connection.call(
            "restore_upload",
            round_id,
            table,
            str(revision),
            query={"owner": owner},
            headers={"If-Match": seen},
        )
        self._see(round_id, table, owner, answer.headers.get("ETag"))
        return UploadReport.model_validate_json(answer.content)

    # --- views -----------------------------------------------------------------------------------------------------

    def demand(self, round_id: str) -> pd.DataFrame:
        """For hosts: how many learners there are by stay, month, field and level; small groups are not told."""
        months = self._whole(DemandMonth, "get_demand", round_id)
        rows = [
            {"stay": month.stay, "month": month.month, **cell.model_dump()}
            for month in months
            for cell in month.cells
        ]
        return pd.DataFrame(rows, columns=["stay", "month", "field", "eqf_level", "learners"])

    def catalogue(self, round_id: str, kind: str) -> pd.DataFrame:
        """For senders: the places that all hosts have loaded so far, whose ids preferences can name.

        ``kind`` is ``hosting_partners``, ``companies``, ``offers`` or ``flows``.
        """
        answer = self._connection.call("get_catalogue", round_id, kind, query={"format": "csv"})
        return frames.of_csv(answer.content, kind)

    def pseudonymised(self, round_id: str, table: str) -> pd.DataFrame:
        """For analysts: a table of the frozen round in which nobody can be told, and nobody stands alone."""
        query = {"format": "csv"}
        answer = self._connection.call("get_pseudonymised_table", round_id, table, query=query)
        return frames.of_csv(answer.content, table)

    def _match(self, round_id: str, table: str, owner: str | None) -> dict[str, str]:
        """The version that a change is for: the one seen last, or any where none was seen."""
        return {"If-Match": self._seen.get((round_id, table, owner), "*")}

    def _see(self, round_id: str, table: str, owner: str | None, tag: str | None) -> None:
        if tag is not None:
            self._seen[round_id, table, owner] = tag
