"""A teacher sets what is the course's; the site's own stays the site's."""

from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

from lti_tool.site_settings.catalogue import DAILY_LIMIT, ENABLED, RAG_TOP_K
from lti_tool.site_settings.spending import MONTHLY_CAP
from lti_tool.site_settings.store import read, write
from lti_tool.site_settings.switches import Feature, is_on
from tests.administration.settings.test_views import audited, form
from tests.fixtures.people import Enter, House
from tests.llm.test_spending import spend


def test_a_teacher_sets_a_value_for_this_course_alone(enter: Enter, house: House, session: Session) -> None:
    enter("teacher").post("settings/", form(ragtopk="9"))
    assert read(session, RAG_TOP_K, house.course.id) == 9
    assert read(session, RAG_TOP_K, house.other_course.id) == read(session, RAG_TOP_K) == 5
    assert audited(session)[0].course_id == house.course.id


def test_a_teacher_switches_a_feature_off_for_this_course_alone(enter: Enter, house: House, session: Session) -> None:
    write(session, ENABLED, True)
    enter("teacher").post("settings/", form(feature_tutor="off"))
    assert not is_on(session, Feature.TUTOR, house.course.id)
    assert is_on(session, Feature.TUTOR, house.other_course.id)


def test_a_teacher_cannot_switch_on_what_the_site_has_off(enter: Enter, house: House, session: Session) -> None:
    page = enter("teacher").page("settings/")
    assert "switched off all outgoing calls" in page.get_text()
    enter("teacher").post("settings/", form(feature_tutor="on"))
    assert not is_on(session, Feature.TUTOR, house.course.id)


def test_a_teacher_cannot_set_what_is_the_sites(enter: Enter, session: Session) -> None:
    assert enter("teacher").post("settings/", form(dailylimit="0")).status_code == 400
    assert enter("teacher").post("settings/", {"reset": "apikey"}).status_code == 400
    assert read(session, DAILY_LIMIT) == 50


def test_a_value_can_go_back_to_the_sites(enter: Enter, house: House, session: Session) -> None:
    write(session, RAG_TOP_K, 9, course_id=house.course.id)
    page = enter("teacher").follow(enter("teacher").post("settings/", {"reset": "ragtopk"}))
    assert read(session, RAG_TOP_K, house.course.id) == 5
    assert "Value of the site: 5" in " ".join(page.get_text().split())


def test_a_wrong_value_is_said_beside_its_field(enter: Enter) -> None:
    response = enter("teacher").post("settings/", form(ragtopk="99"))
    assert response.status_code == 400 and "from 1 to 20" in response.text


def test_what_was_wrong_is_said_in_the_language_of_the_page(enter: Enter) -> None:
    response = enter("teacher", locale="it").post("settings/", form(ragtopk="99"))
    assert response.text.count("da 1 a 20") == 2 and "from 1 to 20" not in response.text


@pytest.mark.parametrize("person", ["student", "non_editing_teacher"])
def test_others_may_not(enter: Enter, person: str) -> None:
    assert enter(person).get("settings/").status_code == 403
    assert enter(person).post("settings/", form(ragtopk="9")).status_code == 403


def test_an_outsider_changes_only_the_outsiders_course(enter: Enter, house: House, session: Session) -> None:
    enter("outsider").post("settings/", form(ragtopk="9"))
    assert read(session, RAG_TOP_K, house.course.id) == 5


def test_the_month_of_the_course_and_its_cap_are_shown(enter: Enter, house: House, session: Session) -> None:
    assert "this month" not in enter("teacher").page("settings/").get_text()
    write(session, MONTHLY_CAP, Decimal("2.50"))
    spend(session, house.course.id, 1_250_000)
    spend(session, house.other_course.id, 9_000_000)
    page = " ".join(enter("teacher").page("settings/").get_text().split())
    assert "cost this course 1.2500 this month, of at most 2.50." in page
    spend(session, house.course.id, 1_250_000)
    assert "no more calls are made" in enter("teacher").page("settings/").get_text()
