"""Two markers: each marks without seeing the other, and a person makes one review of both.

A mark is shown to nobody but its marker until the second is in; from then on neither changes. How the review came
about (agreed, mean, one of them, new) is told by what it says, not by a button that somebody pressed.
"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from lti_tool.accounts import audit
from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.models import Placement
from lti_tool.accounts.viewer import Viewer
from lti_tool.errors import InvalidInput
from lti_tool.gradebook.models import Grade
from lti_tool.gradebook.options import marking_options
from lti_tool.grading.activities import lock_work
from lti_tool.grading.desk.models import How, IndependentMark, IndependentTick, Reconciliation
from lti_tool.grading.marking_form import Marking
from lti_tool.grading.models import Review, Submission, Tick
from lti_tool.grading.pagemarks.keeping import marks_in_work, require_seen, share
from lti_tool.grading.reviewing import latest_review, require_current, save_review
from lti_tool.grading.rubrics.versions import rubric_of
from lti_tool.grading.ticking import chosen_ticks, total_of

BOTH = 2
THOUSANDTH = Decimal("0.001")


def independent_marks(session: Session, placement: Placement) -> dict[UUID, list[IndependentMark]]:
    """The latest mark of each marker, by submission: for agreement between people, not for a marker's eyes."""
    latest = _latest(session, select(Submission.id).where(Submission.placement_id == placement.id))
    found: dict[UUID, list[IndependentMark]] = {}
    for mark in latest:
        found.setdefault(mark.submission_id, []).append(mark)
    return found


def marks_of(session: Session, submission: Submission) -> list[IndependentMark]:
    """The latest mark of each marker, in the order in which they first came."""
    return _latest(session, [submission.id])


def visible_marks(viewer: Viewer, marks: Sequence[IndependentMark]) -> list[IndependentMark]:
    """Both once both are in; before that only one's own."""
    viewer.require(Capability.GRADE)
    return list(marks) if len(marks) >= BOTH else [mark for mark in marks if mark.marker_id == viewer.person_id]


def marks_that_wait(session: Session, viewer: Viewer, placement: Placement) -> set[UUID]:
    """The submissions that the viewer has marked and nobody else has yet."""
    if not marking_options(placement).has_two_markers:
        return set()
    given = independent_marks(session, placement)
    return {name for name, marks in given.items() if [mark.marker_id for mark in marks] == [viewer.person_id]}


def wants_independent_mark(placement: Placement, marks: Sequence[IndependentMark], review: Review | None) -> bool:
    """Whether what is saved now is one of two marks, rather than the review."""
    return marking_options(placement).has_two_markers and len(marks) < BOTH and review is None


def save_mark(
    session: Session, viewer: Viewer, placement: Placement, submission: Submission, marking: Marking
) -> IndependentMark:
    """Keep the viewer's own mark; saved again it is the next version. Raises InvalidInput, NotAllowed."""
    viewer.require(Capability.GRADE)
    lock_work(session, placement, submission.person_id)
    rubric = rubric_of(session, placement)
    require_current(session, viewer, submission, marking, rubric)
    marks = marks_of(session, submission)
    if len(marks) >= BOTH:
        raise InvalidInput("marks_sealed", "Both marks are in. Reload the page to see them.")
    own = next((mark for mark in marks if mark.marker_id == viewer.person_id), None)
    require_seen(marks_in_work(session, submission, viewer.person_id), marking.marks_seen)
    ticks = chosen_ticks(rubric, marking)
    mark = IndependentMark(
        submission_id=submission.id,
        marker_id=viewer.person_id,
        version=own.version + 1 if own else 1,
        rubric_id=rubric.id if rubric else None,
        points=total_of(ticks, marking, rubric, placement),
        feedback=marking.feedback,
        ticks=[IndependentTick(**tick.columns) for tick in ticks],
    )
    session.add(mark)
    session.flush()
    if own is None and marks:
        share(session, submission)
    _tell(session, viewer, submission, "mark.saved", {"version": mark.version})
    return mark


def reconcile(
    session: Session, viewer: Viewer, placement: Placement, submission: Submission, marking: Marking
) -> Grade:
    """Save the review; where two mark, only when both marks are in, and with how it came about."""
    if not marking_options(placement).has_two_markers:
        return save_review(session, viewer, placement, submission, marking)
    lock_work(session, placement, submission.person_id)
    before, marks = latest_review(session, submission), marks_of(session, submission)
    if len(marks) < BOTH and before is None:
        raise InvalidInput("marks_missing", "The second mark is not in yet.")
    grade = save_review(session, viewer, placement, submission, marking)
    review = latest_review(session, submission)
    if len(marks) >= BOTH and review is not None and review is not before:
        first, second = marks[:BOTH]
        how = how_of(review, first, second)
        session.add(Reconciliation(review_id=review.id, first_mark_id=first.id, second_mark_id=second.id, how=how))
        session.flush()
        _tell(session, viewer, submission, "mark.reconciled", {"version": review.version})
    return grade


def how_of(review: Review, first: IndependentMark, second: IndependentMark) -> How:
    """What the review is to the two marks it was made of."""
    result, one, other = _given(review.ticks, review), _given(first.ticks, first), _given(second.ticks, second)
    if result == one == other:
        return How.AGREED
    if result in (one, other):
        return How.ONE
    return How.MEAN if result == mean_of(one, other) else How.NEW


def mean_points(first: IndependentMark, second: IndependentMark) -> dict[int, Decimal]:
    """The mean on each criterion; under 0 where there is no rubric."""
    return mean_of(_given(first.ticks, first), _given(second.ticks, second))


def mean_of(one: Mapping[int, Decimal], other: Mapping[int, Decimal]) -> dict[int, Decimal]:
    return {key: ((one[key] + other[key]) / 2).quantize(THOUSANDTH) for key in one if key in other}


def _given(ticks: Iterable[Tick | IndependentTick], whole: Review | IndependentMark) -> dict[int, Decimal]:
    found = {tick.criterion_id: tick.points for tick in ticks}
    return found or {0: whole.points}


def _latest(session: Session, submission_ids: object) -> list[IndependentMark]:
    latest = session.scalars(
        select(IndependentMark)
        .where(IndependentMark.submission_id.in_(submission_ids))  # type: ignore[arg-type]  # ids, or a query of them
        .ext(distinct_on(IndependentMark.submission_id, IndependentMark.marker_id))
        .order_by(IndependentMark.submission_id, IndependentMark.marker_id, IndependentMark.version.desc())
    ).all()
    return sorted(latest, key=lambda mark: mark.id)


def _tell(session: Session, viewer: Viewer, submission: Submission, action: str, details: dict[str, int]) -> None:
    audit.by(session, viewer, action, object_type="submission", object_id=submission.id, details=details)
