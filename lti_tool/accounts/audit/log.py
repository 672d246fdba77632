"""Writing to the audit: one row, in the transaction of what it speaks of, so that neither exists without the other."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from lti_tool.accounts.audit.chain import digest_of, fields_of
from lti_tool.accounts.audit.models import AuditEntry
from lti_tool.accounts.viewer import Viewer
from lti_tool.db import now


def record(
    session: Session,
    action: str,
    *,
    course_id: int | None = None,
    actor_id: int | None = None,
    actor_role: str | None = None,
    object_type: str = "",
    object_id: object = "",
    details: Mapping[str, Any] | None = None,
) -> AuditEntry:
    """Add an entry, e.g. `grade.approved`; details hold ids, words and whole numbers, never a name or a message."""
    entry = AuditEntry(
        occurred_at=now(),
        action=action,
        course_id=course_id,
        actor_id=actor_id,
        actor_role=None if actor_role is None else str(actor_role),
        object_type=object_type,
        object_id=str(object_id),
        details=_plain(dict(details or {})),
    )
    entry.digest = digest_of(fields_of(entry))
    session.add(entry)
    session.flush()
    return entry


def by(
    session: Session,
    viewer: Viewer,
    action: str,
    *,
    object_type: str = "",
    object_id: object = "",
    details: Mapping[str, Any] | None = None,
) -> AuditEntry:
    """Add an entry about what the viewer did in their course."""
    return record(
        session,
        action,
        course_id=viewer.course_id,
        actor_id=viewer.person_id,
        actor_role=viewer.role,
        object_type=object_type,
        object_id=object_id,
        details=details,
    )


def _plain(value: Any) -> Any:
    """The value as JSON keeps it; a float is refused, because the database may spell it otherwise than we hashed it."""
    if isinstance(value, Mapping):
        return {str(key): _plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(part) for part in (sorted(value) if isinstance(value, set | frozenset) else value)]
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        raise TypeError("audit details hold no floats")
    return str(value)
