"""E-mails to students about their papers (R82), in their language: to confirm one, a reminder, an answer to a report.

It names the exam and nothing of the paper: whose it is may still turn out to be wrong.
"""

from uuid import UUID

from sqlalchemy.orm import Session

from lti_tool.accounts.languages import language_of
from lti_tool.accounts.models import Placement
from lti_tool.mail.letters import write_letter
from lti_tool.scans.models import Paper, Verification
from lti_tool.site_settings.patterns import N_
from lti_tool.web.languages import catalogue_of

SUBJECT = N_("Your paper waits for you: %(title)s")
REMINDER = N_("Reminder: your paper waits for you: %(title)s")
BODY = N_(
    "A scanned paper of “%(title)s” was assigned to you. Open the exam in your course, look whether it is yours and "
    "complete, and confirm it or say what is wrong."
)

ANSWERED = N_("Your report was answered: %(title)s")
ANSWER = N_(
    "Your teacher has answered what you reported about your scanned paper of “%(title)s”. Open the exam in your course "
    "to read the answer."
)


def tell_of_release(session: Session, paper: Paper) -> None:
    """Write it in the transaction that shows the paper; once for each time it is bound to somebody."""
    _write(session, paper, paper.person_id, SUBJECT, BODY, f"paper:{paper.id}:{paper.binding}")


def tell_of_reminder(session: Session, paper: Paper, reminder_id: int | UUID) -> None:
    """Write it with the reminder."""
    _write(session, paper, paper.person_id, REMINDER, BODY, f"paper-reminder:{reminder_id}")


def tell_of_answer(session: Session, paper: Paper, report: Verification) -> None:
    """Write it to who reported, whosever the paper is now."""
    _write(session, paper, report.person_id, ANSWERED, ANSWER, f"paper-report:{report.id}")


def _write(session: Session, paper: Paper, person_id: int | None, subject: str, body: str, key: str) -> None:
    if person_id is None:
        return
    exam = session.get_one(Placement, paper.placement_id)
    words, about = catalogue_of(language_of(session, person_id)), {"title": exam.title}
    write_letter(
        session,
        course_id=exam.course_id,
        person_id=person_id,
        key=key,
        subject=words.gettext(subject) % about,
        body=words.gettext(body) % about,
    )
