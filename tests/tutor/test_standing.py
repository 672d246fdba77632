"""What the first page asks about its reader, in one reading."""

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from lti_tool.accounts.models import PlacementKind
from lti_tool.accounts.viewer import Viewer
from lti_tool.db import now
from lti_tool.site_settings.catalogue import DAILY_LIMIT, SHOW_PRIVACY_NOTICE
from lti_tool.site_settings.store import snapshot, write
from lti_tool.tutor.limits import count_question
from lti_tool.tutor.models import AssessedWork, Conversation
from lti_tool.tutor.notice import accept_notice, version_of
from lti_tool.tutor.standing import Standing, standing_of
from tests.fixtures.people import Enter, House
from tests.fixtures.services import viewer_of


def standing(session: Session, viewer: Viewer) -> Standing:
    return standing_of(session, viewer, snapshot(session, viewer.course_id))


@pytest.fixture
def student(house: House) -> Viewer:
    return viewer_of(house, "student", PlacementKind.TUTOR)


def test_the_conversation_that_goes_on_is_the_readers_own_in_this_course(session: Session, student: Viewer) -> None:
    course_id, person_id = student.course_id, student.person_id
    session.add(Conversation(course_id=course_id, person_id=person_id, archived_at=now()))
    session.add(Conversation(course_id=course_id + 1, person_id=person_id))
    session.add(Conversation(course_id=course_id, person_id=person_id + 1))
    session.flush()
    assert standing(session, student).conversation is None
    session.add(own := Conversation(course_id=course_id, person_id=person_id))
    session.flush()
    assert standing(session, student).conversation is own


def test_a_notice_is_open_until_this_very_text_is_accepted(session: Session, student: Viewer) -> None:
    notice = standing(session, student).notice
    assert notice
    accept_notice(session, student, version_of("Another text."))
    assert standing(session, student).notice == notice
    accept_notice(session, student, version_of(notice))
    assert standing(session, student).notice is None


def test_no_notice_is_open_where_none_is_shown(session: Session, student: Viewer) -> None:
    write(session, SHOW_PRIVACY_NOTICE, False)
    assert standing(session, student).notice is None


def test_questions_of_today_are_counted_off(session: Session, student: Viewer) -> None:
    write(session, DAILY_LIMIT, 6)
    count_question(session, snapshot(session, None), student.person_id)
    assert standing(session, student).allowance.left_today == 5


def test_a_teachers_word_on_assessed_work_beats_the_kind_of_activity(session: Session, house: House) -> None:
    tutor, activity = (viewer_of(house, "student", kind) for kind in (PlacementKind.TUTOR, PlacementKind.ACTIVITY))
    assert [standing(session, viewer).is_assessed for viewer in (tutor, activity)] == [False, True]
    for viewer, is_assessed in ((tutor, True), (activity, False)):
        session.add(AssessedWork(course_id=viewer.course_id, placement_id=viewer.placement_id, is_assessed=is_assessed))
    session.flush()
    assert [standing(session, viewer).is_assessed for viewer in (tutor, activity)] == [True, False]


def test_the_first_page_takes_few_statements(session: Session, enter: Enter) -> None:
    write(session, SHOW_PRIVACY_NOTICE, False)
    student = enter("student", PlacementKind.TUTOR)
    statements: list[str] = []
    event.listen(session.connection(), "before_cursor_execute", lambda *call: statements.append(call[2]))
    student.get("tutor/")
    asked = [statement for statement in statements if not statement.startswith(("SAVEPOINT", "RELEASE"))]
    # The launch, the settings, the reader, the material; now and then the log file's settings.
    assert len(asked) <= 5, "\n".join(asked)
