"""The audit (R193, R196-R200): an append-only, hash-chained record of who did what, checked by one command.

from lti_tool.accounts import audit
audit.by(session, viewer, "grade.approved", object_type="grade", object_id=...)
audit.record(...) where a job or nobody in a course did it
"""

from lti_tool.accounts.audit.log import by, record
from lti_tool.accounts.audit.models import AuditEntry
from lti_tool.accounts.audit.verification import Finding, verify

__all__ = ["AuditEntry", "Finding", "by", "record", "verify"]
