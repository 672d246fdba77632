"""A re-exam is a sitting of its own: what was confirmed before stays as it was."""

import io
from uuid import uuid4

from sqlalchemy.orm import Session

from lti_tool.accounts.models import Placement
from lti_tool.accounts.viewer import Viewer
from lti_tool.files.media_types import MediaType
from lti_tool.files.store import FileStore
from lti_tool.scans.file_names import NameReading
from lti_tool.scans.models import Batch
from lti_tool.scans.states import PaperState
from tests.files import samples
from tests.fixtures.people import House
from tests.scans.conftest import EXAM, SUBJECT, PaperOf, paper_of, sent_file


def test_a_paper_of_the_second_sitting_leaves_that_of_the_first(
    session: Session, house: House, teacher: Viewer, confirmed: PaperOf, store: FileStore
) -> None:
    first, exam = confirmed("student"), house.placements[EXAM]
    before = (first.state, first.binding, first.sha256)
    again = Placement(
        course_id=exam.course_id, kind=EXAM, title="Second sitting", options={**exam.options, "sitting": 2}
    )
    session.add(again)
    session.flush()
    batch = Batch(id=uuid4(), placement_id=again.id, uploaded_by_id=teacher.person_id)
    session.add(batch)
    session.flush()
    number = house.student.idnumber
    content = io.BytesIO(samples.pdf("Second sitting"))
    stored = store.put(session, content, name="a.pdf", media_type=MediaType.PDF, course_id=exam.course_id)
    second = paper_of(
        session,
        again,
        sent_file(session, batch, stored, 2),
        NameReading(register_number=number, subject_code=SUBJECT),
    )
    assert (second.state, second.person_id) == (PaperState.BOUND, house.student.id)
    assert (first.state, first.binding, first.sha256) == before
