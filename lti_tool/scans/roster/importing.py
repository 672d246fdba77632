"""Register numbers from a table: one column with the number, one that tells who it is (R75)."""

import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sqlalchemy.orm import Session

from lti_tool.accounts.models import Person
from lti_tool.accounts.viewer import Viewer
from lti_tool.errors import InvalidInput
from lti_tool.scans.exam import students
from lti_tool.scans.roster.numbers import set_number
from lti_tool.scans.sheets.models import NumberSource

NUMBER_COLUMNS = ("register_number", "register number", "registernumber", "number")
PERSON_COLUMNS: dict[str, Callable[[Person], str]] = {
    "email": lambda person: person.email,
    "e-mail": lambda person: person.email,
    "idnumber": lambda person: person.idnumber,
    "name": lambda person: person.display_name,
    "username": lambda person: person.email.partition("@")[0],
}
MOST_LINES = 10_000
LONGEST = 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of the table, and what is wrong with it if anything is."""

    number: int
    who: str
    problem: InvalidInput | None = None


def import_numbers(session: Session, viewer: Viewer, content: bytes) -> list[Line]:
    """Give each student of the table the number beside them; lines that cannot be used are said and skipped."""
    rows, who, number = _table(content)
    known = students(session, viewer)
    by_key: dict[str, list[Person]] = {}
    for person in known:
        by_key.setdefault(_key(PERSON_COLUMNS[who](person)), []).append(person)
    return [
        _taken(session, viewer, line, row.get(who) or "", row.get(number) or "", by_key)
        for line, row in enumerate(rows, start=2)
        if any((value or "").strip() for value in row.values() if isinstance(value, str))
    ]


def _taken(session: Session, viewer: Viewer, line: int, who: str, number: str, by_key: dict[str, list[Person]]) -> Line:
    found = by_key.get(_key(who), []) if who.strip() else []
    try:
        if len(found) != 1:
            words = {"who": who.strip()}
            if not found:
                raise InvalidInput("student_unknown", "“%(who)s” is no student of this course.", words)
            raise InvalidInput("student_ambiguous", "“%(who)s” could be several students of this course.", words)
        if not number.strip():
            raise InvalidInput("number_missing", "“%(who)s” has no register number here.", {"who": who.strip()})
        set_number(session, viewer, found[0].id, number, NumberSource.CSV)
    except InvalidInput as problem:
        return Line(number=line, who=who, problem=problem)
    return Line(number=line, who=who)


def _table(content: bytes) -> tuple[Iterator[dict[str, str]], str, str]:
    if len(content) > LONGEST:
        raise InvalidInput("table_long", "This table is too long.")
    text = _decoded(content)
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    lines = csv.reader(io.StringIO(text), delimiter=delimiter)
    header = [name.strip().lower() for name in next(lines, [])]
    number = next((name for name in NUMBER_COLUMNS if name in header), None)
    who = next((name for name in PERSON_COLUMNS if name in header), None)
    if number is None or who is None:
        raise InvalidInput(
            "table_columns",
            "The first line must name the columns: register_number, and one of email, idnumber, name or username.",
        )
    rows = (dict(zip(header, values, strict=False)) for values, _ in zip(lines, range(MOST_LINES), strict=False))
    return rows, who, number


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _key(text: str) -> str:
    return " ".join(text.casefold().split())
