"""The kinds of input errors in ``sample_data/broken``: one small valid round, and what each kind does to it.

``python -m tests.matcher.intake.broken`` writes the folders again, after a message or a kind has changed.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from matcher.intake import examine

ROOT = Path(__file__).resolve().parents[3] / "sample_data" / "broken"
EXPECTED = "expected.txt"

BASE = {
    "round.toml": """format = 1
id = "broken"
name = "A tiny round with one mistake"
call_year = 2022
budget_eur = 50000

[policy]
goals = ["placed", "fit", "cost"]
min_profile_fit = 30
""",
    "sending_partners.csv": """id,name,country,city,lat,lon,budget_eur,rate_factor
ccis,Chamber,RS,Beograd,,,20000,0.55
cem,Centre,ME,Podgorica,42.4411,19.2636,,0.55
""",
    "schools.csv": """id,partner_id,name,city
s1,ccis,First school,Novi Sad
s2,cem,Second school,
""",
    "groups.csv": """id,partner_id,mode
g1,ccis,same_flow
""",
    "learners.csv": """id,partner_id,school_id,field,eqf_level,stay,available_from,available_to,languages,\
birth_date,group_id,fewer_opportunities,needs,priority,preferences,green_travel
L1,ccis,s1,0714,4,short,2022-09-01,2022-12-31,en:B1;it:A2,2004-05-01,g1,,,,zni;c1,
L2,ccis,s1,0613,4,short,2022-09-01,2022-12-31,en:A2,2005-01-31,g1,rural,stay:step_free,2,,yes
L3,cem,s2,0715,5,long,2022-09-01,2023-02-28,en:B2;sl:A1,2003-11-20,,,,,c2,no
""",
    "hosting_partners.csv": """id,name,country,city,lat,lon,provides
zni,Institute,SI,Maribor,,,stay:step_free
uniser,Cooperative,IT,Bologna,44.4938,11.3387,
""",
    "beds.csv": """host_id,from,to,beds
zni,2022-09-01,2022-10-31,8
zni,2022-11-01,2022-12-31,4
""",
    "flows.csv": """id,host_id,stay,start,end,max_heads,min_group,learners_per_escort
f1,zni,short,2022-09-12,2022-10-09,12,1,10
f2,uniser,long,2022-09-12,2022-12-11,,,
""",
    "companies.csv": """id,host_id,name,city,working_languages,min_age,provides,max_same_school
c1,zni,Workshop,Maribor,en:A2;sl:A1,16,,2
c2,uniser,Laboratory,Bologna,en:B1;it:A2,,,
""",
    "offers.csv": """id,company_id,fields,seats,available_from,available_to,stay,min_eqf,max_eqf
o1,c1,071;0613,2,2022-09-01,2022-12-31,short,3,5
o2,c2,0715,1,2022-09-01,2023-02-28,,,
""",
    "agreements.csv": """partner_id,host_id
ccis,zni
""",
    "quotas.csv": """partner_id,host_id,stay,min_learners,max_learners
ccis,zni,short,0,5
""",
    "pairs.csv": """learner_a,learner_b,kind
L1,L2,apart
""",
    "locks.csv": """learner_id,kind,host_id,company_id,offer_id,flow_id
L3,forbid,zni,,,
""",
    "previous.csv": """learner_id,offer_id,flow_id
L1,o1,f1
""",
    "affinity.csv": """learner_id,company_id,host_id,score
L1,c1,,70
L1,,zni,40
""",
    "micro_credentials.csv": """learner_id,title,field,eqf_level,ects
L2,Welding basics,0715,4,2.5
""",
}
"""The files of a valid round with every table in it."""

ASIDE = ("agreements", "quotas", "pairs", "locks", "previous", "affinity", "micro_credentials")
"""Tables that are written only for the kinds of mistakes that are about them."""


@dataclass(frozen=True)
class Kind:
    """A kind of input error: in ``file``, ``old`` becomes ``new``; or the file is replaced whole, or
    removed.
    """

    name: str
    about: str
    file: str
    old: str = ""
    new: str = ""
    content: bytes | None = None
    removed: bool = False

    def files(self) -> dict[str, bytes]:
        """The round's files with this kind's mistake."""
        aside = {f"{table}.csv" for table in ASIDE} - {self.file}
        made = {name: text.encode() for name, text in BASE.items() if name not in aside}
        if self.content is not None:
            made[self.file] = self.content
        elif self.removed:
            del made[self.file]
        else:
            text = made[self.file].decode()
            assert text.count(self.old) == 1, f"{self.name}: {self.old!r} stands {text.count(self.old)} times"
            made[self.file] = text.replace(self.old, self.new).encode()
        return made


_TOO_WIDE = ",".join(["id,partner_id", *(f"x{number}" for number in range(300))]).encode()

KINDS = (
    Kind("missing_table", "a required table is not there", "offers.csv", removed=True),
    Kind("missing_column", "a required column is not there", "learners.csv", "eqf_level", "eqf_lvel_of_it"),
    Kind("empty_file", "a table's file holds nothing", "flows.csv", content=b""),
    Kind("two_headings", "two columns have one name", "schools.csv", "id,partner_id,name", "id,name,name"),
    Kind(
        "two_aliases", "two columns mean the same", "learners.csv", "birth_date,group_id", "dob,date of birth"
    ),
    Kind("too_few_cells", "a row ends too early", "beds.csv", "2022-12-31,4", "2022-12-31"),
    Kind("too_many_cells", "a row has cells without headings", "beds.csv", "2022-12-31,4", "2022-12-31,4,5"),
    Kind("open_quote", "a quotation mark is never closed", "companies.csv", "Laboratory", '"Laboratory'),
    Kind("missing_value", "a required cell is blank", "learners.csv", "0613,4", "0613,"),
    Kind("bad_id", "an id has a blank in it", "pairs.csv", "L1,L2", "L 1,L2"),
    Kind("formula_as_id", "an id begins like a formula", "companies.csv", "c2,", "=c2,"),
    Kind("bad_whole_number", "a number is not whole", "offers.csv", "0613,2", "0613,two"),
    Kind("out_of_bounds", "a number is too high", "learners.csv", "0715,5", "0715,9"),
    Kind("thousands", "a sign between thousands", "sending_partners.csv", "20000", '"20,000"'),
    Kind("bad_decimal", "a latitude is no number", "sending_partners.csv", "42.4411", "42N"),
    Kind("bad_date", "there is no such day", "learners.csv", "2023-02-28", "2023-02-29"),
    Kind("american_date", "month before day", "learners.csv", "2004-05-01", "05/21/2004"),
    Kind("bad_choice", "a word that is not in the list", "groups.csv", "same_flow", "same_flows"),
    Kind("bad_yes_no", "neither yes nor no", "learners.csv", "2,,yes", "2,,maybe"),
    Kind("bad_country", "a country that does not exist", "hosting_partners.csv", "SI", "Slovenja"),
    Kind("bad_isced", "an ISCED-F code that does not exist", "learners.csv", "0714", "0777"),
    Kind("ambiguous_isced", "a code without zeros that may be two", "learners.csv", "0714", "11"),
    Kind("bad_language", "a language that does not exist", "learners.csv", "en:A2", "engl:A2"),
    Kind("bad_level", "a language level that does not exist", "learners.csv", "en:A2", "en:D3"),
    Kind(
        "language_without_level",
        "a language without a level",
        "companies.csv",
        "en:B1;it:A2",
        "en:B1;Italian",
    ),
    Kind("language_twice", "a language with two levels", "learners.csv", "en:A2", "en:A2;en:B1"),
    Kind("need_without_prefix", "a need that is no code", "learners.csv", "stay:step_free", "step free"),
    Kind("duplicate_id", "an id stands twice", "learners.csv", "L2,", "L1,"),
    Kind(
        "duplicate_key", "an agreement stands twice", "agreements.csv", "ccis,zni\n", "ccis,zni\nccis,zni\n"
    ),
    Kind("unknown_reference", "an id that no table has", "learners.csv", "cem,s2", "cme,s2"),
    Kind("unknown_preference", "neither a host nor a company", "learners.csv", "zni;c1", "zni;c7"),
    Kind("reversed_dates", "a flow that ends before it starts", "flows.csv", "2022-10-09", "2022-08-09"),
    Kind("reversed_levels", "min_eqf above max_eqf", "offers.csv", "short,3,5", "short,6,5"),
    Kind("reversed_quota", "min_learners above max_learners", "quotas.csv", "short,0,5", "short,6,5"),
    Kind("overlapping_beds", "two rows cover one day of a host", "beds.csv", "2022-11-01", "2022-10-25"),
    Kind("foreign_group", "a learner in another partner's group", "groups.csv", "g1,ccis", "g1,cem"),
    Kind("foreign_school", "a learner at another partner's school", "learners.csv", "cem,s2", "cem,s1"),
    Kind("lock_without_place", "a lock that names no place", "locks.csv", "forbid,zni", "forbid,"),
    Kind("pair_with_oneself", "a learner paired with itself", "pairs.csv", "L1,L2", "L2,L2"),
    Kind("affinity_for_nothing", "a score for nothing", "affinity.csv", "L1,c1", "L1,"),
    Kind("affinity_twice", "two scores for one company", "affinity.csv", "L1,,zni,40", "L1,c1,zni,40"),
    Kind("lat_without_lon", "half a coordinate", "sending_partners.csv", "42.4411,19.2636", "42.4411,"),
    Kind("unknown_city", "a host whose city nobody knows", "hosting_partners.csv", "Maribor", "Maribro"),
    Kind("no_place", "a host without city and coordinates", "hosting_partners.csv", "Maribor", ""),
    Kind(
        "no_rate",
        "a host's country without rates",
        "rates.toml",
        content=b"country_group = { IT = 2 }\n",
    ),
    Kind(
        "bad_rates",
        "a wrong figure in rates.toml",
        "rates.toml",
        content=b'inclusion = "100"\norganization = 1\n',
    ),
    Kind("no_settings", "round.toml is not there", "round.toml", removed=True),
    Kind("bad_toml", "round.toml is not TOML", "round.toml", "call_year = 2022", "call_year = "),
    Kind("unknown_format", "a format of the future", "round.toml", "format = 1", "format = 2"),
    Kind("unknown_key", "a key that round.toml does not have", "round.toml", "budget_eur", "budget_euro"),
    Kind("unknown_goal", "a goal that does not exist", "round.toml", '"cost"', '"costs"'),
    Kind(
        "unknown_rule",
        "a rule that does not exist",
        "round.toml",
        "[policy]",
        "[policy]\nrules = { bed = false }",
    ),
    Kind(
        "rule_always_on",
        "the one rule that cannot be switched off",
        "round.toml",
        "[policy]",
        "[policy]\nrules = { one_placement = false }",
    ),
    Kind(
        "bad_threshold",
        "a threshold above 100",
        "round.toml",
        "min_profile_fit = 30",
        "min_profile_fit = 130",
    ),
    Kind(
        "no_rate_table",
        "a call year without a rate table",
        "round.toml",
        "call_year = 2022",
        "call_year = 2019",
    ),
    Kind(
        "not_a_csv",
        "a workbook that was named .csv",
        "pairs.csv",
        content=b"PK\x03\x04\x14\x00\x06\x00\x08\x00",
    ),
    Kind(
        "nul_bytes",
        "NUL bytes in a file",
        "pairs.csv",
        content=b"learner_a,learner_b,kind\nL1,\x00L2,apart\n",
    ),
    Kind(
        "no_known_encoding",
        "bytes that are no text",
        "pairs.csv",
        content=b"learner_a,\x81\x8d\x88\x98\xff\n",
    ),
    Kind("too_many_columns", "more columns than the limit", "pairs.csv", content=_TOO_WIDE),
)
"""Every kind, in the order of the README."""


def text_of_errors(folder: Path) -> str:
    """The error lines of a round, as ``expected.txt`` has them."""
    return "".join(f"{problem}\n" for problem in examine(folder).errors)


def readme() -> str:
    """The README of ``sample_data/broken``."""
    lines = [f"| `{kind.name}` | {kind.about} | `{kind.file}` |" for kind in KINDS]
    return "\n".join(
        [
            "# Rounds that are wrong, one kind of mistake each",
            "",
            "Every folder is the same tiny round with one mistake. `matcher check FOLDER` prints the lines of its",
            "`expected.txt`; a test compares them word for word.",
            "",
            "| folder | the mistake | in |",
            "|---|---|---|",
            *lines,
            "",
        ]
    )


def write(kind: Kind, folder: Path) -> None:
    """Write a kind's files into a folder of its own."""
    folder.mkdir(parents=True)
    for name, content in kind.files().items():
        (folder / name).write_bytes(content)


def main() -> None:
    """Write all folders again."""
    shutil.rmtree(ROOT, ignore_errors=True)
    for kind in KINDS:
        write(kind, ROOT / kind.name)
        (ROOT / kind.name / EXPECTED).write_text(text_of_errors(ROOT / kind.name), encoding="utf-8")
    (ROOT / "README.md").write_text(readme(), encoding="utf-8")


if __name__ == "__main__":
    main()
