"""What marking leaves behind goes when it was kept long enough: copies and notes, never work, marks or grades (R188).

Scans of paper exams have a time of their own (scans/running), and so have conversations (tutor/retention).
"""

from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from lti_tool.db import erasing, now
from lti_tool.files.store import forget_rows
from lti_tool.site_settings.retention import MARKING_DAYS
from lti_tool.site_settings.store import read

FILES = "SELECT file_id FROM work_upload WHERE created_at < :before"
CLEARING = (
    "DELETE FROM work_upload WHERE created_at < :before",
    "DELETE FROM work_draft WHERE saved_at < :before",
    "UPDATE draft_item SET prepared = NULL WHERE prepared IS NOT NULL"
    " AND run_id IN (SELECT id FROM draft_run WHERE created_at < :before)",
    "UPDATE proposal SET sent = '[]' WHERE created_at < :before AND sent <> '[]'",
    "DELETE FROM private_note WHERE created_at < :before",
    "DELETE FROM letter WHERE created_at < :before AND state IN ('succeeded', 'failed')",
)


def clear_leftovers(session: Session, *, at: datetime | None = None) -> list[str]:
    """Delete what is older than the site keeps it; hashes of the files that went."""
    days = read(session, MARKING_DAYS)
    if days == 0:
        return []
    moment = {"before": (at or now()) - timedelta(days=days)}
    files = list(session.scalars(text(FILES), moment))
    with erasing(session):
        for statement in CLEARING:
            session.execute(text(statement), moment)
    return forget_rows(session, files)
