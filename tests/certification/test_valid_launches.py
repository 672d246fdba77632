"""Certification guide 6.1.2 and 6.1.3: the nine valid launches of an instructor (I) and of a student (T)."""

import pytest

from lti_tool.accounts.models import Role
from tests.fakes.platform import ABSENT, INSTRUCTOR, LEARNER
from tests.fixtures.launches import Visitor, claim

NAMES = ("name", "given_name", "family_name")
PERSONS = [("teacher", INSTRUCTOR, "Instructor", Role.TEACHER), ("student", LEARNER, "Learner", Role.STUDENT)]


def both(number: int) -> pytest.MarkDecorator:
    """The case of an instructor and the case of a student, with their ids."""
    ids = [f"I{number}", f"T{number}"]
    return pytest.mark.parametrize(("name", "full", "short", "expected"), PERSONS, ids=ids)


@both(1)
def test_1_plain(visitor: Visitor, name: str, full: str, short: str, expected: Role) -> None:
    assert visitor.viewer(visitor.launch(name)).role is expected


@both(2)
def test_2_several_roles(visitor: Visitor, name: str, full: str, short: str, expected: Role) -> None:
    person = "http://purl.imsglobal.org/vocab/lis/v2/institution/person#Student"
    assert visitor.viewer(visitor.launch(name, **{claim("roles"): [person, full]})).role is expected


@both(3)
def test_3_a_short_role(visitor: Visitor, name: str, full: str, short: str, expected: Role) -> None:
    assert visitor.viewer(visitor.launch(name, **{claim("roles"): [short]})).role is expected


@both(4)
def test_4_an_unknown_role_beside(visitor: Visitor, name: str, full: str, short: str, expected: Role) -> None:
    unknown = "http://purl.imsglobal.org/vocab/lis/v2/uknownrole/unknown#Helper"
    assert visitor.viewer(visitor.launch(name, **{claim("roles"): [unknown, full]})).role is expected


@both(5)
def test_5_no_role(visitor: Visitor, name: str, full: str, short: str, expected: Role) -> None:
    assert visitor.viewer(visitor.launch(name, **{claim("roles"): []})).role is Role.STUDENT


@both(6)
def test_6_email_only(visitor: Visitor, name: str, full: str, short: str, expected: Role) -> None:
    assert visitor.viewer(visitor.launch(name, **dict.fromkeys(NAMES, ABSENT))).role is expected


@both(7)
def test_7_names_only(visitor: Visitor, name: str, full: str, short: str, expected: Role) -> None:
    assert visitor.viewer(visitor.launch(name, email=ABSENT)).role is expected


@both(8)
def test_8_nothing_personal(visitor: Visitor, name: str, full: str, short: str, expected: Role) -> None:
    assert visitor.viewer(visitor.launch(name, **dict.fromkeys((*NAMES, "email"), ABSENT))).role is expected


@both(9)
def test_9_email_without_context(visitor: Visitor, name: str, full: str, short: str, expected: Role) -> None:
    changes = dict.fromkeys((*NAMES, claim("context")), ABSENT)
    viewer = visitor.viewer(visitor.launch(name, **changes))
    assert viewer.role is expected
    assert viewer.course_id not in {visitor.house.course.id, visitor.house.other_course.id}
