"""The commands from outside: what they print, where, and the exit code that the contract gives them."""

import csv
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from matcher import load
from matcher.cli import app as application
from matcher.cli.app import run
from tests.conftest import EXAMPLES

Printed = pytest.CaptureFixture[str]
SOLVABLE, INFEASIBLE, LARGE = EXAMPLES / "example-01", EXAMPLES / "example-03", EXAMPLES / "example-12"


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """A round with two errors in two files: an unknown stay and a company nobody knows."""
    folder = tmp_path / "broken"
    shutil.copytree(SOLVABLE, folder)
    for table, before, after in (("flows", "short", "shrt"), ("offers", r"c\d+", "c999")):
        path = folder / f"{table}.csv"
        path.write_text(re.sub(before, after, path.read_text(encoding="utf-8"), count=1), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def solved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a solved round."""
    folder = tmp_path_factory.mktemp("solved") / "deep" / "out"
    assert run(["solve", str(SOLVABLE), "--out", str(folder), "--quiet"]) == 0
    return folder


def test_solve_writes_the_contracts_files(solved: Path) -> None:
    """One folder, made if missing, with the five files of the contract."""
    assert {"placements.csv", "escorts.csv", "unplaced.csv", "report.json", "report.html"} <= {
        path.name for path in solved.iterdir()
    }


def test_solve_prints_goals_with_their_proof(tmp_path: Path, capsys: Printed) -> None:
    """Headline, goals with value and bound, and where the report lies, on stdout; nothing on stderr."""
    assert run(["solve", str(SOLVABLE), "--out", str(tmp_path)]) == 0
    printed = capsys.readouterr()
    assert "every goal is proven" in printed.out
    assert re.search(r"placed +6 +6 +proven best", printed.out)
    assert str(tmp_path / "report.html") in printed.out
    assert printed.err == ""


def test_solve_as_json_prints_the_report(tmp_path: Path, capsys: Printed) -> None:
    """--json prints what report.json holds, and nothing else."""
    assert run(["solve", str(SOLVABLE), "--out", str(tmp_path), "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed == json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))


def test_quiet_prints_nothing(tmp_path: Path, capsys: Printed) -> None:
    """--quiet says nothing when nothing is wrong."""
    assert run(["solve", str(SOLVABLE), "--out", str(tmp_path), "--quiet"]) == 0
    assert capsys.readouterr() == ("", "")


def test_an_infeasible_round_is_exit_code_2(tmp_path: Path, capsys: Printed) -> None:
    """The report is written all the same, and the conflicting rules are named on stderr."""
    assert run(["solve", str(INFEASIBLE), "--out", str(tmp_path), "--quiet"]) == 2
    report = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert report["status"] == "infeasible"
    assert report["ways_out"]["ways"][0]["cheapest"]
    assert report["ways_out"]["ways"][0]["steps"][0]["text"] in (tmp_path / "report.html").read_text(
        encoding="utf-8"
    )
    assert len(capsys.readouterr().err.splitlines()) > 1


@pytest.mark.parametrize(
    "arguments",
    [
        ["solve", str(SOLVABLE)],
        ["solve", str(SOLVABLE), "--out", "x", "--time-limit", "soon"],
        ["solve", str(SOLVABLE), "--out", "x", "--method", "magic"],
        ["solve", str(LARGE), "--out", "x", "--method", "enumerate"],
        ["solve", str(SOLVABLE), "--out", "x", "--workers", "0"],
        ["solve", str(SOLVABLE), "--out", "x", "--workers", "many"],
        ["solve", str(SOLVABLE), "--out", "x", "--gap", "-0.1"],
        ["solve", str(SOLVABLE), "--out", "x", "--cluster", "nowhere://here:1"],
        ["solve", "no-such-round", "--out", "x"],
        ["check", "no-such-round"],
        ["verify", str(SOLVABLE), "no-such-file.csv"],
        ["nonsense"],
        ["serve", "--port", "many"],
    ],
    ids=lambda arguments: " ".join(Path(word).name for word in arguments),
)
def test_a_wrong_command_line_is_exit_code_1(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Printed
) -> None:
    """What the caller can put right is 1, with a word about it on stderr and nothing on stdout."""
    monkeypatch.chdir(tmp_path)
    assert run(arguments) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err != ""


def test_an_unwritable_folder_is_said_before_the_search(tmp_path: Path, capsys: Printed) -> None:
    """A file in the place of the folder ends the command before it has read anything."""
    blocked = tmp_path / "file"
    blocked.touch()
    assert run(["solve", "no-such-round", "--out", str(blocked / "out")]) == 1
    said = " ".join(capsys.readouterr().err.split())
    assert "a file is where a folder should be" in said
    assert str(blocked) in said.replace(" ", "")


@pytest.mark.parametrize("command", [["check"], ["solve", "--out", "x"]], ids=["check", "solve"])
def test_input_errors_are_all_in_a_table_on_stderr(command: list[str], broken: Path, capsys: Printed) -> None:
    """Both errors, with file, row, column and value, and exit code 1."""
    assert run([command[0], str(broken), *command[1:]]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert re.search(r"flows.csv +2 +stay +shrt", printed.err)
    assert re.search(r"offers.csv +2 +company_id +c999", printed.err)


def test_check_as_json_lists_every_error(broken: Path, capsys: Printed) -> None:
    """The same for another program, with the exit code unchanged."""
    assert run(["check", str(broken), "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert [(error["file"], error["row"], error["value"]) for error in found["errors"]] == [
        ("flows.csv", 2, "shrt"),
        ("offers.csv", 2, "c999"),
    ]


def test_check_writes_the_marked_workbook(broken: Path, tmp_path: Path) -> None:
    """--fix-report writes the tables back; the exit code still says that the input is wrong."""
    marked = tmp_path / "marked.xlsx"
    assert run(["check", str(broken), "--fix-report", str(marked)]) == 1
    assert marked.read_bytes().startswith(b"PK")


def test_check_says_what_a_right_round_holds(capsys: Printed) -> None:
    """Counts on stdout, exit code 0."""
    assert run(["check", str(SOLVABLE)]) == 0
    assert "8 learners" in capsys.readouterr().out


def test_verify_accepts_what_solve_wrote(solved: Path, capsys: Printed) -> None:
    """Valid, with the values that are known to be best."""
    assert run(["verify", str(SOLVABLE), str(solved / "placements.csv"), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["valid"]
    assert found["goals"] == {"placed": 6, "equity": 250, "fit": 116}


def test_verify_prints_every_breach(solved: Path, tmp_path: Path, capsys: Printed) -> None:
    """A learner who is placed twice is a breach of one_placement; exit code 1."""
    text = (solved / "placements.csv").read_text(encoding="utf-8")
    twice = tmp_path / "twice.csv"
    twice.write_text(text + text.splitlines()[1] + "\n", encoding="utf-8")
    assert run(["verify", str(SOLVABLE), str(twice)]) == 1
    assert "one_placement" in capsys.readouterr().err


def test_explain_says_where_a_learner_is(solved: Path, capsys: Printed) -> None:
    """For a placed learner of an allocation: the row of placements.csv."""
    with (solved / "placements.csv").open(encoding="utf-8") as file:
        first = next(csv.DictReader(file))
    placements = str(solved / "placements.csv")
    learner = first["learner_id"]
    assert run(["explain", str(SOLVABLE), "--learner", learner, "--placements", placements, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert {name: str(found[name]) for name in first} == first


def test_explain_says_why_a_learner_is_nowhere(solved: Path, capsys: Printed) -> None:
    """For a learner who is left out: the row of unplaced.csv, and why not at the company asked about."""
    with (solved / "unplaced.csv").open(encoding="utf-8") as file:
        first = next(csv.DictReader(file))
    arguments = ["--learner", first["learner_id"], "--company", "c001"]
    assert run(["explain", str(SOLVABLE), *arguments, "--placements", str(solved / "placements.csv")]) == 0
    printed = capsys.readouterr().out
    assert f"reason: {first['reason']}" in printed
    assert "why not: " in printed


@pytest.mark.parametrize(("option", "value"), [("--learner", "L00O3"), ("--company", "c00l")])
def test_explain_names_the_nearest_id(option: str, value: str, capsys: Printed) -> None:
    """An id that nobody has is exit code 1, with the nearest that somebody has."""
    known = {"--learner": "L0003", "--company": "c001"}
    assert (
        run(
            ["explain", str(SOLVABLE), *(word for pair in (known | {option: value}).items() for word in pair)]
        )
        == 1
    )
    assert f"nearest: {known[option][:3]}" in capsys.readouterr().err


def test_explain_refuses_an_allocation_that_breaks_rules(
    solved: Path, tmp_path: Path, capsys: Printed
) -> None:
    """Reasons that rest on an invalid allocation would mislead: the breaches are listed instead."""
    text = (solved / "placements.csv").read_text(encoding="utf-8")
    twice = tmp_path / "twice.csv"
    twice.write_text(text + text.splitlines()[1] + "\n", encoding="utf-8")
    assert run(["explain", str(SOLVABLE), "--learner", "L0000", "--placements", str(twice)]) == 1
    assert "placements" in capsys.readouterr().err


def test_generate_makes_a_round_that_checks(tmp_path: Path, capsys: Printed) -> None:
    """A small round, written and read back without an error; the same again gives the same files."""
    for name in ("one", "two"):
        arguments = ["--out", str(tmp_path / name), "--learners", "12", "--seed", "3", "--set", "hosts=2"]
        assert run(["generate", *arguments, "--quiet"]) == 0
    assert run(["check", str(tmp_path / "one")]) == 0
    assert "12 learners" in capsys.readouterr().out
    first, second = (
        {path.name: path.read_bytes() for path in (tmp_path / name).iterdir()} for name in ("one", "two")
    )
    assert first == second


def test_generate_leaves_a_round_that_is_there(tmp_path: Path, capsys: Printed) -> None:
    """Files of a round are replaced with --overwrite only."""
    arguments = ["generate", "--out", str(tmp_path), "--learners", "12", "--quiet"]
    assert run(arguments) == 0
    assert run(arguments) == 1
    assert run([*arguments, "--overwrite"]) == 0


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--shape", "interwet", "nearest: intervet"),
        ("--plant", "quotas", "nearest: quota"),
        ("--set", "seatz=2", "seats"),
        ("--set", "seats=many", "seats"),
        ("--set", "seats=1000", "seats"),
    ],
)
def test_generate_says_what_it_does_not_know(
    option: str, value: str, said: str, tmp_path: Path, capsys: Printed
) -> None:
    """Shapes, conflicts, knobs and their values: exit code 1, with the nearest."""
    assert run(["generate", "--out", str(tmp_path / "out"), "--learners", "12", option, value]) == 1
    assert said in capsys.readouterr().err


def test_generate_lists_what_there_is(capsys: Printed) -> None:
    """--list needs nothing else and names shapes, conflicts and knobs."""
    assert run(["generate", "--list"]) == 0
    printed = capsys.readouterr().out
    assert re.search(r"--shape +pure_network", printed)
    assert re.search(r"--plant +quota ", printed)
    assert re.search(r"--set +seats=1", printed)


def test_demo_without_the_samples_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: Printed
) -> None:
    """An installed package has no samples: one sentence, exit code 1."""
    monkeypatch.setattr("matcher.cli.demonstrating.SAMPLE", tmp_path / "none")
    assert run(["demo"]) == 1
    assert "samples come with" in capsys.readouterr().err


def test_what_nobody_expected_is_exit_code_3(monkeypatch: pytest.MonkeyPatch, capsys: Printed) -> None:
    """One short line without a traceback, and how to see more."""
    monkeypatch.setattr("matcher.intake.examine", failing)
    assert run(["check", "anything"]) == 3
    printed = capsys.readouterr().err
    assert "ZeroDivisionError" in printed
    assert "--debug" in printed
    assert "Traceback" not in printed


def test_debug_shows_where(monkeypatch: pytest.MonkeyPatch) -> None:
    """With --debug the exception itself comes through."""
    monkeypatch.setattr("matcher.intake.examine", failing)
    monkeypatch.setenv("MATCHER_DEBUG", "")
    with pytest.raises(ZeroDivisionError):
        run(["--debug", "check", "anything"])


def failing(_: object) -> None:
    """Something that is our fault."""
    raise ZeroDivisionError


def test_text_from_a_file_cannot_act_on_the_terminal(broken: Path, capsys: Printed) -> None:
    """Escape sequences in a cell are spelled out."""
    path = broken / "flows.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("shrt", "sh[red]\u202ert"), encoding="utf-8")
    assert run(["check", str(broken)]) == 1
    printed = capsys.readouterr().err
    assert "\u202e" not in printed
    assert "sh[red]\\u202ert" in printed


def test_many_errors_are_plain_lines(broken: Path, capsys: Printed) -> None:
    """Ten thousand faulty rows are all listed, a line each."""
    path = broken / "pairs.csv"
    rows = "".join(f"nobody{number},L1,together\n" for number in range(10_000))
    path.write_text(f"learner_a,learner_b,kind\n{rows}", encoding="utf-8")
    assert run(["check", str(broken)]) == 1
    assert capsys.readouterr().err.count("nobody") >= 10_000


def command(*arguments: str | Path, **options: Any) -> subprocess.Popen[str]:
    """The command in a process of its own."""
    program = "import sys; from matcher.cli import main; main(sys.argv[1:])"
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True} | options
    return subprocess.Popen([sys.executable, "-c", program, *map(str, arguments)], **pipes)


def test_ctrl_c_writes_the_best_so_far(tmp_path: Path) -> None:
    """Interrupted in the middle of a search: a valid allocation is written, exit code 0."""
    arguments = (
        "solve",
        EXAMPLES / "example-10",
        "--out",
        tmp_path / "out",
        "--method",
        "cpsat",
        "--progress",
    )
    with command(*arguments) as process:
        assert process.stderr is not None
        assert any("placed " in line for line in process.stderr)
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0
    report = json.loads((tmp_path / "out" / "report.json").read_text(encoding="utf-8"))
    assert report["status"] in ("feasible", "optimal")
    assert report["goals"][0]["value"] > 0


def test_completion_completes_methods() -> None:
    """The shell's completion knows the commands and the methods."""
    words = {
        "COMP_WORDS": "matcher solve x --method c",
        "COMP_CWORD": "4",
        "_MATCHER_COMPLETE": "complete_bash",
    }
    with command(env=os.environ | words) as process:
        out, _ = process.communicate(timeout=60)
    assert out.split() == ["cpsat"]


def test_main_ends_the_process_with_the_code() -> None:
    """`matcher` as the shell sees it."""
    with pytest.raises(SystemExit) as ended:
        application.main(["check", "no-such-round"])
    assert ended.value.code == 1


def test_explain_tells_why_seats_stay_empty(solved: Path, capsys: Printed) -> None:
    """Of an offer, a company and a host, in words and as JSON; a learner's places are in `why`."""
    rnd = load(SOLVABLE)
    placements = ["--placements", str(solved / "placements.csv")]
    for option, table in (("--offer", "offers"), ("--company", "companies"), ("--host", "hosting_partners")):
        key = rnd.tables[table]["id"][0]
        assert run(["explain", str(SOLVABLE), option, key, *placements]) == 0
        assert key in capsys.readouterr().out.splitlines()[0]
        assert run(["explain", str(SOLVABLE), option, key, *placements, "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["id"] == key
    learner = rnd.learners["id"][0]
    assert run(["explain", str(SOLVABLE), "--learner", learner, "--resolve", "1", *placements, "--json"]) == 0
    why = json.loads(capsys.readouterr().out)["why"]
    assert why["places"] == why["barred"] + why["full"] + why["free"] + (why["placed"] is not None)


def test_explain_for_a_sending_partner(solved: Path, capsys: Printed) -> None:
    """The own learners only; an id of another's is refused, and a partner that does not exist."""
    rnd = load(SOLVABLE)
    placements = ["--placements", str(solved / "placements.csv")]
    learner, whose = rnd.learners["id"][0], rnd.learners["partner_id"][0]
    assert run(["explain", str(SOLVABLE), "--learner", learner, "--for", whose, *placements]) == 0
    assert capsys.readouterr().out.startswith(f"For {whose}. ")
    other = next(iter(rnd.learners["id"][rnd.learners["partner_id"] != whose]), "L-none")
    assert run(["explain", str(SOLVABLE), "--learner", other, "--for", whose, *placements]) == 1
    assert f"among the learners of {whose}" in capsys.readouterr().err
    assert run(["explain", str(SOLVABLE), "--learner", learner, "--for", "nobody", *placements]) == 1


@pytest.mark.parametrize("options", [[], ["--offer", "o", "--host", "h"], ["--learner", "L", "--host", "h"]])
def test_explain_asks_about_one_thing(options: list[str], capsys: Printed) -> None:
    """None or several is no question."""
    assert run(["explain", str(SOLVABLE), *options]) == 1
    assert "one of --learner" in capsys.readouterr().err.replace("\n", " ")
