"""Everything on the marking screen for one submission, put together for who looks at it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from lti_tool.accounts.models import Person, Placement
from lti_tool.accounts.viewer import Viewer
from lti_tool.errors import NotFound
from lti_tool.files.store import FileStore
from lti_tool.gradebook.options import MarkingOptions, marking_options
from lti_tool.grading.agreement.gate import is_hidden
from lti_tool.grading.desk.allocation import allocations_of
from lti_tool.grading.desk.annotating import ShownPart, shown_parts
from lti_tool.grading.desk.bank import bank_of
from lti_tool.grading.desk.evidence import evidence_of, evidence_proposed
from lti_tool.grading.desk.filling import Filling, from_decision, from_mean, from_proposal
from lti_tool.grading.desk.models import BankComment, DeskPreference, IndependentMark, PrivateNote, Reconciliation
from lti_tool.grading.desk.moderation import BOTH, marks_of, visible_marks, wants_independent_mark
from lti_tool.grading.desk.notes import notes_about
from lti_tool.grading.desk.preferences import preference_of
from lti_tool.grading.desk.together import Member, members_beside
from lti_tool.grading.desk.waiting import own_share, waiting_rows
from lti_tool.grading.models import RegradeRequest, Review, Rubric, Submission
from lti_tool.grading.pagemarks.showing import PageMarks
from lti_tool.grading.pagemarks.working import marks_to_work_with
from lti_tool.grading.proposals.runs import can_read
from lti_tool.grading.proposals.showing import ShownProposal, ShownTick, proposal_for
from lti_tool.grading.queue import QueueRow, next_in_queue, previous_in_queue
from lti_tool.grading.regrades import regrade_until, regrades_of
from lti_tool.grading.reviewing import latest_review
from lti_tool.grading.rubrics.versions import rubric_of
from lti_tool.grading.rules import LateSuggestion, late_suggestion
from lti_tool.grading.second_opinion.models import Opinion
from lti_tool.grading.second_opinion.opinions import opinions
from lti_tool.grading.showing import pages_to_mark, shown_files
from lti_tool.grading.submissions import attempts_of
from lti_tool.grading.tasks import work_so_far

DRAFT, MEAN = "draft", "mean"


@dataclass(frozen=True, kw_only=True)
class Screen:
    """What the page needs; `marks` are those that the viewer may see, `marks_in` how many there are."""

    activity: Placement
    options: MarkingOptions
    submission: Submission
    attempts: Sequence[Submission]
    rows: Sequence[QueueRow]
    row: QueueRow
    following: Submission | None
    previous: Submission | None
    parts: Sequence[ShownPart]
    rubric: Rubric | None
    review: Review | None
    page_marks: PageMarks
    filling: Filling
    marks: Sequence[IndependentMark]
    marks_in: int
    members: Sequence[Member]
    wants_mark: bool
    proposal: ShownProposal | None
    opinion: Opinion | None
    is_blind: bool
    can_be_read: bool
    reconciled: str | None
    markers: Sequence[Person]
    notes: Sequence[PrivateNote]
    bank: Sequence[BankComment]
    regrades: Sequence[RegradeRequest]
    regrade_until: datetime | None
    preference: DeskPreference

    @property
    def late(self) -> LateSuggestion | None:
        return late_suggestion(self.activity, self.submission.submitted_at)

    @property
    def can_mark_pages(self) -> bool:
        has_pages = any(part.shown is not None and pages_to_mark(part.shown.row) for part in self.parts)
        return self.page_marks.may_change and has_pages

    @property
    def is_latest(self) -> bool:
        return self.attempts[0].id == self.submission.id

    @property
    def proposed(self) -> dict[int, ShownTick]:
        """The assistant's ticks by their criterion, to stand beside the marker's."""
        return {tick.criterion_id: tick for tick in self.proposal.ticks} if self.proposal else {}

    @property
    def is_other_rubric(self) -> bool:
        current = self.rubric.id if self.rubric else None
        return self.review is not None and self.review.rubric_id != current


def screen_for(
    session: Session, viewer: Viewer, activity: Placement, submission: Submission, store: FileStore, *, taken: str = ""
) -> Screen:
    """The screen for a loaded submission; `taken` names whose ticks fill the form."""
    everybody = waiting_rows(session, viewer, activity)
    rows = own_share(session, viewer, activity, everybody)
    row = next((row for row in everybody if row.person.id == submission.person_id), None)
    if row is None:
        raise NotFound("submission_unknown")
    rubric, review = rubric_of(session, activity), latest_review(session, submission)
    marks = marks_of(session, submission)
    visible = visible_marks(viewer, marks)
    wants_mark = wants_independent_mark(activity, marks, review)
    decided = _decided(viewer, visible, review, wants_mark)
    # A draft would make two independent marks one: it is shown when both are in.
    proposal = None if wants_mark else proposal_for(session, submission)
    work = work_so_far(session, store, submission)
    highlights = [*evidence_of(work, decided), *evidence_proposed(work, proposal)]
    approval, is_blind = row.graded.approval, is_hidden(session, submission)
    return Screen(
        activity=activity,
        options=marking_options(activity),
        submission=submission,
        attempts=attempts_of(session, viewer, submission.person_id),
        rows=rows,
        row=row,
        following=next_in_queue(rows, submission.person_id),
        previous=previous_in_queue(rows, submission.person_id),
        parts=shown_parts(submission, shown_files(submission), work, highlights),
        rubric=rubric,
        review=review,
        page_marks=marks_to_work_with(session, viewer, activity, submission),
        filling=taken_over(taken, rubric, visible, proposal) or from_decision(decided),
        proposal=proposal,
        opinion=None if wants_mark or is_blind else opinions(session, activity).get(submission.id),
        is_blind=is_blind,
        can_be_read=can_read(session, activity, submission, work),
        marks=visible,
        marks_in=len(marks),
        members=members_beside(session, submission, everybody),
        wants_mark=wants_mark,
        reconciled=_reconciled(session, review),
        markers=allocations_of(session, activity).get(submission.person_id, []),
        notes=notes_about(session, viewer, activity, submission.person_id, is_independent=wants_mark),
        bank=bank_of(session, viewer, activity),
        regrades=regrades_of(session, viewer, activity, submission.person_id),
        regrade_until=regrade_until(session, activity, approval) if approval else None,
        preference=preference_of(session, viewer),
    )


def taken_over(
    taken: str, rubric: Rubric | None, marks: Sequence[IndependentMark], proposal: ShownProposal | None
) -> Filling | None:
    """The assistant's ticks, the mean of both marks, or one of them by its marker's number."""
    if taken == DRAFT:
        return from_proposal(proposal) if proposal else None
    if len(marks) < BOTH:
        return None
    if taken == MEAN:
        return from_mean(rubric, marks[0], marks[1])
    return next((from_decision(mark) for mark in marks if taken == str(mark.marker_id)), None)


def _decided(
    viewer: Viewer, marks: Sequence[IndependentMark], review: Review | None, wants_mark: bool
) -> Review | IndependentMark | None:
    """What the form begins with: the review, or before there is one the viewer's own mark."""
    own = next((mark for mark in marks if mark.marker_id == viewer.person_id), None)
    return own if wants_mark or review is None else review


def _reconciled(session: Session, review: Review | None) -> str | None:
    made = session.get(Reconciliation, review.id) if review else None
    return made.how if made else None
