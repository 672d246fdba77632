"""Erasing a person: what they said, handed in and looked like on paper goes; that something was decided stays (R186).

The row of the person keeps its number and nothing else, so that grades, approvals, signatures and the audit hold. A
pile that holds other people's pages too is kept until its exam's scans are deleted.
"""

from collections.abc import Sequence
from uuid import UUID, uuid4

from sqlalchemy import text
from sqlalchemy.orm import Session

from lti_tool.accounts import audit
from lti_tool.accounts.models import Person
from lti_tool.db import Base, erasing, now
from lti_tool.errors import NotFound
from lti_tool.files.store import forget_rows
from lti_tool.privacy.fates import PEOPLE, Fate

WORKS = "SELECT id FROM submission WHERE person_id = :person"
REVIEWS = f"SELECT id FROM review WHERE submission_id IN ({WORKS})"
PAPERS = "SELECT id FROM paper WHERE person_id = :person"
PAGES = f"SELECT page_id FROM paper_page WHERE paper_id IN ({PAPERS})"
WHOLE_FILES = f"""
    SELECT id FROM scan_file WHERE file_id IS NOT NULL
       AND EXISTS (SELECT FROM scan_page WHERE sent_file_id = scan_file.id AND id IN ({PAGES}))
       AND NOT EXISTS (SELECT FROM scan_page WHERE sent_file_id = scan_file.id AND id NOT IN ({PAGES}))
"""

FILES = (
    f"SELECT file_id FROM submission_file WHERE submission_id IN ({WORKS})",
    f"SELECT file_id FROM marked_copy WHERE review_id IN ({REVIEWS})",
    f"SELECT file_id FROM delivery WHERE paper_id IN ({PAPERS}) AND file_id IS NOT NULL",
    f"SELECT image_id FROM scan_page WHERE id IN ({PAGES}) AND image_id IS NOT NULL",
    f"SELECT file_id FROM scan_file WHERE id IN ({WHOLE_FILES})",
    # An export holds everybody's papers: it is made again in a minute.
    "SELECT file_id FROM scan_export WHERE file_id IS NOT NULL"
    f" AND placement_id IN (SELECT placement_id FROM paper WHERE id IN ({PAPERS}))",
)

EMPTYING = (
    f"DELETE FROM submission_file WHERE submission_id IN ({WORKS})",
    f"DELETE FROM marked_copy WHERE review_id IN ({REVIEWS})",
    f"DELETE FROM kept_page_mark WHERE review_id IN ({REVIEWS})",
    f"DELETE FROM page_mark WHERE submission_id IN ({WORKS})",
    f"DELETE FROM question_tick WHERE submission_id IN ({WORKS})",
    f"DELETE FROM draft_item WHERE submission_id IN ({WORKS})",
    f"DELETE FROM proposal WHERE submission_id IN ({WORKS})",
    f"DELETE FROM exemplar WHERE submission_id IN ({WORKS})",
    f"DELETE FROM opinion WHERE submission_id IN ({WORKS})",
    f"DELETE FROM work_embedding WHERE submission_id IN ({WORKS})",
    f"UPDATE tick SET comment = '', evidence = '[]' WHERE review_id IN ({REVIEWS})",
    f"UPDATE independent_tick SET comment = '', evidence = '[]'"
    f" WHERE mark_id IN (SELECT id FROM independent_mark WHERE submission_id IN ({WORKS}))",
    f"UPDATE independent_mark SET feedback = '' WHERE submission_id IN ({WORKS})",
    f"UPDATE review SET feedback = '' WHERE submission_id IN ({WORKS})",
    "UPDATE submission SET text = '' WHERE person_id = :person",
    "UPDATE grade SET comment = '' WHERE person_id = :person",
    "UPDATE approval SET comment = '', changes = '{}' WHERE person_id = :person",
    "UPDATE regrade_request SET reason = '', reply = CASE WHEN reply IS NOT NULL THEN '' END WHERE person_id = :person",
    "UPDATE report_answer SET words = '-'"
    " WHERE verification_id IN (SELECT id FROM verification WHERE person_id = :person)",
    "UPDATE verification SET message = '', is_erased = true WHERE person_id = :person AND message <> ''",
    "UPDATE delivery SET state = 'withdrawn', lease = NULL, leased_until = NULL"
    f" WHERE paper_id IN ({PAPERS}) AND state IN ('queued', 'running', 'retry', 'blocked', 'conflict')",
    f"UPDATE delivery SET file_id = NULL, note = '' WHERE paper_id IN ({PAPERS})",
    "UPDATE scan_export SET file_id = NULL, papers = 0, unnamed = 0"
    f" WHERE placement_id IN (SELECT placement_id FROM paper WHERE id IN ({PAPERS}))",
    f"UPDATE scan_evidence SET claim = '', details = '{{}}' WHERE paper_id IN ({PAPERS}) OR page_id IN ({PAGES})",
    f"UPDATE scan_file SET state = 'purged', file_id = NULL, name = '' WHERE id IN ({WHOLE_FILES})",
    f"UPDATE scan_page SET state = 'purged', image_id = NULL, phash = '' WHERE id IN ({PAGES})",
    "UPDATE paper SET state = 'purged', problem = NULL, superseded_by_id = NULL, name = '', register_number = ''"
    " WHERE person_id = :person",
)
ORPHANED = (
    "DELETE FROM escalation WHERE state <> 'answered'"
    " AND NOT EXISTS (SELECT FROM escalation_asker WHERE escalation_id = escalation.id)"
)


def erase(session: Session, person_id: int) -> list[str]:
    """Erase a person in this transaction; hashes of the files that went. Raises NotFound; once is enough."""
    person = session.get(Person, person_id, with_for_update=True)
    if person is None:
        raise NotFound("person_unknown")
    if person.erased_at is not None:
        return []
    files = _files(session, person_id)
    with erasing(session):
        for statement in EMPTYING:
            _run(session, statement, person_id)
        _by_fate(session, person_id)
        _run(session, ORPHANED, person_id)
    person.name = person.given_name = person.family_name = person.email = person.idnumber = ""
    person.sub, person.erased_at = f"erased:{uuid4()}", now()
    session.flush()
    session.expire_all()
    hashes = forget_rows(session, files)
    audit.record(session, "privacy.erased", object_type="person", object_id=person_id, details={"files": len(hashes)})
    return hashes


def _files(session: Session, person_id: int) -> Sequence[UUID]:
    return [file_id for query in FILES for file_id in session.scalars(text(query), {"person": person_id})]


def _by_fate(session: Session, person_id: int) -> None:
    """The rows that go, those that name others last; then the links."""
    order = [table.name for table in reversed(Base.metadata.sorted_tables)]
    named = sorted(PEOPLE, key=lambda column: order.index(column.partition(".")[0]))
    for column in named:
        table, _dot, name = column.partition(".")
        if PEOPLE[column] is Fate.DELETED:
            _run(session, f"DELETE FROM {table} WHERE {name} = :person", person_id)
        elif PEOPLE[column] is Fate.UNLINKED:
            _run(session, f"UPDATE {table} SET {name} = NULL WHERE {name} = :person", person_id)


def _run(session: Session, statement: str, person_id: int) -> None:
    session.execute(text(statement), {"person": person_id} if ":person" in statement else {})
