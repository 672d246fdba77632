"""The page of an activity's agreement: the gate with its blind sample and bar, and every figure behind it."""

from collections.abc import Collection, Sequence
from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.models import Person, Placement
from lti_tool.accounts.viewer import Viewer
from lti_tool.errors import InvalidInput, NotAllowed, ToolError
from lti_tool.gradebook.anonymity import shown_name
from lti_tool.grading.activities import activity_for
from lti_tool.grading.agreement.approved import latest_approved
from lti_tool.grading.agreement.gate import drafting_state, gate_of, hidden_papers, sampled_papers
from lti_tool.grading.agreement.models import LARGEST_SIZE, SMALLEST_SIZE, SampledPaper
from lti_tool.grading.agreement.order import Priority, priorities
from lti_tool.grading.agreement.report import TOTAL, Judge, Report, report_on
from lti_tool.grading.agreement.sampling import draw_sample
from lti_tool.grading.agreement.settings import read_gate, set_gate
from lti_tool.grading.agreement.words import alarm_words, judge_words, reason_words, sample_words
from lti_tool.grading.models import Submission
from lti_tool.grading.proposals.sample_runs import propose_for_sample, unmeasured
from lti_tool.grading.proposals.words import gate_words
from lti_tool.grading.second_opinion.lessons import FEWEST
from lti_tool.grading.second_opinion.opinions import find_training
from lti_tool.grading.second_opinion.tasks import ask_to_learn
from lti_tool.site_settings.switches import Feature, is_on
from lti_tool.web.database import db
from lti_tool.web.guards import guarded, launch_blueprint
from lti_tool.web.notices import notify

blueprint = launch_blueprint("grading_agreement", __name__, "grading/agreement")
MOST_FIRST = 10


@blueprint.get("")
@guarded(Capability.GRADE)
def page(viewer: Viewer) -> ResponseReturnValue:
    """`judge` and `on` (a criterion's id) choose what the confusion table shows."""
    return _page(viewer, activity_for(db.session(), viewer))


@blueprint.post("/gate")
@guarded(Capability.MANAGE)
def change_gate(viewer: Viewer) -> ResponseReturnValue:
    """The bar, the size of the sample, and what drift may do."""
    activity = activity_for(db.session(), viewer)
    try:
        set_gate(db.session(), viewer, activity, read_gate(request.form))
    except InvalidInput as error:
        db.session.rollback()
        return _page(viewer, activity_for(db.session(), viewer), error), error.status
    notify(_("Saved."))
    return redirect(url_for("grading_agreement.page"), 303)


@blueprint.post("/sample")
@guarded(Capability.MANAGE)
def draw(viewer: Viewer) -> ResponseReturnValue:
    """Draw papers to be graded blind."""
    activity = activity_for(db.session(), viewer)
    try:
        drawn = draw_sample(db.session(), viewer, activity)
    except InvalidInput as error:
        db.session.rollback()
        return _page(viewer, activity_for(db.session(), viewer), error), error.status
    notify(_("Papers drawn for the blind sample: %(count)s.", count=len(drawn)))
    return redirect(url_for("grading_agreement.page"), 303)


@blueprint.post("/propose")
@guarded(Capability.MANAGE)
def propose(viewer: Viewer) -> ResponseReturnValue:
    """Let the assistant grade the sample too, hidden until a person has."""
    activity = activity_for(db.session(), viewer)
    try:
        propose_for_sample(db.session(), viewer, activity)
    except (InvalidInput, NotAllowed) as error:
        db.session.rollback()
        return _page(viewer, activity_for(db.session(), viewer), error), error.status
    notify(_("The assistant grades the sample now. What it says stays hidden until you have graded a paper."), "info")
    return redirect(url_for("grading_agreement.page"), 303)


@blueprint.post("/learn")
@guarded(Capability.GRADE)
def learn_now(viewer: Viewer) -> ResponseReturnValue:
    """Learn the second opinion anew, without waiting for the clock."""
    ask_to_learn(db.session(), activity_for(db.session(), viewer).id)
    notify(_("The second opinion is learnt anew. Reload this page in a moment."), "info")
    return redirect(url_for("grading_agreement.page"), 303)


def _page(viewer: Viewer, activity: Placement, error: ToolError | None = None) -> str:
    session = db.session()
    sampled = sampled_papers(session, activity)
    report = report_on(
        session,
        activity,
        judge=request.args.get("judge", ""),
        criterion_id=request.args.get("on", TOTAL, type=int),
    )
    first = _first(session, activity)
    return render_template(
        "grading/agreement/page.html",
        activity=activity,
        state=drafting_state(session, activity),
        why=gate_words(),
        gate=gate_of(session, activity),
        sizes=(SMALLEST_SIZE, LARGEST_SIZE),
        sampled=sampled,
        hidden=hidden_papers(session, activity),
        unproposed=len(unmeasured(session, activity)),
        can_propose=is_on(session, Feature.GRADING_PROPOSALS, viewer.course_id),
        training=find_training(session, activity),
        fewest=FEWEST,
        approved=len(latest_approved(session, activity)),
        report=report,
        first=first,
        names=_names(session, activity, sampled, report, first),
        reasons=reason_words(),
        judges=judge_words(),
        assisted=(Judge.BLIND, Judge.ASSISTANT),
        drawn_by=sample_words(),
        alarms=alarm_words(),
        on=request.args.get("on", TOTAL, type=int),
        error=error,
    )


def _first(session: Session, activity: Placement) -> dict[UUID, Priority]:
    """The papers that need a person most, where there is a reason."""
    found = {name: priority for name, priority in priorities(session, activity).items() if priority.reasons}
    return dict(sorted(found.items(), key=lambda one: -one[1].rank)[:MOST_FIRST])


def _names(
    session: Session, activity: Placement, sampled: Sequence[SampledPaper], report: Report, first: Collection[UUID]
) -> dict[UUID, str]:
    """Whose work each linked paper is, or its code where names are hidden."""
    shown = {paper.submission_id for paper in sampled} | set(first)
    if report.confusion:
        shown |= {one.submission_id for one in report.confusion.disagreements}
    rows = session.execute(
        select(Submission.id, Person).join(Person, Person.id == Submission.person_id).where(Submission.id.in_(shown))
    )
    return {name: shown_name(activity, person, is_released=False) for name, person in rows}
