"""Background work of an exam that failed: what it was, why in plain words, and trying it again (R79, R214).

Deliveries to Moodle have states of their own and are not here (delivery/).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from lti_tool.accounts import audit
from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.viewer import Viewer
from lti_tool.errors import NotFound
from lti_tool.jobs.failures import Trouble, retry, troubles
from lti_tool.scans.exam import exam_of
from lti_tool.scans.intake.models import PartialUpload
from lti_tool.scans.models import Paper, SentFile
from lti_tool.scans.running.models import Export, Purge
from lti_tool.scans.sheets.models import PrintRun

SUBJECTS: dict[str, type[Any]] = {
    "sent_file_id": SentFile,
    "upload_id": PartialUpload,
    "run_id": PrintRun,
    "paper_id": Paper,
    "export_id": Export,
    "purge_id": Purge,
}
"""What a job's argument names; every one of these rows knows its exam."""


@dataclass(frozen=True, kw_only=True)
class ShownTrouble:
    """One line of the page."""

    trouble: Trouble
    what: str
    why: str


def troubles_of(session: Session, viewer: Viewer) -> Sequence[ShownTrouble]:
    """What failed in the viewer's exam, for staff."""
    viewer.require(Capability.HANDLE_SCANS)
    found = troubles(session, _subjects(exam_of(session, viewer).id))
    return [ShownTrouble(trouble=each, what=_what(session, each), why=_why(each)) for each in found]


def try_again(session: Session, viewer: Viewer, job_id: int) -> None:
    """Give a job that gave up its tries again; raises NotFound for any other."""
    viewer.require(Capability.HANDLE_SCANS)
    found = troubles(session, _subjects(exam_of(session, viewer).id))
    job = next((each for each in found if each.id == job_id and each.is_given_up), None)
    if job is None:
        raise NotFound("job_unknown", "This is not among what failed in this exam.")
    retry(session, job.id)
    audit.by(
        session,
        viewer,
        "scans.job_retried",
        object_type="job",
        object_id=job.id,
        details={"task": job.task, **job.args},
    )


def given_up_count(session: Session, placement_id: UUID) -> int:
    """How much of an exam's work waits for somebody to try it again."""
    return sum(each.is_given_up for each in troubles(session, _subjects(placement_id)))


def _subjects(placement_id: UUID) -> dict[str, Select[Any]]:
    return {name: select(row.id).where(row.placement_id == placement_id) for name, row in SUBJECTS.items()}


def _what(session: Session, trouble: Trouble) -> str:
    words, name = trouble.args, _name(session, trouble)
    said = {
        "scans.read_pages": _(
            "Reading the pages %(first)s to %(last)s of “%(name)s”",
            first=words.get("first"),
            last=words.get("last"),
            name=name,
        ),
        "scans.take_in": _("Taking in “%(name)s”", name=name),
        "scans.print": _("Drawing the sheets “%(name)s”", name=name),
        "scans.hand_over": _("Putting the paper “%(name)s” on the marking desk", name=name),
        "scans.export": _("Putting the marked papers together"),
        "scans.purge": _("Deleting the scans of this exam"),
    }
    return str(said.get(trouble.task) or _("Work in the background (%(task)s)", task=trouble.task))


def _name(session: Session, trouble: Trouble) -> str:
    """Of the file, pile or paper that the job is about."""
    for argument, row in SUBJECTS.items():
        if argument in trouble.args:
            found = session.get(row, UUID(str(trouble.args[argument])))
            return str(getattr(found, "name", "") or getattr(found, "label", ""))
    return ""


def _why(trouble: Trouble) -> str:
    """Our own sentence where there is one; of a defect only where it is, for whoever reads the log."""
    code, colon, sentence = trouble.reason.partition(": ")
    if colon and code.replace("_", "").isalpha():
        return str(_(sentence))
    if not trouble.reason:
        return str(_("The program ended while it was at it."))
    return str(_("An unexpected fault; the log of the site has it as “%(reason)s”.", reason=trouble.reason))
