"""Many users from one CSV file: all of them or none, and everything that is wrong with it at once."""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.access import keys, people
from api.access.people import NewUser
from api.access.roles import Role
from api.errors import Wrong
from api.store import chain
from api.store.schema import User
from models.errors import InputErrors, InputProblem
from models.vocabulary import nearest

COLUMNS: Final = ("login", "role", "organisation", "organisation_name", "subject")
LOGIN: Final = re.compile(r"[a-z0-9][a-z0-9._@+-]{0,254}")
LINE: Final = re.compile(r"[^\x00-\x1f\x7f]{1,255}")
CODE: Final = re.compile(r"[^\s,;/\x00-\x1f\x7f]{1,64}")
ROLES: Final = [role.value for role in Role]


def checked(wanted: NewUser, place: str = "user", row: int | None = None) -> None:
    """Raise ``Wrong`` for a user whose texts are not ones that the service takes."""
    problems = malformed(wanted, place, row)
    if problems:
        raise Wrong(f"{len(problems)} error{'s' * (len(problems) > 1)} in the user.", problems)


def malformed(wanted: NewUser, place: str, row: int | None) -> list[InputProblem]:
    """What is wrong with a user's texts."""
    rules = (
        ("login", wanted.login, LOGIN, "a login is small letters, digits and . _ @ + -"),
        (
            "organisation",
            wanted.organisation,
            CODE,
            "a code is 1–64 characters, no blanks, commas, semicolons, strokes",
        ),
        ("subject", wanted.subject, LINE, "a subject is one line of at most 255 characters"),
    )
    return [
        InputProblem(place, row, column, value, text)
        for column, value, pattern, text in rules
        if value is not None and not pattern.fullmatch(value)
    ]


def import_users(session: Session, actor: str, path: Path) -> list[User]:
    """Make the users of a file, and the partners whose names stand there and that are not there yet.

    Raises ``InputErrors`` with everything that is wrong, by file, row and column.
    """
    rows = _read(path)
    problems: list[InputProblem] = []
    made, seen = [], set(session.scalars(select(User.login)))
    for number, row in rows:
        wanted, wrong = _wanted(row, path.name, number)
        if wanted is not None and wanted.login in seen:
            wrong.append(InputProblem(path.name, number, "login", wanted.login, "the login is taken"))
        if wanted is not None and not wrong:
            seen.add(wanted.login)
            if wanted.organisation and row["organisation_name"]:
                name = row["organisation_name"]
                people.ensure_organisation(session, actor, wanted.organisation, wanted.role, name)
            wrong = people.problems_with(session, wanted, path.name, number)
            if not wrong:
                made.append(people.add_user(session, actor, wanted))
        problems += wrong
    if problems:
        raise InputErrors(problems)
    return made


def _read(path: Path) -> list[tuple[int, dict[str, str]]]:
    """The rows with their numbers as a spreadsheet counts. Raises ``InputErrors`` for a header that is not right."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        reader = csv.reader(stream)
        header = [name.strip() for name in next(reader, [])]
        unknown = [name for name in header if name not in COLUMNS]
        missing = [name for name in COLUMNS[:2] if name not in header]
        problems = [InputProblem(path.name, 1, name, None, "there is no such column") for name in unknown]
        problems += [InputProblem(path.name, 1, name, None, "this column is missing") for name in missing]
        if problems:
            raise InputErrors(problems)
        lines = [(number, cells) for number, cells in enumerate(reader, 2) if any(map(str.strip, cells))]
    blank = dict.fromkeys(COLUMNS, "")
    return [
        (number, blank | dict(zip(header, map(str.strip, cells), strict=False))) for number, cells in lines
    ]


def _wanted(row: dict[str, str], file: str, number: int) -> tuple[NewUser | None, list[InputProblem]]:
    if row["role"] not in ROLES:
        text, near = "there is no such role", nearest(row["role"], ROLES)
        return None, [InputProblem(file, number, "role", row["role"], text, near)]
    wanted = NewUser(
        login=row["login"],
        role=Role(row["role"]),
        organisation=row["organisation"] or None,
        subject=row["subject"] or None,
    )
    wrong = malformed(wanted, file, number)
    if row["organisation_name"] and not LINE.fullmatch(row["organisation_name"]):
        wrong.append(
            InputProblem(file, number, "organisation_name", None, "a name is one line of at most 255")
        )
    return wanted, wrong


def write_keys(session: Session, actor: str, users: Sequence[User], path: Path, days: int) -> None:
    """Make a key for each user and write them into a new file that only its owner may read.

    Raises ``FileExistsError``.
    """
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(("login", "key"))
        for user in users:
            key, secret = keys.issue(session, user, "import", timedelta(days=days))
            chain.record(session, actor, "key.create", key.id)
            writer.writerow((user.login, secret))
