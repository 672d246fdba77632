"""What a roles claim means for us."""

import pytest

from lti_tool.accounts.models import Role
from lti_tool.launch.roles import role_of
from lti_tool.lti.roles import RoleFacts
from tests.fakes.platform import INSTITUTION, INSTRUCTOR, LEARNER, MEMBERSHIP, SYSTEM

CASES = [
    ([INSTRUCTOR], Role.TEACHER),
    (["Instructor"], Role.TEACHER),
    ([f"{MEMBERSHIP}/Instructor#PrimaryInstructor"], Role.TEACHER),
    ([f"{MEMBERSHIP}#Administrator"], Role.TEACHER),
    ([f"{MEMBERSHIP}/Administrator#Support"], Role.TEACHER),
    ([f"{MEMBERSHIP}/Instructor#TeachingAssistant"], Role.NON_EDITING_TEACHER),
    ([INSTRUCTOR, f"{MEMBERSHIP}/Instructor#Grader"], Role.NON_EDITING_TEACHER),
    (["TeachingAssistant"], Role.NON_EDITING_TEACHER),
    ([LEARNER], Role.STUDENT),
    ([f"{MEMBERSHIP}/Learner#GuestLearner"], Role.STUDENT),
    ([f"{MEMBERSHIP}#ContentDeveloper"], Role.STUDENT),
    ([f"{MEMBERSHIP}#Mentor"], Role.STUDENT),
    ([], Role.STUDENT),
    ([""], Role.STUDENT),
    (["urn:lti:role:ims/lis/Instructor"], Role.STUDENT),
    ([f"{INSTITUTION}#Instructor"], Role.STUDENT),
    ([f"{SYSTEM}#Administrator"], Role.STUDENT),
    ([f"{SYSTEM}#Administrator", f"{INSTITUTION}#Administrator"], Role.ADMINISTRATOR),
]


@pytest.mark.parametrize(("roles", "expected"), CASES)
def test_a_claim_gives_a_role(roles: list[str], expected: Role) -> None:
    assert role_of(RoleFacts.of(tuple(roles)), roster_role=None) is expected


@pytest.mark.parametrize(
    ("roles", "expected"),
    [
        ([INSTRUCTOR], Role.NON_EDITING_TEACHER),
        ([LEARNER], Role.STUDENT),
        ([f"{SYSTEM}#Administrator", f"{INSTITUTION}#Administrator", INSTRUCTOR], Role.ADMINISTRATOR),
    ],
)
def test_a_roster_that_says_student_takes_the_editing_rights_alone(roles: list[str], expected: Role) -> None:
    assert role_of(RoleFacts.of(tuple(roles)), roster_role=Role.STUDENT) is expected


def test_a_roster_that_says_teacher_makes_nobody_a_teacher() -> None:
    assert role_of(RoleFacts.of((LEARNER,)), roster_role=Role.TEACHER) is Role.STUDENT
