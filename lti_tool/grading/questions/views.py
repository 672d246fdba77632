"""Marking question by question: the board of all works, and one question of one work after the other."""

from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.models import Placement
from lti_tool.accounts.viewer import Viewer
from lti_tool.errors import InvalidInput, NotFound
from lti_tool.files.store import FileStore
from lti_tool.grading.activities import activity_for
from lti_tool.grading.desk.annotating import shown_parts
from lti_tool.grading.desk.filling import FilledTick, from_form
from lti_tool.grading.desk.looking import start_clock
from lti_tool.grading.desk.preferences import preference_of
from lti_tool.grading.marking_form import TickInput, read_marking
from lti_tool.grading.models import Criterion, Rubric, Submission
from lti_tool.grading.pagemarks.words import mark_words
from lti_tool.grading.pagemarks.working import marks_to_work_with
from lti_tool.grading.questions.board import Board, Question, board_of
from lti_tool.grading.questions.pages import set_pages
from lti_tool.grading.questions.standing import GivenTick, standing_of
from lti_tool.grading.questions.ticks import save_tick
from lti_tool.grading.questions.words import closed_words
from lti_tool.grading.reviewing import note_viewed
from lti_tool.grading.rubrics.versions import rubric_of
from lti_tool.grading.showing import pages_to_mark, shown_files
from lti_tool.grading.submissions import submission_for
from lti_tool.grading.tasks import work_so_far
from lti_tool.grading.words import state_words
from lti_tool.web.database import db
from lti_tool.web.guards import guarded, launch_blueprint
from lti_tool.web.notices import notify
from lti_tool.web.runtime import current_runtime

blueprint = launch_blueprint("grading_questions", __name__, "grading")


@blueprint.get("/questions")
@guarded(Capability.GRADE)
def home(viewer: Viewer) -> ResponseReturnValue:
    """How far each question is, and the sums of all works."""
    return _board_page(viewer)


@blueprint.post("/questions/pages")
@guarded(Capability.GRADE)
def pages(viewer: Viewer) -> ResponseReturnValue:
    """Where each question stands in the printed booklets."""
    session = db.session()
    activity = activity_for(session, viewer)
    rubric = _rubric(session, activity)
    try:
        set_pages(session, viewer, activity, rubric, request.form)
    except InvalidInput as error:
        db.session.rollback()
        return _board_page(viewer, error), error.status
    notify(_("The pages of the questions are kept."))
    return redirect(url_for("grading_questions.home"), 303)


@blueprint.get("/questions/<int:criterion_id>")
@guarded(Capability.GRADE)
def mark(viewer: Viewer, criterion_id: int) -> ResponseReturnValue:
    """One question of one work: of the first that needs it, where none is named."""
    session = db.session()
    activity = activity_for(session, viewer)
    rubric = _rubric(session, activity)
    criterion = _criterion(rubric, criterion_id)
    board = board_of(session, viewer, activity, rubric)
    named = request.args.get("work", type=UUID)
    work = submission_for(session, viewer, named) if named else _first(board, criterion)
    if work is None:
        notify(_("Nothing was handed in that could be marked."), "info")
        return redirect(url_for("grading_questions.home"), 303)
    note_viewed(session, viewer, work)
    start_clock(session, viewer, work)
    return _mark_page(viewer, board, criterion, work)


@blueprint.post("/questions/<int:criterion_id>/<uuid:submission_id>")
@guarded(Capability.GRADE)
def save(viewer: Viewer, criterion_id: int, submission_id: UUID) -> ResponseReturnValue:
    """Keep the tick, and go on to the next work that needs this question."""
    session = db.session()
    activity, work = activity_for(session, viewer), submission_for(session, viewer, submission_id)
    criterion = _criterion(_rubric(session, activity), criterion_id)
    try:
        choice = read_marking(request.form).ticks.get(criterion_id, TickInput())
        seen = request.form.get("seen", "")
        is_whole = save_tick(session, viewer, activity, work, criterion, choice, seen=seen)
    except InvalidInput as error:
        db.session.rollback()
        return _refused(viewer, criterion_id, submission_id, error), error.status
    if is_whole:
        notify(_("All questions of this work are marked. It waits for one look and its approval on the desk."))
    board = board_of(session, viewer, activity, _rubric(session, activity))
    following = board.after(criterion_id, work)
    if following is None:
        notify(_("This question is marked in all works."), "info")
        return redirect(url_for("grading_questions.home"), 303)
    return redirect(url_for("grading_questions.mark", criterion_id=criterion_id, work=following.id), 303)


def _board_page(viewer: Viewer, error: InvalidInput | None = None) -> str:
    session = db.session()
    activity = activity_for(session, viewer)
    rubric = rubric_of(session, activity)
    return render_template(
        "grading/questions/board.html",
        activity=activity,
        rubric=rubric,
        board=board_of(session, viewer, activity, rubric) if rubric else None,
        states=state_words(),
        closed=closed_words(),
        error=error,
    )


def _refused(viewer: Viewer, criterion_id: int, submission_id: UUID, error: InvalidInput) -> str:
    """The page as it is now, with what was chosen still in the form."""
    session = db.session()
    activity = activity_for(session, viewer)
    rubric = _rubric(session, activity)
    board = board_of(session, viewer, activity, rubric)
    criterion = _criterion(rubric, criterion_id)
    work = submission_for(session, viewer, submission_id)
    return _mark_page(viewer, board, criterion, work, error, from_form(request.form).of(criterion_id))


def _mark_page(
    viewer: Viewer,
    board: Board,
    criterion: Criterion,
    work: Submission,
    error: InvalidInput | None = None,
    filled: FilledTick | None = None,
) -> str:
    session, store = db.session(), FileStore.of(current_runtime().settings)
    activity = activity_for(session, viewer)
    question = board.question_of(criterion.id)
    row = next((row for row in board.works if row.work.id == work.id), None)
    if question is None or row is None:
        raise NotFound("submission_unknown")
    standing = standing_of(session, viewer, activity, _rubric(session, activity), work)
    page_marks = marks_to_work_with(session, viewer, activity, work, criterion_id=criterion.id)
    return render_template(
        "grading/questions/mark.html",
        activity=activity,
        board=board,
        question=question,
        criterion=criterion,
        row=row,
        submission=work,
        standing=standing,
        filled=filled or _filled(criterion, standing.ticks.get(criterion.id)),
        parts=shown_parts(work, shown_files(work), work_so_far(session, store, work)),
        page_marks=page_marks,
        can_mark_pages=page_marks.may_change and any(pages_to_mark(file) for file in work.files),
        only_pages=_only_pages(question, work),
        following=board.after(criterion.id, work),
        previous=board.before(work),
        preference=preference_of(session, viewer),
        closed=closed_words(),
        error=error,
        **mark_words(),
    )


def _only_pages(question: Question, work: Submission) -> range | None:
    """The question's own pages, unless somebody asked for all or none of them is in this work."""
    if question.pages is None or "all" in request.args:
        return None
    most = max((len(pages_to_mark(file)) for file in work.files), default=0)
    return question.pages if question.pages[0] <= most else None


def _filled(criterion: Criterion, tick: GivenTick | None) -> FilledTick:
    if tick is None:
        return FilledTick()
    level = next((level for level in criterion.levels if level.id == tick.level_id), None)
    is_as_level = level is not None and level.points == tick.points
    points = "" if is_as_level else f"{tick.points.normalize():f}"
    return FilledTick(level=str(tick.level_id or ""), points=points, comment=tick.comment)


def _first(board: Board, criterion: Criterion) -> Submission | None:
    question = board.question_of(criterion.id)
    first = question.first if question else None
    return first or next((row.work for row in board.works), None)


def _rubric(session: Session, activity: Placement) -> Rubric:
    rubric = rubric_of(session, activity)
    if rubric is None:
        raise NotFound("rubric_missing", "There is no rubric yet, so there are no questions to mark one by one.")
    return rubric


def _criterion(rubric: Rubric, criterion_id: int) -> Criterion:
    found = next((criterion for criterion in rubric.criteria if criterion.id == criterion_id), None)
    if found is None:
        raise NotFound("criterion_unknown", "The rubric has no such question any more.")
    return found
