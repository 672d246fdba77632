"""A receipt as text, for whoever handed in to keep."""

from flask_babel import gettext as _

from lti_tool.accounts.models import Placement
from lti_tool.grading.models import Submission


def receipt_text(submission: Submission, activity: Placement) -> str:
    """What was handed in, when, and how its hash is made."""
    moment = submission.submitted_at.isoformat(timespec="seconds") if submission.submitted_at else ""
    late = f" ({_('Late')})" if submission.is_late else ""
    lines = [
        _("Receipt for attempt %(number)s", number=submission.attempt),
        activity.title,
        f"{_('Handed in')}: {moment}{late}",
        f"SHA-256: {submission.sha256}",
        "",
        _("It is the SHA-256 of these lines: that of your text, then that of each file with its name."),
        *(f"{file.file.sha256} {file.file.name}" for file in submission.files),
    ]
    return "".join(f"{line}\n" for line in lines)
