"""What is kept for a day only is forgotten, also of those who never come back."""

from __future__ import annotations

from datetime import timedelta

from api.access.roles import Role
from api.clock import now
from api.commands.tidying import tidy
from api.store.schema import Failure, Replay
from tests.api.conftest import Service


def test_remembered_answers_and_addresses_go_after_a_day(service: Service) -> None:
    """Not before; then neither the answer to a retry nor the address of a failed log-in is left."""
    cora = service.person("cora", Role.COORDINATOR)
    made = cora.post("/v1/rounds", json={"id": "spring", "call_year": 2022}, headers={"Idempotency-Key": "k"})
    assert made.status_code == 201, made.text
    wrong = {"login": "nobody", "password": "wrong password"}
    assert service.client.post("/v1/sessions", json=wrong).status_code == 401
    for hours, left in ((23, (1, 2)), (25, (0, 0))):
        tidy(service.store, now() + timedelta(hours=hours))
        with service.store.reading() as session:
            assert (session.query(Replay).count(), session.query(Failure).count()) == left
