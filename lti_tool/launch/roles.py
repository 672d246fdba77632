"""From the roles of a launch to one role of ours (R202-R208).

Context roles decide. An administrator is who holds both the system and the institution role, as Moodle's site
administrators do; either alone gives nothing (X23). A launch that says teacher about somebody whom the roster calls a
student is Moodle's non-editing teacher: the launch keeps the staff rights, the roster takes the editing ones.
"""

from lti_tool.accounts.course_roles import course_role
from lti_tool.accounts.models import Role
from lti_tool.lti.roles import RoleFacts


def role_of(roles: RoleFacts, *, roster_role: str | None) -> Role:
    """The role of this launch; a launch that says nothing we know is a student's."""
    if roles.is_site_administrator:
        return Role.ADMINISTRATOR
    role = course_role(roles)
    return Role.NON_EDITING_TEACHER if role is Role.TEACHER and roster_role == Role.STUDENT else role
