"""Staff see what failed in their exam, why, and try it again; nobody else's."""

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.orm import Session

from lti_tool.accounts.viewer import Viewer
from lti_tool.errors import NotFound
from lti_tool.jobs.failures import record_failure
from lti_tool.scans.pages.arranging import pages_of
from lti_tool.scans.running.troubles import given_up_count, troubles_of, try_again
from lti_tool.scans.tasks import read_pages
from tests.fixtures.people import Enter, House
from tests.fixtures.services import viewer_of
from tests.scans.conftest import EXAM, PaperOf


@pytest.fixture
def failed(session: Session, bound: PaperOf) -> int:
    """Reading of a file that gave up."""
    sent = pages_of(session, bound())[0].sent_file
    job = read_pages.enqueue(session, sent_file_id=str(sent.id), first=1, last=2)
    record_failure(session, job, 5, "file_missing: A stored file is missing from the disk.")
    session.execute(text("UPDATE procrastinate_jobs SET status = 'failed', attempts = 5 WHERE id = :id"), {"id": job})
    return job


def test_what_gave_up_is_told_in_plain_words(app: Flask, session: Session, teacher: Viewer, failed: int) -> None:
    with app.test_request_context():
        (shown,) = troubles_of(session, teacher)
    assert shown.what.startswith("Reading the pages 1 to 2 of")
    assert (shown.why, shown.trouble.is_given_up) == ("A stored file is missing from the disk.", True)


def test_of_a_defect_only_its_place_is_told(app: Flask, session: Session, teacher: Viewer, failed: int) -> None:
    record_failure(session, failed, 6, "KeyError in store.py:12")
    session.flush()
    with app.test_request_context():
        assert "KeyError in store.py:12" in troubles_of(session, teacher)[0].why


def test_what_waits_for_its_next_try_is_shown_and_not_counted(
    app: Flask, session: Session, teacher: Viewer, failed: int, house: House
) -> None:
    session.execute(text("UPDATE procrastinate_jobs SET status = 'todo' WHERE id = :id"), {"id": failed})
    with app.test_request_context():
        assert not troubles_of(session, teacher)[0].trouble.is_given_up
    assert given_up_count(session, house.placements[EXAM].id) == 0


def test_it_is_tried_again_from_the_page(session: Session, failed: int, enter: Enter) -> None:
    staff = enter("teacher", EXAM)
    page = staff.page("scans/running/")
    assert "A stored file is missing from the disk." in page.get_text()
    assert "1 thing failed" in staff.page("scans/").get_text()
    assert "Nothing has failed" not in page.get_text()
    staff.follow(staff.post(f"scans/running/failed/{failed}/retry", {}))
    state = session.scalar(text("SELECT status FROM procrastinate_jobs WHERE id = :id"), {"id": failed})
    assert state == "todo"


def test_nobody_sees_or_tries_what_failed_elsewhere(
    app: Flask, session: Session, house: House, teacher: Viewer, failed: int
) -> None:
    outsider = viewer_of(house, "outsider", EXAM)
    with app.test_request_context():
        assert troubles_of(session, outsider) == []
    with pytest.raises(NotFound):
        try_again(session, outsider, failed)
