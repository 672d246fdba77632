"""A copy of what is kept about a person, for that person (R185).

Their own row, each row that names them but those that only record what they did for others (fates.py: kept), and what
hangs on those rows. Keys and vectors stay here; of a file there is what it is called and how large it is.
"""

from collections.abc import Iterator, Mapping

from sqlalchemy import ColumnElement, Table, or_, select, tuple_
from sqlalchemy.orm import Session

from lti_tool.accounts import audit
from lti_tool.accounts.models import Person
from lti_tool.accounts.viewer import Viewer
from lti_tool.db import Base
from lti_tool.files.models import StoredFile
from lti_tool.privacy.fates import PEOPLE, Fate
from lti_tool.privacy.finding import known_person

LEFT_OUT = frozenset({"browser_hash", "embedding", "key_encrypted", "lease"})
Rows = dict[str, list[dict[str, object]]]


def copy_for(session: Session, viewer: Viewer, person_id: int) -> Rows:
    """Rows by table. Raises NotFound for whom nobody knows; that a copy was made is in the audit."""
    person = known_person(session, viewer, person_id)
    audit.by(session, viewer, "privacy.copied", object_type="person", object_id=person.id)
    session.flush()
    found: Rows = {}
    for table in Base.metadata.sorted_tables:
        conditions = [*_naming(table, person.id), *_hanging_on(table, found)]
        if conditions:
            found[table.name] = _rows(session, table, or_(*conditions))
    found["person"] = _rows(session, Base.metadata.tables["person"], Person.id == person.id)
    found["stored_file"] = _rows(session, Base.metadata.tables["stored_file"], StoredFile.id.in_(_files_in(found)))
    return {table: [_shown(row) for row in rows] for table, rows in found.items() if rows}


def _naming(table: Table, person_id: int) -> Iterator[ColumnElement[bool]]:
    for column in table.columns:
        if PEOPLE.get(f"{table.name}.{column.name}", Fate.KEPT) is not Fate.KEPT:
            yield column == person_id


def _hanging_on(table: Table, found: Mapping[str, list[dict[str, object]]]) -> Iterator[ColumnElement[bool]]:
    """Tables come after those they refer to, so what a row hangs on was found before it."""
    for constraint in table.foreign_key_constraints:
        above = found.get(constraint.referred_table.name)
        if above:
            names = [element.column.name for element in constraint.elements]
            columns = tuple_(*(element.parent for element in constraint.elements))
            yield columns.in_([tuple(row[name] for name in names) for row in above])


def _files_in(found: Mapping[str, list[dict[str, object]]]) -> set[object]:
    return {
        row[key.parent.name]
        for table, rows in found.items()
        for key in Base.metadata.tables[table].foreign_keys
        if key.column.table.name == "stored_file"
        for row in rows
    }


def _rows(session: Session, table: Table, condition: ColumnElement[bool]) -> list[dict[str, object]]:
    found = session.execute(select(table).where(condition).order_by(*table.primary_key))
    return [dict(row) for row in found.mappings()]


def _shown(row: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in row.items() if name not in LEFT_OUT}
