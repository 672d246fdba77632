"""A reading of a course: only what changed is fetched, what fails says why, and nothing vanishes by a failure (R46)."""

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from lti_tool.content.importing import Actor, ImportReport
from lti_tool.content.models import Source
from lti_tool.content.moodle import tasks
from lti_tool.content.moodle.models import MoodleReading, ReadingState
from lti_tool.content.moodle.sync import read_course
from lti_tool.db import now
from lti_tool.moodle.tokens import forget_token, keep_token
from lti_tool.runtime import Runtime
from lti_tool.site_settings.catalogue import ENABLED
from lti_tool.site_settings.store import write
from lti_tool.site_settings.switches import SWITCHES, Feature
from tests.fakes.moodle import TOKEN, FakeMoodle
from tests.fixtures.moodle import Kept, ReadMoodle, Texts
from tests.fixtures.people import House
from tests.fixtures.sentences import english


@pytest.fixture(autouse=True)
def a_summary(services: FakeMoodle) -> None:
    """One more item in every course here: its section."""
    services.sections[0].summary = "This week."


def row(session: Session) -> MoodleReading:
    return session.query(MoodleReading).one()


def touched(number: int, name: str = "configuration") -> dict[str, object]:
    return {"contextlevel": "module", "id": number, "updates": [{"name": name}]}


def test_a_reading_says_how_it_went(services: FakeMoodle, session: Session, read_moodle: ReadMoodle) -> None:
    services.add("page", "Gas laws", record={"content": "x"})
    services.add("label", "y", record={"intro": "y"})
    assert read_moodle().added == 3
    found = row(session)
    assert (found.state, found.done, found.total, found.added) == (ReadingState.SUCCEEDED, 3, 3, 3)
    assert found.read_at is not None and found.read_in_full_at == found.read_at


def test_reading_again_changes_nothing(services: FakeMoodle, read_moodle: ReadMoodle) -> None:
    services.add("page", "Gas laws", record={"content": "x"})
    read_moodle()
    assert read_moodle() == ImportReport(unchanged=2)


def test_only_what_moodle_calls_changed_is_fetched_again(
    services: FakeMoodle, read_moodle: ReadMoodle, texts: Texts
) -> None:
    terms = [{"concept": "A", "definition": "Old."}]
    for name in ("One", "Two"):
        services.add("glossary", name, entries=terms)
    listed = services.file("1/mod_resource/content/0/a.txt", b"Salt.", "text/plain")
    services.add("resource", "Notes", line={"contents": [listed]})
    read_moodle()
    terms[0]["definition"], services.updated = "New.", [touched(1, "entries"), touched(2, "grades")]
    services.calls.clear()
    services.paths.clear()
    assert read_moodle(is_full=False).changed == 1
    assert "New." in texts()["glossary:1"] and "Old." in texts()["glossary:2"]
    assert services.counted["mod_glossary_get_entries_by_letter"] == 1
    assert not [path for path in services.paths if "pluginfile" in path]


def test_a_new_version_of_a_file_is_fetched(services: FakeMoodle, read_moodle: ReadMoodle, texts: Texts) -> None:
    for moment, words in ((1, b"Old."), (2, b"New.")):
        listed = services.file("1/mod_resource/content/0/a.txt", words, "text/plain", timemodified=moment)
        services.sections[0].modules = []
        services.add("resource", "Notes", line={"contents": [listed]})
        read_moodle(is_full=False)
    assert texts()["resource:1:main"] == "New."


def test_moodle_is_asked_for_changes_since_a_little_before_the_last_reading(
    services: FakeMoodle, session: Session, read_moodle: ReadMoodle
) -> None:
    read_moodle()
    read_at = row(session).read_at
    read_moodle(is_full=False)
    since = next(int(form["since"]) for function, form in services.calls if function.endswith("updates_since"))
    assert read_at is not None and 0 < read_at.timestamp() - since <= 601


@pytest.mark.parametrize("way", ["full", "incremental"])
def test_what_is_deleted_in_the_course_leaves_the_index(
    services: FakeMoodle, read_moodle: ReadMoodle, kept: Kept, way: str
) -> None:
    gone = services.add("page", "Gas laws", record={"content": "x"})
    services.add("page", "Acids", record={"content": "y"})
    read_moodle()
    services.remove(gone)
    assert read_moodle(is_full=way == "full").removed == 1
    assert set(kept()) == {"page:2", "section:30"}


def test_a_deleted_entry_goes_with_the_next_complete_reading(
    services: FakeMoodle, read_moodle: ReadMoodle, texts: Texts
) -> None:
    terms = services.add("glossary", "Terms", entries=[{"concept": "A", "definition": "x"}] * 2)
    read_moodle()
    terms.entries = [{"concept": "B", "definition": "x"}]
    read_moodle()
    assert "<h2>A</h2>" not in texts()["glossary:1"]


def test_a_kind_that_fails_says_why_keeps_what_it_had_and_stops_nothing(
    services: FakeMoodle, read_moodle: ReadMoodle, kept: Kept, texts: Texts
) -> None:
    services.add("page", "Gas laws", record={"content": "Old."})
    services.add("label", "y", record={"intro": "y"})
    read_moodle()
    services.functions.remove("mod_page_get_pages_by_courses")
    services.add("label", "z", record={"intro": "z"})
    report = read_moodle()
    assert (report.added, report.removed, len(report.failed)) == (1, 0, 1)
    assert "lacks mod_page_get_pages_by_courses" in english(kept()["page:1"].reason) and "Old." in texts()["page:1"]


def test_an_activity_that_fails_keeps_its_parts(services: FakeMoodle, read_moodle: ReadMoodle, kept: Kept) -> None:
    page = {"id": 7, "title": "P", "cachedcontent": "Bonds."}
    services.add("wiki", "Notes", record={"intro": "x"}, wikis=[(0, 0, [page])])
    read_moodle()
    services.refusals["mod_wiki_get_subwikis"] = "nopermissions"
    assert read_moodle().removed == 0
    assert "lacks a permission" in kept()["wiki:1"].reason and kept()["wiki:1:7"].reason == ""


def test_an_odd_answer_is_a_failure_of_that_activity_alone(
    services: FakeMoodle, read_moodle: ReadMoodle, kept: Kept
) -> None:
    services.add("glossary", "Terms", entries=[{"concept": "A"}])
    services.add("page", "Gas laws", record={"content": "x"})
    assert read_moodle().added == 2
    assert "did not answer as Moodle does" in kept()["glossary:1"].reason


FAILURES = {
    "invalidtoken": "does not accept this token",
    "accessexception": "lacks core_course_get_contents",
    "sitemaintenance": "being maintained",
    "anythingelse": "refused core_course_get_contents (anythingelse)",
}


@pytest.mark.parametrize("errorcode", FAILURES)
def test_a_course_that_cannot_be_read_stays_as_it_was(
    services: FakeMoodle, session: Session, read_moodle: ReadMoodle, kept: Kept, errorcode: str
) -> None:
    services.add("page", "Gas laws", record={"content": "x"})
    read_moodle()
    services.refusals["core_course_get_contents"] = errorcode
    read_moodle()
    found = row(session)
    assert (found.state, len(kept())) == (ReadingState.FAILED, 2)
    assert FAILURES[errorcode] in english(found.reason) and "SELECT" not in found.reason


@pytest.mark.parametrize("raw", [(200, b"<html>"), (200, b"null"), (200, b'[{"id": 1}]'), (500, b"x"), (303, b"x")])
def test_what_is_no_answer_of_moodle_is_said(
    services: FakeMoodle, session: Session, read_moodle: ReadMoodle, raw: tuple[int, bytes]
) -> None:
    services.raw["core_course_get_contents"] = raw
    read_moodle()
    assert "did not answer as Moodle does" in row(session).reason


def test_moodle_with_its_web_services_off_is_said(
    services: FakeMoodle, session: Session, read_moodle: ReadMoodle
) -> None:
    services.raw["core_course_get_user_administration_options"] = (403, b" ")
    read_moodle()
    assert "switched off in Moodle" in row(session).reason


@pytest.mark.parametrize("switch", [ENABLED, SWITCHES[Feature.MOODLE_WEB_SERVICES]])
def test_a_switch_turned_off_stops_the_reading_before_the_first_call(
    services: FakeMoodle, session: Session, read_moodle: ReadMoodle, switch: object
) -> None:
    write(session, switch, False)  # type: ignore[arg-type]
    read_moodle()
    assert (services.calls, row(session).reason) == ([], "This feature is switched off.")


def test_a_course_may_switch_its_reading_off(
    services: FakeMoodle, session: Session, read_moodle: ReadMoodle, in_moodle: House
) -> None:
    write(session, SWITCHES[Feature.MOODLE_WEB_SERVICES], False, course_id=in_moodle.course.id)
    read_moodle()
    assert services.calls == []


def test_the_token_is_in_no_address_and_no_log(
    services: FakeMoodle, read_moodle: ReadMoodle, caplog: pytest.LogCaptureFixture
) -> None:
    listed = services.file("1/mod_resource/content/0/a.txt", b"Salt.", "text/plain")
    services.add("resource", "Notes", line={"contents": [listed]})
    services.refusals["core_course_get_updates_since"] = "accessexception"
    with caplog.at_level("DEBUG"):
        read_moodle()
    assert services.paths and TOKEN not in "".join(services.paths) and TOKEN not in caplog.text


def test_the_token_of_the_site_serves_where_the_course_has_none(
    services: FakeMoodle, session: Session, runtime: Runtime, in_moodle: House
) -> None:
    forget_token(session, platform_id=in_moodle.platform.id, course_id=in_moodle.course.id)
    read_course(runtime, in_moodle.course.id, Actor(), is_full=True)
    assert "no token" in row(session).reason
    keep_token(session, runtime.secrets, TOKEN, platform_id=in_moodle.platform.id, course_id=None)
    read_course(runtime, in_moodle.course.id, Actor(), is_full=True)
    assert row(session).state == ReadingState.SUCCEEDED


def queued(session: Session) -> list[dict[str, object]]:
    found = session.execute(text("SELECT args FROM procrastinate_jobs WHERE task_name = 'moodle.read_course'"))
    return [args for (args,) in found]


@pytest.mark.parametrize(("hours", "days", "expected"), [(12, 1, []), (24, 1, [False]), (24, 8, [True])])
def test_the_night_reads_what_is_older_than_a_day_and_once_a_week_everything(
    session: Session, runtime: Runtime, in_moodle: House, hours: int, days: int, expected: list[bool]
) -> None:
    finished, in_full = now() - timedelta(hours=hours), now() - timedelta(days=days)
    session.add(
        MoodleReading(
            course_id=in_moodle.course.id,
            state=ReadingState.SUCCEEDED,
            finished_at=finished,
            read_at=finished,
            read_in_full_at=in_full,
        )
    )
    session.flush()
    tasks.nightly(runtime)
    assert [args["is_full"] for args in queued(session)] == expected


def test_the_night_asks_nothing_for_a_course_without_a_token_or_with_the_switch_off(
    session: Session, runtime: Runtime, in_moodle: House
) -> None:
    session.add(MoodleReading(course_id=in_moodle.course.id, state=ReadingState.SUCCEEDED))
    session.flush()
    write(session, SWITCHES[Feature.MOODLE_WEB_SERVICES], False)
    tasks.nightly(runtime)
    write(session, SWITCHES[Feature.MOODLE_WEB_SERVICES], True)
    forget_token(session, platform_id=in_moodle.platform.id, course_id=in_moodle.course.id)
    tasks.nightly(runtime)
    assert queued(session) == []


def test_one_waiting_reading_is_enough(session: Session, runtime: Runtime, in_moodle: House) -> None:
    for _ in range(2):
        tasks.ask_for_reading(session, in_moodle.course.id, Actor(), is_full=True)
    assert len(queued(session)) == 1 and row(session).state == ReadingState.TODO
    tasks.read_from_moodle(runtime, **queued(session)[0])
    session.expire_all()
    assert row(session).state == ReadingState.SUCCEEDED and session.query(Source).count() == 1
