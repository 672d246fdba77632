"""The pages of deliveries: who gets to see and do what, and what each says in plain words."""

import pytest
from sqlalchemy import func, select

from lti_tool.accounts.audit import AuditEntry
from lti_tool.db import now
from lti_tool.errors import InvalidInput, NotFound
from lti_tool.scans.delivery.arranging import change
from lti_tool.scans.delivery.keys import LIFE, forget_old_keys
from lti_tool.scans.delivery.models import LentKey
from lti_tool.scans.delivery.states import DeliveryState, Mode
from tests.fakes.moodle_papers import other_work
from tests.fixtures.people import Browser, Enter
from tests.scans.conftest import EXAM
from tests.scans.delivery.conftest import OWN_KEY, Deliveries

S = DeliveryState


@pytest.fixture
def staff(enter: Enter) -> Browser:
    return enter("teacher", EXAM)


@pytest.fixture
def student(enter: Enter) -> Browser:
    return enter("student", EXAM)


def text_of(browser: Browser, path: str) -> str:
    return " ".join(browser.page(path).main.get_text(" ", strip=True).split())  # type: ignore[union-attr]


def test_a_teacher_chooses_an_assignment_by_what_moodle_lists(deliveries: Deliveries, staff: Browser) -> None:
    team = deliveries.moodle.assign(name="Of groups", teamsubmission=1)
    assert "The papers of this exam stay here." in text_of(staff, "scans/delivery/")
    offered = text_of(staff, "scans/delivery/target")
    assert "Written exam" in offered and "a paper would become everybody's" in offered
    number = deliveries.assignment.number
    page = staff.follow(staff.post("scans/delivery/target", {"assignment": f"{number}:feedback"}))
    assert (
        "Confirmed papers go to “Written exam” from now on." in page.text
        and "Approved grades go there too." in page.text
    )
    refused = staff.post("scans/delivery/target", {"assignment": f"{team.number}:hand_in"})
    assert refused.status_code == 400 and "become everybody" in refused.text
    assert "stay here" in staff.follow(staff.post("scans/delivery/stop")).text


def test_a_token_that_is_not_enough_names_what_is_missing(deliveries: Deliveries, staff: Browser) -> None:
    deliveries.moodle.may_upload = False
    deliveries.moodle.functions.remove("mod_assign_save_grade")
    page = text_of(staff, "scans/delivery/target")
    assert "mod_assign_save_grade" in page and "The service may not upload files." in page


def test_a_student_and_an_outsider_see_nothing_of_it(by_key: Deliveries, enter: Enter) -> None:
    one = f"scans/delivery/{by_key.deliver().id}"
    student, outsider = enter("student", EXAM), enter("outsider", EXAM)
    assert {student.get(path).status_code for path in ("scans/delivery/", "scans/delivery/target", one)} == {403}
    assert outsider.get(one).status_code == 404 and "Canary" not in text_of(outsider, "scans/delivery/")


@pytest.mark.parametrize("action", ["again", "settle"])
def test_only_staff_of_the_exam_change_a_delivery(by_key: Deliveries, enter: Enter, action: str) -> None:
    path = f"scans/delivery/{by_key.deliver().id}/{action}"
    assert enter("student", EXAM).post(path, {"note": "x"}).status_code == 403
    assert enter("outsider", EXAM).post(path, {"note": "x"}).status_code == 404
    assert by_key.latest.state == S.BLOCKED


def test_staff_see_the_reason_try_again_and_resolve_by_hand(by_key: Deliveries, staff: Browser) -> None:
    other_work(by_key.moodle, by_key.assignment, by_key.user, status="draft")
    by_key.lend()
    stuck = by_key.deliver()
    assert "Other work lies there already." in text_of(staff, "scans/delivery/")
    staff.post(f"scans/delivery/{stuck.id}/again")
    assert by_key.deliver().state == S.CONFLICT
    one = f"scans/delivery/{stuck.id}"
    assert "looked at what stands in Moodle" in text_of(staff, one) and str(stuck.id) in text_of(staff, one)
    assert staff.post(f"{one}/settle", {"note": " "}).status_code == 400
    page = staff.follow(staff.post(f"{one}/settle", {"note": "Put it there myself."}))
    assert "seen to by hand" in page.text and "Put it there myself." in page.text
    assert by_key.deliver().state == S.SETTLED


def test_staff_cannot_hand_in_for_a_student(by_key: Deliveries, staff: Browser) -> None:
    waiting = by_key.deliver()
    assert staff.post(f"scans/delivery/{waiting.id}/again").status_code == 400
    assert staff.post("scans/delivery/key", {"key": OWN_KEY}).status_code == 404


def test_a_student_hands_in_with_their_key_and_reads_where_the_paper_is(by_key: Deliveries, student: Browser) -> None:
    assert "not yet handed in to “Written exam”" in text_of(student, "scans/")
    by_key.moodle.tokens[OWN_KEY] = by_key.user
    assert "Hand it in with your key" in text_of(student, "scans/delivery/key")
    page = student.follow(student.post("scans/delivery/key", {"key": f" {OWN_KEY} "}))
    assert "is being handed in" in page.text and OWN_KEY not in page.text
    by_key.deliver()
    assert "handed in to “Written exam”" in text_of(student, "scans/")
    assert "it is the same file" in text_of(student, "scans/delivery/key")


def test_the_key_of_somebody_else_is_refused_and_kept_nowhere(by_key: Deliveries, student: Browser) -> None:
    by_key.moodle.tokens[OWN_KEY] = by_key.user + 1
    refused = student.post("scans/delivery/key", {"key": OWN_KEY})
    assert refused.status_code == 400 and "belongs to somebody else" in refused.text and OWN_KEY not in refused.text
    assert by_key.session.scalar(select(func.count()).select_from(LentKey)) == 0


@pytest.mark.parametrize("text", ["", "my password", "x" * 200])
def test_what_is_no_key_is_never_sent_to_moodle(by_key: Deliveries, student: Browser, text: str) -> None:
    before = len(by_key.moodle.calls)
    assert student.post("scans/delivery/key", {"key": text}).status_code == 400
    assert len(by_key.moodle.calls) == before


def test_a_weak_key_is_refused_with_what_to_use_instead(by_key: Deliveries) -> None:
    by_key.moodle.functions.remove("mod_assign_submit_for_grading")
    with pytest.raises(InvalidInput, match="key_too_weak"):
        by_key.lend()


def test_a_student_tries_again_with_the_key_that_is_kept(by_key: Deliveries, student: Browser) -> None:
    assert student.post("scans/delivery/key/again").status_code == 404
    by_key.assignment.closed.add(by_key.user)
    by_key.lend()
    assert by_key.deliver().reason == "locked"
    assert "This work is locked in Moodle." in text_of(student, "scans/delivery/key")
    by_key.assignment.closed.clear()
    student.post("scans/delivery/key/again")
    assert by_key.deliver().state == S.CONFIRMED


def test_a_key_can_be_taken_back_and_stops_what_waits(by_key: Deliveries, student: Browser) -> None:
    by_key.lend()
    assert "It is kept here until" in text_of(student, "scans/delivery/key")
    student.post("scans/delivery/key/revoke")
    by_key.session.expire_all()
    assert (by_key.deliver().state, by_key.latest.reason) == (S.BLOCKED, "key_needed")
    assert by_key.work() is None


def test_a_key_lives_for_a_day_is_encrypted_and_stands_in_no_audit(by_key: Deliveries) -> None:
    by_key.lend()
    kept = by_key.session.scalars(select(LentKey)).one()
    assert OWN_KEY not in kept.key_encrypted and kept.expires_at - kept.created_at == LIFE
    said = str([(each.action, each.details) for each in by_key.session.scalars(select(AuditEntry))])
    assert "scans.key_lent" in said and OWN_KEY not in said
    at = now()
    kept.created_at, kept.expires_at = at - LIFE, at
    by_key.session.flush()
    assert (by_key.deliver().state, by_key.latest.reason) == (S.BLOCKED, "key_needed")
    assert forget_old_keys(by_key.session) == 1


def test_before_the_confirmation_there_is_nothing_to_hand_in(deliveries: Deliveries) -> None:
    deliveries.choose(Mode.HAND_IN)
    with pytest.raises(NotFound, match="no_delivery"):
        deliveries.lend()


def test_a_student_reads_that_a_feedback_file_is_on_its_way_and_then_there(
    by_token: Deliveries, student: Browser
) -> None:
    assert "It is on its way to “Written exam”." in text_of(student, "scans/")
    by_token.deliver()
    assert "The scan lies among the feedback of “Written exam”." in text_of(student, "scans/")
    change(by_token.session, by_token.latest, S.CONFLICT, "feedback_there")
    assert "Your confirmation here stands." in text_of(student, "scans/")
