"""Material in the named people's course, without the detour over files where files do not matter."""

import io
from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from lti_tool.content.extraction.sections import Section
from lti_tool.content.indexing import store_document
from lti_tool.content.models import Source, SourceState
from lti_tool.db import now
from lti_tool.files.media_types import MediaType
from lti_tool.files.store import FileStore
from lti_tool.runtime import Runtime
from tests.fixtures.people import House

MakeSource = Callable[..., Source]


@pytest.fixture
def store(runtime: Runtime) -> FileStore:
    return FileStore.of(runtime.settings)


@pytest.fixture
def make_source(session: Session, house: House, store: FileStore) -> MakeSource:
    """make_source(title, *texts of pages, **changes): an indexed source of the house's course."""

    def make(
        title: str, *texts: str, heading: str = "", media_type: MediaType = MediaType.PDF, **changes: object
    ) -> Source:
        values = {"course_id": house.course.id, "title": title, "changed_at": now(), "state": SourceState.SUCCEEDED}
        values |= changes
        stored = store.put(
            session,
            io.BytesIO(title.encode()),
            name=title,
            media_type=media_type,
            course_id=values["course_id"],  # type: ignore[arg-type]
        )
        source = Source(file=stored, **values)
        session.add(source)
        session.flush()
        if texts:
            store_document(session, source, sections(*texts, heading=heading))
        return source

    return make


def sections(*texts: str, heading: str = "") -> list[Section]:
    return [Section(page=number, heading=heading, text=text) for number, text in enumerate(texts, start=1)]
