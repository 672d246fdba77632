"""Every change of the material is the course's own, and is audited."""

import io

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.accounts.audit.models import AuditEntry
from lti_tool.activity.models import Event, EventKind
from lti_tool.content.models import Source, SourceState
from lti_tool.content.sources import add_source, ask_again, remove_source, set_visibility, source_for
from lti_tool.errors import NotAllowed, NotFound
from lti_tool.files.intake import accept
from lti_tool.files.media_types import MATERIAL
from lti_tool.files.store import FileStore
from tests.content.conftest import MakeSource
from tests.fixtures.people import Enter


def test_adding_showing_reading_again_and_removing_are_audited(
    session: Session, enter: Enter, store: FileStore
) -> None:
    viewer = enter("teacher").viewer
    with accept(io.BytesIO(b"Leaves."), name="a.txt", allowed=MATERIAL, max_bytes=100) as upload:
        source = add_source(session, viewer, upload, store)
    set_visibility(session, viewer, source, is_visible=False)
    ask_again(session, viewer, source)
    remove_source(session, viewer, source)
    entries = session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    actions = ["material.added", "material.hidden", "material.reindexed", "material.removed"]
    assert [entry.action for entry in entries] == actions
    assert {(entry.actor_id, entry.object_id) for entry in entries} == {(viewer.person_id, str(source.id))}
    kinds = session.scalars(select(Event.kind).order_by(Event.id)).all()
    assert kinds == [EventKind.MATERIAL_ADDED, EventKind.MATERIAL_REMOVED]


def test_a_new_version_starts_indexing_anew_and_stays_hidden(
    session: Session, enter: Enter, store: FileStore, make_source: MakeSource
) -> None:
    old = make_source("a.txt", state=SourceState.FAILED, reason="No.", is_visible_to_students=False)
    with accept(io.BytesIO(b"New."), name="a.txt", allowed=MATERIAL, max_bytes=100) as upload:
        source = add_source(session, enter("teacher").viewer, upload, store)
    assert source is old
    assert (source.state, source.reason, source.is_visible_to_students) == (SourceState.TODO, "", False)


@pytest.mark.parametrize(("name", "error"), [("student", NotAllowed), ("outsider", NotFound)])
def test_nobody_else_loads_a_source_to_change_it(
    session: Session, enter: Enter, make_source: MakeSource, name: str, error: type[Exception]
) -> None:
    source = make_source("a")
    with pytest.raises(error):
        source_for(session, enter(name).viewer, source.id)
    assert session.get(Source, source.id) is source


def test_a_student_adds_no_material(session: Session, enter: Enter, store: FileStore) -> None:
    viewer = enter("student").viewer
    upload = accept(io.BytesIO(b"Mine."), name="a.txt", allowed=MATERIAL, max_bytes=100)
    with upload, pytest.raises(NotAllowed):
        add_source(session, viewer, upload, store)
    assert session.scalars(select(Source)).all() == []
