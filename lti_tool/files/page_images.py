"""The picture of a PDF's page: rendered once in the limited process, then kept beside the stored files."""

import os
import tempfile
from pathlib import Path

from lti_tool.files import pdf, sandbox
from lti_tool.files.models import StoredFile
from lti_tool.files.store import FileStore


def page_image(store: FileStore, stored: StoredFile, page_number: int, *, width: int = pdf.PAGE_WIDTH) -> Path:
    """A WebP of one page (from 1); raises InvalidInput where there is no such page or it cannot be drawn."""
    target = store.derived(stored.sha256) / f"{page_number}-{width}.webp"
    if not target.exists():
        target.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent) as folder:
            drawn = Path(folder) / "page.webp"
            sandbox.run(pdf.render_page, str(store.path(stored)), page_number, str(drawn), width)
            os.replace(drawn, target)
    return target
