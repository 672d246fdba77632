"""A student is written to when a paper waits for them, once, and again with a reminder; the tab counts for staff."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.accounts.viewer import Viewer
from lti_tool.mail.models import Letter
from lti_tool.scans.deadlines import remind
from lti_tool.scans.resolve.queue import waiting, waiting_count
from lti_tool.site_settings.catalogue import ENABLED
from lti_tool.site_settings.mail import MAIL_FROM, MAIL_HOST
from lti_tool.site_settings.store import write
from tests.fixtures.people import Enter, House
from tests.fixtures.services import viewer_of
from tests.scans.conftest import EXAM, Arrive, PaperOf, Release


@pytest.fixture
def by_mail(session: Session, house: House) -> None:
    write(session, ENABLED, True)
    write(session, MAIL_HOST, "mail.example.org")
    write(session, MAIL_FROM, "lectern@example.org")
    for name in ("student", "other_student"):
        house.people[name].email = f"{name}@example.org"
    session.flush()


def letters(session: Session) -> list[Letter]:
    return list(session.scalars(select(Letter).order_by(Letter.created_at, Letter.key)))


@pytest.mark.usefixtures("by_mail")
def test_a_released_paper_is_told_to_its_student_alone(
    session: Session, house: House, bound: PaperOf, release: Release
) -> None:
    paper = bound("student")
    assert letters(session) == []
    for _click in range(2):
        release(paper)
    (letter,) = letters(session)
    assert letter.person_id == house.student.id and house.placements[EXAM].title in letter.body
    assert paper.register_number not in letter.subject + letter.body


@pytest.mark.usefixtures("by_mail")
def test_a_reminder_is_a_letter_of_its_own_to_who_has_not_confirmed(
    session: Session, house: House, released: PaperOf, confirmed: PaperOf, teacher: Viewer
) -> None:
    released("student"), confirmed("other_student")
    before = len(letters(session))
    remind(session, teacher)
    more = [letter for letter in letters(session) if letter.subject.startswith("Reminder")]
    assert (len(letters(session)) - before, [letter.person_id for letter in more]) == (1, [house.student.id])


def test_without_a_mail_server_a_paper_is_released_all_the_same(session: Session, released: PaperOf) -> None:
    assert released().state == "released" and letters(session) == []


def test_the_tab_counts_what_waits_for_staff_and_nothing_for_students(
    session: Session, house: House, bound: PaperOf, arrive: Arrive, teacher: Viewer, enter: Enter
) -> None:
    bound(), arrive(number="999999999999")
    assert waiting_count(session, teacher) == waiting(session, teacher).count == 2
    assert waiting_count(session, viewer_of(house, "student", EXAM)) == 0
    tab = enter("teacher", EXAM).page("scans/").select_one("nav [aria-current=page]")
    assert tab is not None and "2" in tab.get_text()
