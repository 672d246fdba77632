"""What a teacher does with a course: see its activities, copy it as a whole."""

from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.demo.models import Activity, Course, CourseRole, Enrolment, Grade, LineItem, Person


def activities(session: Session, course_id: int) -> list[Activity]:
    return list(session.scalars(select(Activity).where(Activity.course_id == course_id).order_by(Activity.id)))


def columns(session: Session, course_id: int) -> list[LineItem]:
    """The gradebook's columns."""
    return list(session.scalars(select(LineItem).where(LineItem.course_id == course_id).order_by(LineItem.id)))


def cells(session: Session, course_id: int) -> dict[tuple[int, int], Grade]:
    """The grades of a course by (column, person)."""
    grades = select(Grade).join(LineItem).where(LineItem.course_id == course_id)
    return {(grade.line_item_id, grade.person_id): grade for grade in session.scalars(grades)}


def set_cell(grade: Grade, *, overridden: Decimal | None, is_locked: bool) -> None:
    """A teacher's own number in the gradebook, and the lock that keeps the tool out."""
    grade.overridden_score = overridden
    grade.is_locked = is_locked


def copy_course(session: Session, course: Course, teacher: Person) -> Course:
    """As Moodle copies: new course, links and columns, the same custom parameters, no students and no grades."""
    copied = Course(title=f"{course.title} (copy)", label=f"{course.label}-C", copied_from_id=course.id)
    session.add(copied)
    session.flush()
    for activity in activities(session, course.id):
        _copy_activity(session, activity, copied)
    if not teacher.is_administrator:
        session.add(Enrolment(course_id=copied.id, person_id=teacher.id, role=CourseRole.TEACHER))
    session.flush()
    return copied


def _copy_activity(session: Session, activity: Activity, copied: Course) -> None:
    made = Activity(
        course_id=copied.id,
        tool_id=activity.tool_id,
        title=activity.title,
        text=activity.text,
        url=activity.url,
        custom=activity.custom,
    )
    session.add(made)
    session.flush()
    for item in session.scalars(select(LineItem).where(LineItem.activity_id == activity.id)):
        session.add(_copy_of(item, made))


def _copy_of(item: LineItem, made: Activity) -> LineItem:
    return LineItem(
        course_id=made.course_id,
        tool_id=made.tool_id,
        activity_id=made.id,
        label=item.label,
        score_maximum=item.score_maximum,
        resource_id=item.resource_id,
        tag=item.tag,
        review_url=item.review_url,
        review_custom=item.review_custom,
    )
