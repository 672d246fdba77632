"""Roster and material for the demo course, asked for and added with the rights of the teacher who has just launched."""

import io
import re
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.accounts.models import PlacementKind
from lti_tool.accounts.viewer import Viewer, viewer_for
from lti_tool.content.models import Source
from lti_tool.content.sources import add_source
from lti_tool.content.tasks import ask_for_index
from lti_tool.course.tasks import ask_sync
from lti_tool.db import transaction
from lti_tool.demo.joining import TEACHER, placed_activities
from lti_tool.demo.material import Handout, handouts
from lti_tool.demo.visitor import SiteVisitor
from lti_tool.errors import PlatformFailed
from lti_tool.files.intake import accept
from lti_tool.files.media_types import MATERIAL
from lti_tool.files.store import FileStore
from lti_tool.runtime import Runtime
from lti_tool.web.browser_cookie import LOOPBACK_NAME

LARGEST = 10 * 1024 * 1024
LAUNCH_ADDRESS = re.compile(r"/l/([0-9a-f-]{36})(/|$)")


def fill(runtime: Runtime, visitor: SiteVisitor) -> None:
    """Launch as the teacher; the first time, ask for the roster and add the lectures."""
    viewer = viewer_at(runtime, visitor, PlacementKind.TUTOR)
    with transaction(runtime.engine) as session:
        if _has_material(session, viewer):
            return
        ask_sync(session, course_id=viewer.course_id, asked_by_id=viewer.person_id)
        for handout in handouts():
            _add(session, viewer, handout, FileStore.of(runtime.settings))


def viewer_at(runtime: Runtime, visitor: SiteVisitor, kind: PlacementKind) -> Viewer:
    """Open the activity of a kind as the teacher: whoever the tool then takes them for."""
    activity = placed_activities(visitor.store)[list(PlacementKind).index(kind)]
    page = visitor.launch_as(TEACHER, activity.id)
    launch = LAUNCH_ADDRESS.search(page.url)
    if launch is None or page.status != 200:
        raise PlatformFailed("launch_failed", "The teacher's launch ended with: %(heading)s", {"heading": page.heading})
    browser_id = visitor.http.cookies.get(LOOPBACK_NAME) or ""
    with transaction(runtime.engine) as session:
        return viewer_for(session, UUID(launch[1]), browser_id)


def _has_material(session: Session, viewer: Viewer) -> bool:
    """A teacher who removed a lecture does not get it back at the next start."""
    found = select(Source.id).where(Source.course_id == viewer.course_id).limit(1)
    return session.scalar(found) is not None


def _add(session: Session, viewer: Viewer, handout: Handout, store: FileStore) -> None:
    with accept(io.BytesIO(handout.content), name=handout.name, allowed=MATERIAL, max_bytes=LARGEST) as upload:
        ask_for_index(session, add_source(session, viewer, upload, store))
