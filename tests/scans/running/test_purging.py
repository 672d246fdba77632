"""What a deletion of an exam's scans takes, what it leaves, who may have it, and what stands in its way."""

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from lti_tool.accounts.audit import AuditEntry
from lti_tool.accounts.viewer import Viewer
from lti_tool.errors import InvalidInput, NotAllowed
from lti_tool.files.media_types import MediaType
from lti_tool.files.models import StoredFile
from lti_tool.files.store import FileStore
from lti_tool.grading.models import RegradeRequest, Submission, SubmissionFile
from lti_tool.runtime import Runtime
from lti_tool.scans.models import Paper
from lti_tool.scans.pages.arranging import pages_of
from lti_tool.scans.pages.models import Evidence
from lti_tool.scans.pages.states import EvidenceKind
from lti_tool.scans.papers import find_own_paper
from lti_tool.scans.running.models import Purge
from lti_tool.scans.running.purging import ask_purge, begin_by_age, purge_rows, what_would_go
from lti_tool.scans.running.tasks import purge_exam, retain
from lti_tool.scans.states import FileState, PaperState
from lti_tool.scans.verifications import history_of, is_genuine
from lti_tool.site_settings.retention import PAPER_DAYS
from lti_tool.site_settings.store import write
from tests.fixtures.people import House
from tests.fixtures.services import viewer_of
from tests.scans.conftest import EXAM, PaperOf
from tests.scans.running.conftest import Marked


def done(session: Session, house: House, teacher: Viewer, **words: object) -> list[str]:
    purge = ask_purge(session, teacher, typed=house.placements[EXAM].title, **words)  # type: ignore[arg-type]
    return purge_rows(session, purge, house.placements[EXAM])


def test_files_and_pictures_go_and_hashes_and_records_stay(
    session: Session, house: House, teacher: Viewer, confirmed: PaperOf, runtime: Runtime
) -> None:
    paper = confirmed()
    page, sent = pages_of(session, paper)[0], pages_of(session, paper)[0].sent_file
    before, hashes = (paper.sha256, page.sha256, sent.sha256), {sent.sha256}
    assert set(done(session, house, teacher)) == hashes
    assert session.scalars(select(StoredFile)).all() == []
    assert (paper.sha256, page.sha256, sent.sha256) == before
    assert (paper.state, page.state, sent.state, sent.file_id) == (PaperState.PURGED, "purged", FileState.PURGED, None)
    assert all(is_genuine(runtime.secrets, record) for record in history_of(session, paper))


def test_no_line_that_may_be_a_name_is_kept(
    session: Session, house: House, teacher: Viewer, confirmed: PaperOf
) -> None:
    page = pages_of(session, confirmed())[0]
    fields = {"page_id": page.id, "claim": "230521100101", "confidence": 0.9, "model_version": "rapidocr"}
    session.add(Evidence(kind=EvidenceKind.PRINTED, details={"names": ["Canary Student"]}, **fields))
    session.flush()
    done(session, house, teacher)
    kept = session.scalars(select(Evidence).where(Evidence.kind == EvidenceKind.PRINTED)).one()
    assert (kept.claim, kept.details) == ("230521100101", {})


def test_the_marked_work_loses_its_files_and_keeps_its_grade(
    session: Session, house: House, teacher: Viewer, marked: Marked
) -> None:
    marked("student")
    assert what_would_go(session, teacher).papers == 1
    done(session, house, teacher)
    work = session.scalars(select(Submission)).one()
    assert work.sha256 and session.scalars(select(SubmissionFile)).all() == []
    assert session.scalar(text("SELECT points FROM grade")) == 7


def test_no_student_and_no_step_finds_a_deleted_paper(
    session: Session, house: House, teacher: Viewer, confirmed: PaperOf
) -> None:
    confirmed()
    done(session, house, teacher)
    assert find_own_paper(session, viewer_of(house, "student", EXAM)) is None
    assert session.scalar(text("SELECT count(*) FROM scan_step WHERE undone_at IS NULL")) == 0


def test_the_title_is_typed_exactly(session: Session, teacher: Viewer, confirmed: PaperOf) -> None:
    confirmed()
    with pytest.raises(InvalidInput, match="title_mistyped"):
        ask_purge(session, teacher, typed="yes")


def test_asked_twice_it_is_one_deletion_with_its_counts(
    session: Session, house: House, teacher: Viewer, confirmed: PaperOf
) -> None:
    confirmed()
    title = house.placements[EXAM].title
    first = ask_purge(session, teacher, typed=title)
    assert ask_purge(session, teacher, typed=f" {title} ").id == first.id
    assert (first.papers, first.pages, first.files) == (1, 2, 1)


def test_an_open_regrade_stands_in_its_way_unless_it_is_forced_for_a_reason(
    session: Session, house: House, teacher: Viewer, marked: Marked
) -> None:
    grade = marked("student")
    approval = session.execute(text("SELECT id FROM approval WHERE grade_id = :grade"), {"grade": grade.id}).scalar()
    session.add(
        RegradeRequest(
            placement_id=house.placements[EXAM].id, person_id=house.student.id, approval_id=approval, reason="Why?"
        )
    )
    session.flush()
    title = house.placements[EXAM].title
    with pytest.raises(InvalidInput, match="exam_unfinished"):
        ask_purge(session, teacher, typed=title)
    with pytest.raises(InvalidInput, match="reason_missing"):
        ask_purge(session, teacher, typed=title, is_forced=True)
    assert ask_purge(session, teacher, typed=title, is_forced=True, reason="By order of the dean").is_forced
    assert begin_by_age(session, house.placements[EXAM]) is None


@pytest.mark.parametrize("name", ["non_editing_teacher", "student"])
def test_only_who_manages_the_course_deletes(session: Session, house: House, confirmed: PaperOf, name: str) -> None:
    confirmed()
    with pytest.raises(NotAllowed):
        ask_purge(session, viewer_of(house, name, EXAM), typed=house.placements[EXAM].title)


def test_a_teacher_of_another_course_deletes_nothing_of_this_one(
    session: Session, house: House, confirmed: PaperOf
) -> None:
    paper = confirmed()
    with pytest.raises(InvalidInput, match="nothing_to_purge"):
        ask_purge(session, viewer_of(house, "outsider", EXAM), typed=house.placements[EXAM].title)
    assert paper.state == PaperState.CONFIRMED


def test_it_is_in_the_audit_from_asking_to_the_end(
    session: Session, house: House, teacher: Viewer, confirmed: PaperOf
) -> None:
    confirmed()
    done(session, house, teacher)
    actions = session.scalars(select(AuditEntry.action).where(AuditEntry.action.like("scans.purge%"))).all()
    assert set(actions) == {"scans.purge_asked", "scans.purged"}


def test_what_came_in_after_it_was_asked_for_stays(
    session: Session, house: House, teacher: Viewer, confirmed: PaperOf, bound: PaperOf
) -> None:
    old, new = confirmed(), bound("other_student")
    purge = ask_purge(session, teacher, typed=house.placements[EXAM].title)
    later = {"later": "UPDATE {} SET created_at = created_at + interval '1 hour' WHERE id = :id"}["later"]
    session.execute(text(later.format("paper")), {"id": new.id})
    for page in pages_of(session, new):
        session.execute(text(later.format("scan_page")), {"id": page.id})
        session.execute(text(later.format("scan_file")), {"id": page.sent_file_id})
    session.expire_all()
    purge_rows(session, purge, house.placements[EXAM])
    assert (old.state, new.state) == (PaperState.PURGED, PaperState.BOUND)
    assert pages_of(session, new)[0].sent_file.file_id is not None


def test_nothing_comes_back_from_a_deletion(session: Session, house: House, teacher: Viewer, bound: PaperOf) -> None:
    paper = bound()
    done(session, house, teacher)
    statement = update(Paper).where(Paper.id == paper.id).values(state="unmatched", problem="no_claim", person_id=None)
    with pytest.raises(DBAPIError, match="from purged to unmatched"), session.begin_nested():
        session.execute(statement)


def test_a_page_loses_its_picture_by_a_deletion_alone(session: Session, bound: PaperOf) -> None:
    bound()
    row = {"file": session.scalars(select(StoredFile.id)).first()}
    session.execute(text("UPDATE scan_page SET image_id = :file, sha256 = repeat('a', 64)"), row)
    for change in ("image_id = NULL, sha256 = ''", "image_id = NULL", "state = 'purged', image_id = NULL, sha256 = ''"):
        with pytest.raises(DBAPIError), session.begin_nested():
            session.execute(text(f"UPDATE scan_page SET {change}"))
    session.execute(text("UPDATE scan_page SET state = 'purged', image_id = NULL"))


def test_the_job_takes_the_bytes_too_and_runs_once(
    session: Session, house: House, teacher: Viewer, confirmed: PaperOf, runtime: Runtime, store: FileStore
) -> None:
    file = pages_of(session, confirmed())[0].sent_file.file
    assert file is not None
    path = store.path(file)
    purge = ask_purge(session, teacher, typed=house.placements[EXAM].title)
    purge_exam(runtime, purge_id=str(purge.id))
    purge_exam(runtime, purge_id=str(purge.id))
    assert not path.exists() and session.scalars(select(StoredFile)).all() == []
    assert session.scalars(select(AuditEntry.action)).all().count("scans.purged") == 1


def test_bytes_that_another_file_has_too_stay(
    session: Session, house: House, teacher: Viewer, confirmed: PaperOf, runtime: Runtime, store: FileStore
) -> None:
    file = pages_of(session, confirmed())[0].sent_file.file
    assert file is not None
    with store.open(file) as stream:
        store.put(session, stream, name="copy.pdf", media_type=MediaType.PDF)
    path, purge = store.path(file), ask_purge(session, teacher, typed=house.placements[EXAM].title)
    purge_exam(runtime, purge_id=str(purge.id))
    assert path.exists()


@pytest.mark.parametrize(("days", "is_asked"), [(0, False), (30, True), (300, False)])
def test_an_exam_goes_by_itself_when_it_was_kept_long_enough(
    session: Session, confirmed: PaperOf, runtime: Runtime, days: int, is_asked: bool
) -> None:
    confirmed()
    write(session, PAPER_DAYS, days)
    session.execute(text("UPDATE paper SET changed_at = now() - interval '100 days'"))
    retain(runtime)
    assert bool(session.scalars(select(Purge)).all()) is is_asked
