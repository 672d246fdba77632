"""What a person is called for who marks: by name, or by a code until the grade is released (R66)."""

import hashlib
import hmac
from base64 import b32encode

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.accounts.models import Person, Placement
from lti_tool.gradebook.models import Approval, ApprovalEnd, End, Grade
from lti_tool.gradebook.options import marking_options

LENGTH = 6


def code_name(placement: Placement, person: Person) -> str:
    """Always the same for a person and an activity, and of no use elsewhere."""
    salt = marking_options(placement).salt.encode()
    digest = hmac.digest(salt, f"{placement.id}:{person.id}".encode(), hashlib.sha256)
    return b32encode(digest).decode()[:LENGTH]


def is_hidden(placement: Placement, *, is_released: bool) -> bool:
    """Whether who marks may not know whose work it is."""
    options = marking_options(placement)
    return options.is_sealed or (options.is_anonymous and not is_released)


def shown_name(placement: Placement, person: Person, *, is_released: bool) -> str:
    """For staff; people themselves always see their own name."""
    hidden = is_hidden(placement, is_released=is_released)
    return code_name(placement, person) if hidden else person.display_name


def names_hidden(session: Session, placement: Placement, person_id: int) -> bool:
    """Whether whoever marks may not yet know that this work is this person's."""
    released = (
        select(ApprovalEnd.approval_id)
        .join(Approval, Approval.id == ApprovalEnd.approval_id)
        .join(Grade, Grade.id == Approval.grade_id)
        .where(Grade.placement_id == placement.id, Grade.person_id == person_id, ApprovalEnd.kind == End.RELEASED)
    )
    return is_hidden(placement, is_released=session.scalar(released.limit(1)) is not None)
