"""The gradebook page: what the tool sent, and what a teacher sets over it or locks."""

from decimal import Decimal, InvalidOperation
from http import HTTPStatus

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from lti_tool.demo import courses, people, scores
from lti_tool.demo.models import Activity, CourseRole, Enrolment, Grade, LineItem, Person
from lti_tool.demo.pages import course_frame, enterable
from lti_tool.demo.refusals import Refused
from lti_tool.demo.visitors import check_form, with_person

blueprint = Blueprint("gradebook", __name__, url_prefix="/course/<int:course_id>/grades")


@blueprint.get("")
@with_person
def show(rows: Session, person: Person, course_id: int) -> ResponseReturnValue:
    """A teacher sees everyone's cells, a student the own ones."""
    course = enterable(rows, person, course_id)
    students = [member.person for member in people.participants(rows, course_id) if member.role == CourseRole.STUDENT]
    frame = course_frame(rows, person, course)
    if not frame["may_teach"]:
        students = [student for student in students if student.id == person.id]
    cells = courses.cells(rows, course_id)
    return render_template(
        "demo/gradebook.html",
        **frame,
        students=students,
        columns=courses.columns(rows, course_id),
        cell=lambda item, student: _shown(item, cells.get((item.id, student.id))),
    )


@blueprint.post("/<int:item_id>/<int:student_id>")
@with_person
def change(rows: Session, person: Person, course_id: int, item_id: int, student_id: int) -> ResponseReturnValue:
    """Set a number over the tool's, or take it away again; lock or unlock the cell."""
    check_form()
    enterable(rows, person, course_id)
    if not people.may_teach(rows, person, course_id):
        raise Refused(_("Only teachers change grades."), HTTPStatus.FORBIDDEN)
    item = rows.get(LineItem, item_id)
    enrolment = rows.get(Enrolment, (course_id, student_id))
    if item is None or item.course_id != course_id or enrolment is None or enrolment.role != CourseRole.STUDENT:
        abort(HTTPStatus.NOT_FOUND)
    overridden = _number(request.form.get("overridden", ""))
    courses.set_cell(scores.cell(rows, item, student_id), overridden=overridden, is_locked="is_locked" in request.form)
    flash(_("The grade of %(name)s is saved.", name=enrolment.person.name))
    return redirect(url_for("gradebook.show", course_id=course_id), HTTPStatus.SEE_OTHER)


@blueprint.get("/<int:item_id>/<int:student_id>/review")
@with_person
def review(rows: Session, person: Person, course_id: int, item_id: int, student_id: int) -> ResponseReturnValue:
    """One student's work, opened in the tool by a submission review launch."""
    course = enterable(rows, person, course_id)
    if not people.may_teach(rows, person, course_id):
        raise Refused(_("Only teachers see other people's work."), HTTPStatus.FORBIDDEN)
    item = rows.get(LineItem, item_id)
    enrolment = rows.get(Enrolment, (course_id, student_id))
    if item is None or item.course_id != course_id or item.activity_id is None or enrolment is None:
        abort(HTTPStatus.NOT_FOUND)
    activity = rows.get_one(Activity, item.activity_id)
    frame = course_frame(rows, person, course)
    return render_template("demo/activity.html", **frame, activity=activity, reviewed=enrolment.person)


def _shown(item: LineItem, grade: Grade | None) -> dict[str, object]:
    final = scores.final_score(grade, item.score_maximum) if grade else None
    return {
        "final": None if final is None else format(final.normalize(), "f"),
        "comment": grade.comment if grade else "",
        "overridden": format(grade.overridden_score.normalize(), "f")
        if grade and grade.overridden_score is not None
        else "",
        "is_locked": bool(grade and grade.is_locked),
    }


def _number(text: str) -> Decimal | None:
    if not text.strip():
        return None
    try:
        number = Decimal(text.strip().replace(",", "."))
    except InvalidOperation as error:
        raise Refused(_("This is not a number.")) from error
    if not number.is_finite() or abs(number) >= 1_000_000:
        raise Refused(_("This is not a number that a grade can be."))
    return number
