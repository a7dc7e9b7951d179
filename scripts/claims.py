"""Are the claims of explanations so? `python -m scripts.claims` solves the changed rounds anew.

Every change that is said to place or improve somebody, or to fill a seat, on random rounds and on the INTERVET sample;
and of rounds with a planted conflict the set that is told, and the ways out.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import repeat
from pathlib import Path

from matcher import Result, load, match
from matcher.explaining.verifying import Fix
from matcher.generating import PLANTS, Spec, generate
from models.outcome import Status
from models.round import Round
from tests.matcher.explaining import confirming
from tests.matcher.explaining.confirming import Undecided, claims, claims_at, confirmed
from tests.strategies import random_round

ROOT = Path(__file__).resolve().parent.parent
Told = list[tuple[str, Fix]]

CONFIRMED = "confirmed"
LEARNERS = (30, 45, 60)
"""The sizes of rounds with a planted conflict."""


def random_rounds(number: int) -> tuple[Counter[str], list[str]]:
    """How many claims of each kind random rounds make, and those that were not confirmed."""
    counts: Counter[str] = Counter()
    refuted = []
    for seed in range(number):
        result = match(random_round(seed), method="exact")
        if result.audit is not None:
            rnd = result.round
            told = claims(result, rnd.learners["id"].tolist())
            for what, table in (("offer", "offers"), ("company", "companies"), ("host", "hosting_partners")):
                told += claims_at(result, what, rnd.tables[table]["id"].tolist())
            refuted += [f"round {seed}: {one}" for one in _refuted(result, told, counts)]
    return counts, refuted


def sample(every: int, workers: int) -> tuple[Counter[str], list[str]]:
    """The same of the INTERVET sample: of all who are left out, every n-th learner and company, and every host, in so
    many processes.
    """
    if workers == 1:
        return _share(every, 0, 1)
    counts: Counter[str] = Counter()
    refuted: list[str] = []
    with ProcessPoolExecutor(workers) as pool:
        for more, wrong in pool.map(_share, repeat(every), range(workers), repeat(workers)):
            counts += more
            refuted += wrong
    return counts, refuted


def _share(every: int, number: int, of: int) -> tuple[Counter[str], list[str]]:
    """The ``number``-th (from 0) of so many equal shares of the sample's claims."""
    result = match(load(ROOT / "sample_data" / "intervet"))
    counts: Counter[str] = Counter()
    rnd = result.round
    learners = sorted({*result.unplaced["learner_id"], *rnd.learners["id"][::every]})
    told = claims(result, learners[number::of])
    told += claims_at(result, "company", rnd.companies["id"][::every][number::of].tolist())
    told += claims_at(result, "host", rnd.hosting_partners["id"][number::of].tolist())
    return counts, _refuted(result, told, counts)


def _refuted(result: Result, told: Told, counts: Counter[str]) -> list[str]:
    """The claims that solving anew does not confirm, refuted or undecided in time; equal ones are solved once."""
    known: dict[tuple[str, str], str] = {}
    found = []
    for aim, fix in told:
        counts[aim] += 1
        place = next(row for row in fix.placements if row.learner_id == fix.learner)
        key = (fix.change.text if fix.change else "", str(place))
        if key not in known:
            known[key] = _verdict(result.round, fix)
            counts["re-solved"] += 1
        if known[key] != CONFIRMED:
            found.append(
                f"{known[key]}: {aim} {fix.learner} at {place.offer_id} in {place.flow_id}: {key[0]}"
            )
    return found


def _verdict(rnd: Round, fix: Fix) -> str:
    """What solving anew says of a claim."""
    try:
        return CONFIRMED if confirmed(rnd, fix) else "refuted"
    except Undecided:
        return "undecided in time"


def planted(number: int) -> tuple[Counter[str], list[str]]:
    """Of rounds with a planted conflict: whether the set that is told conflicts, whether each member is needed, whether
    the planted cause is in it, and whether every way out is one.
    """
    counts: Counter[str] = Counter()
    wrong = []
    for each in range(number):
        plant = list(PLANTS)[each % len(PLANTS)]
        size, seed = LEARNERS[each % len(LEARNERS)], each // len(PLANTS)
        result = match(generate(Spec.of_shape("intervet", size), seed, (plant,)), method="exact")
        name = f"{plant}, {size} learners, seed {seed}"
        if result.status is not Status.INFEASIBLE:
            wrong.append(f"{name}: {result.status}")
            continue
        told = {sentence.partition(":")[0] for sentence in result.conflict}
        counts["conflicts"] += 1
        counts["irreducible"] += confirming.irreducible(result)
        counts["with the planted cause"] += bool(set(PLANTS[plant].rules) & told)
        counts["with all planted rules"] += set(PLANTS[plant].rules) <= told
        ways = result.ways_out
        counts["with a way out"] += bool(ways.ways)
        counts["ways"] += len(ways.ways)
        counts["ways proven cheapest"] += sum(way.cheapest for way in ways.ways)
        wrong += [f"{name}: {fault}" for fault in confirming.way_faults(result, ways)]
    wrong += [
        f"{what}: {counts[what]}"
        for what in ("irreducible", "with the planted cause")
        if counts[what] != number
    ]
    return counts, wrong


def main() -> int:
    """Ask, print, and fail where a claim was not confirmed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=200, help="random rounds")
    parser.add_argument("--planted", type=int, default=100, help="rounds with a planted conflict")
    parser.add_argument("--every", type=int, default=1, help="of the sample every n-th learner and company")
    parser.add_argument("--workers", type=int, default=1, help="processes for the sample")
    parser.add_argument("--no-sample", action="store_true", help="without the INTERVET sample")
    asked = parser.parse_args()
    parts: list[tuple[str, Callable[[], tuple[Counter[str], list[str]]]]] = [
        (f"{asked.rounds} random rounds", partial(random_rounds, asked.rounds)),
        (f"{asked.planted} planted conflicts", partial(planted, asked.planted)),
        *([] if asked.no_sample else [("the INTERVET sample", partial(sample, asked.every, asked.workers))]),
    ]
    failed = False
    for name, ask in parts:
        counts, wrong = ask()
        print(f"{name}: {dict(counts)}; not confirmed: {len(wrong)}", flush=True)
        for one in wrong:
            print(f"  {one}")
        failed |= bool(wrong)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
