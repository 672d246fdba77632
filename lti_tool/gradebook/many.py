"""Many grades in one step: approved or released only where a person had each before them, the others named with why."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy.orm import Session

from lti_tool.accounts.models import Placement
from lti_tool.accounts.viewer import Viewer
from lti_tool.errors import InvalidInput, NotAllowed, ToolError
from lti_tool.gradebook.anonymity import names_hidden, shown_name
from lti_tool.gradebook.approval import approve
from lti_tool.gradebook.grades import grade_for
from lti_tool.gradebook.looks import is_seen
from lti_tool.gradebook.models import Grade
from lti_tool.gradebook.release import approval_of, current_approval, held_grades, release


@dataclass(frozen=True, kw_only=True)
class LeftOut:
    """A grade that was passed over; `name` is what whoever marks may call the person."""

    name: str
    why: ToolError


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What came of one step for many."""

    done: int
    left_out: tuple[LeftOut, ...]


def approve_many(session: Session, viewer: Viewer, picked: Collection[tuple[int, int]]) -> Outcome:
    """Approve these (grade, version). Raises the first refusal where none can be approved.

    A second click names what is approved by now, and changes nothing.
    """
    left_out: list[LeftOut] = []
    for grade_id, version in sorted(set(picked)):
        grade = grade_for(session, viewer, grade_id)
        try:
            _approve_seen(session, viewer, grade, version)
        except (InvalidInput, NotAllowed) as refusal:
            left_out.append(_left_out(session, grade, refusal))
    return _outcome(len(set(picked)), left_out)


def release_many(session: Session, viewer: Viewer, placement: Placement) -> Outcome:
    """Release everything that waits there. Raises the first refusal where nothing can be released."""
    waiting, left_out = held_grades(session, viewer, placement), []
    for grade in waiting:
        try:
            _release_seen(session, viewer, grade)
        except InvalidInput as refusal:
            left_out.append(_left_out(session, grade, refusal))
    return _outcome(len(waiting), left_out)


def _approve_seen(session: Session, viewer: Viewer, grade: Grade, version: int) -> None:
    if approval_of(session, grade, version) is not None:
        return
    if grade.version == version:
        _require_seen(session, grade)
    approve(session, viewer, grade, version=version)


def _release_seen(session: Session, viewer: Viewer, grade: Grade) -> None:
    _require_seen(session, grade)
    approval = current_approval(session, grade)
    if approval is not None:
        release(session, viewer, grade, approval)


def _require_seen(session: Session, grade: Grade) -> None:
    if not is_seen(session, grade):
        raise InvalidInput(
            "row_unopened",
            "Nobody has opened this work since it was marked. Open it first; then it can go with others.",
        )


def _left_out(session: Session, grade: Grade, why: ToolError) -> LeftOut:
    placement = session.get_one(Placement, grade.placement_id)
    is_hidden = names_hidden(session, placement, grade.person_id)
    return LeftOut(name=shown_name(placement, grade.person, is_released=not is_hidden), why=why)


def _outcome(asked: int, left_out: list[LeftOut]) -> Outcome:
    if left_out and len(left_out) == asked:
        raise left_out[0].why
    return Outcome(done=asked - len(left_out), left_out=tuple(left_out))
