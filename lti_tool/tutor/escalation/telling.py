"""Telling the teachers of a course that questions wait (R19): by a message in Moodle, whom it does not reach by e-mail.

It says how many wait and where; who asks and what stands in the tool alone.
"""

from dataclasses import dataclass
from html import escape
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.languages import language_of
from lti_tool.accounts.models import Course, Person, Placement, PlacementKind, ResourceLink
from lti_tool.accounts.moodle_courses import MoodleCourse, find_moodle_course
from lti_tool.accounts.people import staff_of
from lti_tool.db import now, transaction
from lti_tool.errors import NotAllowed, PlatformFailed
from lti_tool.lti.course_modules import address_of
from lti_tool.mail.letters import write_letter
from lti_tool.moodle.client import Connect, MoodleClient, guarded
from lti_tool.moodle.messages import send_messages
from lti_tool.runtime import Runtime
from lti_tool.site_settings.chat import TELL_TEACHERS
from lti_tool.site_settings.patterns import N_
from lti_tool.site_settings.store import read
from lti_tool.tutor.escalation.models import Escalation, EscalationState
from lti_tool.tutor.escalation.queue import is_asked, waiting_in
from lti_tool.web.languages import catalogue_of

SUBJECT = N_("Questions from students wait: %(course)s")
BODY = N_(
    "Students of “%(course)s” ask what the tutor could not answer. Questions that wait for a teacher: %(number)s."
)
WHERE = N_("Open the tutor and choose “Questions”.")


@dataclass(frozen=True, kw_only=True)
class Telling:
    """One member of staff, and what to say to them. `user` is Moodle's number of them."""

    person_id: int
    user: int | None
    subject: str
    body: str


@dataclass(frozen=True, kw_only=True)
class Notice:
    """Which questions are told of, to whom, and by which token."""

    questions: list[UUID]
    tellings: list[Telling]
    address: str | None
    moodle: MoodleCourse | None


def tell_of_waiting(runtime: Runtime, course_id: int, *, connect: Connect = guarded) -> None:
    """Tell once of each question. Where neither way is open, the number beside the tab says it."""
    with transaction(runtime.engine) as session:
        notice = _notice(session, runtime, course_id)
    if notice is None:
        return
    reached = _by_message(runtime, notice, connect)
    with transaction(runtime.engine) as session:
        for telling in notice.tellings:
            if telling.user not in reached:
                _by_mail(session, course_id, telling, notice)
        session.execute(update(Escalation).where(Escalation.id.in_(notice.questions)).values(told_at=now()))


def _notice(session: Session, runtime: Runtime, course_id: int) -> Notice | None:
    untold = (Escalation.state == EscalationState.OPEN, Escalation.told_at.is_(None), is_asked())
    in_order = select(Escalation.id).where(Escalation.course_id == course_id, *untold).order_by(Escalation.created_at)
    questions = list(session.scalars(in_order))
    if not questions or not read(session, TELL_TEACHERS, course_id):
        return None
    course = session.get_one(Course, course_id)
    about = {"course": course.title, "number": waiting_in(session, course_id)}
    staff = staff_of(session, course_id, Capability.ANSWER)
    return Notice(
        questions=questions,
        tellings=[_telling(session, person, about) for person in staff],
        address=_address(session, course),
        moodle=find_moodle_course(session, runtime.secrets, course_id),
    )


def _telling(session: Session, person: Person, about: dict[str, object]) -> Telling:
    words = catalogue_of(language_of(session, person.id))
    return Telling(
        person_id=person.id,
        user=int(person.sub) if person.sub.isdecimal() else None,
        subject=words.gettext(SUBJECT) % about,
        body=f"{words.gettext(BODY) % about} {words.gettext(WHERE)}",
    )


def _address(session: Session, course: Course) -> str | None:
    """Of the newest tutor of the course in Moodle."""
    newest = session.scalar(
        select(ResourceLink.course_module)
        .join(Placement, Placement.id == ResourceLink.placement_id)
        .where(
            ResourceLink.course_id == course.id,
            Placement.kind == PlacementKind.TUTOR,
            ResourceLink.course_module.is_not(None),
        )
        .order_by(ResourceLink.id.desc())
        .limit(1)
    )
    platform = course.deployment.registration.platform
    return address_of(platform.issuer, platform.product_family, newest)


def _by_message(runtime: Runtime, notice: Notice, connect: Connect) -> frozenset[int]:
    """Whom Moodle took a message for; nobody where no token may send one or Moodle does not answer."""
    if notice.moodle is None:
        return frozenset()
    texts = {each.user: _in_html(each.body, notice.address) for each in notice.tellings if each.user is not None}
    try:
        with MoodleClient(runtime.engine, notice.moodle.access, connect=connect) as client:
            return send_messages(client, texts) if texts else frozenset()
    except (NotAllowed, PlatformFailed):
        return frozenset()


def _in_html(body: str, address: str | None) -> str:
    link = f'<p><a href="{escape(address)}">{escape(address)}</a></p>' if address else ""
    return f"<p>{escape(body)}</p>{link}"


def _by_mail(session: Session, course_id: int, telling: Telling, notice: Notice) -> None:
    write_letter(
        session,
        course_id=course_id,
        person_id=telling.person_id,
        key=f"questions:{notice.questions[0]}",
        subject=telling.subject,
        body="\n\n".join(filter(None, (telling.body, notice.address))),
    )
