"""The page "People": the roster, its sync, the question about a halved course; and the page of rights by role."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.models import Course, Role
from lti_tool.accounts.overrides import FIXED, ROLES, set_table, table_of
from lti_tool.accounts.people import people_of, tell_role
from lti_tool.accounts.roster.decisions import decide_hold, find_hold, find_last_sync
from lti_tool.accounts.viewer import Viewer
from lti_tool.course.tasks import ask_sync
from lti_tool.course.words import capability_words, failure_words, role_words
from lti_tool.errors import InvalidInput
from lti_tool.site_settings.switches import Feature, is_on
from lti_tool.web.database import db
from lti_tool.web.guards import guarded, launch_blueprint
from lti_tool.web.notices import notify

blueprint = launch_blueprint("course", __name__)


@blueprint.get("/people")
@guarded(Capability.MANAGE)
def people(viewer: Viewer) -> ResponseReturnValue:
    session = db.session()
    last = find_last_sync(session, viewer)
    return render_template(
        "course/people.html",
        people=people_of(session, viewer, page=request.args.get("page", 1, type=int)),
        course=session.get_one(Course, viewer.course_id),
        hold=find_hold(session, viewer),
        last=last,
        failure=failure_words(last.reason) if last and last.status == "failed" else None,
        is_on=is_on(session, Feature.ROSTER_SYNC, viewer.course_id),
        role_words=role_words(),
    )


@blueprint.post("/people/sync")
@guarded(Capability.MANAGE)
def sync_now(viewer: Viewer) -> ResponseReturnValue:
    ask_sync(db.session(), course_id=viewer.course_id, asked_by_id=viewer.person_id)
    notify(_("The list of participants is being fetched. Reload this page in a moment."), "info")
    return redirect(url_for("course.people"), code=303)


@blueprint.post("/people/role")
@guarded(Capability.MANAGE)
def tell(viewer: Viewer) -> ResponseReturnValue:
    """Whom the roster calls a student and who has not come yet: staff, or a student again."""
    member = request.form.get("membership", "")
    if not member.isdecimal() or len(member) > 18:
        raise InvalidInput("member_malformed")
    told = tell_role(db.session(), viewer, int(member), is_staff="staff" in request.form)
    if told.launch_role:
        notify(_("%(name)s is no longer counted as a student.", name=told.person.display_name))
    else:
        notify(_("%(name)s is counted as a student again.", name=told.person.display_name))
    return redirect(url_for("course.people", page=request.form.get("page", 1, type=int)), code=303)


@blueprint.post("/people/decision")
@guarded(Capability.MANAGE)
def decide(viewer: Viewer) -> ResponseReturnValue:
    """Yes fetches again, so that what is applied is what the platform says now."""
    is_right = _answer(request.form.get("is_right"))
    decide_hold(db.session(), viewer, is_right=is_right)
    if is_right:
        ask_sync(db.session(), course_id=viewer.course_id, asked_by_id=viewer.person_id)
        notify(_("The list is being fetched again and will then be applied."), "info")
    else:
        notify(_("The list stays as it is."))
    return redirect(url_for("course.people"), code=303)


@blueprint.route("/rights", methods=["GET", "POST"])
@guarded(Capability.MANAGE)
def rights(viewer: Viewer) -> ResponseReturnValue:
    session = db.session()
    if request.method == "POST":
        set_table(session, viewer, {role: _ticked(role) for role in ROLES})
        notify(_("The rights are saved."))
        return redirect(url_for("course.rights"), code=303)
    return render_template(
        "course/rights.html",
        table=table_of(session, viewer),
        fixed=FIXED,
        roles=ROLES,
        capabilities=[capability for capability in Capability if capability is not Capability.ADMINISTER],
        role_words=role_words(),
        capability_words=capability_words(),
    )


def _ticked(role: Role) -> frozenset[Capability]:
    try:
        return frozenset(Capability(name) for name in request.form.getlist(role))
    except ValueError as error:
        raise InvalidInput("capability_unknown") from error


def _answer(value: str | None) -> bool:
    if value not in {"yes", "no"}:
        raise InvalidInput("answer_missing", _("Choose one of the two answers."))
    return value == "yes"
