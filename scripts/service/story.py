"""The four people's story, from an empty database to a published round, told through the client that they all use.

    python -m scripts.service.story                          on a server and a database of its own (SQLite)
    python -m scripts.service.story --database postgresql    the same on PostgreSQL
    python -m scripts.service.story --url URL --key KEY      on a server that runs, with the key of an admin

Five hosts load capacities, six senders submit lists (one of them with errors, which it corrects), the coordinator runs
two policies, compares them, pins somebody, and publishes; the analyst measures.
"""

from __future__ import annotations

import argparse
import secrets
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pandas as pd

from matcher.client import Client, Retrying, Wrong
from matcher.client.answers import OrganisationKind, Role, RunInfo
from scripts.service.partners import Papers, papers
from scripts.service.processes import DATABASES, empty, serving

SAMPLE: Final = Path(__file__).resolve().parents[2] / "sample_data" / "intervet"
WISHES_FIRST: Final = {"fit_weights": {"profile": 30, "preference": 40}}
"""The second policy: what learners wish for counts more."""

Say = Callable[[str], object]


@dataclass
class Cast:
    """Everybody who plays: their clients and their keys, by login."""

    url: str
    stack: ExitStack
    patience: Retrying | None = None
    clients: dict[str, Client] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict, repr=False)

    def __getitem__(self, login: str) -> Client:
        return self.clients[login]

    def enter(self, admin: Client, login: str, role: Role, organisation: str | None = None) -> None:
        """The admin makes somebody, who logs in, makes a key, and uses that from now on."""
        password = secrets.token_urlsafe(12)
        admin.people.create_user(login, role, organisation, password=password)
        with Client.log_in(self.url, login, password) as first:
            key = first.people.create_key("the story", days=1)
            first.people.log_out()
        self.keys[login] = key.secret
        self.clients[login] = self.stack.enter_context(Client(self.url, key.secret, patience=self.patience))


@dataclass(frozen=True)
class Told:
    """What came out: the round and its runs; the last one was published."""

    round_id: str
    plain: RunInfo
    wishes: RunInfo
    pinned: RunInfo


def tell(url: str, admin_key: str, sample: Path = SAMPLE, say: Say = print) -> tuple[Told, bytes]:
    """The whole story on a service without a round of the sample's id; also the first policy's placements."""
    with ExitStack() as stack:
        admin = stack.enter_context(Client(url, admin_key))
        cast, round_ = Cast(url, stack), papers(sample)
        people_arrive(admin, cast, round_, say)
        round_id = a_round_is_opened(cast["cora"], round_, say)
        hosts_load(cast, round_id, round_, say)
        senders_submit(cast, round_id, round_, say)
        told = the_coordinator_decides(cast["cora"], round_id, say)
        everybody_looks(cast, round_, told, say)
        return told, cast["cora"].runs.file(told.plain, "placements.csv")


def people_arrive(admin: Client, cast: Cast, round_: Papers, say: Say) -> None:
    """The admin makes the organisations and the people, who get keys of their own."""
    kinds: dict[str, OrganisationKind] = {
        **dict.fromkeys(round_.hosts, "host"),
        **dict.fromkeys(round_.senders, "sender"),
    }
    for code, kind in kinds.items():
        admin.people.create_organisation(code, kind, round_.names[code])
        cast.enter(admin, code, kind, code)
    cast.enter(admin, "cora", "coordinator")
    cast.enter(admin, "ann", "analyst")
    say(f"{len(round_.hosts)} hosts, {len(round_.senders)} senders, a coordinator and an analyst have keys.")


def a_round_is_opened(cora: Client, round_: Papers, say: Say) -> str:
    """The coordinator makes the round, lets everybody take part, and loads what no partner owns."""
    made = cora.rounds.create(round_.settings, round_.rates)
    for code in [*round_.hosts, *round_.senders]:
        cora.rounds.add_participant(made, code)
    cora.rounds.add_member(made, "ann")
    for table, rows in round_.common.items():
        cora.tables.put(made.id, table, rows)
    opened = cora.rounds.open(made.id)
    say(f"Round {opened.id} is {opened.state}.")
    return opened.id


def hosts_load(cast: Cast, round_id: str, round_: Papers, say: Say) -> None:
    """Every host loads its capacities."""
    for code, tables in round_.hosts.items():
        for table, rows in tables.items():
            cast[code].tables.put(round_id, table, rows)
        say(f"Host {code}: {', '.join(f'{len(rows)} {table}' for table, rows in tables.items())}.")


def senders_submit(cast: Cast, round_id: str, round_: Papers, say: Say) -> None:
    """Every sender submits its lists; the first one's has errors, which it is told and corrects."""
    for number, (code, tables) in enumerate(round_.senders.items()):
        for table, rows in tables.items():
            if table == "learners" and number == 0:
                wrong = told_of_errors(cast[code], round_id, rows)
                say(f"Sender {code} is told:\n{wrong.errors.to_string(index=False)}")
            cast[code].tables.put(round_id, table, rows)
        say(f"Sender {code}: {', '.join(f'{len(rows)} {table}' for table, rows in tables.items())}.")


def told_of_errors(sender: Client, round_id: str, learners: pd.DataFrame) -> Wrong:
    """What the service says to a list with three mistakes; nothing of it is kept."""
    mistaken = learners.copy()
    mistaken.loc[0, "languages"] = "en:B7"
    mistaken.loc[1, "field"] = "9123"
    mistaken.loc[2, "available_to"] = "2022-02-30"
    try:
        sender.tables.put(round_id, "learners", mistaken)
    except Wrong as refused:
        return refused
    raise AssertionError("a list with mistakes was taken")


def the_coordinator_decides(cora: Client, round_id: str, say: Say) -> Told:
    """Check, freeze, run two policies, compare, pin somebody, run again, publish."""
    demand = cora.tables.demand(round_id)
    say(f"Demand: {len(demand)} kinds of stay, month, field and level that five learners or more ask for.")
    report = cora.rounds.check(round_id)
    assert report.valid, report
    frozen = cora.rounds.freeze(round_id)
    say(f"Frozen: snapshot {frozen.snapshot_id}.")
    plain = cora.runs.create(round_id, "as agreed")
    wishes = cora.runs.create(round_id, "wishes first", policy=WISHES_FIRST)
    plain, wishes = (cora.runs.wait(run, progress=False) for run in (plain, wishes))
    compared = cora.runs.compare(plain, wishes)
    say(f"{compared.frame().to_string(index=False)}\n{compared.counts.moved} learners are elsewhere.")
    pinned = a_pin(cora, plain, wishes, say)
    cora.runs.publish(pinned)
    say(f"Published: {pinned}")
    return Told(round_id, plain, wishes, pinned)


def a_pin(cora: Client, plain: RunInfo, wishes: RunInfo, say: Say) -> RunInfo:
    """One learner is to be where the second policy has them; the round is run again with the first policy."""
    mover = next(one for one in cora.runs.compare(plain, wishes).learners or () if one.a and one.b)
    assert mover.b is not None
    assert mover.b.company_id is not None
    why = "agreed with the company by telephone"
    change = cora.runs.pin(plain, mover.learner_id, why, company_id=mover.b.company_id)
    say(f"Pinned: {change.learner_id} to {change.place.company_id}; as it was: {change.honoured}.")
    run = cora.runs.wait(cora.runs.create(plain.round_id, "with the pin"), progress=False)
    where = cora.runs.placements(run).set_index("learner_id")["company_id"]
    assert where[mover.learner_id] == mover.b.company_id, "a pin holds"
    return run


def everybody_looks(cast: Cast, round_: Papers, told: Told, say: Say) -> None:
    """Hosts see who comes, senders what became of their learners and why, the analyst measures."""
    coming = {host: cast[host].runs.arrivals(told.round_id).frame() for host in round_.hosts}
    say("Hosts expect " + ", ".join(f"{host} {len(arrivals)}" for host, arrivals in coming.items()) + ".")
    for sender in round_.senders:
        outcomes = cast[sender].runs.outcomes(told.round_id).frame()
        left = outcomes.loc[~outcomes["is_placed"], "reason"].value_counts().to_dict()
        say(
            f"Sender {sender}: {outcomes['is_placed'].sum()} of {len(outcomes)} placed; left out: {left or 'nobody'}."
        )
    ann = cast["ann"]
    learners = ann.tables.pseudonymised(told.round_id, "learners")
    say(f"Analyst: {len(learners)} learners by pseudonym, with {', '.join(learners.columns)}.")
    for run in ann.runs.list(told.round_id):
        report = ann.runs.report(run)
        say(f"Analyst: {run.name}: {report['status']}, {[(g['name'], g['value']) for g in report['goals']]}")


def main(arguments: list[str] | None = None) -> None:
    """Tell the story on the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--database", choices=DATABASES, default="sqlite")
    parser.add_argument("--url")
    parser.add_argument("--key")
    given = parser.parse_args(arguments)
    if given.url:
        tell(given.url, given.key)
        return
    with (
        tempfile.TemporaryDirectory() as folder,
        empty(given.database, Path(folder)) as database,
        serving(database, Path(folder)) as server,
    ):
        tell(server.url, server.admin_key())


if __name__ == "__main__":
    main()
