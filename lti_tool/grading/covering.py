"""Pages that say whose a work is, for who marks and may not know it: their top is painted over.

Whoever brings work in says which pages these are and how far down (`SubmissionFile.covered`).
"""

import os
import tempfile
from pathlib import Path

from lti_tool.errors import NotAllowed
from lti_tool.files import images, sandbox
from lti_tool.files.page_images import page_image
from lti_tool.files.store import FileStore
from lti_tool.grading.models import SubmissionFile


def covered_share(row: SubmissionFile, page: int) -> float:
    """Which share of the page's height, from the top, says whose it is; 0 for most pages."""
    return float(row.covered.get(str(page), 0))


def covered_picture(store: FileStore, row: SubmissionFile, page: int) -> Path:
    """The page as a picture without that part; drawn once, then kept beside the stored files."""
    picture, share = page_image(store, row.file, page), covered_share(row, page)
    if not share:
        return picture
    target = store.derived(row.file.sha256) / f"{page}-covered-{share}.webp"
    if not target.exists():
        with tempfile.TemporaryDirectory(dir=target.parent) as folder:
            drawn = Path(folder) / "page.webp"
            sandbox.run(images.cover_top, str(picture), str(drawn), share)
            os.replace(drawn, target)
    return target


def require_nothing_covered(row: SubmissionFile) -> None:
    """The file as it is would tell whose it is; raises NotAllowed."""
    if row.covered:
        raise NotAllowed("names_hidden", "This file says whose work it is, and names are hidden here.")
