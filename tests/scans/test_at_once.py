"""Two clicks at the same moment, in two real transactions."""

import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from lti_tool.accounts.viewer import Viewer
from lti_tool.db import transaction
from lti_tool.files.store import FileStore
from lti_tool.files.uploads import Upload
from lti_tool.runtime import Runtime
from lti_tool.scans.confirming import claim, confirm
from lti_tool.scans.exam import set_subject
from lti_tool.scans.models import Paper, SentFile, Verification
from lti_tool.scans.pages.models import Page
from lti_tool.scans.resolving import confirm_match
from lti_tool.scans.tasks import read_pages
from lti_tool.scans.uploads import take_uploads
from tests.files import samples
from tests.fixtures.people import build_house
from tests.fixtures.services import viewer_of
from tests.scans.conftest import EXAM, name_of

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Exam:
    """A committed exam and two people in it."""

    runtime: Runtime
    teacher: Viewer
    student: Viewer
    file_name: str

    @property
    def store(self) -> FileStore:
        return FileStore.of(self.runtime.settings)

    def upload(self, content: bytes) -> bool:
        with transaction(self.runtime.engine) as session:
            file = Upload(name=self.file_name, stream=io.BytesIO(content))
            return take_uploads(session, self.teacher, [file], self.store, batch_id=uuid4())[0].is_accepted


@pytest.fixture
def exam(committed_runtime: Runtime) -> Exam:
    with transaction(committed_runtime.engine) as session:
        house = build_house(session)
        teacher, student = (viewer_of(house, name, EXAM) for name in ("teacher", "student"))
        set_subject(session, teacher, "BIO210")
        return Exam(runtime=committed_runtime, teacher=teacher, student=student, file_name=name_of(house, "student"))


def twice(act: Callable[[], T]) -> list[T]:
    with ThreadPoolExecutor(2) as pool:
        return [done.result() for done in [pool.submit(act) for _click in range(2)]]


def test_one_file_sent_twice_at_once_is_one_paper(committed_runtime: Runtime, exam: Exam) -> None:
    content = samples.pdf("Answer")
    accepted = twice(lambda: exam.upload(content))
    with transaction(committed_runtime.engine) as session:
        assert (sorted(accepted), session.scalar(select(func.count()).select_from(Paper))) == ([False, True], 1)


def test_two_workers_that_read_one_file_at_once_make_one_paper(committed_runtime: Runtime, exam: Exam) -> None:
    exam.upload(samples.pdf("Answer", "Another"))
    with transaction(committed_runtime.engine) as session:
        sent_file_id = session.scalars(select(SentFile.id)).one()
    twice(lambda: read_pages(committed_runtime, sent_file_id=str(sent_file_id), first=1, last=2))
    with transaction(committed_runtime.engine) as session:
        states = session.scalars(select(Page.state)).all()
        assert (states, session.scalar(select(func.count()).select_from(Paper))) == (["placed", "placed"], 1)


def test_two_confirmations_at_once_are_one_receipt(committed_runtime: Runtime, exam: Exam) -> None:
    runtime = committed_runtime
    exam.upload(samples.pdf("Answer"))
    with transaction(runtime.engine) as session:
        paper = session.scalars(select(Paper)).one()
        confirm_match(session, exam.teacher, paper, runtime.secrets, exam.store, binding=paper.binding)
        claim(session, exam.student, paper, runtime.secrets)

    def click() -> object:
        with transaction(runtime.engine) as session:
            own = session.scalars(select(Paper)).one()
            return confirm(session, exam.student, own, runtime.secrets, exam.store).id

    assert len(set(twice(click))) == 1
    with transaction(runtime.engine) as session:
        assert session.scalars(select(Verification).where(Verification.kind == "complete")).one()
