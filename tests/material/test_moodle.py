"""The teacher's pages about Moodle: a token is tried, kept unseen and taken away; a reading is asked for and shown."""

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from lti_tool.accounts.audit.models import AuditEntry
from lti_tool.content.indexing import index_source
from lti_tool.content.models import Source, SourceState
from lti_tool.content.moodle.models import MoodleReading, ReadingState
from lti_tool.content.retrieval import search
from lti_tool.files.store import FileStore
from lti_tool.moodle.models import MoodleToken
from lti_tool.moodle.refusals import MoodleRefused
from lti_tool.runtime import Runtime
from lti_tool.site_settings.catalogue import ENABLED
from lti_tool.site_settings.store import write
from tests.fakes.moodle import TOKEN, FakeMoodle
from tests.fixtures.moodle import ReadMoodle, place_in
from tests.fixtures.people import Enter, House

POSTS = ["token", "check", "remove", "read"]


@pytest.fixture
def without_token(session: Session, house: House, services: FakeMoodle) -> House:
    place_in(house, services.url)
    write(session, ENABLED, True)
    return house


def test_a_token_is_tried_kept_encrypted_and_never_shown(
    enter: Enter, session: Session, runtime: Runtime, without_token: House
) -> None:
    teacher = enter("teacher")
    page = teacher.post("material/moodle/token", {"token": f" {TOKEN} "}).text
    kept = session.scalars(select(MoodleToken)).one()
    assert (kept.course_id, runtime.secrets.decrypt(kept.token_encrypted)) == (without_token.course.id, TOKEN)
    assert "as the user teach1" in page and TOKEN not in page and TOKEN not in kept.token_encrypted
    assert TOKEN not in teacher.get("material/moodle").text and "private-key-canary" not in page
    assert session.scalars(select(AuditEntry.action)).all() == ["moodle_token.set"]


def test_the_missing_functions_are_named(enter: Enter, services: FakeMoodle, without_token: House) -> None:
    services.functions.remove("mod_wiki_get_subwikis")
    services.functions.remove("core_courseformat_get_state")
    services.may_download = False
    page = enter("teacher").post("material/moodle/token", {"token": TOKEN})
    cells = page.text.split("<tbody>")[1].split("</tbody>")[0]
    assert cells.count("<code>") == 2 and "<code>mod_wiki_get_subwikis</code>" in cells
    assert cells.count("may not download") == 3 and "The course cannot be read without it" in cells


@pytest.mark.parametrize(("token", "sentence"), [("short", "This is no token"), ("f" * 32, "does not accept")])
def test_a_token_that_is_none_is_refused_with_a_sentence_and_not_kept(
    enter: Enter, session: Session, without_token: House, token: str, sentence: str
) -> None:
    answer = enter("teacher").post("material/moodle/token", {"token": token})
    assert answer.status_code == 400 and sentence in answer.text and token not in answer.text
    assert session.scalars(select(MoodleToken)).all() == []


def test_a_kept_token_is_checked_again_and_taken_away(
    enter: Enter, session: Session, services: FakeMoodle, in_moodle: House
) -> None:
    teacher = enter("teacher")
    assert "What the token unlocks" in teacher.post("material/moodle/check").text
    services.refusals["core_webservice_get_site_info"] = "invalidtoken"
    assert "does not accept" in teacher.post("material/moodle/check").text
    assert "The token was deleted." in teacher.follow(teacher.post("material/moodle/remove")).text
    assert session.scalars(select(MoodleToken)).all() == []


def test_a_reading_is_queued_and_shown(enter: Enter, session: Session, in_moodle: House) -> None:
    teacher = enter("teacher")
    page = teacher.follow(teacher.post("material/moodle/read"))
    assert "Waiting to be read" in page.text and page.find(attrs={"data-unfinished": True})
    args = session.execute(text("SELECT args FROM procrastinate_jobs")).scalar_one()
    assert (args["is_full"], args["person_id"]) == (True, in_moodle.teacher.id)


def test_a_reading_without_a_token_is_refused(enter: Enter, session: Session, without_token: House) -> None:
    assert enter("teacher").post("material/moodle/read").status_code == 400
    assert session.execute(text("SELECT count(*) FROM procrastinate_jobs")).scalar_one() == 0


def test_progress_and_failure_are_shown(enter: Enter, session: Session, in_moodle: House) -> None:
    row = MoodleReading(course_id=in_moodle.course.id, state=ReadingState.DOING, done=5, total=26)
    session.add(row)
    session.flush()
    assert "5 of 26 parts" in enter("teacher").get("material/sources").text
    row.state, row.reason = ReadingState.FAILED, "Moodle is being upgraded."
    session.flush()
    assert "could not be read: Moodle is being upgraded." in " ".join(enter("teacher").get("material").text.split())


def test_a_failure_that_a_job_stored_speaks_the_language_of_the_page(
    enter: Enter, session: Session, in_moodle: House
) -> None:
    refused = MoodleRefused("accessexception", "core_course_get_contents").sentence
    session.add(MoodleReading(course_id=in_moodle.course.id, state=ReadingState.FAILED, reason=refused))
    session.flush()
    assert (
        "Al servizio di questo token manca core_course_get_contents"
        in enter("teacher", locale="it").get("material").text
    )


def test_an_item_shows_its_place_and_a_way_to_it_and_why_it_is_left_out(
    enter: Enter, services: FakeMoodle, read_moodle: ReadMoodle
) -> None:
    services.add("page", "Gas laws", record={"content": "x"})
    services.add("page", "Answer key", line={"visible": 0}, record={"content": "y"})
    read_moodle()
    page = enter("teacher").page("material")
    link = page.find("a", href=f"{services.url}/mod/page/view.php?id=1")
    assert link is not None and link.parent.get_text(" ", strip=True).endswith("Page · Week one")
    words = " ".join(page.get_text().split())
    assert "Left out: hidden from students in the course" in words and "1 is left out: the list below" in words


def test_a_teacher_takes_a_hidden_item_in_and_leaves_a_shown_one_out(
    enter: Enter, session: Session, services: FakeMoodle, read_moodle: ReadMoodle
) -> None:
    services.add("page", "Gas laws", record={"content": "x"})
    services.add("page", "Answer key", line={"visible": 0}, record={"content": "y"})
    read_moodle()
    session.execute(text("DELETE FROM procrastinate_jobs"))
    teacher = enter("teacher")
    by_key = {source.key: source for source in session.scalars(select(Source))}
    teacher.post(f"material/sources/{by_key['page:1'].id}/inclusion", {"use": "no"})
    page = teacher.follow(teacher.post(f"material/sources/{by_key['page:2'].id}/inclusion", {"use": "yes"}))
    assert by_key["page:1"].state == SourceState.LEFT_OUT and "as you chose" in page.text
    assert by_key["page:2"].is_wanted and "after the next reading" in page.text
    assert session.scalars(text("SELECT task_name FROM procrastinate_jobs")).all() == ["moodle.read_course"]


def test_what_was_left_out_and_is_here_is_indexed_at_once(
    enter: Enter, session: Session, services: FakeMoodle, read_moodle: ReadMoodle
) -> None:
    services.add("page", "Gas laws", record={"content": "x"})
    read_moodle()
    source = session.scalars(select(Source).where(Source.key == "page:1")).one()
    for use, state in (("no", SourceState.LEFT_OUT), ("yes", SourceState.TODO)):
        enter("teacher").post(f"material/sources/{source.id}/inclusion", {"use": use})
        assert source.state == state


def test_a_left_out_item_is_not_read_again_on_its_own(
    enter: Enter, session: Session, services: FakeMoodle, read_moodle: ReadMoodle
) -> None:
    services.add("page", "Answer key", line={"visible": 0}, record={"content": "y"})
    read_moodle()
    source = session.scalars(select(Source).where(Source.key == "page:1")).one()
    assert enter("teacher").post(f"material/sources/{source.id}/index").status_code == 400
    assert source.state == SourceState.LEFT_OUT


@pytest.mark.parametrize(("name", "status"), [("student", 403), ("non_editing_teacher", 403)])
def test_nobody_but_a_teacher_touches_tokens_and_readings(
    enter: Enter, session: Session, in_moodle: House, name: str, status: int
) -> None:
    assert enter(name).get("material/moodle").status_code == status
    for post in POSTS:
        assert enter(name).post(f"material/moodle/{post}", {"token": TOKEN}).status_code == status
    assert session.scalars(select(AuditEntry)).all() == [] and session.scalars(select(MoodleReading)).all() == []


def test_a_teacher_of_another_course_sees_and_changes_only_their_own(
    enter: Enter, session: Session, in_moodle: House
) -> None:
    outsider = enter("outsider")
    assert "is read with its own token" not in outsider.get("material/moodle").text
    outsider.post("material/moodle/remove")
    outsider.post("material/moodle/token", {"token": TOKEN})
    assert sorted(session.scalars(select(MoodleToken.course_id))) == [in_moodle.course.id, in_moodle.other_course.id]


def test_a_platform_that_is_no_moodle_hears_nothing_of_it(enter: Enter, session: Session, house: House) -> None:
    house.platform.product_family = "canvas"
    session.flush()
    assert "From Moodle" not in enter("teacher").get("material").text


def test_a_citation_leads_on_to_the_page_in_the_course(
    enter: Enter, session: Session, runtime: Runtime, services: FakeMoodle, read_moodle: ReadMoodle
) -> None:
    services.add("page", "Gas laws", record={"content": "One mole fills 22.414 litres."})
    read_moodle()
    source = session.scalars(select(Source).where(Source.key == "page:1")).one()
    index_source(runtime.engine, FileStore.of(runtime.settings), source.id)
    session.expire_all()
    (found,) = search(session, course_id=source.course_id, question="How many litres does one mole fill?", limit=1)
    assert (found.url, found.locator) == (f"{services.url}/mod/page/view.php?id=1", "")
    page = enter("student").page(f"material/passages/{found.chunk_id}")
    assert page.find("a", href=found.url) is not None
