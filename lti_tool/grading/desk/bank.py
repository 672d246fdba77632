"""The comment bank: what a marker writes again and again, their own or that of all who mark an activity."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.models import Placement
from lti_tool.accounts.viewer import Viewer
from lti_tool.errors import InvalidInput, NotFound
from lti_tool.grading.desk.models import BankComment

LONGEST_COMMENT = 1_000
MOST_COMMENTS = 200


def bank_of(session: Session, viewer: Viewer, placement: Placement) -> Sequence[BankComment]:
    """The activity's comments and the viewer's own, in the order in which they were written."""
    viewer.require(Capability.GRADE)
    return session.scalars(
        select(BankComment)
        .where(
            or_(
                BankComment.placement_id == placement.id,
                and_(
                    BankComment.placement_id.is_(None),
                    BankComment.course_id == viewer.course_id,
                    BankComment.owner_id == viewer.person_id,
                ),
            )
        )
        .order_by(BankComment.created_at, BankComment.id)
        .limit(MOST_COMMENTS)
    ).all()


def keep_comment(session: Session, viewer: Viewer, placement: Placement, text: str, *, is_shared: bool) -> BankComment:
    """For oneself in the whole course, or for all who mark the activity. Raises InvalidInput."""
    if len(bank_of(session, viewer, placement)) >= MOST_COMMENTS:
        raise InvalidInput("bank_full", "The comment bank is full. Delete a comment first.")
    comment = BankComment(
        course_id=viewer.course_id,
        placement_id=placement.id if is_shared else None,
        owner_id=viewer.person_id,
        text=_checked(text),
    )
    session.add(comment)
    session.flush()
    return comment


def bank_comment_for(session: Session, viewer: Viewer, comment_id: UUID) -> BankComment:
    """A comment that the viewer may use and change; raises NotFound."""
    viewer.require(Capability.GRADE)
    comment = session.get(BankComment, comment_id)
    if comment is None or not _is_theirs(comment, viewer):
        raise NotFound("comment_unknown")
    return comment


def change_comment(comment: BankComment, text: str) -> None:
    """Marks that used it keep the words that they were given. Raises InvalidInput."""
    comment.text = _checked(text)


def _is_theirs(comment: BankComment, viewer: Viewer) -> bool:
    if comment.placement_id is not None:
        return comment.placement_id == viewer.placement_id and comment.course_id == viewer.course_id
    return (comment.course_id, comment.owner_id) == (viewer.course_id, viewer.person_id)


def _checked(text: str) -> str:
    text = text.replace("\r\n", "\n").strip()
    if not text or len(text) > LONGEST_COMMENT or "\0" in text:
        raise InvalidInput("comment_length", "A comment has 1 to %(most)s characters.", {"most": LONGEST_COMMENT})
    return text
