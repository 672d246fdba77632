"""Papers on their way to the desk, with the jobs run here and now."""

import io
from collections.abc import Callable

import pytest
from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.accounts.viewer import Viewer
from lti_tool.files.media_types import MediaType
from lti_tool.files.store import FileStore
from lti_tool.grading.models import Submission
from lti_tool.runtime import Runtime
from lti_tool.scans.handover.rules import MarkedFrom, change_marked_from
from lti_tool.scans.handover.tasks import hand_over
from lti_tool.scans.models import Paper
from lti_tool.scans.pages.arranging import pages_of

HandOver = Callable[[Paper], list[Submission]]


@pytest.fixture
def scanned(session: Session, store: FileStore) -> Callable[[Paper], Paper]:
    """scanned(paper): its pages have pictures, as scans do; drawing them from the original takes a second each."""

    def made(paper: Paper) -> Paper:
        for page in pages_of(session, paper):
            if page.image is None:
                scan = io.BytesIO()
                Image.new("L", (200, 283), 255).save(scan, "JPEG")
                stored = store.put(session, io.BytesIO(scan.getvalue()), name="1.jpg", media_type=MediaType.JPEG)
                page.image, page.sha256 = stored, stored.sha256
        session.flush()
        return paper

    return made


@pytest.fixture
def handed_over(session: Session, runtime: Runtime, scanned: Callable[[Paper], Paper]) -> HandOver:
    """handed_over(paper) -> all work there is, oldest first, after the paper's job"""

    def run(paper: Paper) -> list[Submission]:
        scanned(paper)
        hand_over(runtime, paper_id=str(paper.id))
        session.expire_all()
        return list(session.scalars(select(Submission).order_by(Submission.created_at, Submission.attempt)))

    return run


@pytest.fixture
def marked_at_once(session: Session, teacher: Viewer) -> None:
    """The exam's papers are marked as soon as they are released."""
    change_marked_from(session, teacher, MarkedFrom.RELEASED)
