"""A file of a pile from its bytes to papers: pictures, what is read on them, where they belong, whose they are."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Engine

from lti_tool.db import transaction
from lti_tool.files.store import FileStore
from lti_tool.scans import pictures
from lti_tool.scans.exam import exam_by_id
from lti_tool.scans.matching import judge
from lti_tool.scans.models import SentFile
from lti_tool.scans.pages.arranging import pages_of
from lti_tool.scans.pages.decoding import decode, is_decoded
from lti_tool.scans.pages.models import Page
from lti_tool.scans.pages.settling import settle
from lti_tool.scans.states import ENDED
from lti_tool.secrets import Secrets


def read_part(engine: Engine, secrets: Secrets, store: FileStore, sent_file_id: UUID, numbers: Sequence[int]) -> None:
    """Read these pages; when they were the last ones, put all pages of the file in their places."""
    decode(engine, secrets, store, sent_file_id, numbers)
    pictures.draw_headers(store, _settle(engine, sent_file_id))


def _settle(engine: Engine, sent_file_id: UUID) -> list[Page]:
    """The first pages of the papers that the file made."""
    with transaction(engine) as session:
        sent = session.get_one(SentFile, sent_file_id)
        exam = exam_by_id(session, sent.placement_id)
        session.refresh(sent)
        if not is_decoded(session, sent):
            return []
        papers = settle(session, exam, sent)
        judge(session, exam, papers)
        return [pages_of(session, paper)[0] for paper in papers if paper.pages and paper.state not in ENDED]
