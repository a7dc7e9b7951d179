"""The files as they really arrive: encodings, separators, quoting, headings in many words; understood and
reported.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from matcher.intake import examine
from matcher.intake.encodings import decode
from matcher.intake.headings import plain, withheld_kind
from tests.matcher.intake.broken import BASE
from tests.matcher.intake.folders import (
    cells,
    digest,
    errors,
    folder,
    warnings,
    with_cell,
    with_column,
)

NAMED = BASE["schools.csv"].replace("First school", "Škola „Đure Đaković“")

# Words of the field in the two Windows code pages, as they stand in real lists.
CENTRAL = (
    "Čačak", "Niš;Šabac", "Kovačević", "Đorđe", "Škola učenika u privredi", "Žepče", "Łódź", "Wrocław",
    "Gimnazija „Jovan Jovanović Zmaj“", "Bielsko-Biała", "Győr", "Plzeň", "Košice", "Târgu Mureș".replace("ș", "ş"),
    "Hőgyész", "uczeń", "České Budějovice", "Črnomelj", "Tehnička škola", "Opće obrazovanje", "Kraków, Poznań",
    "Šiauliai", "Mačva", "Pančevo", "Preševo", "Bač",
)  # fmt: skip
WESTERN = (
    "Cañizares", "Málaga y Córdoba; España", "São João", "Saint-Étienne, Genève", "Lycée français", "Città di Castello",
    "Forlì-Cesena", "perché; più; è", "Übung macht den Meister", "Sønderborg", "Malmö", "Århus", "Cefalù", "Peñíscola",
    "Orléans; Besançon; Nîmes", "Vila Nova de Famalicão", "Liège", "Möller", "Università di Bologna – cucina",
    "lycée hôtelier", "Alphen a/d Rijn – één", "Hervás", "Façade", "Perú", "Mëllein’s",
)  # fmt: skip


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1250"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_encodings_and_separators_change_nothing(tmp_path: Path, encoding: str, separator: str) -> None:
    """The same table in any encoding and with any separator is the same round; what is unusual is reported."""
    plain_round = examine(folder(tmp_path / "plain", {"schools.csv": NAMED}))
    text = NAMED.replace(",", separator)
    bom = {"utf-16-le": "\ufeff", "utf-16-be": ""}.get(encoding, "")
    other = examine(folder(tmp_path / "other", {"schools.csv": (bom + text).encode(encoding)}))
    assert digest(other) == digest(plain_round)
    assert other.round is not None
    assert other.round.schools["name"][0] == "Škola „Đure Đaković“"
    reported = " ".join(str(problem) for problem in other.warnings)
    assert ("UTF-8 is expected" in reported) == (not encoding.startswith("utf-8"))
    assert ("a comma is expected" in reported) == (separator != ",")


@pytest.mark.parametrize("word", CENTRAL)
def test_central_european_words_are_recognised(word: str) -> None:
    """One word in cp1250 is enough to tell the page."""
    assert decode(f"id,name\n1,{word}\n".encode("cp1250")).text == f"id,name\n1,{word}\n"


@pytest.mark.parametrize("word", WESTERN)
def test_western_european_words_are_recognised(word: str) -> None:
    """One word in cp1252 is enough to tell the page."""
    assert decode(f"id,name\n1,{word}\n".encode("cp1252")).text == f"id,name\n1,{word}\n"


def test_line_ends_quotes_and_newlines_in_cells(tmp_path: Path) -> None:
    """CR LF is LF; a quoted cell may hold separators, marks and line ends; row numbers stay a
    spreadsheet's.
    """
    offers = (
        BASE["offers.csv"].replace("max_eqf\n", "max_eqf,tasks\n").replace("3,5\n", '3,5,"a, ""b""\nc; d"\n')
    )
    offers = offers.replace(",,,\n", ",,,,\n")
    one, other = folder(tmp_path / "one", {"offers.csv": offers}), tmp_path / "other"
    folder(
        other, {name: text.replace("\n", "\r\n") for name, text in (BASE | {"offers.csv": offers}).items()}
    )
    found = examine(one)
    assert digest(found) == digest(examine(other))
    assert found.round is not None
    assert found.round.offers["tasks"][0] == 'a, "b"\nc; d'
    bad = offers.replace("o2,c2,0715,1", "o2,c2,0715,-1")
    assert errors(folder(tmp_path / "bad", {"offers.csv": bad}))[0].startswith(
        "offers.csv, row 3, column seats: '-1'"
    )


def test_blank_rows_and_columns_are_ignored(tmp_path: Path) -> None:
    """Blank rows at the end or between, and blank columns without headings, are nothing."""
    learners = "\n".join(f"{line},,," for line in BASE["learners.csv"].splitlines())
    learners = learners.replace("\nL3", f"\n{',' * 18}\n\nL3") + f"\n{',' * 18}\n \n\n"
    found = examine(folder(tmp_path / "blank", {"learners.csv": learners}))
    assert digest(found) == digest(examine(folder(tmp_path / "base")))
    assert not found.warnings


def test_a_title_above_the_headings_is_passed_over(tmp_path: Path) -> None:
    """A title row is reported; rows are counted from the top of the file all the same."""
    titled = "Learners of spring 2022\n\n" + with_cell("learners", 2, "eqf_level", "9")
    found = examine(folder(tmp_path / "title", {"learners.csv": titled}))
    assert [(one.row, one.column, one.value) for one in found.errors] == [(4, "eqf_level", "9")]
    assert [(one.row, one.message[:28]) for one in found.warnings] == [(3, "the headings stand in row 3;")]


def test_the_separator_hint_of_excel_is_understood(tmp_path: Path) -> None:
    """``sep=;`` in the first line is a hint, not a heading."""
    text = "sep=;\n" + BASE["quotas.csv"].replace(",", ";")
    assert digest(examine(folder(tmp_path / "hint", {"quotas.csv": text}))) == digest(
        examine(folder(tmp_path / "b"))
    )


@pytest.mark.parametrize(
    ("table", "column", "heading"),
    [
        ("learners", "birth_date", "Date of birth"),
        ("learners", "birth_date", "DOB"),
        ("learners", "birth_date", "Birth-Date"),
        ("learners", "birth_date", "Datum rođenja"),
        ("learners", "birth_date", "Fecha de nacimiento"),
        ("learners", "birth_date", "data di nascita"),
        ("learners", "birth_date", "Датум рођења"),
        ("learners", "school_id", "School"),
        ("learners", "school_id", "Škola"),
        ("learners", "partner_id", "Sending Partner"),
        ("learners", "partner_id", "ente di invio"),
        ("learners", "field", "ISCED-F"),
        ("learners", "field", "Erasmus field"),
        ("learners", "field", "ISCED-F 2013 code"),
        ("learners", "eqf_level", "Level"),
        ("learners", "eqf_level", "  EQF   level "),
        ("learners", "eqf_level", "EQF_LEVEL"),
        ("learners", "languages", "Jezici"),
        ("learners", "languages", "idiomas"),
        ("learners", "preferences", "Ranked destinations"),
        ("learners", "stay", "Type of mobility"),
        ("learners", "id", "Student ID"),
        ("schools", "partner_id", "sending organisation"),
        ("companies", "host_id", "Hosting partner"),
        ("companies", "working_languages", "Lingua di lavoro"),
        ("flows", "start", "Start date"),
        ("flows", "learners_per_escort", "Learners per accompanying person"),
        ("sending_partners", "budget_eur", "Budget (EUR)"),
        ("beds", "beds", "Number of beds"),
        ("hosting_partners", "city", "Città"),
    ],
)
def test_headings_in_other_words_are_read_and_reported(
    tmp_path: Path, table: str, column: str, heading: str
) -> None:
    """A heading that is known by another name changes nothing, and the warning names both."""
    found = examine(folder(tmp_path / "other", {f"{table}.csv": with_column(table, column, heading)}))
    assert digest(found) == digest(examine(folder(tmp_path / "base")))
    shown = " ".join(heading.split())
    assert [(one.column, one.message) for one in found.warnings] == [(shown, f"read as the column {column}")]


def test_errors_name_the_column_as_it_stands_in_the_file(tmp_path: Path) -> None:
    """Somebody who wrote "Level" looks for "Level"."""
    text = with_column("learners", "eqf_level", "Level").replace("0613,4", "0613,40")
    found = errors(folder(tmp_path / "level", {"learners.csv": text}))
    assert found == ["learners.csv, row 3, column Level: '40': out of bounds: 1 to 8 (nearest: 8)"]


def test_an_own_name_goes_before_an_alias(tmp_path: Path) -> None:
    """With ``school_id`` there, a column "School" is an unknown one and not a second ``school_id``."""
    text = "\n".join(
        f"{line},{word}" for line, word in zip(BASE["learners.csv"].splitlines(), "Sxyz", strict=True)
    )
    text = text.replace("green_travel,S", "green_travel,School")
    found = warnings(folder(tmp_path / "both", {"learners.csv": text}))
    assert found == ["learners.csv, row 1, column School: unknown column, ignored"]


def test_an_unknown_column_names_the_nearest(tmp_path: Path) -> None:
    """A misspelt optional column is a warning with the right spelling."""
    found = warnings(folder(tmp_path / "near", {"flows.csv": with_column("flows", "max_heads", "max_haeds")}))
    assert found == ["flows.csv, row 1, column max_haeds: unknown column, ignored (nearest: max_heads)"]


@pytest.mark.parametrize(
    ("heading", "kind"),
    [
        ("Illnesses or allergies", "health"),
        ("Medical needs", "health"),
        ("HEALTH", "health"),
        ("Type of disability", "health"),
        ("Alergije", "health"),
        ("Zdravstveno stanje", "health"),
        ("Enfermedades", "health"),
        ("Болести", "health"),
        ("Special diet", "health"),
        ("Given name", "person"),
        ("Surname", "person"),
        ("E-mail", "person"),
        ("Phone number", "person"),
        ("Ime i prezime", "person"),
        ("Guardian 1", "person"),
        ("Name", "person"),
    ],
)
def test_health_data_and_persons_never_enter(tmp_path: Path, heading: str, kind: str) -> None:
    """The column is named in a warning; its values are nowhere: not in messages, not in the round, not in
    memory.
    """
    lines = BASE["learners.csv"].splitlines()
    text = "\n".join(
        [f"{lines[0]},{heading}", *(f"{line},secret-{number}" for number, line in enumerate(lines[1:]))]
    )
    text = text.replace(",0613,4,", ",0613,x,")
    found = examine(folder(tmp_path / kind, {"learners.csv": text}))
    assert withheld_kind(heading) == kind
    assert [one.column for one in found.warnings] == [heading]
    assert "secret" not in repr(found)
    assert len(found.errors) == 1


def test_needs_are_not_repeated_in_the_report(tmp_path: Path) -> None:
    """A need in free text gives an error without its value."""
    found = examine(
        folder(tmp_path / "needs", {"learners.csv": with_cell("learners", 3, "needs", "diabetes")})
    )
    assert [(one.row, one.column, one.value) for one in found.errors] == [(3, "needs", None)]
    assert "diabetes" not in repr(found)


def test_one_warning_for_cells_that_were_read_in_the_same_way(tmp_path: Path) -> None:
    """Three dates with points are one warning with the first of them."""
    text = BASE["learners.csv"].replace("2022-12-31", "31.12.2022").replace("2023-02-28", "28.02.2023")
    assert warnings(folder(tmp_path / "dates", {"learners.csv": text})) == [
        (
            "learners.csv, row 2, column available_to: '31.12.2022': read as 2022-12-31 (DD.MM.YYYY);"
            " so were 2 more cells of the column"
        )
    ]


def test_text_in_another_normal_form_is_the_same(tmp_path: Path) -> None:
    """š is š, whether it is one character or two."""
    composed = BASE["schools.csv"].replace("Second school", "Škola")
    split = BASE["schools.csv"].replace("Second school", "S\u030ckola")
    one, other = (
        examine(folder(tmp_path / name, {"schools.csv": text}))
        for name, text in (("a", composed), ("b", split))
    )
    assert digest(one) == digest(other)


def test_files_by_other_names_and_extra_files(tmp_path: Path) -> None:
    """``Sending Partners.CSV`` is the table, and is reported; an unknown table names the nearest; a readme
    is nothing.
    """
    made = folder(
        tmp_path / "names",
        {"sending_partners.csv": None, "Sending Partners.CSV": BASE["sending_partners.csv"]},
    )
    (made / "learner.csv").write_text("id\n")
    (made / "old.xlsx").write_bytes(b"")
    (made / "README.md").write_text("nothing")
    (made / "notes.txt").write_text("nothing")
    assert warnings(made) == [
        "Sending Partners.CSV: read as the table sending_partners (nearest: sending_partners.csv)",
        "learner.csv: not a table of the round, ignored (nearest: learners.csv)",
        "old.xlsx: a workbook inside a folder is ignored: name the workbook itself to read it",
    ]


def test_row_and_column_order_do_not_matter(tmp_path: Path) -> None:
    """Rows and columns in another order are the same round."""
    rows = cells("learners")
    turned = "\n".join(",".join(reversed(row)) for row in [rows[0], *reversed(rows[1:])])
    assert digest(examine(folder(tmp_path / "t", {"learners.csv": turned}))) == digest(
        examine(folder(tmp_path / "b"))
    )


@pytest.mark.parametrize("heading", ["ISCED-F", "isced f", "\ufeffIsced_F", "  ISCED–F: "])
def test_headings_are_compared_without_signs(heading: str) -> None:
    """Case, blanks, hyphens and a BOM make no difference."""
    assert plain(heading) == "iscedf"


def test_a_name_in_place_of_an_id_suggests_the_id(tmp_path: Path) -> None:
    """Somebody wrote the school's name; the nearest valid thing is its id."""
    found = examine(folder(tmp_path / "name", {"learners.csv": with_cell("learners", 2, "school_id", "s9")}))
    assert found.errors[0].nearest == "s1"
    text = BASE["schools.csv"].replace("First school", "Gimnazija")
    made = {"schools.csv": text, "learners.csv": with_cell("learners", 2, "school_id", "gimnazija")}
    assert examine(folder(tmp_path / "id", made)).errors[0].nearest == "s1"


def test_a_column_without_a_heading(tmp_path: Path) -> None:
    """Blank all the way it is nothing; with values it is reported by its letter."""
    blank = BASE["groups.csv"].replace("partner_id,mode", "partner_id,,mode").replace("ccis,", "ccis,,")
    assert warnings(folder(tmp_path / "blank", {"groups.csv": blank})) == []
    assert warnings(folder(tmp_path / "used", {"groups.csv": blank.replace("ccis,,", "ccis,?,")})) == [
        "groups.csv, row 1: column C has values but no heading, ignored"
    ]


@pytest.mark.parametrize(
    ("column", "text", "limit"),
    [
        ("languages", "en:B1" + " " * 20_000 + "it:A2", "10,000"),
        ("eqf_level", "EQF" + " " * 20_000 + "4", "64"),
    ],
)
def test_cells_that_are_far_too_long(tmp_path: Path, column: str, text: str, limit: str) -> None:
    """A word or a list of endless length is refused unread; the message has the limit and not the cell."""
    (found,) = examine(
        folder(tmp_path / "long", {"learners.csv": with_cell("learners", 2, column, text)})
    ).errors
    assert found.message.endswith(f"a cell of this column has at most {limit}")
    assert len(found.value or "") <= 80
