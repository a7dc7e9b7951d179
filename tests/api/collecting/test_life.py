"""A round's life: every step checked, going back explicit, all of it in the log."""

from __future__ import annotations

from itertools import product

import pytest

from api.access.roles import Role
from api.rounds import life
from api.rounds.life import State
from api.store import chain
from api.store.schema import RoundRecord
from tests.api.collecting.people import SETTINGS, People
from tests.api.conftest import Service


def test_a_round_goes_through_its_life(people: People) -> None:
    """Draft, collecting, frozen; the snapshot appears with the state; the log tells of each step."""
    people.freeze()
    found = people.coordinator.get(people.url()).json()
    assert (found["state"], found["snapshot_id"] is not None) == ("frozen", True)
    actions = [entry["action"] for entry in people.coordinator.get(people.url("/log")).json()["items"]]
    assert actions[:2] == ["round.frozen", "round.collecting"]
    with people.service.store.reading() as session:
        assert not list(chain.verify(session))


@pytest.mark.parametrize(("since", "to"), list(product(State, State)))
def test_only_the_steps_of_a_life_are_taken(people: People, since: State, to: State) -> None:
    """From every state to every other: forward without a reason, back with one, and nothing else."""
    with people.service.store.writing() as session:
        session.get_one(RoundRecord, "spring").state = since.value
    allowed = (since, to) in life.FORWARD | life.WITH_REASON
    by_route = allowed and (since, to) not in life.BY_PUBLICATION
    reopens_elsewhere = since is State.CLOSED and to is not State.COLLECTING
    without = people.move(to.value)
    if (since, to) in life.WITH_REASON - life.BY_PUBLICATION:
        assert without.status_code == 422
        people_say = people.move(to.value, "because")
    else:
        people_say = without
    if not by_route or reopens_elsewhere:
        assert people_say.status_code in {409, 422}
        assert people.state() == since
    elif to is State.FROZEN:
        assert people_say.status_code == 422  # nothing is loaded
    else:
        assert people_say.status_code == 200
        assert people.state() == to


def test_a_closed_round_reopens_where_it_was(people: People) -> None:
    """A frozen round that was given up goes back to frozen, with its snapshot, and nowhere else."""
    people.freeze()
    assert people.move("closed").status_code == 422
    assert people.move("closed", "called off").status_code == 200
    assert people.coordinator.get(people.url()).json()["closed_at"] is not None
    assert people.move("collecting", "again").status_code == 409
    assert people.move("frozen", "on again").status_code == 200
    found = people.coordinator.get(people.url()).json()
    assert found["closed_at"] is None
    assert found["snapshot_id"] is not None


def test_a_change_names_the_version_that_it_is_for(people: People) -> None:
    """Without If-Match 428, with an old one 412, with the present one it is made and the ETag changes."""
    url, cora = people.url(), people.coordinator
    assert cora.patch(url, json={"name": "X"}).status_code == 428
    etag = cora.get(url).headers["ETag"]
    changed = cora.patch(url, json={"name": "X"}, headers={"If-Match": etag})
    assert changed.status_code == 200
    assert changed.json()["name"] == "X"
    assert 'name = "X"' in changed.json()["settings_toml"]
    assert cora.patch(url, json={"name": "Y"}, headers={"If-Match": etag}).status_code == 412
    assert cora.post(f"{url}/transitions", json={"to": "collecting"}).status_code == 428
    assert changed.headers["ETag"] != etag


def test_settings_come_as_json_or_toml_and_go_as_both(service: Service) -> None:
    """What is sent as JSON is given back as JSON and as TOML, and the TOML sent back makes the same round."""
    cora = service.person("cora", Role.COORDINATOR)
    wanted = {
        "id": "r1",
        "call_year": 2022,
        "budget_eur": 5,
        "policy": {"goals": ["fit"], "rules": {"age": False}},
    }
    one = cora.post("/v1/rounds", json=wanted).json()
    assert one["policy"]["rules"] == {"age": False}
    text = one["settings_toml"].replace("r1", "r2")
    two = cora.post("/v1/rounds", json={"settings_toml": text}).json()
    assert two["policy"] == one["policy"]
    assert (two["id"], two["budget_eur"]) == ("r2", 5)


def test_wrong_settings_are_listed_as_intake_lists_them(service: Service) -> None:
    """Every mistake at once, with its key and the nearest valid thing."""
    cora = service.person("cora", Role.COORDINATOR)
    wrong = {"id": "a b", "call_year": 2022, "policy": {"gaols": ["placed"], "min_profile_fit": 130}}
    answer = cora.post("/v1/rounds", json=wrong)
    assert answer.status_code == 422
    assert {(one["column"], one.get("nearest")) for one in answer.json()["errors"]} == {
        ("id", "a-b"),
        ("policy.gaols", "policy.goals"),
        ("policy.min_profile_fit", "100"),
    }
    for rates in ("inclusion = -1", "x = [", 'later_share = "a"'):
        told = cora.post("/v1/rounds", json={"settings_toml": SETTINGS, "rates_toml": rates})
        assert told.status_code == 422, rates
        assert told.json()["errors"][0]["file"] == "rates.toml"


def test_what_is_no_text_or_no_toml_is_refused(service: Service) -> None:
    """Null inside the policy, half a surrogate, an id that no address can hold, both ways at once: 422."""
    cora = service.person("cora", Role.COORDINATOR)
    base = {"id": "r1", "call_year": 2022}
    for wrong in (
        b'{"id": "r1", "call_year": 2022, "policy": {"goals": [null]}}',
        b'{"id": "r1", "call_year": 2022, "policy": {"goals": ["\\ud800"]}}',
        b'{"id": "a/b", "call_year": 2022}',
        b'{"id": "..", "call_year": 2022}',
        b'{"id": "r1", "name": "a\\u0000b", "call_year": 2022}',
        b'{"id": "r1", "settings_toml": "format = 1"}',
        b'{"call_year": 2022}',
    ):
        answer = cora.post("/v1/rounds", content=wrong, headers={"Content-Type": "application/json"})
        assert answer.status_code == 422, wrong
    assert cora.post("/v1/rounds", json=base).status_code == 201
    assert cora.post("/v1/rounds", json=base).status_code == 409


def test_toml_says_nothing_that_cannot_be_kept(service: Service) -> None:
    """Names with control characters or of any length, numbers of thousands of digits: 422 on either database."""
    cora = service.person("cora", Role.COORDINATOR)
    head = 'format = 1\nid = "r1"\ncall_year = 2022\n'
    for line in ('name = "a\\u0000b"', f'name = "{"x" * 256}"', f"budget_eur = {'9' * 5_000}"):
        answer = cora.post("/v1/rounds", json={"settings_toml": f"{head}{line}\n"})
        assert answer.status_code == 422, line[:20]
    rates = {"settings_toml": head, "rates_toml": f"inclusion = {'9' * 5_000}"}
    assert cora.post("/v1/rounds", json=rates).status_code == 422


@pytest.mark.parametrize("round_id", ["春", "été", "ab'c\"d"])
def test_ids_of_any_alphabet_stand_in_headers(service: Service, round_id: str) -> None:
    """The address in `Location` is one that leads to the round, whatever letters its id has."""
    cora = service.person("cora", Role.COORDINATOR)
    made = cora.post("/v1/rounds", json={"id": round_id, "call_year": 2022})
    assert made.status_code == 201, made.text
    assert cora.get(made.headers["Location"]).json()["id"] == round_id


def test_frozen_settings_stay(people: People) -> None:
    """A frozen round's policy does not change; how long it is kept may."""
    people.freeze()
    cora, url = people.coordinator, people.url()
    match = {"If-Match": cora.get(url).headers["ETag"]}
    assert cora.patch(url, json={"budget_eur": 1}, headers=match).status_code == 409
    assert cora.patch(url, json={"retention_days": 30}, headers=match).json()["retention_days"] == 30


def test_partners_see_the_round_and_not_its_settings(people: People) -> None:
    """Budget, policy and rates are the coordinators' and analysts'."""
    for owner in ("zni", "ccis"):
        found = people.partner(owner).get(people.url()).json()
        assert found["state"] == "draft"
        assert found["policy"] is found["settings_toml"] is found["budget_eur"] is None
    assert people.analyst.get(people.url()).json()["policy"]["min_profile_fit"] == 30


def test_a_foreign_round_cannot_be_told_from_none(people: People) -> None:
    """Another coordinator, an organisation that does not take part: as for an id that does not exist."""
    other = people.service.person("otto", Role.COORDINATOR)
    stranger = people.service.person("stan", Role.SENDER, "other")
    for client in (other, stranger):
        for path in ("", "/tables", "/check", "/tables/learners"):
            foreign, unknown = client.get(people.url(path)), client.get(f"/v1/rounds/none{path}")
            assert (foreign.status_code, foreign.json()) == (unknown.status_code, unknown.json())
            assert foreign.status_code == 404
        assert client.get("/v1/rounds").json() == {"items": [], "next": None}


def test_members_and_participants_come_and_go(people: People) -> None:
    """Put again changes nothing; the last coordinator stays; who has rows stays; foreign and unknown are alike."""
    cora, url = people.coordinator, people.url
    people.service.person("otto", Role.COORDINATOR)
    assert cora.delete(url("/members/cora")).status_code == 409
    for _ in range(2):
        assert cora.put(url("/members/otto")).status_code == 204
    assert [one["login"] for one in cora.get(url("/members")).json()] == ["cora", "otto"]
    assert people.service.person("otto", Role.COORDINATOR).delete(url("/members/cora")).status_code == 204
    assert cora.get(url()).status_code == 404
    otto = people.service.person("otto", Role.COORDINATOR)
    assert otto.put(url("/members/of-zni")).json() == otto.put(url("/members/nobody")).json()
    people.load("learners", "ccis")
    assert otto.delete(url("/participants/ccis")).status_code == 409
    assert otto.delete(url("/participants/cem")).status_code == 204
    assert otto.put(url("/participants/none")).status_code == 404
    assert {one["id"] for one in otto.get(url("/participants")).json()} == {"zni", "uniser", "ccis"}


def test_lists_of_rounds_come_in_pages(service: Service) -> None:
    """Every round once, in order, whatever the limit; what is no cursor is refused."""
    cora = service.person("cora", Role.COORDINATOR)
    for number in range(5):
        assert cora.post("/v1/rounds", json={"id": f"r{number}", "call_year": 2022}).status_code == 201
    seen, cursor = [], ""
    while True:
        found = cora.get(f"/v1/rounds?limit=2{cursor}").json()
        seen += [one["id"] for one in found["items"]]
        if found["next"] is None:
            break
        cursor = f"&cursor={found['next']}"
    assert seen == [f"r{number}" for number in range(5)]
    for nonsense in ("AAAA", "WzFd", "W10", "W251bGxd"):
        assert cora.get(f"/v1/rounds?cursor={nonsense}").status_code == 422
