"""What states, problems, reports and records are called on the pages, and the lines of a receipt."""

from datetime import UTC

from flask_babel import gettext as _

from lti_tool.gradebook.overview import GradeState
from lti_tool.scans.models import Paper, Verification
from lti_tool.scans.states import PaperState, Problem, Report, VerificationKind


def state_words() -> dict[PaperState, str]:
    return {
        PaperState.RECEIVED: _("Received"),
        PaperState.UNMATCHED: _("To resolve"),
        PaperState.BOUND: _("To confirm"),
        PaperState.RELEASED: _("Released, not confirmed yet"),
        PaperState.CONFIRMED: _("Confirmed by the student"),
        PaperState.DISPUTED: _("Reported by the student"),
        PaperState.QUARANTINED: _("Hidden until somebody decides"),
        PaperState.SUPERSEDED: _("Replaced by another file"),
        PaperState.DISCARDED: _("Discarded"),
        PaperState.PURGED: _("Deleted"),
    }


def problem_words() -> dict[Problem, str]:
    return {
        Problem.NO_CLAIM: _("Neither its name nor its pages say whose it is."),
        Problem.UNKNOWN_NUMBER: _("Nobody in this course has this register number."),
        Problem.SEVERAL_PEOPLE: _("Several people in this course have this register number."),
        Problem.NOT_ON_ROSTER: _("Whoever has this register number is not an active student of this course."),
        Problem.WRONG_SUBJECT: _("The file carries the subject code of another exam."),
        Problem.SECOND_PAPER: _("The student with this register number has a paper already."),
        Problem.CONTRADICTION: _("What was read on it contradicts whose it seemed to be."),
        Problem.DENIED: _("The student said that it is not theirs."),
        Problem.REPEATED: _("Each of its pages was received already in another file."),
        Problem.TAKEN_BACK: _("It was taken back from the student it was given to."),
    }


def report_words() -> dict[Report, str]:
    return {
        Report.NOT_MINE: _("This is not my paper"),
        Report.PAGE_MISSING: _("A page is missing"),
        Report.UNREADABLE: _("A page cannot be read"),
        Report.WRONG_SUBJECT: _("It is a paper of another subject"),
        Report.OTHER: _("Something else"),
    }


def record_words() -> dict[VerificationKind, str]:
    return {
        VerificationKind.ASSIGNED: _("Proposed for"),
        VerificationKind.MATCHED: _("Match confirmed, released to"),
        VerificationKind.TAKEN_BACK: _("Taken back from"),
        VerificationKind.SUPERSEDED: _("Replaced for"),
        VerificationKind.ACCEPTED: _("Accepted after the deadline on behalf of"),
        VerificationKind.MINE: _("Header recognised by"),
        VerificationKind.COMPLETE: _("Confirmed as complete by"),
        VerificationKind.PROBLEM: _("Reported by"),
    }


def grade_words() -> dict[GradeState, str]:
    return {
        GradeState.NONE: _("not graded"),
        GradeState.DRAFT: _("draft"),
        GradeState.CHANGED: _("changed since it was approved"),
        GradeState.HELD: _("approved, not released"),
        GradeState.UNLINKED: _("approved, but no link in the course"),
        GradeState.WAITING: _("approved, waiting to be sent"),
        GradeState.SENDING: _("being sent"),
        GradeState.SENT: _("sent"),
        GradeState.OVERRIDDEN: _("sent, but the gradebook shows another"),
        GradeState.FAILED: _("sending failed"),
    }


def page_words() -> dict[str, object]:
    """All of them, for a template."""
    return {
        "states": state_words(),
        "problems": problem_words(),
        "reports": report_words(),
        "records": record_words(),
        "grades": grade_words(),
    }


def receipt_text(title: str, paper: Paper, receipt: Verification) -> str:
    """The receipt of a confirmation; whoever keeps it can have it compared with our signed record."""
    lines = (
        (_("Exam"), title),
        (_("Register number"), receipt.person.idnumber or paper.register_number),
        (_("Pages"), str(receipt.pages)),
        (_("Confirmed at"), f"{receipt.signed_at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"),
        (_("SHA-256 of the scanned pages"), receipt.sha256),
        (_("Receipt number"), str(receipt.id)),
        (_("Signature"), receipt.signature),
    )
    heading = _("Receipt: I have confirmed that this is my paper and that it is complete.")
    return "\n".join([heading, "", *(f"{label}: {value}" for label, value in lines), ""])
