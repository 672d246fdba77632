"""Courses full of text, for the retrieval benchmarks."""

import hashlib

from sqlalchemy.orm import Session

from lti_tool.accounts.models import Course
from lti_tool.content.chunking import AIM
from lti_tool.content.extraction.sections import Section
from lti_tool.content.indexing import store_document
from lti_tool.content.models import Source, SourceState
from lti_tool.db import now
from lti_tool.files.media_types import MediaType
from lti_tool.files.models import StoredFile
from lti_tool.lti.models import Deployment, Platform, Registration


def new_course(session: Session, name: str) -> int:
    """A course on a platform of its own."""
    platform = Platform(issuer=f"https://{name}.example")
    registration = Registration(
        platform=platform, client_id=name, authorization_endpoint="", token_endpoint="", keyset_url=""
    )
    course = Course(deployment=Deployment(registration=registration, deployment_id="1"), context_id=name)
    session.add(course)
    session.flush()
    return course.id


def add_source(
    session: Session, course_id: int, paragraphs: list[str], title: str = "Reader", *, aim: int = AIM
) -> Source:
    """A source whose pages are these paragraphs."""
    digest = hashlib.sha256("\0".join(paragraphs).encode()).hexdigest()
    stored = StoredFile(course_id=course_id, sha256=digest, size=1, media_type=MediaType.PDF, name=title)
    source = Source(course_id=course_id, title=title, file=stored, changed_at=now(), state=SourceState.SUCCEEDED)
    session.add_all([stored, source])
    session.flush()
    store_document(session, source, pages(paragraphs), aim=aim)
    return source


def pages(paragraphs: list[str]) -> list[Section]:
    return [Section(page=number, heading="", text=words) for number, words in enumerate(paragraphs, start=1)]
