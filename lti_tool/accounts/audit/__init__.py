"""The audit (R193, R196-R200): an append-only, hash-chained record of who did what, checked by one command.

from lti_tool.accounts import audit
audit.record(session, "grade.approved", course_id=..., actor_id=..., object_type="grade", object_id=...)
"""

from lti_tool.accounts.audit.log import record
from lti_tool.accounts.audit.models import AuditEntry
from lti_tool.accounts.audit.verification import Finding, verify

__all__ = ["AuditEntry", "Finding", "record", "verify"]
