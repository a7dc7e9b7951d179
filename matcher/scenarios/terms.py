"""Changes to what stands beside a round's tables: its budget, its rates, its policy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from matcher.intake.settings import examine_settings
from matcher.intake.writing import round_toml
from matcher.scenarios import words
from matcher.scenarios.cells import MOST, half_up
from matcher.scenarios.noting import Place, is_number
from models.errors import InputErrors
from models.policy import Policy
from models.rates import SHIPPED_YEARS, Rates
from models.round import Round

SCALED: Final = {
    "learner_day": "learner_day",
    "escort_day": "escort_day",
    "travel": "bands",
    "organisation": "organisation",
    "inclusion": "inclusion",
}
"""What a factor on the rates may scale, and the key of the rate table where it stands."""
MERGED: Final = ("rules", "fit_weights")
"""Keys of the policy whose own keys are changed one by one."""


def change_budget(rnd: Round, wanted: object, place: Place) -> tuple[Round, str]:
    """The round with another limit over all sending partners: an amount, "" for none, { add } or { factor }."""
    old = rnd.budget_eur
    if wanted == "":
        return replace(rnd, budget_eur=None), words.budget(old, None)
    if isinstance(wanted, dict) and len(wanted) == 1 and set(wanted) <= {"add", "factor"}:
        ((key, by),) = wanted.items()
        if not _fair(by) or (key == "add" and not isinstance(by, int)) or (key == "factor" and by < 0):
            place.at(key).wrong(
                "expected a whole number" if key == "add" else "expected a number of 0 or more", by
            )
            return rnd, ""
        if old is None:
            place.wrong("the round has no budget to begin with: give an amount", wanted)
            return rnd, ""
        new = max(0, half_up(Decimal(old) + by if key == "add" else Decimal(old) * Decimal(str(by))))
    elif isinstance(wanted, int) and _fair(wanted) and wanted >= 0:
        new = wanted
    else:
        place.wrong('expected whole euros, { add = … }, { factor = … }, or "" for no limit', wanted)
        return rnd, ""
    return replace(rnd, budget_eur=min(new, MOST)), words.budget(old, min(new, MOST))


def _fair(value: Any) -> bool:
    return is_number(value) and abs(value) <= MOST


def change_rates(
    rnd: Round, year: object, wanted: object, folder: Path | None, place: Place
) -> tuple[Round, list[str]]:
    """The round with other rates.

    First the table of another call year (``year``; None: the round's own), then ``file`` in place of the round's own
    ``rates.toml``, then single keys of the table, then ``factor``. ``place`` is the scenario's.
    """
    here = place.at("rates")
    if not isinstance(wanted, dict):
        here.wrong("expected a table: [scenarios.NAME.rates]", wanted)
        return rnd, []
    own = {key: value for key, value in wanted.items() if key not in {"file", "factor"}}
    before, said = len(place.problems), []
    for key in own:
        if key not in Rates.model_fields:
            here.unknown(key, [*Rates.model_fields, "file", "factor"])
    factors = _factors(wanted["factor"], here.at("factor")) if "factor" in wanted else {}
    path = _path(wanted.get("file"), folder, here)
    if year is not None and not (isinstance(year, int) and _knows(year, path)):
        years = ", ".join(map(str, SHIPPED_YEARS))
        place.at("call_year").wrong("no rate table ships for this call year", year, years)
    if len(place.problems) > before:
        return rnd, []
    call_year = year if isinstance(year, int) else rnd.call_year
    try:
        rates = rnd.rates
        if year is not None or path is not None:
            rates = Rates.for_round(call_year, path, file=path.name if path else "")
            said.append(words.rate_table(call_year, path.name if path else None))
        rates = _overridden(rates, own, factors, said)
    except InputErrors as wrong:
        for one in wrong.problems:
            inside = here.at("file") if one.file and path and one.file == path.name else here
            (inside.at(one.column) if one.column else inside).wrong(one.message, one.value, one.nearest)
        return rnd, []
    return replace(rnd, rates=rates, call_year=call_year), said


def _overridden(
    rates: Rates, own: Mapping[str, Any], factors: Mapping[str, Decimal], said: list[str]
) -> Rates:
    """A rate table with some keys given, and then some amounts scaled. Raises ``InputErrors``."""
    if own:
        rates = rates.merge(own)
        said.append(words.rate_keys(own))
    if factors:
        rates = rates.merge(_scaled(rates, factors))
        said += words.rate_factors(factors)
    return rates


def _knows(year: int, path: Path | None) -> bool:
    return year in SHIPPED_YEARS or (path is not None and 2014 <= year <= 2100)


def _path(file: object, folder: Path | None, here: Place) -> Path | None:
    """The file with rates beside the file of scenarios."""
    if file is None:
        return None
    if not isinstance(file, str) or not file:
        here.at("file").wrong("expected the name of a TOML file", file)
        return None
    if folder is None:
        here.at("file").wrong("files are not read here: give the rates themselves", file)
        return None
    path = folder / file
    if not path.is_file():
        here.at("file").wrong("there is no such file beside the scenarios", file)
        return None
    return path


def _factors(factor: object, here: Place) -> dict[str, Decimal]:
    """What amounts are multiplied by; mistakes are taken down."""
    if not isinstance(factor, dict):
        here.wrong("expected what to scale by what: { learner_day = 0.75 }", factor)
        return {}
    found = {}
    for name, by in factor.items():
        if name not in SCALED:
            here.unknown(name, SCALED)
        elif not _fair(by) or by < 0:
            here.at(name).wrong("expected a number of 0 or more", by)
        else:
            found[name] = Decimal(str(by))
    return found


def _scaled(rates: Rates, factors: Mapping[str, Decimal]) -> dict[str, Any]:
    """The keys of the rate table that change when its amounts are multiplied, half up to whole euros."""
    table = rates.model_dump(exclude={"source"})
    found = {SCALED[name]: _times(table[SCALED[name]], by) for name, by in factors.items()}
    sources = {
        name: one.model_dump() | {"text": words.scaled(one.text)}
        for name, one in rates.source.items()
        if name.split(".")[0] in found
    }
    return found | {"source": sources}


def _times(value: Any, by: Decimal) -> Any:
    """Amounts times a factor; distances stay."""
    if isinstance(value, Mapping):
        return {key: one if key == "from_km" else _times(one, by) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_times(one, by) for one in value]
    return half_up(Decimal(value) * by)


def change_policy(rnd: Round, wanted: object, place: Place) -> tuple[Round, str]:
    """The round with another policy: its keys as in ``round.toml``; those that are not named stay as they are."""
    if not isinstance(wanted, dict):
        place.wrong("expected a table: [scenarios.NAME.policy]", wanted)
        return rnd, ""
    if "goals" in wanted and "weights" in wanted:
        place.wrong("goals and weights are both given: one of them decides")
        return rnd, ""
    content = {key: value for key, value in rnd.policy.model_dump().items() if value is not None}
    if "goals" in wanted:
        content.pop("weights", None)
    if "weights" in wanted:
        content.pop("goals", None)
    for key, value in wanted.items():
        merged = key in MERGED and isinstance(value, dict)
        content[key] = {**content.get(key, {}), **value} if merged else value
    policy = _policy(content, place)
    return (rnd, "") if policy is None else (replace(rnd, policy=policy), words.policy(wanted))


def _policy(content: Mapping[str, Any], place: Place) -> Policy | None:
    try:
        text = round_toml({"id": "scenario", "call_year": SHIPPED_YEARS[-1]}, content)
    except TypeError:
        place.wrong("a day or a time means nothing here")
        return None
    found = examine_settings(text.encode("utf-8"))
    for one in found.errors:
        key = (one.column or "").removeprefix("policy").removeprefix(".")
        (place.at(key) if key else place).wrong(one.message, one.value, _bare(one.nearest))
    return found.settings.policy


def _bare(key: str | None) -> str | None:
    """A key of the policy without what stands before it."""
    return None if key is None else key.removeprefix("policy.")
