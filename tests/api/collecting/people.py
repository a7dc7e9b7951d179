"""A small round with its people: one coordinator, two hosts, two senders, an analyst; and their tables."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fastapi.testclient import TestClient
from httpx2 import Response

from api.access.roles import Role
from tests.api.conftest import Service
from tests.matcher.intake.broken import BASE

CSV = {"Content-Type": "text/csv"}
FIRST = {"If-None-Match": "*"}
HOSTS, SENDERS = ("zni", "uniser"), ("ccis", "cem")
OF_HOSTS = ("hosting_partners", "beds", "flows", "companies", "offers")
OF_SENDERS = ("schools", "groups", "learners", "micro_credentials", "pairs")
REFERS = {"offers": ("company_id", "companies"), "micro_credentials": ("learner_id", "learners")}
OWN = {"hosting_partners": "id", "pairs": "learner_a"}
SETTINGS = BASE["round.toml"].replace('id = "broken"', 'id = "spring"')


def split(files: Mapping[str, str]) -> dict[tuple[str, str], str]:
    """A round's files as what each partner would load: (table, owner) to CSV; '' owns what no partner does."""
    tables = {
        name.removesuffix(".csv"): rows_of(text) for name, text in files.items() if name.endswith(".csv")
    }
    owner = {row["id"]: row["host_id"] for row in tables.get("companies", [])}
    owner |= {row["id"]: row["partner_id"] for row in tables["learners"]}
    found: dict[tuple[str, str], list[dict[str, str]]] = {}
    for table, rows in tables.items():
        for row in rows:
            if table in OF_HOSTS:
                whose = row.get("host_id") or owner.get(row.get("company_id", "")) or row["id"]
            elif table in OF_SENDERS:
                named = [row[key] for key in ("learner_id", "learner_a", "learner_b") if key in row]
                whose = row.get("partner_id") or owner[named[0]]
                if len({owner[key] for key in named}) > 1:
                    whose = ""  # learners of two partners: the coordinators'
            else:
                whose = ""
            found.setdefault((table, whose), []).append(row)
    return {key: _text(rows) for key, rows in found.items()}


def rows_of(text: str) -> list[dict[str, str]]:
    """The rows of a CSV file."""
    return list(csv.DictReader(io.StringIO(text)))


def _text(rows: list[dict[str, str]]) -> str:
    stream = io.StringIO()
    writer = csv.DictWriter(stream, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue()


PARTS = split(BASE)
"""What each partner of the small round loads."""


@dataclass
class People:
    """The people of the round ``spring``, each with a client of their own."""

    service: Service
    settings: str = SETTINGS
    parts: Mapping[tuple[str, str], str] = field(default_factory=lambda: PARTS)
    round_id: str = "spring"

    def __post_init__(self) -> None:
        self.coordinator = self.service.person("cora", Role.COORDINATOR)
        made = self.coordinator.post("/v1/rounds", json={"settings_toml": self.settings})
        assert made.status_code == 201, made.text
        self.round_id = made.json()["id"]
        for owner in {owner for _, owner in self.parts if owner}:
            self.partner(owner)
            self.path_put(f"/participants/{owner}")

    def partner(self, owner: str) -> TestClient:
        """The client of a host or sender."""
        kinds = {table for table, whose in self.parts if whose == owner}
        role = Role.HOST if kinds & set(OF_HOSTS) else Role.SENDER
        return self.service.person(f"of-{owner}", role, owner)

    @property
    def analyst(self) -> TestClient:
        """An analyst who is a member."""
        client = self.service.person("anna", Role.ANALYST)
        self.path_put("/members/anna")
        return client

    def url(self, path: str = "") -> str:
        """A path of the round."""
        return f"/v1/rounds/{self.round_id}{path}"

    def path_put(self, path: str) -> None:
        """The coordinator puts something, which must work."""
        answer = self.coordinator.put(self.url(path))
        assert answer.status_code == 204, answer.text

    def who(self, owner: str) -> TestClient:
        """Who loads an owner's rows."""
        return self.partner(owner) if owner else self.coordinator

    def load(self, table: str, owner: str, text: str | None = None, **headers: str) -> Response:
        """Load rows for an owner, as the first ones where no headers say otherwise."""
        content = self.parts[table, owner] if text is None else text
        sent = CSV | ({name.replace("_", "-"): value for name, value in headers.items()} or FIRST)
        return self.who(owner).put(self.url(f"/tables/{table}"), content=content, headers=sent)

    def load_all(self) -> None:
        """Everybody loads everything."""
        for table, owner in self.parts:
            answer = self.load(table, owner)
            assert answer.status_code == 201, (table, owner, answer.text)

    def move(self, to: str, reason: str | None = None) -> Response:
        """The coordinator moves the round on."""
        etag = self.coordinator.get(self.url()).headers["ETag"]
        body: dict[str, Any] = {"to": to} | ({"reason": reason} if reason else {})
        return self.coordinator.post(self.url("/transitions"), json=body, headers={"If-Match": etag})

    def state(self) -> str:
        """Where the round is."""
        return str(self.coordinator.get(self.url()).json()["state"])

    def freeze(self) -> None:
        """Load everything, and freeze it."""
        self.load_all()
        assert self.move("collecting").status_code == 200
        frozen = self.move("frozen")
        assert frozen.status_code == 200, frozen.text
