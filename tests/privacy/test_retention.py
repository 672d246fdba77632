"""What marking leaves behind goes after its time, and nothing that counts goes with it."""

from datetime import timedelta

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from lti_tool.db import now
from lti_tool.grading.desk.models import PrivateNote
from lti_tool.grading.intake.models import WorkUpload
from lti_tool.grading.models import Submission
from lti_tool.privacy.retention import clear_leftovers
from lti_tool.site_settings.retention import MARKING_DAYS
from lti_tool.site_settings.store import write
from tests.tenancy.conftest import Treasure, treasure

__all__ = ["treasure"]

LATER = timedelta(days=366)


def test_leftovers_go_when_they_were_kept_long_enough(session: Session, treasure: Treasure) -> None:
    works = session.scalars(select(Submission.id)).all()
    assert clear_leftovers(session) == []
    assert session.scalars(select(WorkUpload)).all() and session.scalars(select(PrivateNote)).all()
    hashes = clear_leftovers(session, at=now() + LATER)
    assert len(hashes) == 1 and session.scalars(select(WorkUpload)).all() == []
    assert session.scalars(select(PrivateNote)).all() == []
    assert set(session.scalars(text("SELECT sent::text FROM proposal"))) == {"[]"}
    assert session.scalars(select(Submission.id)).all() == works


def test_a_site_may_keep_them(session: Session, treasure: Treasure) -> None:
    write(session, MARKING_DAYS, 0)
    assert clear_leftovers(session, at=now() + LATER) == []
    assert session.scalars(select(WorkUpload)).all()
