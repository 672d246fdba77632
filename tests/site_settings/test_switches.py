"""A feature calls out only if every level above lets it."""

import pytest
from sqlalchemy.orm import Session

from lti_tool.errors import NotAllowed
from lti_tool.site_settings.catalogue import ENABLED
from lti_tool.site_settings.store import write
from lti_tool.site_settings.switches import SWITCHES, Feature, is_on, require_on
from tests.fixtures.people import House


@pytest.mark.parametrize("feature", Feature)
def test_everything_is_off_in_a_fresh_installation(session: Session, feature: Feature) -> None:
    assert not is_on(session, feature)


@pytest.mark.parametrize("feature", Feature)
def test_the_kill_switch_stops_every_feature_in_every_course(session: Session, house: House, feature: Feature) -> None:
    write(session, ENABLED, True)
    write(session, SWITCHES[feature], True, course_id=house.course.id)
    assert is_on(session, feature, house.course.id)
    write(session, ENABLED, False)
    assert not is_on(session, feature, house.course.id)


def test_a_course_cannot_switch_on_what_the_site_has_off(session: Session, house: House) -> None:
    write(session, ENABLED, True)
    write(session, SWITCHES[Feature.TUTOR], False)
    write(session, SWITCHES[Feature.TUTOR], True, course_id=house.course.id)
    assert not is_on(session, Feature.TUTOR, house.course.id)


def test_a_course_switches_off_for_itself_alone(session: Session, house: House) -> None:
    write(session, ENABLED, True)
    write(session, SWITCHES[Feature.TUTOR], False, course_id=house.course.id)
    assert not is_on(session, Feature.TUTOR, house.course.id)
    assert is_on(session, Feature.TUTOR, house.other_course.id)


def test_a_switched_off_feature_is_not_allowed(session: Session) -> None:
    with pytest.raises(NotAllowed, match="feature_off"):
        require_on(session, Feature.GRADE_PUSH)
