"""The demo's paper exam: a pile with what goes wrong on paper, in which every page finds its place or a person."""

from sqlalchemy import select

from lti_tool.db import transaction
from lti_tool.demo.exam.holding import hold_exam
from lti_tool.demo.joining import join
from lti_tool.demo.server import DemoPlatform
from lti_tool.demo.visitor import SiteVisitor
from lti_tool.scans.models import Paper, SentFile
from lti_tool.scans.pages.models import Page
from lti_tool.scans.pages.states import PageState
from lti_tool.scans.states import PaperState, Problem
from lti_tool.scans.tasks import read_pages
from tests.fixtures.live import LiveTool


def test_a_pile_is_there_once_and_read_as_it_is(demo_platform: DemoPlatform, live_tool: LiveTool) -> None:
    visitor = SiteVisitor(demo_platform.store)
    join(live_tool.runtime, visitor)
    for _ in range(2):
        hold_exam(live_tool.runtime, visitor)
    with transaction(live_tool.runtime.engine) as session:
        (pile,) = session.scalars(select(SentFile))
        assert pile.pages == 16
    read_pages(live_tool.runtime, sent_file_id=str(pile.id), first=1, last=16)
    with transaction(live_tool.runtime.engine) as session:
        papers = {paper.person.given_name: paper for paper in session.scalars(select(Paper)) if paper.person}
        (other,) = session.scalars(select(Paper).where(Paper.person_id.is_(None)))
        left = session.scalars(select(Page).where(Page.state != PageState.PLACED)).all()
        # The bubbles say Felix, the name says Bruno.
        assert (other.problem, "Bruno" in papers) == (Problem.CONTRADICTION, False)
        released = {name for name, paper in papers.items() if paper.state == PaperState.RELEASED}
        assert released == {"Amira", "Chiara", "Dmitri", "Esther", "Felix", "Gita"}
        # A page fell out of Hugo's booklet, and Dmitri's was followed by an empty one.
        assert (papers["Hugo"].state, papers["Hugo"].missing) == (PaperState.BOUND, [2])
        assert [page.state for page in left] == [PageState.UNKNOWN]
