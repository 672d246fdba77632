"""Pictures of a paper: its pages, and the header strip alone. The file itself is never served (scans.md 4.6)."""

import os
import tempfile
from pathlib import Path

from PIL import Image
from sqlalchemy.orm import Session

from lti_tool.accounts import audit
from lti_tool.accounts.viewer import Viewer
from lti_tool.errors import NotFound
from lti_tool.files import sandbox
from lti_tool.files.models import StoredFile
from lti_tool.files.page_images import page_image
from lti_tool.files.store import FileStore
from lti_tool.scans.models import Paper

HEADER_SHARE = 0.22
"""Number, name and subject stand in the top fifth of an answer sheet; the first answer does not."""
QUALITY = 70


def page_picture(session: Session, viewer: Viewer, paper: Paper, store: FileStore, page_number: int) -> Path:
    """A page of a paper that the viewer may see, as WebP; who saw it is kept."""
    if not 1 <= page_number <= paper.pages:
        raise NotFound("page_unknown")
    path = page_image(store, paper.file, page_number)
    _audit(session, viewer, paper, "scans.page_viewed", page=page_number)
    return path


def header_picture(session: Session, viewer: Viewer, paper: Paper, store: FileStore) -> Path:
    """The top of the first page alone, as WebP; who saw it is kept."""
    target = draw_header(store, paper.file)
    _audit(session, viewer, paper, "scans.header_viewed")
    return target


def draw_header(store: FileStore, stored: StoredFile) -> Path:
    """The header of a paper's file, drawn now unless the task of the upload has done so."""
    target = store.derived(stored.sha256) / "header.webp"
    if not target.exists():
        page = page_image(store, stored, 1)
        with tempfile.TemporaryDirectory(dir=target.parent) as folder:
            drawn = Path(folder) / "header.webp"
            sandbox.run(crop_header, str(page), str(drawn))
            os.replace(drawn, target)
    return target


def crop_header(page: str, target: str) -> list[int]:
    """Write the top of a page's picture to `target`; runs in the limited process."""
    with Image.open(page, formats=("WEBP",)) as image:
        strip = image.crop((0, 0, image.width, max(1, round(image.height * HEADER_SHARE))))
        strip.save(target, "WEBP", quality=QUALITY, method=4)
    return list(strip.size)


def _audit(session: Session, viewer: Viewer, paper: Paper, action: str, **details: int) -> None:
    audit.record(
        session,
        action,
        course_id=viewer.course_id,
        actor_id=viewer.person_id,
        actor_role=viewer.role,
        object_type="paper",
        object_id=paper.id,
        details=details,
    )
