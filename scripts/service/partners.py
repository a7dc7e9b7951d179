"""What each partner of a sample round has on their own computer: the tables, cut by whose rows they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pandas as pd

OF_HOSTS: Final = ("hosting_partners", "flows", "beds", "companies", "offers")
"""Tables of which a hosting partner owns its rows, in the order in which they refer to each other."""
OF_SENDERS: Final = ("schools", "groups", "learners", "micro_credentials", "pairs")
"""Tables of which a sending partner owns its rows, in the order in which they refer to each other."""
OF_NOBODY: Final = (
    "sending_partners",
    "agreements",
    "quotas",
    "locks",
    "previous",
    "previous_rounds",
    "affinity",
)
"""Tables of the coordinators."""

Tables = dict[str, pd.DataFrame]


@dataclass(frozen=True)
class Papers:
    """A round's settings and rates as text, and its tables by whose they are: partner by partner, table by table."""

    settings: str
    rates: str | None
    hosts: Mapping[str, Tables]
    senders: Mapping[str, Tables]
    common: Tables
    names: Mapping[str, str] = field(default_factory=dict)


def papers(folder: Path) -> Papers:
    """Cut up the round in a folder."""
    tables = {
        path.stem: pd.read_csv(path, dtype="str", keep_default_na=False)
        for path in sorted(folder.glob("*.csv"))
    }
    rates = folder / "rates.toml"
    partners = pd.concat([tables["hosting_partners"], tables["sending_partners"]])
    return Papers(
        (folder / "round.toml").read_text(encoding="utf-8"),
        rates.read_text(encoding="utf-8") if rates.exists() else None,
        {host: dict(_of_host(tables, host)) for host in tables["hosting_partners"]["id"]},
        {sender: dict(_of_sender(tables, sender)) for sender in tables["sending_partners"]["id"]},
        {name: tables[name] for name in OF_NOBODY if name in tables},
        dict(zip(partners["id"], partners["name"], strict=True)),
    )


def _of_host(tables: Tables, host: str) -> Iterator[tuple[str, pd.DataFrame]]:
    companies = tables["companies"].query("host_id == @host")["id"]
    for name in OF_HOSTS:
        if name in tables:
            table = tables[name]
            column = {"hosting_partners": "id", "offers": "company_id"}.get(name, "host_id")
            own = table[table[column].isin(companies if name == "offers" else [host])]
            if len(own):
                yield name, own.reset_index(drop=True)


def _of_sender(tables: Tables, sender: str) -> Iterator[tuple[str, pd.DataFrame]]:
    learners = tables["learners"].query("partner_id == @sender")["id"]
    columns = {"micro_credentials": "learner_id", "pairs": "learner_a"}
    for name in OF_SENDERS:
        if name in tables:
            table, column = tables[name], columns.get(name, "partner_id")
            own = table[table[column].isin(learners if name in columns else [sender])]
            if len(own):
                yield name, own.reset_index(drop=True)
