"""From the roles of a launch or a roster entry to one role in the course (R202-R208). Context roles alone count."""

from lti_tool.accounts.models import Role
from lti_tool.lti.roles import RoleFacts

ASSISTING_PARTS = (
    "TeachingAssistant",
    "TeachingAssistantGroup",
    "TeachingAssistantOffering",
    "TeachingAssistantSection",
    "TeachingAssistantSectionAssociation",
    "TeachingAssistantTemplate",
    "Grader",
    "GuestInstructor",
)


def course_role(roles: RoleFacts) -> Role:
    """The role that the context roles give; who has none that we know is a student."""
    if roles.has_in_course("TeachingAssistant") or roles.has_part_in_course(*ASSISTING_PARTS):
        return Role.NON_EDITING_TEACHER
    if roles.has_in_course("Instructor", "Administrator"):
        return Role.TEACHER
    return Role.STUDENT
