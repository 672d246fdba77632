"""Which role may do what (R202-R208): the default table, and a course's overrides of it."""

from collections.abc import Mapping
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.accounts.models import CapabilityOverride, Role


class Capability(StrEnum):
    USE = "use"
    MANAGE = "manage"
    VIEW_DASHBOARD = "view_dashboard"
    VIEW_LOGS = "view_logs"
    ANSWER = "answer"
    GRADE = "grade"
    HANDLE_SCANS = "handle_scans"
    ADMINISTER = "administer"


DEFAULTS: dict[Role, frozenset[Capability]] = {
    Role.STUDENT: frozenset({Capability.USE}),
    Role.NON_EDITING_TEACHER: frozenset(
        {Capability.USE, Capability.VIEW_DASHBOARD, Capability.ANSWER, Capability.GRADE, Capability.HANDLE_SCANS}
    ),
    Role.TEACHER: frozenset(Capability) - {Capability.ADMINISTER},
    Role.ADMINISTRATOR: frozenset(Capability),
}

STUDENT_NEVER = frozenset(
    {Capability.ANSWER, Capability.GRADE, Capability.MANAGE, Capability.HANDLE_SCANS, Capability.VIEW_LOGS}
)
"""What no override may give to a student: other people's work."""


def capabilities_of(session: Session, course_id: int, role: Role) -> frozenset[Capability]:
    """What the role may do in the course."""
    overrides = session.execute(
        select(CapabilityOverride.capability, CapabilityOverride.is_allowed).where(
            CapabilityOverride.course_id == course_id, CapabilityOverride.role == role
        )
    )
    return with_overrides(role, {name: is_allowed for name, is_allowed in overrides})


def with_overrides(role: Role, overrides: Mapping[str, bool], *, is_trusted: bool = False) -> frozenset[Capability]:
    """The default of the role with a course's overrides applied.

    Administering is never a course's to give, and belongs to administrators of trusted platforms alone.
    """
    allowed = set(DEFAULTS[role])
    for name, is_allowed in overrides.items():
        (allowed.add if is_allowed else allowed.discard)(Capability(name))
    if role is Role.STUDENT:
        allowed -= STUDENT_NEVER
    if role is not Role.ADMINISTRATOR or not is_trusted:
        allowed.discard(Capability.ADMINISTER)
    return frozenset(allowed)
