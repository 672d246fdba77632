"""Whatever way an item comes in: kept once, indexed when it changed, left out while hidden, gone when it is gone."""

from pathlib import Path

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from lti_tool.accounts.audit.models import AuditEntry
from lti_tool.content import tasks
from lti_tool.content.importing import Actor, ImportReport, import_items
from lti_tool.content.items import CourseItem, ItemFile, ItemKind, Origin
from lti_tool.content.models import Chunk, Source, SourceState
from lti_tool.files.models import StoredFile
from lti_tool.files.store import FileStore
from lti_tool.runtime import Runtime
from tests.fixtures.people import House

CLOCK = Actor()


def page(number: int = 1, html: str | None = "<p>Leaves are green.</p>", **changes: object) -> CourseItem:
    values: dict[str, object] = {"key": f"page:{number}", "kind": ItemKind.PAGE, "title": "Introduction", "html": html}
    return CourseItem(**(values | changes))  # type: ignore[arg-type]


@pytest.fixture
def bring(session: Session, house: House, store: FileStore):  # type: ignore[no-untyped-def]
    def bring(*items: CourseItem, is_complete: bool = True, origin: Origin = Origin.MOODLE) -> ImportReport:
        return import_items(session, CLOCK, house.course.id, origin, items, store, is_complete=is_complete)

    return bring


@pytest.fixture
def index(runtime: Runtime, session: Session, house: House):  # type: ignore[no-untyped-def]
    """Run the queued indexing; the texts of the chunks it leaves."""

    def index() -> list[str]:
        for source_id in asked(session):
            tasks.index(runtime, course_id=house.course.id, source_id=source_id)
        session.execute(text("DELETE FROM procrastinate_jobs"))
        session.expire_all()
        return list(session.scalars(select(Chunk.text).order_by(Chunk.id)))

    return index


def asked(session: Session) -> list[str]:
    found = session.execute(text("SELECT args FROM procrastinate_jobs WHERE task_name = 'content.index' ORDER BY id"))
    return [args["source_id"] for (args,) in found]


def only(session: Session) -> Source:
    return session.scalars(select(Source)).one()


def test_a_new_item_is_kept_with_its_place_in_the_course_and_indexed(session: Session, bring, index) -> None:  # type: ignore[no-untyped-def]
    report = bring(page(section="Week 1", url="https://moodle.example/mod/page/view.php?id=7"))
    assert report == ImportReport(added=1)
    assert index() == ["Leaves are green."]
    source = only(session)
    assert (source.state, source.kind, source.section) == (SourceState.SUCCEEDED, ItemKind.PAGE, "Week 1")
    assert source.url == "https://moodle.example/mod/page/view.php?id=7"
    assert session.scalars(select(Chunk.heading)).one() == "Introduction"


def test_an_unchanged_item_is_not_touched(session: Session, bring, index) -> None:  # type: ignore[no-untyped-def]
    bring(page())
    index()
    before = only(session).file_id
    assert bring(page()) == ImportReport(unchanged=1)
    assert (asked(session), only(session).file_id) == ([], before)


def test_a_changed_item_is_indexed_again_and_its_old_file_goes(session: Session, bring, index) -> None:  # type: ignore[no-untyped-def]
    bring(page())
    index()
    assert bring(page(html="<p>Leaves are red.</p>")) == ImportReport(changed=1)
    assert index() == ["Leaves are red."]
    assert session.scalar(select(func.count()).select_from(StoredFile)) == 1


def test_two_pages_may_share_a_title(session: Session, bring) -> None:  # type: ignore[no-untyped-def]
    assert bring(page(1), page(2)).added == 2


def test_what_the_course_no_longer_has_leaves_the_index(session: Session, bring, index) -> None:  # type: ignore[no-untyped-def]
    bring(page(1), page(2, "<p>Roots drink.</p>"))
    index()
    assert bring(page(1)) == ImportReport(unchanged=1, removed=1)
    assert index() == ["Leaves are green."]
    assert session.scalar(select(func.count()).select_from(StoredFile)) == 1


def test_a_part_of_the_course_removes_nothing(bring) -> None:  # type: ignore[no-untyped-def]
    bring(page(1), page(2))
    assert bring(page(1), is_complete=False).removed == 0


def test_one_way_in_never_touches_what_came_by_another(session: Session, bring) -> None:  # type: ignore[no-untyped-def]
    bring(page(), origin=Origin.BACKUP)
    assert bring(origin=Origin.MOODLE) == ImportReport()
    assert only(session).origin == Origin.BACKUP


@pytest.mark.parametrize("how", ["is_hidden", "is_restricted"])
def test_hidden_and_restricted_items_are_listed_and_not_indexed(session: Session, bring, index, how: str) -> None:  # type: ignore[no-untyped-def]
    assert bring(page(**{how: True})) == ImportReport(left_out=1)
    assert (index(), only(session).state) == ([], SourceState.LEFT_OUT)


def test_what_is_hidden_later_leaves_the_index_and_comes_back(bring, index) -> None:  # type: ignore[no-untyped-def]
    bring(page())
    index()
    bring(page(html=None, is_hidden=True))
    assert index() == []
    assert bring(page(html=None)) == ImportReport(changed=1)
    assert index() == ["Leaves are green."]


@pytest.mark.parametrize(("is_wanted", "is_hidden", "texts"), [(True, True, 1), (False, False, 0)])
def test_a_teachers_choice_beats_the_rule_and_survives(  # type: ignore[no-untyped-def]
    session: Session, bring, index, is_wanted: bool, is_hidden: bool, texts: int
) -> None:
    bring(page(is_hidden=True))
    only(session).is_wanted = is_wanted
    for _ in range(2):
        bring(page(is_hidden=is_hidden))
        assert len(index()) == texts


def test_a_failing_item_says_why_and_does_not_stop_the_others(session: Session, bring, index, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    film = tmp_path / "film.mp4"
    film.write_bytes(b"\x00\x00\x00\x18ftypmp42")
    report = bring(
        page(1, None, file=ItemFile(path=film, name="film.mp4"), kind=ItemKind.FILE, title="Film"),
        page(2, None, failure="Moodle did not answer in time.", title="Slow"),
        page(3),
    )
    assert (report.added, [failure.title for failure in report.failed]) == (1, ["Film", "Slow"])
    assert "not a kind of file" in report.failed[0].reason
    assert index() == ["Leaves are green."]
    states = session.scalars(select(Source.state).order_by(Source.key)).all()
    assert states == [SourceState.FAILED, SourceState.FAILED, SourceState.SUCCEEDED]


def test_a_failure_keeps_the_earlier_text_and_the_next_reading_heals_it(session: Session, bring, index) -> None:  # type: ignore[no-untyped-def]
    bring(page())
    index()
    bring(page(html=None, failure="Moodle did not answer in time."))
    assert (index(), only(session).reason) == (["Leaves are green."], "Moodle did not answer in time.")
    bring(page())
    assert (index(), only(session).state) == (["Leaves are green."], SourceState.SUCCEEDED)


def test_an_import_that_changes_something_is_audited_once(session: Session, bring) -> None:  # type: ignore[no-untyped-def]
    bring(page())
    bring(page())
    assert session.scalars(select(AuditEntry.action)).all() == ["material.imported"]
