"""With which token a course of ours is asked about at its Moodle, and under which number Moodle knows it."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from lti_tool.accounts.models import Course
from lti_tool.lti.models import Registration, RegistrationStatus
from lti_tool.moodle.client import MoodleAccess
from lti_tool.moodle.tokens import find_token_in_force
from lti_tool.secrets import Secrets


@dataclass(frozen=True, kw_only=True)
class MoodleCourse:
    """A course at its Moodle: the context id of its launches is Moodle's own number."""

    access: MoodleAccess
    number: int
    is_by_own_token: bool


def find_moodle_course(session: Session, secrets: Secrets, course_id: int) -> MoodleCourse | None:
    """None where there is no token, no Moodle, or the registration is switched off."""
    course = session.get_one(Course, course_id)
    if not may_be_in_moodle(course) or course.deployment.registration.status != RegistrationStatus.ACTIVE:
        return None
    kept = find_token_in_force(session, platform_id=platform_id_of(course), course_id=course_id)
    if kept is None:
        return None
    return MoodleCourse(
        access=access_with(course.deployment.registration, secrets.decrypt(kept.token_encrypted), course_id),
        number=int(course.context_id),
        is_by_own_token=kept.course_id is not None,
    )


def access_with(registration: Registration, token: str, course_id: int | None) -> MoodleAccess:
    """What calls to this platform are made with."""
    return MoodleAccess(
        base_url=registration.platform.issuer.rstrip("/"),
        token=token,
        allows_private_addresses=registration.allows_private_addresses,
        course_id=course_id,
    )


def may_be_in_moodle(course: Course) -> bool:
    """Moodle names itself in every launch; a platform that has not said what it is may be one."""
    family = course.deployment.registration.platform.product_family.lower()
    return family in ("", "moodle") and course.context_id.isdecimal()


def platform_id_of(course: Course) -> int:
    return course.deployment.registration.platform_id
