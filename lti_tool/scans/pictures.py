"""Pictures of pages, upright, and the header strip alone. The originals are never served (scans.md 4.6)."""

import os
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from sqlalchemy.orm import Session

from lti_tool.accounts import audit
from lti_tool.accounts.viewer import Viewer
from lti_tool.errors import InvalidInput, NotFound
from lti_tool.files import sandbox
from lti_tool.files.page_images import page_image
from lti_tool.files.store import FileStore
from lti_tool.scans.models import Paper
from lti_tool.scans.pages.arranging import pages_of
from lti_tool.scans.pages.models import Page
from lti_tool.scans.pages.upright import cover, header, tops, upright

AT_ONCE = 25
LIMITS = sandbox.Limits(memory=sandbox.MEMORY, cpu_seconds=60)


def page_picture(session: Session, viewer: Viewer, paper: Paper, store: FileStore, position: int) -> Path:
    """A page of a paper that the viewer may see, as WebP; who saw it is kept."""
    pages = pages_of(session, paper)
    if not 1 <= position <= len(pages):
        raise NotFound("page_unknown")
    path = draw_page(store, pages[position - 1])
    audit.by(session, viewer, "scans.page_viewed", object_type="paper", object_id=paper.id, details={"page": position})
    return path


def header_picture(session: Session, viewer: Viewer, paper: Paper, store: FileStore) -> Path:
    """The top of the first page alone, as WebP; who saw it is kept."""
    pages = pages_of(session, paper)
    if not pages:
        raise NotFound("page_unknown")
    target = draw_header(store, pages[0])
    audit.by(session, viewer, "scans.header_viewed", object_type="paper", object_id=paper.id)
    return target


def tray_picture(session: Session, viewer: Viewer, page: Page, store: FileStore) -> Path:
    """A page that stands in no paper, for staff; who saw it is kept."""
    path = draw_page(store, page)
    audit.by(session, viewer, "scans.page_viewed", object_type="scan_page", object_id=page.id)
    return path


def draw_page(store: FileStore, page: Page) -> Path:
    """The page upright, drawn when it is first looked at and kept beside the stored files."""
    return _drawn(_view(store, page), upright, picture_source(store, page), page.rotation)


def draw_header(store: FileStore, page: Page) -> Path:
    """The top of the page upright."""
    return _drawn(_top(store, page), cover if _is_cover(page) else header, draw_page(store, page), 0)


def draw_headers(store: FileStore, pages: Sequence[Page]) -> None:
    """The headers of a pile's papers: a process for each of them would take longer than to draw it."""
    missing = [page for page in pages if not _top(store, page).exists()]
    for start in range(0, len(missing), AT_ONCE):
        _draw_headers(store, missing[start : start + AT_ONCE])


def _draw_headers(store: FileStore, pages: Sequence[Page]) -> None:
    """If this fails, whoever first looks at a page has it drawn."""
    wanted = [(str(picture_source(store, page)), page.rotation, _is_cover(page)) for page in pages]
    home = _folder(store, pages[0])
    home.mkdir(mode=0o750, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=home) as folder, suppress(InvalidInput):
        sandbox.run_within(LIMITS, tops, wanted, folder)
        for place, page in enumerate(pages):
            _folder(store, page).mkdir(mode=0o750, parents=True, exist_ok=True)
            os.replace(Path(folder) / f"{place}-view.webp", _view(store, page))
            os.replace(Path(folder) / f"{place}-top.webp", _top(store, page))


def picture_source(store: FileStore, page: Page) -> Path:
    """The picture of a page as it was scanned; of pages older than their pictures, the drawn original."""
    if page.image is not None:
        return store.path(page.image)
    if page.sent_file.file is None:
        raise NotFound("page_unknown")
    return page_image(store, page.sent_file.file, page.number)


def _view(store: FileStore, page: Page) -> Path:
    return _folder(store, page) / f"{page.number}-view-{page.rotation}.webp"


def _top(store: FileStore, page: Page) -> Path:
    return _folder(store, page) / f"{page.number}-{'cover' if _is_cover(page) else 'header'}-{page.rotation}.webp"


def _is_cover(page: Page) -> bool:
    return page.sheet_number == 1


def _folder(store: FileStore, page: Page) -> Path:
    return store.derived(page.image.sha256 if page.image else page.sent_file.sha256)


def _drawn(target: Path, draw: Callable[[str, str, int], list[int]], source: Path, rotation: int) -> Path:
    if not target.exists():
        target.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent) as folder:
            drawn = Path(folder) / "picture.webp"
            sandbox.run(draw, str(source), str(drawn), rotation)
            os.replace(drawn, target)
    return target
