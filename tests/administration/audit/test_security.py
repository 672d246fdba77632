"""Administrators see that somebody tried to instruct the model, and not with which words."""

from sqlalchemy.orm import Session

from lti_tool.content.security import Place, Spot, record_blocked_output, record_injection
from lti_tool.llm.injection.patterns import Trick
from tests.fixtures.people import Enter, House


def test_security_events_stand_in_the_audit_by_kind_and_place(session: Session, enter: Enter, house: House) -> None:
    record_injection(
        session, Spot(place=Place.QUESTION, object_id="1", course_id=house.course.id), [Trick.ROLE, Trick.HIDDEN]
    )
    record_blocked_output(session, Spot(place=Place.ANSWER, object_id="2", course_id=house.course.id), Trick.DISCLOSURE)
    page = enter("administrator").page("site/audit/?action=security.injection_found")
    assert {"security.injection_found", "security.output_blocked"} <= {
        option["value"] for option in page.select("#action option")
    }
    (row,) = page.select("tbody tr")
    assert "question 1" in row.text and "role" in row.text and "hidden" in row.text
