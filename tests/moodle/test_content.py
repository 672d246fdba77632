"""A course with one activity of each kind, read from a real Moodle with a teacher's token of the documented service.

Needs MOODLE_DIR beside MOODLE_URL: the course is made by content_course.php on Moodle's own machine.
"""

import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.accounts.moodle_courses import access_with
from lti_tool.content.importing import Actor, ImportReport
from lti_tool.content.items import Origin
from lti_tool.content.models import Source, SourceState
from lti_tool.content.moodle.models import MoodleReading, ReadingState
from lti_tool.content.moodle.sync import read_course
from lti_tool.files.store import FileStore
from lti_tool.moodle.client import MoodleClient
from lti_tool.moodle.functions import EVERY_FUNCTION
from lti_tool.moodle.site import ask_site
from lti_tool.moodle.tokens import keep_token
from lti_tool.runtime import Runtime
from lti_tool.site_settings.catalogue import ENABLED
from lti_tool.site_settings.store import write
from tests.fixtures.people import House
from tests.fixtures.sentences import english
from tests.moodle import driver

SCRIPT = Path(__file__).with_name("content_course.php")
pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def made() -> dict[str, Any]:
    """The numbers of the course, its activities and its tokens."""
    if "MOODLE_DIR" not in os.environ:
        pytest.skip("needs MOODLE_DIR, the folder of the real Moodle")
    php = ["php", "--", os.environ["MOODLE_DIR"], ",".join(EVERY_FUNCTION)]
    command = ["runuser", "-u", "www-data", "--", *php] if os.geteuid() == 0 else php
    output = subprocess.run(command, input=SCRIPT.read_bytes(), stdout=subprocess.PIPE, check=True).stdout
    found: dict[str, Any] = json.loads(output.decode().strip().splitlines()[-1])
    return found


@pytest.fixture
def read(session: Session, house: House, runtime: Runtime, made: dict[str, Any]) -> Iterator[Any]:
    """read(): a reading of that course by its teacher's token."""
    house.platform.issuer = driver.MOODLE
    house.registration.allows_private_addresses = True
    house.course.context_id = str(made["course"])
    write(session, ENABLED, True)
    keep_token(
        session, runtime.secrets, made["tokens"]["full"], platform_id=house.platform.id, course_id=house.course.id
    )

    def read(*, is_full: bool = False) -> ImportReport:
        report = read_course(runtime, house.course.id, Actor(), is_full=is_full)
        session.expire_all()
        return report

    yield read


def by_key(session: Session) -> dict[str, Source]:
    return {source.key: source for source in session.scalars(select(Source).where(Source.origin == Origin.MOODLE))}


def text_of(session: Session, runtime: Runtime) -> dict[str, str]:
    """What was kept of each item that the tutor may read."""
    store = FileStore.of(runtime.settings)
    return {
        key: store.path(source.kept_file).read_text("utf-8")
        for key, source in by_key(session).items()
        if source.file is not None
    }


SECRETS = re.compile(
    "MARIMBA|STEALTH|LATER-|RED-|INHIDDEN|INRESTRICTED|INSUB|LOCKED-|SEALED|DIARY|REDGROUP|UNAPPROVED|ANSWER-|SUMMARY-[23]"
)


def test_every_activity_is_read_and_nothing_that_not_everybody_may_see(
    read: Any, session: Session, runtime: Runtime, made: dict[str, Any]
) -> None:
    report = read()
    texts, module = text_of(session, runtime), made["modules"]
    for name, words in {
        f"section:{made['sections']['1']}": "SUMMARY-1",
        f"page:{module['page']}": "About gases.\n<p>One mole fills 22.414 litres.</p>",
        f"page:{module['twin']}": "TWIN-1",
        f"label:{module['label']}": "Thursdays at 09:20",
        f"book:{module['book']}": "How we work.",
        f"assign:{module['assign']}": "Due date: Sunday, 17 March 2030, 17:46 UTC",
        f"quiz:{module['quiz']}": "Opens: Thursday, 22 November 2029, 00:00 UTC",
        f"forum:{module['forum']}": "Ask here.",
        f"glossary:{module['glossary']}": "<h2>Term 099</h2>",
        f"lesson:{module['lesson']}": "Do they spread?",
        f"url:{module['url']}": "http://127.0.0.1:9/never",
        f"resource:{module['file']}:main": "Salt dissolves in water.",
        f"folder:{module['folder']}:/deep/two.html": "Copper turns green.",
        f"choice:{module['choice']}": "Which day suits you?",
    }.items():
        assert words in texts[name], name
    everything = "".join(texts.values())
    assert "It turns pink above pH 8.2." in everything and "Bonds, latest version." in everything
    assert "First version." not in everything and "Term 101" not in everything
    assert SECRETS.findall(everything) == []
    assert [failure.title for failure in report.failed] == ["film.mp4"]


def test_what_is_left_out_is_listed_with_its_reason(read: Any, session: Session, made: dict[str, Any]) -> None:
    read()
    found, module = by_key(session), made["modules"]
    assert all(found[f"page:{module[name]}"].is_hidden for name in ("hidden", "stealth", "inhidden"))
    assert all(found[f"page:{module[name]}"].is_restricted for name in ("later", "grouped", "inrestricted", "insub"))
    assert found[f"lesson:{module['locked']}"].is_restricted
    chapters = {source.title: source.state for key, source in found.items() if key.startswith("book:")}
    assert chapters["Handbook: Draft"] == chapters["Handbook: Part of the draft"] == SourceState.LEFT_OUT


def test_the_second_reading_fetches_only_what_changed(read: Any, session: Session, made: dict[str, Any]) -> None:
    first = read()
    again = read()
    assert (again.added, again.changed, again.removed, again.unchanged) == (0, 0, 0, first.added)


def test_a_chosen_page_is_read_and_stays(read: Any, session: Session, runtime: Runtime, made: dict[str, Any]) -> None:
    read()
    key = f"page:{made['modules']['hidden']}"
    by_key(session)[key].is_wanted = True
    session.flush()
    for _ in range(2):
        read()
        assert "MARIMBA-1" in text_of(session, runtime)[key]


@pytest.mark.parametrize(
    ("token", "sentence"),
    [("helper", "may not edit the course"), ("poor", ""), ("wrong", "does not accept this token")],
)
def test_other_tokens_say_what_they_lack(
    read: Any, session: Session, runtime: Runtime, house: House, made: dict[str, Any], token: str, sentence: str
) -> None:
    text = made["tokens"].get(token, "f" * 32)
    keep_token(session, runtime.secrets, text, platform_id=house.platform.id, course_id=house.course.id)
    report = read()
    row = session.scalars(select(MoodleReading)).one()
    assert sentence in english(row.reason)
    if token == "poor":
        assert row.state == ReadingState.SUCCEEDED
        assert any("lacks mod_page_get_pages_by_courses" in english(failure.reason) for failure in report.failed)


def test_the_doctor_names_what_a_token_lacks(runtime: Runtime, read: Any, house: House, made: dict[str, Any]) -> None:
    access = access_with(house.registration, made["tokens"]["poor"], house.course.id)
    with MoodleClient(runtime.engine, access) as client:
        site = ask_site(client)
    assert site.release.startswith("4.5") and not site.may_download
    works = [unlocked.feature.label for unlocked in site.unlocked if unlocked.works]
    assert works == ["Sections and what is hidden or restricted", "Only what changed since the last reading"]
