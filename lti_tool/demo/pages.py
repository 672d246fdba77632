"""The pages of the course site that people see: home, course, activity, participants."""

from http import HTTPStatus

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.demo import courses, oidc, people
from lti_tool.demo.models import Activity, Course, Person, Tool, ToolState
from lti_tool.demo.refusals import Refused
from lti_tool.demo.store import find_person
from lti_tool.demo.visitors import (
    become,
    check_form,
    choose_language,
    current_store,
    signed_in,
    with_person,
    with_session,
)

blueprint = Blueprint("pages", __name__)


@blueprint.get("/")
@with_session
def home(rows: Session) -> ResponseReturnValue:
    everyone = rows.scalars(select(Person).order_by(Person.id)).all()
    person = signed_in(rows)
    mine = people.courses_of(rows, person) if person else []
    where = {one.id: _courses_in_words(rows, one) for one in everyone}
    return render_template("demo/home.html", everyone=everyone, where=where, person=person, courses=mine)


@blueprint.post("/be/<person_id>")
@with_session
def be(rows: Session, person_id: str) -> ResponseReturnValue:
    """No password: the site answers on this machine alone (visitors.py)."""
    check_form()
    person = find_person(rows, person_id) or abort(HTTPStatus.NOT_FOUND)
    become(person)
    mine = people.courses_of(rows, person)
    target = url_for("pages.course", course_id=mine[0].id) if mine else url_for("pages.home")
    return redirect(target, HTTPStatus.SEE_OTHER)


@blueprint.post("/language")
@with_person
def language(rows: Session, person: Person) -> ResponseReturnValue:
    """In which language the tool is opened from now on."""
    check_form()
    choose_language(request.form.get("language", ""))
    flash(_("From now on tools are opened in the language you chose."))
    mine = people.courses_of(rows, person)
    return redirect(url_for("pages.course", course_id=mine[0].id) if mine else url_for("pages.home"), 303)


@blueprint.get("/course/<int:course_id>")
@with_person
def course(rows: Session, person: Person, course_id: int) -> ResponseReturnValue:
    found = enterable(rows, person, course_id)
    return render_template("demo/course.html", **course_frame(rows, person, found), tools=_pickers(rows))


@blueprint.get("/course/<int:course_id>/participants")
@with_person
def participants(rows: Session, person: Person, course_id: int) -> ResponseReturnValue:
    found = enterable(rows, person, course_id)
    members = people.participants(rows, course_id)
    return render_template("demo/participants.html", **course_frame(rows, person, found), members=members)


@blueprint.get("/activity/<int:activity_id>")
@with_person
def activity(rows: Session, person: Person, activity_id: int) -> ResponseReturnValue:
    """The tool in a frame, as Moodle 4.5 shows it beside the course index."""
    found = _activity(rows, person, activity_id)
    frame = course_frame(rows, person, found.course)
    return render_template("demo/activity.html", **frame, activity=found, reviewed=None)


@blueprint.get("/activity/<int:activity_id>/launch")
@with_person
def launch(rows: Session, person: Person, activity_id: int) -> ResponseReturnValue:
    """The first leg of a launch. Like Moodle it lets anyone in the course ask for a review of anyone's work."""
    found = _activity(rows, person, activity_id)
    issuer, reviewed = current_store().issuer, request.args.get("review", "")
    if reviewed:
        reviewed_person = find_person(rows, reviewed) or abort(HTTPStatus.NOT_FOUND)
        fields = oidc.begin_review(rows, issuer, person, found, reviewed_person.id)
    else:
        fields = oidc.begin_activity(rows, issuer, person, found)
    return render_template("demo/onward.html", action=found.tool.login_url, fields=fields)


@blueprint.get("/mod/lti/launch.php")
def launch_by_number() -> ResponseReturnValue:
    """Moodle's own address of a launch: a tool that was shown no cookie starts again there, in a new window."""
    return redirect(url_for("pages.launch", activity_id=request.args.get("id", 0, int)), HTTPStatus.SEE_OTHER)


@blueprint.post("/course/<int:course_id>/copy")
@with_person
def copy(rows: Session, person: Person, course_id: int) -> ResponseReturnValue:
    check_form()
    found = enterable(rows, person, course_id)
    if not people.may_edit(rows, person, course_id):
        raise Refused(_("Only a teacher can copy a course."), HTTPStatus.FORBIDDEN)
    copied = courses.copy_course(rows, found, person)
    flash(_("The course was copied. This is the copy; it has no students yet."))
    return redirect(url_for("pages.course", course_id=copied.id), HTTPStatus.SEE_OTHER)


def enterable(rows: Session, person: Person, course_id: int) -> Course:
    """The course, for somebody who belongs to it."""
    found = rows.get(Course, course_id)
    if found is None or not people.may_enter(rows, person, course_id):
        raise Refused(_("You are not enrolled in this course."), HTTPStatus.FORBIDDEN)
    return found


def course_frame(rows: Session, person: Person, course: Course) -> dict[str, object]:
    """What every page of a course shows around its content."""
    return {
        "course": course,
        "person": person,
        "courses": people.courses_of(rows, person),
        "activities": courses.activities(rows, course.id),
        "may_edit": people.may_edit(rows, person, course.id),
        "may_teach": people.may_teach(rows, person, course.id),
    }


def _activity(rows: Session, person: Person, activity_id: int) -> Activity:
    found = rows.get(Activity, activity_id) or abort(HTTPStatus.NOT_FOUND)
    enterable(rows, person, found.course_id)
    return found


def _pickers(rows: Session) -> list[Tool]:
    """The active tools that offer a choice of activities."""
    active = select(Tool).where(Tool.state == ToolState.ACTIVE, Tool.deep_linking_url.is_not(None))
    return list(rows.scalars(active.order_by(Tool.id)))


def _courses_in_words(rows: Session, person: Person) -> list[str]:
    if person.is_administrator:
        return [_("administrator of the site")]
    names = {"teacher": _("teacher"), "non_editing_teacher": _("non-editing teacher"), "student": _("student")}
    return [
        _("%(role)s in %(course)s", role=names[people.role_in(rows, person, one.id) or "student"], course=one.title)
        for one in people.courses_of(rows, person)
    ]
