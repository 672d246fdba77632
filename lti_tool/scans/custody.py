"""Are the bytes of a paper still those that came in? Asked before anybody is shown a paper or signs for it."""

from sqlalchemy.orm import Session

from lti_tool.errors import ToolError
from lti_tool.files.store import FileStore
from lti_tool.scans.models import Paper
from lti_tool.scans.pages.arranging import pages_of
from lti_tool.scans.pages.fingerprints import fingerprint


def check_custody(session: Session, store: FileStore, paper: Paper) -> None:
    """Raises ToolError unless every original and every picture is unchanged and the fingerprint fits."""
    pages = pages_of(session, paper)
    files = {file.id: file for page in pages for file in (page.sent_file.file, page.image) if file is not None}
    for file in files.values():
        store.verify(file)
    if fingerprint(pages) != paper.sha256:
        raise ToolError("paper_altered", "The pages of this paper are not those it was made of.", paper=paper.id)
