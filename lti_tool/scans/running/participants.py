"""Moodle's participant numbers, without which its bulk upload of feedback files takes no file of a ZIP.

They come from Moodle's web services, or from the grading worksheet that a teacher downloads from the assignment. It
knows no other way to say whose a file is: neither name nor register number (mod/assign/feedback/file/importziplib.php).
"""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from urllib.parse import parse_qs, urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.accounts.models import Membership, Person
from lti_tool.accounts.moodle_courses import MoodleCourse
from lti_tool.errors import InvalidInput, NotFound
from lti_tool.grading.intake.roster import Roster
from lti_tool.moodle.assignments import course_assignments, participant_numbers
from lti_tool.moodle.client import Connect, MoodleClient, guarded
from lti_tool.runtime import Runtime

MOST_BYTES = 5 * 1024 * 1024
NUMBER = re.compile(r"\D*?(\d{1,18})")


def read_worksheet(roster: Roster, content: bytes) -> dict[int, int]:
    """Person and participant number of each row of a grading worksheet; raises InvalidInput if it is none.

    A row whose name several students have is told apart by an e-mail address or student number, or left out.
    """
    rows = _rows(content)
    found = {person.id: number for row in rows if (number := _number(row)) and (person := _owner(roster, row))}
    if not found:
        raise InvalidInput(
            "worksheet_unusable",
            "This is no grading worksheet of this course: no row has a participant number and the name of a student.",
        )
    if len(set(found.values())) != len(found):
        raise InvalidInput("worksheet_doubled", "Two students have the same participant number in this worksheet.")
    return found


def _rows(content: bytes) -> list[list[str]]:
    try:
        text = content.decode("utf-8-sig")
        rows = list(csv.reader(io.StringIO(text, newline=""), csv.Sniffer().sniff(text[:4096], ",;\t")))
    except (UnicodeDecodeError, csv.Error) as error:
        raise InvalidInput("worksheet_malformed", "This is no CSV file in UTF-8.") from error
    return [row for row in rows[1:] if len(row) > 1]


def _number(row: Sequence[str]) -> int | None:
    """Of the first column, which reads "Participant 123" in the language of the site."""
    found = NUMBER.fullmatch(row[0].strip())
    return int(found.group(1)) if found else None


def _owner(roster: Roster, row: Sequence[str]) -> Person | None:
    """Whom the second column names: the other columns hold grades and dates, which may look like anybody's number."""
    people = roster.named(row[1])
    if len(people) > 1:
        marks = {cell.strip().casefold() for cell in row[2:] if cell.strip()}
        people = [person for person in people if marks & {key.casefold() for key in _own_words(person)}]
    return people[0] if len(people) == 1 else None


def _own_words(person: Person) -> Iterable[str]:
    return (word for word in (person.email, person.idnumber) if word)


def module_in(address: str) -> int | None:
    """Moodle's number of an activity, from the address of its page or by itself; None for an empty field."""
    address = address.strip()
    if not address:
        return None
    given = parse_qs(urlsplit(address).query).get("id", [""])[0] or address
    if not given.isdecimal() or len(given) > 15:
        raise InvalidInput("address_malformed", "Copy the address of the assignment’s page in Moodle.")
    return int(given)


def ask_moodle(
    runtime: Runtime, session: Session, course: MoodleCourse, course_id: int, module: int, *, connect: Connect = guarded
) -> dict[int, int]:
    """Person and participant number as Moodle has them now; raises NotFound, and as the calls do."""
    with MoodleClient(runtime.engine, course.access, connect=connect) as client:
        listed = [each for each in course_assignments(client, course.number) if each.module == module]
        if not listed:
            raise NotFound("assignment_unknown", "This course has no assignment at this address in Moodle.")
        numbers = participant_numbers(client, listed[0].number)
    people = select(Person.id, Person.sub).join(Membership).where(Membership.course_id == course_id)
    by_user = {sub: person_id for person_id, sub in session.execute(people)}
    return {by_user[str(user)]: number for user, number in numbers.items() if str(user) in by_user}
