"""A course's own answers to "may this role do this?" (R202-R208): stored only where they differ from the default."""

from sqlalchemy import delete, insert
from sqlalchemy.orm import Session

from lti_tool.accounts import audit
from lti_tool.accounts.capabilities import DEFAULTS, STUDENT_NEVER, Capability, capabilities_of
from lti_tool.accounts.models import CapabilityOverride, Role
from lti_tool.accounts.viewer import Viewer
from lti_tool.errors import InvalidInput

ROLES = (Role.TEACHER, Role.NON_EDITING_TEACHER, Role.STUDENT)
"""Those whose rights a course may change; an administrator's are not its to take."""
FIXED = {
    Role.TEACHER: frozenset({Capability.USE, Capability.MANAGE, Capability.ADMINISTER}),
    Role.NON_EDITING_TEACHER: frozenset({Capability.USE, Capability.ADMINISTER}),
    Role.STUDENT: STUDENT_NEVER | {Capability.USE, Capability.ADMINISTER},
}
"""What no course may change: nobody locks the teachers out, and no student is let into other people's work."""


def table_of(session: Session, viewer: Viewer) -> dict[Role, frozenset[Capability]]:
    """What each role may do in the viewer's course now."""
    viewer.require(Capability.MANAGE)
    return {role: capabilities_of(session, viewer.course_id, role) for role in ROLES}


def set_table(session: Session, viewer: Viewer, wanted: dict[Role, frozenset[Capability]]) -> None:
    """Make the changeable capabilities of each role those wanted; raises InvalidInput for one that is not."""
    before = table_of(session, viewer)
    for role, capabilities in wanted.items():
        if role not in ROLES or capabilities & FIXED[role]:
            raise InvalidInput("capability_fixed", "This right cannot be changed in a course.", role=role)
    session.execute(delete(CapabilityOverride).where(CapabilityOverride.course_id == viewer.course_id))
    rows = [row for role, capabilities in wanted.items() for row in _differences(viewer, role, capabilities)]
    if rows:
        session.execute(insert(CapabilityOverride), rows)
    _audit(session, viewer, before, table_of(session, viewer))


def _differences(viewer: Viewer, role: Role, wanted: frozenset[Capability]) -> list[dict[str, object]]:
    changeable = frozenset(Capability) - FIXED[role]
    return [
        {"course_id": viewer.course_id, "role": role, "capability": capability, "is_allowed": capability in wanted}
        for capability in sorted(changeable & (wanted ^ DEFAULTS[role]))
    ]


def _audit(
    session: Session,
    viewer: Viewer,
    before: dict[Role, frozenset[Capability]],
    after: dict[Role, frozenset[Capability]],
) -> None:
    changes = {
        str(role): {"given": after[role] - before[role], "taken": before[role] - after[role]}
        for role in ROLES
        if after[role] != before[role]
    }
    if changes:
        audit.by(
            session, viewer, "capabilities.changed", object_type="course", object_id=viewer.course_id, details=changes
        )
