"""One criterion of one work is marked; with the last one the work is whole and becomes a review, or a mark of two.

Where a review stands already, a tick changes that one: a new review with the other ticks as they were. Nothing here
approves: that is done on the desk, where a person sees the whole work.
"""

from collections.abc import Mapping

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import Session

from lti_tool.accounts import audit
from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.models import Placement
from lti_tool.accounts.viewer import Viewer
from lti_tool.db import now
from lti_tool.errors import InvalidInput
from lti_tool.grading.activities import lock_work
from lti_tool.grading.desk.moderation import reconcile, save_mark
from lti_tool.grading.marking_form import Marking, TickInput
from lti_tool.grading.models import Criterion, Rubric, Submission
from lti_tool.grading.questions.models import QuestionTick
from lti_tool.grading.questions.standing import GivenTick, Standing, given, standing_of
from lti_tool.grading.reviewing import require_current
from lti_tool.grading.rubrics.versions import rubric_of
from lti_tool.grading.ticking import chosen_tick


def save_tick(
    session: Session,
    viewer: Viewer,
    placement: Placement,
    work: Submission,
    criterion: Criterion,
    choice: TickInput,
    *,
    seen: str,
) -> bool:
    """Keep the choice; whether the work is whole now. Raises InvalidInput, NotAllowed.

    `seen` says what stood there when the form was made: sent twice it changes nothing, and nobody overwrites what
    somebody else has chosen meanwhile.
    """
    viewer.require(Capability.GRADE)
    lock_work(session, placement, work.person_id)
    rubric = _current_rubric(session, viewer, placement, work, criterion)
    standing = standing_of(session, viewer, placement, rubric, work)
    if standing.closed is not None:
        raise InvalidInput("question_closed", "This work is marked as a whole now. Change its marks on the desk.")
    tick = _checked(criterion, choice, standing)
    if standing.ticks.get(criterion.id) != tick and seen != standing.seen_of(criterion.id):
        raise InvalidInput(
            "question_changed", "Somebody else has marked this question of this work meanwhile. Look at it again."
        )
    ticks = {**standing.ticks, criterion.id: tick}
    is_whole = standing.decided is not None or set(ticks) == {one.id for one in rubric.criteria}
    if is_whole:
        _decide(session, viewer, placement, work, standing, Marking(rubric_id=rubric.id, seen=0, ticks=_inputs(ticks)))
    else:
        _keep(session, viewer, work, tick, standing.owner_id)
    details = {"criterion": criterion.id}
    audit.by(session, viewer, "question.marked", object_type="submission", object_id=work.id, details=details)
    return is_whole


def _current_rubric(
    session: Session, viewer: Viewer, placement: Placement, work: Submission, criterion: Criterion
) -> Rubric:
    """Both the work and the criterion must still be what is there."""
    rubric = rubric_of(session, placement)
    require_current(session, viewer, work, Marking(rubric_id=criterion.rubric_id, seen=0), rubric)
    if rubric is None:
        raise InvalidInput("rubric_changed", "The rubric was changed meanwhile. Reload the page and mark again.")
    return rubric


def _checked(criterion: Criterion, choice: TickInput, standing: Standing) -> GivenTick:
    """What was chosen, with the quotations that somebody gave on the desk."""
    chosen = chosen_tick(criterion, choice)
    before = standing.ticks.get(criterion.id)
    return GivenTick(
        criterion_id=criterion.id,
        level_id=chosen.level.id if chosen.level else None,
        points=chosen.points,
        comment=chosen.comment,
        evidence=before.evidence if before else (),
    )


def _inputs(ticks: Mapping[int, GivenTick]) -> dict[int, TickInput]:
    return {criterion_id: tick.as_input for criterion_id, tick in ticks.items()}


def _decide(
    session: Session, viewer: Viewer, placement: Placement, work: Submission, standing: Standing, whole: Marking
) -> None:
    """All ticks as one decision, as the desk would save it; the rows have then served."""
    decided = standing.decided
    marking = Marking(
        rubric_id=whole.rubric_id,
        seen=decided.version if decided else 0,
        ticks=whole.ticks,
        feedback=decided.feedback if decided else "",
    )
    if standing.owner_id is None:
        reconcile(session, viewer, placement, work, marking)
    else:
        save_mark(session, viewer, placement, work, marking)
    session.execute(delete(QuestionTick).where(_rows_of(work, standing.owner_id)))


def _keep(session: Session, viewer: Viewer, work: Submission, tick: GivenTick, owner_id: int | None) -> None:
    row = session.scalar(
        select(QuestionTick).where(_rows_of(work, owner_id), QuestionTick.criterion_id == tick.criterion_id)
    )
    if row is None:
        row = QuestionTick(submission_id=work.id, criterion_id=tick.criterion_id, owner_id=owner_id, version=0)
        session.add(row)
    elif given(row) == tick:
        return
    row.marker_id, row.level_id, row.points, row.comment = viewer.person_id, tick.level_id, tick.points, tick.comment
    row.version, row.changed_at = row.version + 1, now()
    session.flush()


def _rows_of(work: Submission, owner_id: int | None) -> ColumnElement[bool]:
    mine = QuestionTick.owner_id.is_(None) if owner_id is None else QuestionTick.owner_id == owner_id
    return (QuestionTick.submission_id == work.id) & mine
